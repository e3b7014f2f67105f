//! The words of the ticket and of the private note. Everything foreign is escaped here, once.
//!
//! The HTML is the simplest that every PSA keeps: tables, paragraphs, bold. No styles, no pictures.

use crate::{
    journal::Matched,
    rules::{Orders, Ruling},
    submission::{MESSAGE_BODY_CHARS, Submission},
};
use helpbell_model::{
    Contact, ContactMatch, Correction, Press,
    connector::Description,
    report::{Area, Finding, Severity},
    text::{escape_html, first_words, one_line, paragraphs},
};
use std::fmt::Write as _;

/// A ticket's title without one of its own: the first words of the message, at most so many
/// characters. The incumbent's rule, on which customers' dispatcher rules rely.
const SUBJECT_CHARS: usize = 50;

/// Characters of one value in a table.
const VALUE_CHARS: usize = 300;

/// Findings told in the note; the report has all of them.
const FINDINGS_TOLD: usize = 25;

/// The file that has a message which rules made longer than a ticket shows.
pub(crate) const RULED_MESSAGE: &str = "message-after-rules.txt";

/// A text in both forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) html: String,
    pub(crate) text: String,
}

impl Body {
    fn heading(&mut self, words: &str) {
        let _ = write!(self.html, "<p><b>{}</b></p>", escape_html(words));
        let gap = if self.text.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.text, "{gap}{words}");
    }

    fn paragraph(&mut self, words: &str) {
        let lines: Vec<String> = words.lines().map(escape_html).collect();
        let _ = write!(self.html, "<p>{}</p>", lines.join("<br>"));
        let _ = writeln!(self.text, "{words}");
    }

    fn table(&mut self, rows: &[(&str, String)]) {
        self.html.push_str("<table>");
        for (label, value) in rows {
            let _ = write!(
                self.html,
                "<tr><td><b>{}</b></td><td>{}</td></tr>",
                escape_html(label),
                escape_html(value)
            );
            let _ = writeln!(self.text, "{label}: {value}");
        }
        self.html.push_str("</table>");
    }

    /// One line for each area: its verdict and what weighs most in it.
    fn verdicts(&mut self, rows: &[Verdict; 4]) {
        self.html.push_str("<table>");
        for Verdict { area, word, worst } in rows {
            let _ = write!(
                self.html,
                "<tr><td><b>{area}</b></td><td>{word}</td><td>{}</td></tr>",
                escape_html(worst)
            );
            let dash = if worst.is_empty() { "" } else { " – " };
            let _ = writeln!(self.text, "{area}: {word}{dash}{worst}");
        }
        self.html.push_str("</table>");
    }

    fn list(&mut self, items: impl IntoIterator<Item = String>) {
        self.html.push_str("<ul>");
        for item in items {
            let _ = write!(self.html, "<li>{}</li>", escape_html(&item));
            let _ = writeln!(self.text, "- {item}");
        }
        self.html.push_str("</ul>");
    }
}

/// The title of the ticket.
pub(crate) fn summary(press: &Press, limit: u32) -> String {
    let room = usize::try_from(limit).unwrap_or(SUBJECT_CHARS).min(SUBJECT_CHARS);
    first_words(&press.message, room)
}

/// The body of the ticket, which the person may see. `orders` are what rules want of it; `psa` says whether it knows
/// people at all.
pub(crate) fn ticket(
    press: &Press,
    orders: Option<&Orders>,
    contact: Option<&(Contact, ContactMatch)>,
    psa: &Description,
) -> Body {
    let mut body = Body::default();
    let known = matches!(contact, Some((_, ContactMatch::Email)));
    if !known && psa.has("contacts") {
        // The person is not in the PSA under this address: whoever triages needs what they typed.
        body.heading("[User Registration Requested]");
    }
    body.heading("Report Summary");
    let line = |text: &str| one_line(text, VALUE_CHARS);
    let (person, device) = (&press.person, &press.device);
    let mut rows = vec![("Name", line(&person.name)), ("Email", line(&person.email))];
    let optional = [("Phone", &person.phone), ("Company", &person.company)];
    rows.extend(
        optional
            .iter()
            .filter_map(|(label, value)| Some((*label, line(value.as_ref()?)))),
    );
    rows.push(("Computer", line(&device.hostname)));
    rows.extend(device.user.as_ref().map(|user| ("Logged-in user", line(user))));
    rows.extend(device.ip.as_ref().map(|ip| ("Local address", line(ip))));
    rows.push(("System", line(&device.os)));
    if !press.selections.is_empty() {
        let chosen: Vec<String> = press.selections.iter().map(|selection| line(selection)).collect();
        rows.push(("Selections", chosen.join(", ")));
    }
    rows.push((
        "Pressed at",
        press.pressed_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    ));
    body.table(&rows);
    body.heading("Message");
    let ruled = orders.and_then(|orders| orders.message.as_deref());
    let (message, file) = ruled.map_or((press.message.as_str(), "message.txt"), |ruled| {
        (ruled, RULED_MESSAGE)
    });
    body.paragraph(&paragraphs(message, MESSAGE_BODY_CHARS));
    if message.chars().count() > MESSAGE_BODY_CHARS {
        body.paragraph(&format!(
            "(The message goes on: it is attached to the private note as {file}.)"
        ));
    }
    let ruled = orders.and_then(|orders| orders.append.as_deref());
    if let Some(append) = ruled
        .or(press.append.as_deref())
        .filter(|append| !append.is_empty())
    {
        body.paragraph(&paragraphs(append, MESSAGE_BODY_CHARS));
    }
    body
}

/// What the private note tells of.
pub(crate) struct Told<'a> {
    pub(crate) submission: &'a Submission,
    pub(crate) matched: &'a Matched,
    /// What the PSA did not take.
    pub(crate) corrections: &'a [Correction],
    pub(crate) ruling: Option<&'a Ruling>,
    /// Whether the ticket was found, not filed by this try.
    pub(crate) adopted: bool,
    pub(crate) psa: &'a Description,
}

/// The private note: what a technician wants to know before opening the report.
pub(crate) fn note(told: &Told<'_>) -> Body {
    let &Told {
        submission,
        matched,
        ruling,
        psa,
        ..
    } = told;
    let mut body = Body::default();
    body.heading("Helpbell report");
    let mut findings: Vec<&Finding> = submission.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    body.verdicts(&Area::ALL.map(|area| verdict(area, &findings)));
    if !findings.is_empty() {
        body.list(findings.iter().take(FINDINGS_TOLD).map(|finding| {
            let word = severity_word(finding.severity);
            format!(
                "{word}, {}: {}",
                finding.area,
                one_line(&finding.title, VALUE_CHARS)
            )
        }));
    }
    match &matched.device {
        Some(device) => body.paragraph(&format!(
            "Device in the PSA: {}, recognised by its {}.",
            device.name,
            device.recognised_by()
        )),
        None if psa.has("devices") => body.paragraph(&format!(
            "No device named {} was found in the PSA.",
            one_line(&submission.press.device.hostname, VALUE_CHARS)
        )),
        // It keeps none: there is nothing to be missed.
        None => {}
    }
    if told.adopted {
        body.paragraph(
            "This ticket was filed by an earlier try whose answer was lost on the way; which of its values the PSA \
             did not take is not known.",
        );
    }
    if let Some(ruling) = ruling {
        after_rules(&mut body, &submission.press, ruling);
    }
    if !submission.attachments.is_empty() {
        body.heading("Attached");
        body.list(
            submission
                .attachments
                .iter()
                .map(|file| format!("{} ({})", file.name, kilobytes(file.bytes.len()))),
        );
    }
    let senseless = ruling.map_or(&[][..], |ruling| &ruling.corrections);
    let corrections = senseless.iter().chain(told.corrections);
    let problems = &matched.problems;
    if corrections.clone().next().is_some() || !problems.is_empty() {
        body.heading("[Submission Errors]");
        let corrected = corrections.map(correction_line);
        let failed = problems.iter().map(|failure| match &failure.help {
            Some(help) => format!(
                "{} ({}): {}",
                failure.message,
                failure.code,
                one_line(help, VALUE_CHARS)
            ),
            None => format!("{} ({})", failure.message, failure.code),
        });
        body.list(corrected.chain(failed));
    }
    body
}

/// What rules add to the note, what a technician should know of them, and what the person wrote if they changed it.
fn after_rules(body: &mut Body, press: &Press, ruling: &Ruling) {
    let orders = &ruling.orders;
    if let Some(append) = &orders.private_append {
        body.paragraph(&paragraphs(append, MESSAGE_BODY_CHARS));
    }
    let lines = rule_lines(ruling);
    if !lines.is_empty() {
        body.heading("[Rules]");
        body.list(lines);
    }
    if orders.message.is_some() {
        body.heading("Message as typed");
        body.paragraph(&paragraphs(&press.message, MESSAGE_BODY_CHARS));
    }
}

/// What went wrong with rules, and what was noticed while they ran.
fn rule_lines(ruling: &Ruling) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(unable) = &ruling.unable {
        let help = unable.help.as_ref().map(|help| format!(" ({help})"));
        lines.push(format!(
            "{}; the ticket was filed without rules{}",
            unable.message,
            help.unwrap_or_default()
        ));
    }
    if let Some(broke) = &ruling.failure {
        // Rules that cannot be read at all fail before their first line.
        let with = if ruling.changes.is_empty() {
            "without rules"
        } else {
            "with what the rules had set before"
        };
        lines.push(format!("{broke}; the ticket was filed {with}"));
    }
    lines.extend(ruling.diagnostics.iter().map(|noticed| {
        let help = noticed.help.as_ref().map(|help| format!(" ({help})"));
        format!(
            "line {}: {}{}",
            noticed.line,
            noticed.message,
            help.unwrap_or_default()
        )
    }));
    if let Some(why) = &ruling.orders.refused {
        // It can only be here because the ticket was found.
        lines.push(format!(
            "the rules refuse this press: {}; its ticket was there before they could",
            one_line(why, VALUE_CHARS)
        ));
    }
    lines
}

/// How an area stands.
struct Verdict {
    area: Area,
    word: &'static str,
    /// The title of its worst finding, and how many more there are; empty if there is none.
    worst: String,
}

/// The verdict on an area; `findings` has the most severe first.
fn verdict(area: Area, findings: &[&Finding]) -> Verdict {
    let mut own = findings.iter().filter(|finding| finding.area == area);
    let Some(worst) = own.next() else {
        return Verdict {
            area,
            word: "looks fine",
            worst: String::new(),
        };
    };
    let title = one_line(&worst.title, VALUE_CHARS);
    Verdict {
        area,
        word: severity_word(worst.severity),
        worst: match own.count() {
            0 => title,
            more => format!("{title} (and {more} more)"),
        },
    }
}

const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Problem => "problem",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn correction_line(correction: &Correction) -> String {
    let used = correction.used.as_deref().map_or_else(
        || "the default of the PSA was used".to_owned(),
        |used| format!("{used:?} was used"),
    );
    let nearest = match correction.nearest.as_slice() {
        [] => String::new(),
        nearest => format!(" Nearest: {}.", nearest.join(", ")),
    };
    format!(
        "{} {:?}: {}; {used}.{nearest}",
        correction.field,
        correction.given,
        correction.reason.trim_end_matches('.')
    )
}

fn kilobytes(bytes: usize) -> String {
    /// Bytes in the kilobyte that file managers show.
    const KILOBYTE: usize = 1_000;
    format!("{} kB", bytes.div_ceil(KILOBYTE))
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
