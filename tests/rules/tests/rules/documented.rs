//! Everything that the incumbent documents of its rules, with rules written here: what MSPs paste in works.

use helpbell_model::rules::{Outcome, Severity, Value};
use helpbell_rules_tests::{
    Given,
    engine::{check, run, wait},
    given::value_of,
};

/// A press with numbers for priorities and a company, as some PSAs have them.
fn numbered() -> Given {
    Given::usual()
        .with("priority", "2")
        .with("business_name", r#""Bianchi SpA""#)
        .with("problem_type", r#""Other""#)
        .with("type", r#""Incident""#)
        .with("board", r#""Help desk""#)
}

fn outcome(source: &str, given: &Given) -> Outcome {
    let outcome = wait(run(source, given));
    assert_eq!(outcome.failure, None, "{source}");
    outcome
}

/// The changed variables in JSON, in the order of their first change.
fn changed(source: &str, given: &Given) -> Vec<(String, Value)> {
    let outcome = outcome(source, given);
    let mut names: Vec<String> = vec![];
    for change in &outcome.changes {
        if !names.contains(&change.name) {
            names.push(change.name.clone());
        }
    }
    names
        .into_iter()
        .map(|name| {
            let value = outcome.last_change(&name).unwrap().value.clone();
            (name, value)
        })
        .filter(|(name, value)| given.value(name) != Some(value))
        .collect()
}

#[track_caller]
fn assert_changes(source: &str, given: &Given, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, json)| ((*name).to_owned(), value_of(json)))
        .collect();
    assert_eq!(changed(source, given), expected, "{source}");
}

#[test]
fn a_selection_sets_the_priority() {
    let source = "# emergencies first\nif \"This is an emergency\" in selections:\n\tpriority = 0\n";
    let emergency = numbered().with("selections", r#"["Only me", "This is an emergency"]"#);
    assert_changes(source, &emergency, &[("priority", "0")]);
    assert_changes(source, &numbered(), &[]);
}

#[test]
fn a_priority_of_zero_marks_the_subject() {
    let source = "if priority is 0:\n    subject = '[EMERGENCY] ' + subject\n";
    let given = numbered()
        .with("priority", "0")
        .with("subject", r#""Mail is down""#);
    assert_changes(source, &given, &[("subject", "\"[EMERGENCY] Mail is down\"")]);
    assert_changes(source, &numbered(), &[]);
}

#[test]
fn an_important_company_is_one_step_more_urgent() {
    let source = "if business_name is 'Bianchi SpA':\n    priority = priority - 1\n";
    assert_changes(source, &numbered(), &[("priority", "1")]);
    assert_changes(source, &numbered().with("business_name", "\"Rossi\""), &[]);
}

#[test]
fn an_important_person_is_most_urgent() {
    let source = "if name is \"Dana Marsh\": priority = 0\n";
    assert_changes(source, &numbered(), &[("priority", "0")]);
    assert_changes(source, &numbered().with("name", "\"Maria Rossi\""), &[]);
}

#[test]
fn exclamations_count_and_are_clamped() {
    let source = "if '!' in msg:\n\tpriority = priority - 1\nif priority < 0:\n\tpriority = 0\n";
    let shouted = numbered().with("msg", "\"Help!\"");
    assert_changes(source, &shouted, &[("priority", "1")]);
    assert_changes(source, &shouted.with("priority", "0"), &[]);
    assert_changes(source, &numbered(), &[]);
}

#[test]
fn what_a_script_appended_sets_the_type_of_the_problem() {
    let source = "if 'calibration overdue' in append:\n    problem_type = 'Scanner'\n";
    let given = numbered().with("append", "\"checks:\\ncalibration overdue since May\"");
    assert_changes(source, &given, &[("problem_type", "\"Scanner\"")]);
    assert_changes(source, &numbered(), &[]);
}

#[test]
fn a_company_that_owes_is_refused_with_a_text() {
    let source = "if business_name is 'Bianchi SpA':\n    exception = \"Your account is on hold. Please call 555-0100.\"\n";
    assert_changes(
        source,
        &numbered(),
        &[("exception", "\"Your account is on hold. Please call 555-0100.\"")],
    );
}

#[test]
fn a_person_of_a_company_is_refused() {
    let source =
        "if business_name is 'Bianchi SpA' and name is 'Dana Marsh':\n    exception = 'Please call us.'\n";
    assert_changes(source, &numbered(), &[("exception", "\"Please call us.\"")]);
    assert_changes(source, &numbered().with("name", "\"Maria Rossi\""), &[]);
}

#[test]
fn a_message_in_capitals_is_urgent() {
    let source = "if sum(1 for c in msg if c.isupper()) / len(msg) > 0.75:\n    priority = 0\n";
    assert_changes(
        source,
        &numbered().with("msg", "\"HELPMENOW\""),
        &[("priority", "0")],
    );
    assert_changes(source, &numbered(), &[]);
    let outcome = wait(run(source, &numbered().with("msg", "\"\"")));
    let failure = outcome.failure.unwrap();
    assert_eq!(
        (failure.kind.as_str(), failure.line),
        ("ZeroDivisionError", Some(1))
    );
}

#[test]
fn impact_and_urgency_begin_low_and_are_overridden() {
    let source = "impact = 'Low'\nurgency = 'Low'\nif 'My team' in selections:\n    impact = 'Medium'\nif 'Everybody' in selections:\n    impact = 'High'\nif 'I cannot work' in selections:\n    urgency = 'High'\n";
    let given = Given::usual().with("selections", r#"["Everybody", "I cannot work"]"#);
    assert_changes(source, &given, &[("impact", "\"High\""), ("urgency", "\"High\"")]);
    assert_changes(
        source,
        &Given::usual(),
        &[("impact", "\"Low\""), ("urgency", "\"Low\"")],
    );
}

#[test]
fn a_domain_of_the_address_sets_the_type() {
    let source = "domains = ['rossi.example', 'bianchi.example']\nfor domain in domains:\n    if domain in email.lower():\n        type = 'Managed'\n";
    assert_changes(source, &numbered(), &[("type", "\"Managed\"")]);
    assert_changes(source, &numbered().with("email", "\"x@other.example\""), &[]);
    let single = "if '@bianchi.example' in email.lower(): board = 'Bianchi'\n";
    assert_changes(single, &numbered(), &[("board", "\"Bianchi\"")]);
}

#[test]
fn impact_and_urgency_choose_from_a_matrix() {
    let source = "impact = 1\nurgency = 1\nif 'Everybody' in selections: impact = 2\nif 'My team' in selections: impact = 1\nif 'I cannot work' in selections: urgency = 2\npriority = ['Planned', 'Low', 'Medium', 'High', 'Critical'][impact + urgency]\n";
    let given = Given::usual().with("selections", r#"["Everybody", "I cannot work"]"#);
    assert_changes(
        source,
        &given,
        &[("impact", "2"), ("urgency", "2"), ("priority", "\"Critical\"")],
    );
    assert_changes(
        source,
        &Given::usual(),
        &[("impact", "1"), ("urgency", "1"), ("priority", "\"Medium\"")],
    );
}

#[test]
fn a_long_subject_is_cut_between_words() {
    let source =
        "import textwrap\nsubject = ' '.join(subject.split())\nsubject = textwrap.wrap(subject, 20)[0]\n";
    let given = Given::usual().with("subject", "\"The  printer\\ton floor two does nothing\"");
    assert_changes(source, &given, &[("subject", "\"The printer on floor\"")]);
}

#[test]
fn a_tag_for_machines_is_added_to_the_message() {
    let source =
        "msg = msg + \"\\n\\n[host:\" + str(hostname) + \" mac:\" + str(mac) + \" ip:\" + str(ip) + \"]\"\n";
    let given = Given::usual().with("msg", "\"Help\"");
    assert_changes(
        source,
        &given,
        &[(
            "msg",
            "\"Help\\n\\n[host:WS-0231 mac:aa:bb:cc:dd:ee:ff ip:192.168.10.23]\"",
        )],
    );
    // Under its older name.
    let older = source.replace("msg", "message");
    assert_eq!(changed(&older, &given), changed(source, &given));
}

#[test]
fn what_the_other_dialect_of_the_incumbent_uses_works_too() {
    let source = "\
import datetime
closing = datetime.time(17, 0)
now = datetime.datetime.now(datetime.timezone.utc).time()
def answer(who, open):
    if not open or who == '':
        return 'closed'
    else:
        return 'hello {name}'.format(**{'name': who})
rows = []
rows.append({'msg': answer(name, now <= closing), 'more': {'at': closing.strftime('%H:%M')}})
try:
    append = rows[0]['msg'] + ' \\'until\\' ' + rows[0]['more']['at']
except:
    pass
chance = 0 <= random.random() < 1
number = re.findall('[0-9]+', msg)[0]
";
    let outcome = outcome(&format!("import random, re\n{source}"), &Given::usual());
    let value = &outcome.last_change("append").unwrap().value;
    assert_eq!(*value, Value::Text("hello Dana Marsh 'until' 17:00".into()));
    let created = |name: &str| {
        outcome
            .created
            .iter()
            .find(|created| created.name == name)
            .unwrap()
    };
    assert_eq!(created("chance").shown, "True");
    assert_eq!(created("number").shown, "'2'");
}

/// What is written, whether it holds, and how many comparisons are read otherwise.
const IS: [(&str, bool, usize); 17] = [
    ("name is 'Dana Marsh'", true, 1),
    ("'Dana Marsh' is name", true, 1),
    ("name is 'Dana'", false, 1),
    ("name is not 'Dana'", true, 1),
    ("name is not \"Dana Marsh\"", false, 1),
    ("priority is 2", true, 1),
    ("2 is priority", true, 1),
    ("priority is 2.0", true, 1),
    ("priority is not 300000", true, 1),
    ("(0 - 1000) is -1000", true, 1),
    ("-1000 is (0 - 1000)", true, 1),
    (
        "(priority * 1000 is 2000) and (name is 'Dana' + ' Marsh')",
        false,
        1,
    ),
    ("email is email", true, 0),
    ("None is None", true, 0),
    ("priority is None", false, 0),
    ("True is (priority == 2)", true, 0),
    ("[] is []", false, 0),
];

#[test]
fn is_with_a_literal_means_equality_and_says_so() {
    for (condition, holds, replaced) in IS {
        let source = format!("answer = bool({condition})\n");
        let outcome = outcome(&source, &numbered());
        assert_eq!(
            outcome.created[0].shown,
            if holds { "True" } else { "False" },
            "{condition}"
        );
        let examined = wait(check(&source, &numbered()));
        let said: Vec<_> = examined
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "is-literal")
            .collect();
        assert_eq!(said.len(), replaced, "{condition}: {said:#?}");
        for diagnostic in said {
            assert_eq!(diagnostic.severity, Severity::Warning);
            let replacement = diagnostic.replacement.as_ref().unwrap();
            let written: String = source
                .chars()
                .skip(usize::try_from(diagnostic.column).unwrap() - 1)
                .take(usize::try_from(replacement.length).unwrap())
                .collect();
            let meant = if written == "is" { "==" } else { "!=" };
            assert!(written == "is" || written == "is not", "{written}");
            assert_eq!(replacement.text.trim_end(), meant);
            assert_eq!(
                replacement.text.chars().count(),
                written.chars().count(),
                "columns hold"
            );
        }
    }
}

#[test]
fn is_that_guards_a_refusal_is_told_apart() {
    let source =
        "if name is 'Dana Marsh':\n    exception = 'no'\nif name is 'Dana Marsh':\n    team = 'Print'\n";
    let codes: Vec<_> = wait(check(source, &Given::usual()))
        .diagnostics
        .into_iter()
        .map(|diagnostic| (diagnostic.line, diagnostic.code))
        .collect();
    assert_eq!(
        codes,
        [
            (1, "is-literal-exception".to_owned()),
            (3, "is-literal".to_owned())
        ]
    );
}

#[test]
fn is_in_a_text_or_a_comment_is_left_alone() {
    let source = "# name is 'x'\ntext = \"this is 'quoted' and is 3\"\nthis = 3\n";
    let examined = wait(check(source, &Given::usual()));
    assert_eq!(examined.diagnostics, []);
    let outcome = outcome(source, &Given::usual());
    assert_eq!(outcome.created[0].shown, "\"this is 'quoted' and is 3\"");
}

#[test]
fn an_error_after_is_keeps_its_column() {
    let source = "if name is 'Dana Marsh': hostname = 'x'\n";
    let examined = wait(check(source, &Given::usual()));
    let places: Vec<_> = examined
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code.as_str(), diagnostic.column))
        .collect();
    assert_eq!(places, [("is-literal", 9), ("read-only", 26)]);
}

#[test]
fn tabs_blanks_and_typographic_quotes_are_read() {
    for source in [
        "if 'PRINTER' in msg:\n\tteam = 'Print'\n",
        "if 'PRINTER' in msg:\n  team = 'Print'\n",
        "# The “important” one’s rule – see ‘wiki’\nif 'PRINTER' in msg: team = 'Print'\n",
        "if 'PRINTER' in msg:\r\n    team = 'Print'\r\n",
        "\n\n   # indented comment\n\nif 'PRINTER' in msg : team='Print'",
        "\u{feff}team = 'Print'\n",
    ] {
        assert_changes(source, &Given::usual(), &[("team", "\"Print\"")]);
    }
}

#[test]
fn without_a_classifier_nothing_matches_and_that_is_said_once() {
    let source = "\
answer = ai_categorize(msg, ['Printer', 'Mail'])
best = answer['best_match']
matches = answer['matches']
scores = sorted(answer['scores'])
again = ai_categorize(subject, ['A'])
if 'Printer' in matches: team = 'Print'
";
    let outcome = outcome(source, &Given::usual());
    assert_eq!(outcome.changes, []);
    let created = |name: &str| {
        let found = outcome.created.iter().find(|created| created.name == name);
        found.unwrap().shown.clone()
    };
    assert_eq!(created("best"), "None");
    assert_eq!(created("matches"), "[]");
    let said: Vec<_> = outcome
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.severity, diagnostic.code.as_str()))
        .collect();
    assert_eq!(said, [(Severity::Note, "no-classifier")]);
}
