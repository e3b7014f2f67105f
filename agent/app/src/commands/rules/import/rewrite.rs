//! Changes to rules that are taken over.

use crate::{show::rules::Replaced, source::line};
use helpbell_model::rules::{Diagnostic, Replacement, Rule};

/// What a rule's lines begin with that is not active.
const COMMENT: &str = "# ";
/// What stands above such a rule.
const NOT_ACTIVE: &str = "# Not active: it refuses tickets by a comparison with `is`, which may never have held so far. To activate it, take the # away.";

/// The text with all that its diagnostics want replaced, and the lines in which that was.
pub(super) fn replaced(text: &str, diagnostics: &[Diagnostic]) -> (String, Vec<Replaced>) {
    let mut letters: Vec<char> = text.chars().collect();
    let mut places: Vec<(usize, u32, &Replacement)> = diagnostics
        .iter()
        .filter_map(|diagnostic| {
            let replacement = diagnostic.replacement.as_ref()?;
            Some((place(text, diagnostic)?, diagnostic.line, replacement))
        })
        .collect();
    places.sort_by_key(|(place, ..)| *place);
    // From the end, so that earlier places stay what they are.
    for (place, _, replacement) in places.iter().rev() {
        let end = usize::try_from(replacement.length).map_or(*place, |length| place.saturating_add(length));
        if end > letters.len() {
            continue;
        }
        let was: Vec<char> = letters.drain(*place..end).collect();
        // Blanks only keep the engine's columns; a line that ended within must end still.
        let now = replacement.text.trim_end().chars();
        let now: Vec<char> = now
            .chain(was.into_iter().filter(|letter| *letter == '\n'))
            .collect();
        letters.splice(*place..*place, now);
    }
    let after: String = letters.into_iter().collect();
    let mut lines: Vec<u32> = places.into_iter().map(|(_, line, _)| line).collect();
    lines.dedup();
    let replaced = lines.into_iter().filter_map(|number| {
        Some(Replaced {
            line: number,
            before: line(text, number)?.to_owned(),
            after: line(&after, number)?.to_owned(),
        })
    });
    let replaced = replaced.collect();
    (after, replaced)
}

/// The character that a diagnostic is about, from 0.
fn place(text: &str, diagnostic: &Diagnostic) -> Option<usize> {
    let above = usize::try_from(diagnostic.line.checked_sub(1)?).ok()?;
    let column = usize::try_from(diagnostic.column.checked_sub(1)?).ok()?;
    let mut lines = text.split('\n');
    let before: usize = lines
        .by_ref()
        .take(above)
        .map(|line| line.chars().count() + 1)
        .sum();
    (column < lines.next()?.chars().count()).then_some(before + column)
}

/// The text with these rules made comments.
pub(super) fn deactivated(text: &str, rules: &[&Rule]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if rules.iter().any(|rule| rule.line == number) {
            lines.push(NOT_ACTIVE.to_owned());
        }
        let is_within = rules
            .iter()
            .any(|rule| (rule.line..=rule.end_line).contains(&number));
        lines.push(if is_within {
            format!("{COMMENT}{line}").trim_end().to_owned()
        } else {
            line.to_owned()
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The line that a line of the text is once these rules are deactivated.
pub(super) fn moved(line: u32, rules: &[&Rule]) -> u32 {
    let above = rules.iter().filter(|rule| rule.line <= line).count();
    line.saturating_add(u32::try_from(above).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::Severity;

    fn diagnostic(line: u32, column: u32, length: u32, text: &str) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            code: "is-literal".into(),
            line,
            column,
            message: String::new(),
            help: None,
            replacement: Some(Replacement {
                length,
                text: text.into(),
            }),
        }
    }

    fn rule(line: u32, end_line: u32) -> Rule {
        Rule {
            line,
            end_line,
            kind: "if".into(),
            fired: false,
        }
    }

    #[test]
    fn comparisons_are_replaced_where_they_stand_and_their_lines_listed_once() {
        let text = "# “VIP”\nif naïve is 'ü' and b is not 2: c = 1\nis_it = 1\n";
        let wanted = [diagnostic(2, 10, 2, "=="), diagnostic(2, 23, 6, "!=    ")];
        let (after, lines) = replaced(text, &wanted);
        assert_eq!(after, "# “VIP”\nif naïve == 'ü' and b != 2: c = 1\nis_it = 1\n");
        assert_eq!(
            lines,
            [Replaced {
                line: 2,
                before: "if naïve is 'ü' and b is not 2: c = 1".into(),
                after: "if naïve == 'ü' and b != 2: c = 1".into(),
            }]
        );
    }

    #[test]
    fn a_comparison_over_two_lines_keeps_both() {
        let (after, lines) = replaced("x = (a is\n  not 1)\ny = 2\n", &[diagnostic(1, 8, 8, "!=      ")]);
        assert_eq!(after, "x = (a !=\n 1)\ny = 2\n");
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn places_outside_the_text_change_nothing() {
        let text = "a is 1\n";
        let outside = [
            diagnostic(9, 1, 2, "=="),
            diagnostic(1, 90, 2, "=="),
            diagnostic(1, 3, 900, "=="),
            diagnostic(0, 0, 2, "=="),
        ];
        assert_eq!(replaced(text, &outside).0, text);
        assert_eq!(replaced(text, &[diagnostic(1, 3, 2, "==")]).0, "a == 1\n");
    }

    #[test]
    fn a_rule_that_is_not_activated_stays_as_a_comment_with_the_reason() {
        let text = "a = 1\nif b == 'x':\n\n\texception = 'no'\nc = 2\n";
        let (first, second) = (rule(2, 4), rule(5, 5));
        let after = deactivated(text, &[&first]);
        assert_eq!(
            after,
            format!("a = 1\n{NOT_ACTIVE}\n# if b == 'x':\n#\n# \texception = 'no'\nc = 2\n")
        );
        assert_eq!((moved(1, &[&first]), moved(5, &[&first])), (1, 6));
        assert_eq!(line(&after, moved(5, &[&first])), Some("c = 2"));
        assert_eq!(moved(5, &[&first, &second]), 7);
    }
}
