//! Rules that run on values nobody files.

use crate::write;
use helpbell_end_to_end::{Desk, Setup, network::nobody, tickets::lines, world};
use psa_sandbox::halo::Seed;
use serde_json::Value;

/// A variable of a run, by its name.
fn variable<'a>(told: &'a Value, name: &str) -> &'a Value {
    let all = told["variables"].as_array().unwrap();
    all.iter().find(|variable| variable["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_shows_what_each_variable_came_to_and_which_line_made_it_so() {
    let desk = Desk::ruling().await;
    let rules = "domains = ['acme.example']\nfor domain in domains:\n    if domain in email.lower():\n        team = 'VIP'\nif 'This is an emergency' in selections: priority = 'Critical'\nsubject = 'EMERGENCY: ' + subject\nprint('done')\n";
    write(&desk, "rules.py", rules);
    let run = desk
        .run(&["rules", "test", "rules.py", "--connector", "halo"])
        .await
        .expect(0);
    insta::assert_snapshot!("test_of_rules", run.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_variable_can_be_set_also_one_that_rules_cannot() {
    let desk = Desk::ruling().await;
    write(
        &desk,
        "rules.py",
        "append = hostname + '|' + ','.join(selections) + '|' + subject\nif impact < 2: priority = 'Critical'\n",
    );
    let told = desk
        .run(&[
            "rules",
            "test",
            "rules.py",
            "--connector",
            "halo",
            "--json",
            "--set",
            "hostname=PC-9",
            "--set",
            "selections=a=b",
            "--set",
            "selections=c",
            "--set",
            "message=Help me ",
            "--set",
            "impact=1",
        ])
        .await
        .expect(0)
        .json();
    assert_eq!(variable(&told, "append")["value"], "PC-9|a=b,c|Help me");
    assert_eq!(variable(&told, "msg")["before"], "Help me ");
    assert_eq!(variable(&told, "impact")["before"], 1);
    assert_eq!(
        (
            &variable(&told, "priority")["value"],
            &variable(&told, "priority")["line"]
        ),
        (&"Critical".into(), &2.into())
    );
    let run = desk
        .run(&[
            "rules",
            "test",
            "rules.py",
            "--connector",
            "halo",
            "--set",
            "impcat=1",
        ])
        .await;
    assert!(run.stderr.contains("did you mean `impact`"), "{}", run.said());
    desk.run(&["rules", "test", "rules.py", "--set", "im pact=1"])
        .await
        .expect(2);
    desk.run(&["rules", "test", "rules.py", "--set", "impact"])
        .await
        .expect(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_time_and_seed_give_the_same_outcome() {
    let desk = Desk::ruling().await;
    write(
        &desk,
        "rules.py",
        "import datetime, random\nappend = datetime.datetime.now().strftime('%H:%M') + ' ' + str(random.random())\n",
    );
    let append = async |seed: &str| {
        let arguments = [
            "rules",
            "test",
            "rules.py",
            "--json",
            "--clock",
            "2026-11-23T09:30:00+01:00",
            "--seed",
            seed,
        ];
        let told = desk.run(&arguments).await.expect(0).json();
        variable(&told, "append")["value"].as_str().unwrap().to_owned()
    };
    let first = append("7").await;
    assert!(first.starts_with("09:30 "), "{first}");
    assert_eq!(append("7").await, first);
    assert_ne!(append("8").await, first);
    let run = desk
        .run(&["rules", "test", "rules.py", "--clock", "half past nine"])
        .await;
    assert!(run.expect(2).stderr.contains("2026-11-23T09:30:00+01:00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_break_show_their_line_and_what_they_had_done() {
    let desk = Desk::ruling().await;
    write(
        &desk,
        "rules.py",
        "append = 'before'\nif 1 / len(msg) > 2:\n    append = 'after'\n",
    );
    let run = desk
        .run(&["rules", "test", "rules.py", "--set", "msg="])
        .await
        .expect(1);
    for told in [
        "append       before  ← line 1",
        "error: rules.py:2: ZeroDivisionError: ",
        "  2 | if 1 / len(msg) > 2:",
        "would be filed with what the rules had set before",
        "[len-division]",
    ] {
        assert!(run.stdout.contains(told), "{told} is not in {}", run.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_with_its_text_and_is_no_mistake() {
    let desk = Desk::ruling().await;
    write(&desk, "rules.py", "exception = 'Please call us.'\n");
    let run = desk.run(&["rules", "test", "rules.py"]).await.expect(0);
    assert!(
        run.stdout
            .contains("The ticket would be refused. The person is told:\n  Please call us.\n"),
        "{}",
        run.said()
    );
    let told = desk
        .run(&["rules", "test", "rules.py", "--json"])
        .await
        .expect(0)
        .json();
    assert_eq!(told["refused"], "Please call us.");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_without_end_and_rules_that_cannot_be_read_end_with_their_own_codes() {
    let desk = Desk::ruling().await;
    write(&desk, "endless.py", "while True: pass\n");
    let run = desk.run(&["rules", "test", "endless.py"]).await.expect(1);
    assert!(run.said().contains("error:"), "{}", run.said());
    write(&desk, "unreadable.py", "if\n");
    let run = desk.run(&["rules", "test", "unreadable.py"]).await.expect(2);
    assert!(
        run.stderr.contains("unreadable.py:1:3: error: "),
        "{}",
        run.said()
    );
    let told = desk
        .run(&["rules", "test", "unreadable.py", "--json"])
        .await
        .expect(2)
        .json();
    assert_eq!(told["outcome"], "unreadable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_lends_its_values_by_its_id_its_export_or_its_story() {
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo)
        .through(&nobody().await)
        .default("team", "Projects");
    let desk = Desk::judging(&setup, "append = msg + '|' + email + '|' + team\n").await;
    let press = desk.press().now().await.expect(3).json();
    let press = press["press"].as_str().unwrap();
    let expected = "The printer does nothing|maria.rossi@bianchi.example|Projects";
    let append = async |from: &str| {
        let arguments = ["rules", "test", "rules.py", "--json", "--press", from];
        let told = desk.run(&arguments).await.expect(0).json();
        variable(&told, "append")["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(append(press).await, expected);
    let story = desk
        .run(&["outbox", "show", press, "--json"])
        .await
        .expect(0)
        .stdout;
    write(&desk, "story.json", story);
    assert_eq!(append("story.json").await, expected);
    desk.run(&["outbox", "export", press, "stick"]).await.expect(0);
    let export = format!("stick/{press}");
    assert_eq!(append(&export).await, expected);
    assert_eq!(append(&format!("{export}/press.json")).await, expected);

    write(&desk, "no-press.json", "{\"words\": 7}");
    for wrong in ["no-press.json", "nowhere", press] {
        desk.run(&["rules", "test", "rules.py", "--press", wrong])
            .await
            .expect(2);
    }
    assert_eq!(lines(&halo.ledger()), Vec::<String>::new());
}
