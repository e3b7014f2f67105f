//! What rules did to a press.

use super::{NOTE_CHARS, diagnostics, print_notes};
use crate::{
    show::{press::local, print_json},
    source::line,
};
use helpbell_delivery::{
    rules::{Changed, Ruling},
    store::Record,
};
use helpbell_model::{
    rules::{Circumstances, Rule},
    text::{one_line, paragraphs},
};
use jiff::{Timestamp, tz::Offset};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::fmt::Write as _;

/// Characters shown of a line, and of a value.
const LINE_CHARS: usize = 120;
/// Lines shown of one rule's beginning.
const LINES: u32 = 2;
/// Digits of a digest that tell files apart.
const DIGITS: usize = 12;
/// Name of the rules in what is told of them: their file may have had another by then.
const NAME: &str = "rules";

/// What is known about a press and its rules.
pub(crate) struct Explained<'a> {
    /// The press.
    pub record: &'a Record,
    /// What the rules came to.
    pub ruling: &'a Ruling,
    /// The rules as they were, if a copy is there.
    pub source: Option<&'a str>,
    /// Whether they are still the same; none if nobody can say.
    pub is_current: Option<bool>,
    /// What variables were before the first rule, as far as it is known.
    pub start: &'a [(String, String)],
    /// What came of running them again.
    pub again: Option<&'a Again>,
}

/// The same rules, run again.
pub(crate) struct Again {
    /// Whether they did the same.
    pub is_same: bool,
    /// What they did.
    pub ruling: Ruling,
    /// What is not as it was.
    pub notes: Vec<String>,
}

/// Prints it.
pub(crate) fn explained(explained: &Explained<'_>, as_json: bool) {
    if as_json {
        print_json(&as_value(explained));
        return;
    }
    anstream::print!("{}", render(explained));
    if let Some(again) = explained.again {
        print_notes(&again.notes);
    }
}

fn as_value(explained: &Explained<'_>) -> serde_json::Value {
    let again = explained
        .again
        .map(|again| json!({"same": again.is_same, "ruling": again.ruling, "notes": again.notes}));
    json!({
        "press": explained.record.id,
        "state": explained.record.state,
        "ruling": explained.ruling,
        "source": explained.source,
        "source_is_current": explained.is_current,
        "before": explained.start,
        "again": again,
    })
}

fn render(explained: &Explained<'_>) -> String {
    let Explained { record, ruling, .. } = explained;
    let mut told = String::new();
    let _ = writeln!(
        told,
        "{} accepted {}, {}",
        record.id.to_string().bold(),
        local(record.accepted_at),
        record.state.name()
    );
    about_rules(&mut told, explained);
    if let Some(circumstances) = &ruling.circumstances {
        let _ = writeln!(
            told,
            "they saw {}, seed {}",
            seen(circumstances),
            circumstances.seed
        );
    }
    if let Some(unable) = &ruling.unable {
        let _ = writeln!(told, "{} {unable} [{}]", "error:".red().bold(), unable.code);
        told.push_str("Nothing of what they did counts.\n");
    }
    did(&mut told, ruling, explained.source, explained.start);
    if let Some(again) = explained.again {
        if again.is_same {
            told.push_str("\nRun again, they do the same.\n");
        } else {
            let _ = writeln!(told, "\n{}", "Run again, they do something else:".red().bold());
            did(&mut told, &again.ruling, explained.source, explained.start);
        }
    }
    told
}

fn about_rules(told: &mut String, explained: &Explained<'_>) {
    let digest = explained.ruling.digests.source.as_deref();
    let digest: String = digest.unwrap_or("none").chars().take(DIGITS).collect();
    let since = match explained.is_current {
        Some(true) => "they are the same today",
        Some(false) => "they were changed since",
        None => "today there are none to compare them with",
    };
    let copy = if explained.source.is_some() {
        ""
    } else {
        "; no copy of them was kept"
    };
    let _ = writeln!(told, "rules with sha256 {digest}; {since}{copy}");
}

/// The time that rules saw, on their own clock.
fn seen(circumstances: &Circumstances) -> String {
    /// Seconds.
    const MINUTE: i32 = 60;
    let at = i64::try_from(circumstances.clock_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let offset = Offset::from_seconds(i32::from(circumstances.offset_minutes) * MINUTE);
    match (at, offset) {
        (Some(at), Ok(offset)) => {
            offset.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string() + &format!(" (UTC{offset})")
        }
        _ => format!("{} ms", circumstances.clock_ms),
    }
}

/// What one run did, rule by rule.
fn did(told: &mut String, ruling: &Ruling, source: Option<&str>, start: &[(String, String)]) {
    let steps = steps(&ruling.changes, start);
    for rule in &ruling.rules {
        one(told, rule, source);
        for (change, before) in &steps {
            if covers(rule, change) {
                step(told, change, before.as_deref());
            }
        }
    }
    let elsewhere = || {
        steps
            .iter()
            .filter(|(change, _)| !ruling.rules.iter().any(|rule| covers(rule, change)))
    };
    if elsewhere().next().is_some() {
        told.push_str("in functions\n");
    }
    for (change, before) in elsewhere() {
        step(told, change, before.as_deref());
    }
    if ruling.changes_left_out > 0 {
        let _ = writeln!(told, "{} more changes are not recorded", ruling.changes_left_out);
    }
    for created in &ruling.created {
        let shown = if created.shown.is_empty() {
            "…"
        } else {
            &created.shown
        };
        let _ = writeln!(
            told,
            "made {} = {} (line {})",
            created.name,
            one_line(shown, LINE_CHARS),
            created.line
        );
    }
    if !ruling.output.is_empty() {
        told.push_str("printed\n");
        for line in paragraphs(&ruling.output, NOTE_CHARS).lines() {
            let _ = writeln!(told, "  {line}");
        }
    }
    told.push_str(&diagnostics(
        NAME,
        source.unwrap_or_default(),
        &ruling.diagnostics,
    ));
    for correction in &ruling.corrections {
        let _ = writeln!(
            told,
            "{} {} {:?} was not taken: {}",
            "warning:".yellow().bold(),
            correction.field,
            one_line(&correction.given, LINE_CHARS),
            one_line(&correction.reason, NOTE_CHARS)
        );
    }
    if let Some(broke) = &ruling.failure {
        let _ = writeln!(
            told,
            "{} {}; what they had set before counts",
            "error:".red().bold(),
            one_line(&broke.to_string(), NOTE_CHARS)
        );
        if let Some((number, text)) = broke
            .line
            .and_then(|number| Some((number, line(source?, number)?)))
        {
            let _ = writeln!(told, "  {number} | {}", one_line(text, LINE_CHARS));
        }
    }
    if let Some(why) = &ruling.orders.refused {
        let _ = writeln!(
            told,
            "{} The person was told: {}",
            "refused.".bold(),
            one_line(why, NOTE_CHARS)
        );
    }
}

/// A rule's first lines, and whether it fired.
fn one(told: &mut String, rule: &Rule, source: Option<&str>) {
    let lines = if rule.end_line > rule.line {
        format!("{}-{}", rule.line, rule.end_line)
    } else {
        rule.line.to_string()
    };
    let word = if rule.fired {
        format!("{:<9}", "fired").green().bold().to_string()
    } else {
        format!("{:<9}", "not fired").dimmed().to_string()
    };
    let last = rule.end_line.min(rule.line.saturating_add(LINES - 1));
    let shown = (rule.line..=last).filter_map(|number| line(source?, number));
    let text: Vec<String> = shown.map(|line| one_line(line, LINE_CHARS)).collect();
    let text = if text.is_empty() {
        rule.kind.clone()
    } else {
        text.join(" ⏎ ")
    };
    let _ = writeln!(told, "{word}  {lines:<7}  {text}");
}

fn step(told: &mut String, change: &Changed, before: Option<&str>) {
    // Once a press is over, what a person wrote is forgotten, and what rules made of it, too.
    let shown = |text: &str| {
        if text.is_empty() {
            "(empty)".to_owned()
        } else {
            one_line(text, LINE_CHARS)
        }
    };
    let from = before
        .map(|before| format!("{} → ", shown(before)))
        .unwrap_or_default();
    let _ = writeln!(
        told,
        "           line {}: {} {from}{}",
        change.line,
        change.name.bold(),
        shown(&change.shown)
    );
}

const fn covers(rule: &Rule, change: &Changed) -> bool {
    rule.line <= change.line && change.line <= rule.end_line
}

/// The changes, each with what its variable was before.
fn steps<'a>(changes: &'a [Changed], start: &[(String, String)]) -> Vec<(&'a Changed, Option<String>)> {
    let mut now: Vec<(String, String)> = start.to_vec();
    let mut steps = Vec::new();
    for change in changes {
        let place = now.iter_mut().find(|(name, _)| *name == change.name);
        let before = match place {
            Some((_, value)) => Some(std::mem::replace(value, change.shown.clone())),
            None => {
                now.push((change.name.clone(), change.shown.clone()));
                None
            }
        };
        steps.push((change, before));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_delivery::{
        Custodian,
        rules::{Digests, Orders},
        store::State,
    };
    use helpbell_model::rules::{Broke, Created};

    const SOURCE: &str = "limit = 0.75\nif 'HELP' in msg:\n    priority = 'High'\nif name == 'Maria': priority = 'Critical'\nif 'x' in msg: team = 'X'\nteam = 1 / 0\n";

    fn record() -> Record {
        Record {
            id: "01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f".parse().unwrap(),
            accepted_at: "2026-11-23T09:30:00Z".parse().unwrap(),
            accepted_by: Custodian::named("x".into()),
            state: State::Refused,
            due_at: None,
            leased_until: None,
            epoch: 1,
            journal: vec![],
            press: None,
            files: vec![],
        }
    }

    fn changed(name: &str, shown: &str, line: u32) -> Changed {
        Changed {
            name: name.into(),
            shown: shown.into(),
            line,
        }
    }

    fn ruling() -> Ruling {
        let rule = |line, end_line, fired| Rule {
            line,
            end_line,
            kind: "if".into(),
            fired,
        };
        Ruling {
            digests: Digests {
                source: Some("0123456789abcdef".into()),
                engine: None,
            },
            circumstances: Some(Circumstances {
                clock_ms: 1_795_426_200_000,
                offset_minutes: 60,
                seed: 7,
            }),
            changes: vec![
                changed("priority", "High", 3),
                changed("priority", "Critical", 4),
                changed("append", "", 9),
            ],
            created: vec![Created {
                name: "limit".into(),
                shown: "0.75".into(),
                line: 1,
            }],
            rules: vec![
                rule(1, 1, true),
                rule(2, 3, true),
                rule(4, 4, true),
                rule(5, 5, false),
                rule(6, 6, false),
            ],
            failure: Some(Broke {
                kind: "ZeroDivisionError".into(),
                message: "division by zero".into(),
                line: Some(6),
            }),
            orders: Orders {
                refused: Some("Please call us.".into()),
                ..Orders::default()
            },
            ..Ruling::default()
        }
    }

    fn rendered(source: Option<&str>, is_current: Option<bool>, again: Option<&Again>) -> String {
        let told = render(&Explained {
            record: &record(),
            ruling: &ruling(),
            source,
            is_current,
            start: &[("priority".into(), "Low".into())],
            again,
        });
        let told = anstream::adapter::strip_str(&told).to_string();
        told.split_once('\n').unwrap().1.to_owned()
    }

    #[test]
    fn each_rule_is_told_with_its_lines_and_what_it_changed() {
        insta::assert_snapshot!(rendered(Some(SOURCE), Some(false), None), @r"
        rules with sha256 0123456789ab; they were changed since
        they saw 2026-11-23 10:30:00 (UTC+01), seed 7
        fired      1        limit = 0.75
        fired      2-3      if 'HELP' in msg: ⏎ priority = 'High'
                   line 3: priority Low → High
        fired      4        if name == 'Maria': priority = 'Critical'
                   line 4: priority High → Critical
        not fired  5        if 'x' in msg: team = 'X'
        not fired  6        team = 1 / 0
        in functions
                   line 9: append (empty)
        made limit = 0.75 (line 1)
        error: line 6: ZeroDivisionError: division by zero; what they had set before counts
          6 | team = 1 / 0
        refused. The person was told: Please call us.
        ");
    }

    #[test]
    fn without_a_copy_of_the_rules_their_kinds_are_told() {
        let told = rendered(None, None, None);
        assert!(told.contains("no copy of them was kept"), "{told}");
        assert!(told.contains("\nfired      2-3      if\n"), "{told}");
    }

    #[test]
    fn a_run_that_comes_out_differently_is_shown_whole() {
        let mut other = Again {
            is_same: true,
            ruling: ruling(),
            notes: vec![],
        };
        let told = rendered(Some(SOURCE), Some(true), Some(&other));
        assert!(told.ends_with("\nRun again, they do the same.\n"), "{told}");
        other.is_same = false;
        other.ruling.orders.refused = Some("Another text.".into());
        let told = rendered(Some(SOURCE), Some(true), Some(&other));
        let (_, again) = told.split_once("they do something else:\n").unwrap();
        assert!(again.contains("Another text."), "{told}");
    }
}
