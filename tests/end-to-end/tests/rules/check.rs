//! What is wrong with rules, without running them.

use crate::write;
use helpbell_end_to_end::{
    Desk, Setup,
    network::nobody,
    tickets::{count, lines},
    world,
};
use psa_sandbox::halo::Seed;

/// Two comparisons with `is`, the second of which refuses tickets.
const WITH_IS: &str =
    "if name is \"Maria Rossi\":\n\tpriority = 'High'\nif email is not 'a': exception = 'no'\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_stands_with_its_line_and_place_and_is_wrong_input() {
    let desk = Desk::ruling().await;
    write(
        &desk,
        "rules.py",
        "append = 'a'\nif 'x' in msg\n    append = 'b'\n",
    );
    let run = desk.run(&["rules", "check", "rules.py"]).await.expect(2);
    assert!(run.stdout.starts_with("rules.py:2:14: error: "), "{}", run.said());
    assert!(run.stdout.contains("  2 | if 'x' in msg\n"), "{}", run.said());
    assert!(run.stdout.contains("[syntax]"), "{}", run.said());
    assert!(run.stdout.contains("these rules do not run"), "{}", run.said());
    assert!(!run.said().contains('\u{1b}'), "{:?}", run.said());

    let told = desk
        .run(&["rules", "check", "rules.py", "--json"])
        .await
        .expect(2)
        .json();
    assert_eq!(told["worst"], "error");
    assert_eq!(
        (&told["diagnostics"][0]["code"], &told["diagnostics"][0]["line"]),
        (&"syntax".into(), &2.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn comparisons_with_is_are_warnings_and_stop_nobody_but_the_strict() {
    let desk = Desk::ruling().await;
    write(&desk, "rules.py", WITH_IS);
    let run = desk.run(&["rules", "check", "rules.py"]).await.expect(0);
    for place in ["rules.py:1:9: warning: ", "rules.py:3:10: warning: "] {
        assert!(run.stdout.contains(place), "{place} is not in {}", run.said());
    }
    for code in ["[is-literal]", "[is-literal-exception]"] {
        assert!(run.stdout.contains(code), "{code} is not in {}", run.said());
    }
    assert!(run.stdout.contains("\n    |         ^^\n"), "{}", run.said());
    assert!(
        run.stdout.ends_with("rules.py: 2 rules, 2 warnings\n"),
        "{}",
        run.said()
    );
    desk.run(&["rules", "check", "rules.py", "--strict"])
        .await
        .expect(2);

    write(
        &desk,
        "rules.py",
        WITH_IS.replace("is not", "!=").replace("is", "=="),
    );
    let run = desk
        .run(&["rules", "check", "rules.py", "--strict"])
        .await
        .expect(0);
    assert!(run.stdout.contains("nothing to complain about"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_come_from_standard_input_too_and_what_is_no_text_is_told() {
    let desk = Desk::ruling().await;
    let run = desk
        .run_with(
            &["rules", "check", "-"],
            "\u{feff}# “VIP”\r\nappend = 'a'\r\n".as_bytes(),
        )
        .await
        .expect(0);
    assert!(
        run.stdout.starts_with("standard input: 1 rule, nothing"),
        "{}",
        run.said()
    );
    let run = desk
        .run_with(&["rules", "check", "-"], b"append = 'a'\nappend = '\xff'\n")
        .await
        .expect(2);
    assert!(
        run.stdout.contains("standard input:2:11: error:"),
        "{}",
        run.said()
    );
    assert!(run.stdout.contains("[source]"), "{}", run.said());
    let large = "#".repeat(10 << 20);
    let run = desk
        .run_with(&["rules", "check", "-"], large.as_bytes())
        .await
        .expect(2);
    assert!(run.stdout.contains("[source]"), "{}", run.said());
    let run = desk.run(&["rules", "check", "nowhere.py"]).await.expect(2);
    assert!(run.stderr.contains("nowhere.py"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_the_psa_does_not_have_are_told_with_the_nearest() {
    let halo = world::halo(Seed::default()).await;
    let rules =
        "if 'x' in msg: priority = 'Hihg'\nif state == 'Nwe': team = '1st Line Support'\nimpact = 'severe'\n";
    let desk = Desk::judging(&Setup::of(&halo), rules).await;
    // The configured rules are meant where none are named.
    let run = desk.run(&["rules", "check"]).await.expect(0);
    for told in [
        ":1:27: warning: the PSA has no \"Hihg\" among the values of `priority`",
        "help: did you mean \"High\"?",
        ":2:13: warning: the PSA has no \"Nwe\" among the values of `state`: this is never so",
        "help: did you mean \"New\"?",
        ":3:10: warning: the PSA has no \"severe\" among the values of `impact`",
        "3 rules, 3 warnings",
    ] {
        assert!(run.stdout.contains(told), "{told} is not in {}", run.said());
    }
    assert_eq!(count(&halo.ledger(), "POST /auth/token"), 1);

    halo.reset();
    let run = desk.run(&["rules", "check", "--offline"]).await.expect(0);
    assert!(run.stdout.contains("3 rules, 1 warning\n"), "{}", run.said());
    assert_eq!(lines(&halo.ledger()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_psa_that_is_not_there_costs_its_values_and_no_more() {
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo).through(&nobody().await);
    let desk = Desk::judging(&setup, "priority = 'Hihg'\nhostname = 'x'\n").await;
    let told = desk.run(&["rules", "check", "--json"]).await.expect(0).json();
    let codes: Vec<&str> = told["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|diagnostic| diagnostic["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["read-only"]);
    let note = told["notes"][0].as_str().unwrap();
    assert!(note.starts_with("the PSA's own values are not known: "), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connector_it_is_said_that_only_common_variables_are_known() {
    let desk = Desk::ruling().await;
    write(&desk, "rules.py", "impact = 'severe'\n");
    let run = desk.run(&["rules", "check", "rules.py"]).await.expect(0);
    assert!(run.stdout.contains("nothing to complain about"), "{}", run.said());
    assert!(run.stderr.contains("--connector NAME"), "{}", run.said());
    let run = desk
        .run(&["rules", "check", "rules.py", "--connector", "halo"])
        .await
        .expect(0);
    assert!(run.stdout.contains("[unknown-value]"), "{}", run.said());
    let run = desk
        .run(&["rules", "check", "rules.py", "--connector", "hallo"])
        .await
        .expect(2);
    assert!(run.stderr.contains("did you mean \"halo\""), "{}", run.said());
}
