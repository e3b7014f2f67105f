//! What rules did to a press, told later.

use helpbell_end_to_end::{Desk, Setup, world};
use psa_sandbox::halo::{Halo, Seed};

const RULES: &str = "import random\nif 'printer' in msg:\n    priority = 'High'\nif 'server' in msg:\n    priority = 'Critical'\nappend = str(random.random())\nif 'late' in selections: exception = 'Please call us.'\n";

async fn judged() -> (Halo, Desk) {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::judging(&Setup::of(&halo).default("priority", "Low"), RULES).await;
    (halo, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_press_tells_which_rules_fired_and_what_they_changed() {
    let (_halo, desk) = judged().await;
    let press = desk.press().now().await.expect(0).json();
    let press = press["press"].as_str().unwrap();
    let told = desk.run(&["rules", "explain", press]).await.expect(0).stdout;
    for part in [
        "they are the same today",
        "fired      2-3      if 'printer' in msg: ⏎ priority = 'High'\n           line 3: priority Low → High\n",
        "not fired  4-5      if 'server' in msg:",
        "not fired  7        if 'late' in selections:",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    desk.judge_by("append = 'x'\n");
    let told = desk.run(&["rules", "explain", press]).await.expect(0).stdout;
    assert!(told.contains("they were changed since"), "{told}");
    assert!(
        told.contains("if 'printer' in msg:"),
        "the rules are told as they were: {told}"
    );

    let run = desk.run(&["rules", "explain", press, "--again"]).await.expect(2);
    assert!(
        run.stderr.contains("were deleted when it was over"),
        "{}",
        run.said()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_press_comes_out_the_same_when_its_rules_run_again() {
    let (_halo, desk) = judged().await;
    let press = desk
        .press()
        .option("--selection", "late")
        .now()
        .await
        .expect(7)
        .json();
    let press = press["press"].as_str().unwrap();
    // It is replayed with the rules that judged it, at the time and with the chance that it was judged with.
    desk.judge_by("append = 'x'\n");
    let told = desk
        .run(&["rules", "explain", press, "--again", "--json"])
        .await
        .expect(0)
        .json();
    assert_eq!(told["again"]["same"], true, "{told:#}");
    assert_eq!(told["source_is_current"], false);
    assert_eq!(told["again"]["ruling"]["orders"]["refused"], "Please call us.");
    let aloud = desk
        .run(&["rules", "explain", press, "--again"])
        .await
        .expect(0)
        .stdout;
    assert!(aloud.contains("Run again, they do the same."), "{aloud}");
    assert!(aloud.contains("The person was told: Please call us."), "{aloud}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_without_rules_and_no_press_at_all_are_told_apart() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let press = desk.press().now().await.expect(0).json();
    let press = press["press"].as_str().unwrap();
    let run = desk.run(&["rules", "explain", press]).await.expect(2);
    assert!(run.stderr.contains("no rules ran"), "{}", run.said());
    let run = desk
        .run(&["rules", "explain", "01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f"])
        .await
        .expect(2);
    assert!(!run.stderr.contains("no rules ran"), "{}", run.said());
}
