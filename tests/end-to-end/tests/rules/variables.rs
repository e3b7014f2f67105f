//! What rules can read and assign.

use helpbell_end_to_end::{Desk, Setup, tickets::lines, world};
use psa_sandbox::halo::Seed;

#[tokio::test(flavor = "multi_thread")]
async fn variables_are_shown_with_the_values_of_the_psa() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::with(&Setup::of(&halo)).await;
    let run = desk.run(&["rules", "variables"]).await.expect(0);
    insta::assert_snapshot!("variables", run.stdout);
    assert_eq!(run.stderr, "");

    halo.reset();
    let told = desk
        .run(&["rules", "variables", "--offline", "--json"])
        .await
        .expect(0)
        .json();
    let priority = told["variables"]
        .as_array()
        .unwrap()
        .iter()
        .find(|variable| variable["name"] == "priority")
        .unwrap();
    assert_eq!(
        (&priority["live"], &priority["live_choices"]),
        (&true.into(), &serde_json::Value::Null)
    );
    assert_eq!(lines(&halo.ledger()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn before_there_is_a_configuration_the_connector_is_asked_and_nobody_else() {
    let desk = Desk::new().await;
    let run = desk
        .run(&["rules", "variables", "--connector", "halo"])
        .await
        .expect(0);
    assert!(run.stdout.contains("\n  ticketType "), "{}", run.said());
    assert!(run.stderr.contains("there is no helpbell.toml"), "{}", run.said());
    let run = desk.run(&["rules", "variables"]).await.expect(0);
    assert!(!run.stdout.contains("ticketType"), "{}", run.said());
    assert!(run.stderr.contains("--connector NAME"), "{}", run.said());
}
