//! What an outcome tells besides its values: lines of changes, helpers, rules that fired, what was printed.

use helpbell_model::rules::{Outcome, Rule, Value};
use helpbell_rules_tests::{
    Given,
    engine::{check, run, wait},
};

fn outcome(source: &str) -> Outcome {
    wait(run(source, &Given::usual()))
}

/// Line, kind and whether it fired.
fn rules(source: &str) -> Vec<(u32, u32, String, bool)> {
    let outcome = outcome(source);
    let given = Given::usual();
    let unfired: Vec<Rule> = outcome
        .rules
        .iter()
        .cloned()
        .map(|rule| Rule { fired: false, ..rule })
        .collect();
    assert_eq!(wait(check(source, &given)).rules, unfired, "checked and run");
    outcome
        .rules
        .into_iter()
        .map(|rule| (rule.line, rule.end_line, rule.kind, rule.fired))
        .collect()
}

fn rule(line: u32, end_line: u32, kind: &str, fired: bool) -> (u32, u32, String, bool) {
    (line, end_line, kind.to_owned(), fired)
}

#[test]
fn each_change_names_its_line_and_the_value_from_there_on() {
    let outcome =
        outcome("team = 'Print'\n\nif priority == 'Low':\n    priority = 'High'\nteam = team + '!'\n");
    let changes: Vec<_> = outcome
        .changes
        .iter()
        .map(|change| (change.name.as_str(), change.value.clone(), change.line))
        .collect();
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        changes,
        [
            ("team", text("Print"), 1),
            ("priority", text("High"), 4),
            ("team", text("Print!"), 5)
        ]
    );
}

#[test]
fn a_change_in_a_function_names_the_line_in_the_function() {
    let outcome = outcome("def escalate():\n    global priority\n    priority = 'High'\n\nescalate()\n");
    assert_eq!(outcome.last_change("priority").unwrap().line, 3);
}

#[test]
fn a_change_in_a_one_line_rule_names_that_line() {
    let outcome = outcome("if 'PRINTER' in msg: team = 'Print'\nif 'FAX' in msg: team = 'Fax'\n");
    assert_eq!(outcome.last_change("team").unwrap().line, 1);
    assert_eq!(outcome.changes.len(), 1);
}

#[test]
fn changes_of_the_message_have_one_name_under_both_names() {
    let outcome = outcome("message = message + '!'\ncopy = msg\nmsg = msg + '?'\nother = message\n");
    let names: Vec<_> = outcome
        .changes
        .iter()
        .map(|change| (change.name.as_str(), change.line))
        .collect();
    assert_eq!(names, [("msg", 1), ("msg", 3)]);
    let created = |name: &str| {
        outcome
            .created
            .iter()
            .find(|created| created.name == name)
            .unwrap()
    };
    assert!(created("copy").shown.contains("Dana!"), "{:?}", created("copy"));
    assert!(
        created("other").shown.contains("Dana!?"),
        "{:?}",
        created("other")
    );
    assert!(outcome.created.iter().all(|created| created.name != "message"));
}

#[test]
fn a_name_that_nobody_offered_is_a_helper_with_its_last_value_and_first_line() {
    let outcome = outcome("count = 1\ncount = count + 1\nboard = 'Alerts'\n");
    let created: Vec<_> = outcome
        .created
        .iter()
        .map(|created| (created.name.as_str(), created.shown.as_str(), created.line))
        .collect();
    assert_eq!(created, [("board", "'Alerts'", 3), ("count", "2", 1)]);
    assert_eq!(outcome.changes, []);
}

#[test]
fn an_assignment_to_a_read_only_variable_warns_and_has_no_effect() {
    let source = "hostname = 'OTHER'\nappend = hostname\nname = 'x'; email += '!'\n";
    let outcome = outcome(source);
    assert_eq!(
        outcome.last_change("append").unwrap().value,
        Value::Text("WS-0231".into())
    );
    assert_eq!(outcome.changes.len(), 1, "{:?}", outcome.changes);
    let warned: Vec<_> = outcome
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code == "read-only")
        .map(|diagnostic| diagnostic.line)
        .collect();
    assert_eq!(warned, [1, 3, 3]);
    let examined = wait(check(source, &Given::usual()));
    let places: Vec<_> = examined
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code.as_str(), diagnostic.line, diagnostic.column))
        .collect();
    assert_eq!(
        places,
        [("read-only", 1, 1), ("read-only", 3, 1), ("read-only", 3, 13)]
    );
}

#[test]
fn an_if_fires_when_one_of_its_branches_is_entered() {
    let source = "if 'FAX' in msg:\n    team = 'Fax'\nelif 'PRINTER' in msg:\n    team = 'Print'\nif 'FAX' in msg:\n    pass\nif 'FAX' in msg:\n    pass\nelse:\n    pass\nif 'PRINTER' in msg: x = 1\n";
    assert_eq!(
        rules(source),
        [
            rule(1, 4, "if", true),
            rule(5, 6, "if", false),
            rule(7, 10, "if", true),
            rule(11, 11, "if", true)
        ]
    );
}

#[test]
fn loops_fire_when_their_body_is_entered() {
    let source = "for word in []:\n    pass\nfor word in ['a']:\n    pass\nwhile word == 'b':\n    pass\nwhile word == 'a':\n    word = 'c'\n";
    assert_eq!(
        rules(source),
        [
            rule(1, 2, "for", false),
            rule(3, 4, "for", true),
            rule(5, 6, "while", false),
            rule(7, 8, "while", true)
        ]
    );
}

#[test]
fn a_try_and_an_assignment_fire_when_they_are_reached() {
    let source = "team = 'Print'\ntry:\n    count = 1 / 0\nexcept ZeroDivisionError:\n    count = 0\nimport re\nprint(team)\nstate += '!'\nteam = 1 / 0\nteam = 'never'\nif True:\n    pass\n";
    assert_eq!(
        rules(source),
        [
            rule(1, 1, "assignment", true),
            rule(2, 5, "try", true),
            rule(8, 8, "assignment", true),
            rule(9, 9, "assignment", false),
            rule(10, 10, "assignment", false),
            rule(11, 12, "if", false)
        ]
    );
}

#[test]
fn a_rule_within_a_rule_is_a_part_of_it() {
    let source = "for word in msg.split():\n    if word.isupper():\n        team = word\n";
    assert_eq!(rules(source), [rule(1, 3, "for", true)]);
}

#[test]
fn what_is_printed_is_told() {
    assert_eq!(
        outcome("print('a', 1)\nprint('é😀', end='')\n").output,
        "a 1\né😀"
    );
}

#[test]
fn literals_are_told_with_their_variable_and_place() {
    let source = "priority = 'High'\nif team == \"Print\" and 'x' != state:\n    message = 'é'\nhelper = 'no'\nif ticketType in ['Incident', 'Problem']: pass\n";
    let literals: Vec<_> = wait(check(source, &Given::usual()))
        .literals
        .into_iter()
        .map(|literal| {
            (
                literal.variable,
                literal.text,
                literal.assigned,
                literal.line,
                literal.column,
            )
        })
        .collect();
    let literal = |variable: &str, text: &str, assigned, line, column| {
        (variable.to_owned(), text.to_owned(), assigned, line, column)
    };
    let expected = [
        literal("priority", "High", true, 1, 12),
        literal("team", "Print", false, 2, 12),
        literal("state", "x", false, 2, 24),
        literal("msg", "é", true, 3, 15),
    ];
    for wanted in &expected {
        assert!(literals.contains(wanted), "{wanted:?} is not in {literals:#?}");
    }
    assert!(literals.iter().all(|(variable, ..)| variable != "helper"));
}
