//! Contact, device, ticket.

use crate::{
    Verdict,
    scenario::{Broken, FOREIGN_WORDS, LOOK_AGAIN, MARKUP, Scenario, facts, of, told},
};
use helpbell_model::{ContactMatch, Effect, Failure, Person, PressId, Ticket, connector::Lookup};
use std::time::Duration;

/// The title of the ticket that most checks look at.
const SUMMARY: &str = "Helpbell conformance: Grüße 日本語 🖨️ <b>&amp;</b>";

pub(super) async fn contact(scenario: &mut Scenario) -> Verdict {
    if !scenario.has("contacts") {
        return Verdict::Skipped("it does not claim to know contacts".into());
    }
    let mut broken = Broken::default();
    let press = scenario.next_press();
    let known = scenario.person();
    let found = find(scenario, press, &known).await;
    let address = known.email.clone();
    if let Some(found) = broken.of("finding the known person", found) {
        let by_address = matches!(&found, Some((_, ContactMatch::Email)));
        broken.unless(by_address, || {
            format!("{address} is known to this PSA and was not found by the address: {found:?}")
        });
        scenario.contact = found.map(|(contact, _)| contact);
    }
    let shouted = Person {
        email: address.to_uppercase(),
        ..known.clone()
    };
    let found = find(scenario, press, &shouted).await;
    if let Some(found) = broken.of("finding the same address in capitals", found) {
        let same = found.map(|(contact, _)| contact.id) == scenario.contact.as_ref().map(|c| c.id.clone());
        broken.unless(same, || {
            "an address in capitals leads to somebody else, or to nobody".into()
        });
    }
    // A part of a known address is another person's.
    let part = address.get(1..).unwrap_or(&address).to_owned();
    let stranger = Person { email: part, ..known };
    let found = find(scenario, press, &stranger).await;
    if let Some(found) = broken.of("looking for an unknown person", found) {
        let claimed = matches!(&found, Some((_, ContactMatch::Email)));
        broken.unless(!claimed, || {
            format!(
                "{} is unknown, and was said to be found by this very address",
                stranger.email
            )
        });
    }
    let name = scenario
        .contact
        .as_ref()
        .map_or("nobody", |contact| contact.name.as_str());
    let passed = format!("{address} is {name}");
    broken.verdict(passed)
}

async fn find(
    scenario: &mut Scenario,
    press: PressId,
    person: &Person,
) -> Result<Option<(helpbell_model::Contact, ContactMatch)>, Failure> {
    let call = scenario.session.find_contact(&of(press), person).await;
    scenario.took("directory.find-contact", call)
}

pub(super) async fn device(scenario: &mut Scenario) -> Verdict {
    let press = scenario.next_press();
    let contact = scenario.contact.clone();
    let call = scenario
        .session
        .find_device(&of(press), contact.as_ref(), &facts())
        .await;
    let mut broken = Broken::default();
    match scenario.took("directory.find-device", call) {
        Ok(found) => broken.unless(found.is_none(), || {
            format!("a machine that no PSA knows was found: {found:?}")
        }),
        Err(failure) => broken.unless(false, || {
            format!(
                "a machine that the PSA does not know is no error, but: {}",
                told(&failure)
            )
        }),
    }
    broken.verdict("none was found, and that is no error")
}

pub(super) async fn create(scenario: &mut Scenario) -> Verdict {
    let press = scenario.next_press();
    let draft = scenario.draft(SUMMARY);
    let call = scenario.session.create(&of(press), &draft).await;
    let effects: Vec<String> = call
        .requests
        .iter()
        .filter(|request| request.effect != Effect::None)
        .map(|request| format!("{} {}", request.method, request.path))
        .collect();
    let effect = call.effect;
    let mut broken = Broken::default();
    let created = scenario.took("tickets.create", call);
    if let Err(failure) = &created
        && crate::run::is_the_server(failure)
    {
        scenario.unusable = Some(failure.clone());
    }
    let Some((ticket, corrections)) = broken.of("filing a ticket", created) else {
        return broken.verdict("");
    };
    broken.unless(effect == Effect::Applied, || {
        format!("a ticket was filed, but its requests say {effect:?}")
    });
    broken.unless(!ticket.id.is_empty() && !ticket.number.is_empty(), || {
        format!("the ticket has no id or no number: {ticket:?}")
    });
    for correction in corrections {
        broken.unless(false, || {
            format!(
                "the default {} = {:?} was corrected: {}",
                correction.field, correction.given, correction.reason
            )
        });
    }
    let passed = format!("ticket {}, by {}", ticket.number, effects.join(", then "));
    scenario.filed = Some((press, ticket));
    broken.verdict(passed)
}

pub(super) async fn found_again(scenario: &mut Scenario) -> Verdict {
    let lookup = scenario.session.connector().description().lookup;
    let patience = match lookup {
        Lookup::None => return Verdict::Skipped("it says that this PSA has no lookup".into()),
        Lookup::Strong => Duration::ZERO,
        Lookup::Eventual(seconds) => Duration::from_secs(u64::from(seconds)),
    };
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    let mut broken = Broken::default();
    let began = tokio::time::Instant::now();
    let found = loop {
        let found = look_up(scenario, press).await;
        let there = found.as_ref().is_ok_and(|tickets| !tickets.is_empty());
        if there || found.is_err() || began.elapsed() >= patience {
            break found;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    };
    if let Some(found) = broken.of("looking for the ticket", found) {
        let ids: Vec<&str> = found.iter().map(|ticket| ticket.id.as_str()).collect();
        broken.unless(ids == [ticket.id.as_str()], || {
            format!("ticket {} carries the reference, found were: {ids:?}", ticket.id)
        });
    }
    // One digit further: likeness is not enough.
    let other = neighbour(press);
    let found = look_up(scenario, other).await;
    if let Some(found) = broken.of("looking for a press that never was", found) {
        broken.unless(found.is_empty(), || {
            format!("{other} was never filed, found were {} tickets", found.len())
        });
    }
    broken.verdict(match lookup {
        Lookup::Strong => "at once",
        _ => "within the time it declares",
    })
}

async fn look_up(scenario: &mut Scenario, press: PressId) -> Result<Vec<Ticket>, Failure> {
    let call = scenario.session.find_tickets(&of(press), press).await;
    scenario.took("tickets.find-by-reference", call)
}

/// The same press with another last digit.
fn neighbour(press: PressId) -> PressId {
    let mut text = press.to_string();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text.parse().unwrap_or_default()
}

pub(super) async fn words(scenario: &mut Scenario) -> Verdict {
    let Some((_, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    let seen = match scenario.sight(&ticket.id).await {
        None => return unwitnessed(),
        Some(Err(why)) => return Verdict::Skipped(why),
        Some(Ok(seen)) => seen,
    };
    let mut broken = Broken::default();
    let html = scenario.has("html");
    let body = if html {
        plain(&seen.body)
    } else {
        seen.body.clone()
    };
    // What breaks a PSA's own markup without being seen is no change.
    let seen_only = |text: &str| text.replace(UNSEEN, "");
    let one_line = |text: &str| seen_only(text).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [FOREIGN_WORDS, MARKUP] {
        broken.unless(one_line(&body).contains(words), || {
            format!("{words:?} was typed, and the ticket says: {:?}", one_line(&body))
        });
    }
    if html {
        let lower = seen.body.to_lowercase();
        broken.unless(!lower.contains("<script"), || {
            "markup that the person typed became markup of the ticket".into()
        });
    }
    broken.unless(seen.summary.contains("Grüße 日本語 🖨️"), || {
        format!("the title became {:?}", seen.summary)
    });
    if let Some(requester) = &seen.requester {
        let address = &scenario.subject.person.email;
        broken.unless(requester.eq_ignore_ascii_case(address), || {
            format!("{address} asked, and the ticket is of {requester}")
        });
    }
    broken.verdict("other scripts, emoji, markup and quotes as typed")
}

/// Characters that take no room and mean nothing: a word may be broken there.
const UNSEEN: [char; 2] = ['\u{200b}', '\u{2060}'];

/// The text of simple HTML, as a browser shows it.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            other if !inside => text.push(other),
            _ => {}
        }
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

pub(super) fn unwitnessed() -> Verdict {
    Verdict::Skipped("nobody looks at the ticket without the connector: name a witness".into())
}

pub(super) async fn summary_limit(scenario: &mut Scenario) -> Verdict {
    let limit = usize::try_from(scenario.session.connector().description().limits.summary_chars)
        .unwrap_or(usize::MAX)
        .min(LONGEST_SUMMARY);
    let mut broken = Broken::default();
    let latin: String = "Long title "
        .chars()
        .cycle()
        .take(limit - 1)
        .chain(['.'])
        .collect();
    let wide: String = "Länge 長さ "
        .chars()
        .cycle()
        .take(limit - 1)
        .chain(['.'])
        .collect();
    let mut said = format!("{limit} characters");
    for (summary, may_be_cut) in [(latin, false), (wide, true)] {
        let press = scenario.next_press();
        let mut draft = scenario.draft("");
        draft.summary.clone_from(&summary);
        let call = scenario.session.create(&of(press), &draft).await;
        let created = scenario.took("tickets.create", call);
        let Some((ticket, _)) = broken.of("filing a ticket with a title of the declared length", created)
        else {
            return broken.verdict("");
        };
        let call = scenario.session.get(&of(press), &ticket.id).await;
        let state = match scenario.took("tickets.get", call) {
            Ok(state) => state,
            Err(failure) => return Verdict::Skipped(format!("the title cannot be read: {}", told(&failure))),
        };
        // A PSA that counts bytes holds fewer letters of other scripts; then the cut has to show.
        let kept = state.summary.strip_suffix('…').map(str::trim_end);
        let cut = may_be_cut && kept.is_some_and(|kept| summary.starts_with(kept));
        if cut {
            said = format!("{limit} characters, fewer of other scripts");
        }
        broken.unless(cut || state.summary == summary, || {
            format!(
                "{limit} characters were sent and {} came back, with nothing to show the cut: {:?}",
                state.summary.chars().count(),
                state.summary
            )
        });
    }
    broken.verdict(said)
}

/// A title of more characters than this is no title; whatever the PSA would keep is not asked.
const LONGEST_SUMMARY: usize = 1_000;

pub(super) async fn get(scenario: &mut Scenario) -> Verdict {
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    let call = scenario.session.get(&of(press), &ticket.id).await;
    let mut broken = Broken::default();
    let Some(state) = broken.of("showing the ticket", scenario.took("tickets.get", call)) else {
        return broken.verdict("");
    };
    broken.unless(state.summary.contains("日本語"), || {
        format!("the title is said to be {:?}", state.summary)
    });
    broken.unless(!state.status.is_empty(), || "it has no status".into());
    broken.unless(state.phase == "open", || {
        format!("a new ticket is said to be {:?} and not open", state.phase)
    });
    let shown = state.last_public_note.clone().unwrap_or_default();
    broken.unless(!shown.contains(super::notes::SECRET_WORDS), || {
        "the private note is shown to the person as the last public one".into()
    });
    broken.verdict(format!("status {:?}, {}", state.status, state.phase))
}

/// What a closed ticket says to those who may read it.
const REASON: &str = "closed by the conformance run";

pub(super) async fn close(scenario: &mut Scenario) -> Verdict {
    if !scenario.has("close") {
        return Verdict::Skipped("it does not claim to close tickets".into());
    }
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    let mut broken = Broken::default();
    let call = scenario.session.close(&of(press), &ticket.id, REASON).await;
    broken.of("closing the ticket", scenario.took("tickets.close", call));
    let call = scenario.session.get(&of(press), &ticket.id).await;
    if let Some(state) = broken.of("showing the closed ticket", scenario.took("tickets.get", call)) {
        broken.unless(state.phase == "closed", || {
            format!(
                "it was closed, and is said to be {:?} ({:?})",
                state.phase, state.status
            )
        });
        let shown = state.last_public_note.unwrap_or_default();
        broken.unless(!shown.contains(REASON), || {
            "the reason is private, and is shown to the person".into()
        });
    }
    if let Some(Ok(seen)) = scenario.sight(&ticket.id).await {
        broken.unless(seen.closed, || format!("the PSA says {:?}", seen.status));
        for note in seen.notes.iter().filter(|note| note.text.contains(REASON)) {
            broken.unless(note.private, || {
                "the reason is private, and the person sees it".into()
            });
        }
    }
    broken.verdict("closed, and the reason kept from the person")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_neighbour_of_a_press_differs_in_one_digit() {
        let press = PressId::new();
        let (a, b) = (press.to_string(), neighbour(press).to_string());
        assert_eq!(a.chars().zip(b.chars()).filter(|(a, b)| a != b).count(), 1);
    }

    #[test]
    fn the_text_of_html_is_what_a_browser_shows() {
        assert_eq!(
            plain("<p>a&lt;b&gt; &amp;amp; &quot;c&#39;<br>d</p>")
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["a<b>", "&amp;", "\"c'", "d"]
        );
    }
}
