//! Dispatcher rules: what they do to a ticket, whom they refuse, and that nothing they do costs a press its ticket.

use helpbell_delivery::rules::{Archive, Ruling, variables};
use helpbell_end_to_end::{
    Desk, Run, Setup, built, inside,
    tickets::{assert_nothing_filed, assert_one_of_each, count, files_of, only_private_note, only_ticket},
    world,
};
use helpbell_model::{rules::Input, rules::Value as Given};
use helpbell_sandbox::{Sandbox, Session};
use psa_sandbox::halo::{Halo, Seed};
use serde_json::Value;
use std::fs;

/// A Halo, and a computer of its MSP with these rules.
async fn judged(rules: &str) -> (Halo, Desk) {
    judged_with(rules, |setup| setup).await
}

async fn judged_with(rules: &str, change: impl FnOnce(Setup) -> Setup) -> (Halo, Desk) {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::judging(&change(Setup::of(&halo)), rules).await;
    (halo, desk)
}

/// The ticket's body as Halo has it.
fn details(halo: &Halo) -> String {
    let ledger = halo.ledger();
    only_ticket(&ledger).sent["details_html"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The private note as Halo has it.
fn note(halo: &Halo) -> String {
    only_private_note(&halo.ledger()).note_html.clone()
}

#[track_caller]
fn assert_told(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

/// What the journal says of the rules.
async fn ruling(desk: &Desk, press: &str) -> Ruling {
    let story = desk
        .run(&["outbox", "show", press, "--json"])
        .await
        .expect(0)
        .json();
    let journal = story["journal"].as_array().unwrap();
    let found = journal
        .iter()
        .rev()
        .find(|entry| entry["event"]["event"] == "ruled");
    serde_json::from_value(found.expect("a ruling")["event"].clone()).unwrap()
}

fn press_of(told: &Value) -> String {
    told["press"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_about_a_person_sets_priority_and_team() {
    let rules = "\
# “VIP”
if name is 'Maria Rossi':
\tpriority = 'High'
\tteam = '2nd Line Support'
if name == 'Somebody Else': priority = 'Low'
";
    let (halo, desk) = judged_with(rules, |setup| setup.default("team", "1st Line Support")).await;
    let receipt = desk.press().now().await.expect(0).json();
    assert_eq!(receipt["corrections"], serde_json::json!([]));
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(
        (ticket.priority_id, ticket.team.as_str()),
        (2, "2nd Line Support")
    );
    assert_one_of_each(&halo);

    let ruling = ruling(&desk, &press_of(&receipt)).await;
    assert_eq!(ruling.fired().collect::<Vec<_>>(), [2]);
    assert_eq!(
        ruling
            .changes
            .iter()
            .map(|change| change.line)
            .collect::<Vec<_>>(),
        [3, 4]
    );
    let kept = Archive::of(&desk.state()).read(ruling.digests.source.as_deref().unwrap());
    assert_eq!(
        kept.unwrap().text(),
        rules,
        "what was used can be looked at later"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_press_files_nothing_and_tells_the_person_why() {
    let (halo, desk) =
        judged("if email.endswith('@bianchi.example'):\n    exception = 'Please call\\naccounts: 0800 1.'")
            .await;
    let aloud = desk.press().aloud().await.expect(7);
    assert_told(
        &aloud.stdout,
        &["No ticket was filed.", "\nPlease call\naccounts: 0800 1.\n"],
    );
    assert_nothing_filed(&halo);
    assert!(desk.kept().await.is_empty(), "it is over");

    let told = desk.press().now().await.expect(7).json();
    assert_eq!(
        (
            told["outcome"].as_str(),
            told["state"].as_str(),
            told["why"].as_str()
        ),
        (
            Some("refused"),
            Some("refused"),
            Some("Please call\naccounts: 0800 1.")
        )
    );
    assert_nothing_filed(&halo);
    let all = desk.run(&["outbox", "list", "--all"]).await.expect(0).stdout;
    assert_told(&all, &["refused", "Please call accounts: 0800 1."]);
    let story = desk
        .run(&["outbox", "show", &press_of(&told)])
        .await
        .expect(0)
        .stdout;
    assert_told(
        &story,
        &["rules fired in lines 1", "refused: Please call accounts: 0800 1."],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_press_goes_on_once_the_rules_are_mended_and_can_be_discarded() {
    let (halo, desk) = judged("exception = 'no'").await;
    let first = press_of(&desk.press().now().await.expect(7).json());
    let second = press_of(&desk.press().now().await.expect(7).json());
    desk.run(&["deliver", &first]).await.expect(7);
    assert_nothing_filed(&halo);

    desk.judge_by("priority = 'High'");
    desk.run(&["outbox", "retry", &first]).await.expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
    assert_eq!(only_ticket(&halo.ledger()).priority_id, 2);

    desk.run(&["outbox", "discard", &second]).await.expect(0);
    let over = desk.run(&["deliver", &second]).await.expect(2);
    assert!(over.stderr.contains("is discarded already"), "{}", over.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_fails_costs_what_comes_after_it_and_never_the_ticket() {
    let (halo, desk) = judged("priority = 'High'\n\nteam = 1 / 0\nimpact = 1\n").await;
    let run = desk.press().aloud().await.expect(0);
    assert_told(&run.stderr, &["line 3: ZeroDivisionError"]);
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(ticket.priority_id, 2);
    assert!(ticket.sent.get("impact").is_none(), "{ticket:#?}");
    let line = "line 3: ZeroDivisionError: division by zero; the ticket was filed with what the rules had set before";
    assert_told(&note(&halo), &["<b>[Rules]</b>", line]);
    assert!(
        !details(&halo).contains("ZeroDivisionError"),
        "the person does not see it"
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_write_title_message_and_both_appendices_and_lose_nothing_that_was_typed() {
    let rules = "\
subject = 'Ruled: ' + subject
message = msg + '\\n<tag>'
append = 'below & beyond'
priv_append = 'for technicians'
";
    let (halo, desk) = judged(rules).await;
    let told = desk.press().about("It <b>beeps</b>").now().await.expect(0).json();
    assert_eq!(only_ticket(&halo.ledger()).summary, "Ruled: It <b>beeps</b>");
    assert_told(
        &details(&halo),
        &["<p>It &lt;b&gt;beeps&lt;/b&gt;<br>&lt;tag&gt;</p><p>below &amp; beyond</p>"],
    );
    assert!(!details(&halo).contains("for technicians"));
    assert_told(
        &note(&halo),
        &[
            "<p>for technicians</p>",
            "<b>Message as typed</b></p><p>It &lt;b&gt;beeps&lt;/b&gt;</p>",
        ],
    );
    assert_one_of_each(&halo);
    let story = desk
        .run(&["outbox", "show", &press_of(&told), "--json"])
        .await
        .expect(0)
        .stdout;
    assert!(
        !story.contains("beeps"),
        "the words are gone with the press: {story}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_rules_make_longer_than_a_ticket_shows_is_attached_whole() {
    let (halo, desk) = judged("msg = msg + ' x' * 5000 + ' the end'").await;
    desk.press().now().await.expect(0);
    let ledger = halo.ledger();
    let files = files_of(&ledger, only_private_note(&ledger));
    assert!(
        files
            .iter()
            .any(|file| file.filename == "message-after-rules.txt"),
        "{files:#?}"
    );
    assert_told(
        &details(&halo),
        &["attached to the private note as message-after-rules.txt"],
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_to_be_read_stays_and_the_note_names_the_line() {
    let (halo, desk) = judged("\nhostname = 'other'\npriority = 'High'").await;
    desk.press().now().await.expect(0);
    assert_eq!(only_ticket(&halo.ledger()).priority_id, 2);
    assert!(!details(&halo).contains("other"), "{}", details(&halo));
    assert_told(&note(&halo), &["<b>[Rules]</b>", "line 2: "]);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_halo_does_not_have_or_that_are_none_cost_a_correction() {
    let rules = "team = '2nd Lime Support'\npriority = ['High']\nsubject = None";
    let (halo, desk) = judged_with(rules, |setup| setup.default("priority", "Low")).await;
    let receipt = desk.press().now().await.expect(0).json();
    let corrections = receipt["corrections"].as_array().unwrap();
    let of = |field: &str| corrections.iter().find(|one| one["field"] == field).expect(field);
    assert_eq!(of("team")["nearest"][0], "2nd Line Support");
    assert_eq!(of("priority")["used"], "Low");
    assert_eq!(of("subject")["used"], "The printer does nothing");
    assert_told(
        &note(&halo),
        &[
            "[Submission Errors]",
            "Nearest: 2nd Line Support",
            "line 2 made it a list",
            "line 3 made it no value",
        ],
    );
    assert_eq!(only_ticket(&halo.ledger()).summary, "The printer does nothing");
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_are_not_there_cost_nothing_but_a_line_in_the_note() {
    let (halo, desk) = judged_with("", |setup| setup.default("team", "2nd Line Support")).await;
    let file = desk.path("rules.py");
    fs::remove_file(&file).unwrap();
    let run = desk.press().aloud().await.expect(0);
    assert_told(&run.stderr, &["failed to read the rules", "rules.py"]);
    assert_eq!(only_ticket(&halo.ledger()).team, "2nd Line Support");
    assert_told(
        &note(&halo),
        &[
            "<b>[Rules]</b>",
            "failed to read the rules",
            "the ticket was filed without rules",
        ],
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_not_there_costs_nothing_but_a_line_in_the_note() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::judging(&Setup::of(&halo), "exception = 'no'")
        .await
        .with_own_connectors();
    desk.press().now().await.expect(0);
    assert_told(
        &note(&halo),
        &["the engine for rules, rules.wasm, is not there; the ticket was filed without rules"],
    );
    assert_one_of_each(&halo);
    let told = desk.run(&["doctor", "--json"]).await.expect(6).json();
    let found = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == "rules");
    assert_eq!(found.unwrap()["severity"], "problem", "{told:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_the_rules() {
    let (_halo, desk) = judged("priority = 'High'").await;
    let examined = async |severity: &str, parts: &[&str]| {
        let told = desk.run(&["doctor", "--json"]).await.json();
        let found = told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["check"] == "rules");
        let found = found.unwrap();
        assert_eq!(found["severity"], severity, "{found:#}");
        assert_told(&found.to_string(), parts);
    };
    examined("ok", &["1 rule"]).await;
    desk.judge_by("if priority is 'High':\n    team = 'x'");
    examined("warning", &["line 1", "helpbell rules check "]).await;
    desk.judge_by("x = 1\nif priority\n");
    examined("problem", &["line 2", "helpbell rules check "]).await;
    fs::remove_file(desk.path("rules.py")).unwrap();
    examined("problem", &["failed to read the rules"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_rules_would_do_and_whom_they_would_refuse() {
    let (halo, desk) = judged("subject = 'Ruled'\nif 'nothing' in msg:\n    team = '2nd Line Support'").await;
    let dry = async || desk.press().flag("--dry-run").aloud().await.expect(0).stdout;
    assert_told(
        &dry().await,
        &[
            "Rules: those in lines 1, 2 would fire",
            "Would file: Ruled",
            "team = 2nd Line Support",
            "Nothing was filed.",
        ],
    );
    desk.judge_by("exception = 'Call us.'");
    let refused = dry().await;
    assert_told(&refused, &["Would refuse\nCall us.", "Nothing was filed."]);
    assert!(!refused.contains("Would file"), "{refused}");
    assert_nothing_filed(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_repeated_from_what_was_written_down() {
    let rules = "import random, datetime\nappend = f'{random.random()} {datetime.datetime.now()}'";
    let (halo, desk) = judged(rules).await;
    let told = desk.press().now().await.expect(0).json();
    let ruling = ruling(&desk, &press_of(&told)).await;

    let kept = Archive::of(&desk.state()).read(ruling.digests.source.as_deref().unwrap());
    let session = Session::bind(
        inside::connector().await,
        inside::binding(&Setup::of(&halo)).await,
    )
    .unwrap();
    let psa = session.variables().await.result.unwrap();
    let submission = inside::submission("Maria Rossi", "maria.rossi@bianchi.example", &world::hostname());
    let mut input = Input {
        source: kept.unwrap().text().to_owned(),
        variables: variables(&submission, None, "", &psa, &[]),
        circumstances: ruling.circumstances.unwrap(),
    };
    let sandbox = Sandbox::new(Some(desk.state().join("compiled"))).unwrap();
    let engine = sandbox.load_rules(&built::connector("rules")).await.unwrap();
    assert_eq!(ruling.digests.engine.as_deref(), Some(engine.sha256()));
    let append = async |input: &Input| {
        let outcome = engine.run(input).await.result.unwrap();
        match &outcome.last_change("append").unwrap().value {
            Given::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    };
    let again = append(&input).await;
    assert_told(&details(&halo), &[&format!("<p>{again}</p>")]);
    input.circumstances.seed ^= 1;
    assert_ne!(
        append(&input).await,
        again,
        "chance comes from the seed and from nothing else"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_judge_a_press_that_waits_anew() {
    let halo = world::halo(Seed::default()).await;
    let nobody = helpbell_end_to_end::network::nobody().await;
    let desk = Desk::judging(&Setup::of(&halo).through(&nobody), "exception = 'no'").await;
    desk.press().now().await.expect(3);
    desk.init(&Setup::of(&halo)).await.expect(0);
    desk.edit("# [rules]\n# file = ", "[rules]\nfile = ");
    desk.judge_by("priority = 'High'");
    desk.deliver().await.expect(0);
    assert_eq!(only_ticket(&halo.ledger()).priority_id, 2);
    assert_eq!(count(&halo.ledger(), "POST /api/Tickets"), 1);
    assert_one_of_each(&halo);
}

/// A press that these rules judge gets its ticket, and its note says what was wrong with them.
async fn survived(halo: &Halo, desk: &Desk, rules: &[u8], told: &str) -> Run {
    halo.reset();
    desk.judge_by(rules);
    let run = desk.press().now().await.expect(0);
    let note = note(halo);
    let (_, line) = note.split_once("<b>[Rules]</b>").expect(&note);
    assert_told(line, &["the ticket was filed with", told]);
    assert_one_of_each(halo);
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_rules_leave_a_line_in_the_note_and_the_ticket_is_filed() {
    let (halo, desk) = judged("").await;
    let deep = format!("x = {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let large = "# rules\n".repeat((10 << 20) / 8);
    let hostile: [(&str, &[u8], &str); 9] = [
        ("a text of a hundred gigabytes", b"x = 'a' * 10**11", "line 1: "),
        (
            "a list without end",
            b"x = []\nwhile True: x.append('a' * 1000)",
            "without rules",
        ),
        (
            "a loop without end",
            b"priority = 'High'\nwhile True: pass",
            "did not finish within 5 s",
        ),
        (
            "recursion without end",
            b"def f(): return f()\nf()",
            "RecursionError",
        ),
        ("ten megabytes", large.as_bytes(), "larger than"),
        ("deep nesting", deep.as_bytes(), "line 1: SyntaxError"),
        ("null bytes", b"priority = 'High'\0\n", "line 1: SyntaxError"),
        ("no text", b"priority = '\xff'\n", "no text in UTF-8"),
        ("no Python", b"<html>", "SyntaxError"),
    ];
    for (what, rules, told) in hostile {
        println!("{what}");
        let receipt = survived(&halo, &desk, rules, told).await.json();
        assert_eq!(receipt["outcome"], "delivered", "{what}");
    }
    // The same computer goes on as ever.
    halo.reset();
    desk.judge_by("priority = 'High'");
    desk.press().now().await.expect(0);
    assert_eq!(only_ticket(&halo.ledger()).priority_id, 2);
}
