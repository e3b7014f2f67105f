//! Rules of another dispatcher, taken over.

use crate::{read, write};
use helpbell_end_to_end::{Desk, Setup, tickets::only_ticket, world};
use psa_sandbox::halo::{Halo, Seed};

const OLD_FORM: &str = r#"{
  "defaults": {"priority": "Low", "impact": 3},
  "custom_rules": ["if name is 'Maria Rossi': priority = 'High'", "if '!' in msg: subject = 'Loud: ' + subject"]
}"#;

/// A rule that refuses by a comparison that never held where it comes from.
const REFUSING: &str =
    "if name is 'Maria Rossi':\r\n\texception = 'Please call us.'\r\npriority = 'High'\r\n";

async fn configured(setup: impl FnOnce(Setup) -> Setup) -> (Halo, Desk) {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::judging(&setup(Setup::of(&halo)), "").await;
    // As it is before anybody had rules.
    desk.edit("[rules]\nfile = ", "# [rules]\n# file = ");
    std::fs::remove_file(desk.path("rules.py")).unwrap();
    (halo, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_form_becomes_rules_and_defaults_that_the_next_press_obeys() {
    let (halo, desk) = configured(|setup| setup).await;
    write(&desk, "old.json", OLD_FORM);
    let before = read(&desk, "helpbell.toml");
    let run = desk.run(&["rules", "import", "old.json"]).await.expect(0);
    for told in [
        "| if name is 'Maria Rossi': priority = 'High'\n    | if name == 'Maria Rossi': priority = 'High'\n",
        "default: impact = \"3\"",
        "default: priority = \"Low\"",
        "2 rules from old.json",
        "helpbell.toml.old in the place of ",
    ] {
        assert!(run.stdout.contains(told), "{told} is not in {}", run.said());
    }
    let rules = read(&desk, "rules.py");
    assert!(
        rules.contains("\n# 1 of 2\nif name == 'Maria Rossi': priority = 'High'\n"),
        "{rules}"
    );
    let after = read(&desk, "helpbell.toml");
    assert!(after.contains("\n[rules]\nfile = \"rules.py\"\n"), "{after}");
    assert_eq!(read(&desk, "helpbell.toml.old"), before);
    for comment in before.lines().filter(|line| line.starts_with('#')) {
        assert!(after.contains(comment), "{comment} is lost in {after}");
    }

    desk.press().about("Help!").now().await.expect(0);
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(ticket.priority_id, 2, "the rule overrides the default");
    assert_eq!(ticket.sent["impact"], 3);
    assert_eq!(ticket.sent["summary"], "Loud: Help!");

    // Once more changes nothing, and keeps the way back.
    desk.run(&["rules", "import", "old.json"]).await.expect(0);
    assert_eq!(read(&desk, "helpbell.toml.old"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_may_start_to_refuse_is_not_activated_without_a_yes() {
    let (_halo, desk) = configured(|setup| setup).await;
    write(&desk, "old.txt", REFUSING);
    let before = read(&desk, "helpbell.toml");
    let run = desk.run(&["rules", "import", "old.txt"]).await.expect(2);
    assert!(
        run.stderr.contains("1 | if name is 'Maria Rossi':") && run.stderr.contains("--yes"),
        "{}",
        run.said()
    );
    assert!(!desk.path("rules.py").exists());
    assert_eq!(read(&desk, "helpbell.toml"), before);

    desk.run(&["rules", "import", "old.txt", "--yes"]).await.expect(0);
    assert_eq!(
        read(&desk, "rules.py"),
        "if name == 'Maria Rossi':\n\texception = 'Please call us.'\npriority = 'High'\n"
    );
    desk.press().now().await.expect(7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_that_is_configured_otherwise_is_not_replaced_silently() {
    let (_halo, desk) = configured(|setup| setup.default("priority", "Medium")).await;
    write(&desk, "old.json", OLD_FORM);
    let run = desk.run(&["rules", "import", "old.json"]).await.expect(2);
    assert!(
        run.stderr
            .contains("priority = \"Low\", configured is \"Medium\""),
        "{}",
        run.said()
    );
    assert!(!desk.path("rules.py").exists());
    let told = desk
        .run(&["rules", "import", "old.json", "--yes", "--json"])
        .await
        .expect(0)
        .json();
    let defaults = told["defaults"].as_array().unwrap();
    let priority = defaults
        .iter()
        .find(|default| default["name"] == "priority")
        .unwrap();
    assert_eq!(
        (&priority["before"], &priority["taken"]),
        (&"Medium".into(), &true.into())
    );
    assert!(read(&desk, "helpbell.toml").contains("priority = \"Low\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_do_not_run_are_not_taken_over() {
    let (_halo, desk) = configured(|setup| setup).await;
    write(&desk, "rules.py", "append = 'mine'\n");
    write(&desk, "old.txt", "if name is 'x'\n");
    let before = read(&desk, "helpbell.toml");
    let run = desk.run(&["rules", "import", "old.txt", "--yes"]).await.expect(2);
    assert!(
        run.stderr.contains("old.txt:1:15: error: ") && run.stderr.contains("Nothing was written."),
        "{}",
        run.said()
    );
    write(&desk, "old.json", "{\"rules\": []}");
    let run = desk
        .run(&["rules", "import", "old.json", "--yes"])
        .await
        .expect(2);
    assert!(run.stderr.contains("custom_rules"), "{}", run.said());
    assert_eq!(read(&desk, "rules.py"), "append = 'mine'\n");
    assert_eq!(read(&desk, "helpbell.toml"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_place_of_the_rules_is_kept() {
    let (_halo, desk) = configured(|setup| setup).await;
    write(&desk, "mine.py", "append = 'mine'\n");
    write(&desk, "old.txt", "append = 'theirs'\n");
    let run = desk
        .run(&["rules", "import", "old.txt", "--output", "mine.py"])
        .await
        .expect(0);
    assert!(
        run.stdout.contains("mine.py.old in the place of mine.py"),
        "{}",
        run.said()
    );
    assert_eq!(read(&desk, "mine.py"), "append = 'theirs'\n");
    assert_eq!(read(&desk, "mine.py.old"), "append = 'mine'\n");
    // From now on these are the rules that are meant.
    let run = desk.run(&["rules", "check", "--offline"]).await.expect(0);
    assert!(run.stdout.contains("mine.py: 1 rule"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_there_is_a_configuration_rules_are_written_and_it_is_said_how_they_come_to_count() {
    let desk = Desk::ruling().await;
    let run = desk
        .run_with(&["rules", "import", "-"], b"if name is 'x': append = 'y'\n")
        .await
        .expect(0);
    assert!(
        run.stdout.contains("nothing uses them: helpbell init"),
        "{}",
        run.said()
    );
    assert_eq!(read(&desk, "rules.py"), "if name == 'x': append = 'y'\n");
    assert!(!desk.config().exists());
}
