//! Keys that are wrong and servers that are not there, or not Halo: the press is kept, the cure is told,
//! nothing secret is, and afterwards exactly one ticket comes of it.

use helpbell_end_to_end::{
    Desk, Setup,
    network::{Stranger, nobody},
    tickets::{assert_nothing_filed, assert_one_of_each, count},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{Deployment, Halo};
use serde_json::Value;

const WEB_PAGE: &str = "<!doctype html><html><head><title>Sign in to Acme Portal</title></head><body><script>1</script></body></html>";

/// The whole way of a press that cannot be delivered with `wrong`. Gives the failure that was told.
async fn kept_then_delivered(halo: &Halo, wrong: Setup) -> Value {
    let desk = Desk::with(&wrong).await;
    let aloud = desk.press().about("first try").aloud().await.expect(3);
    assert!(
        aloud.stderr.contains(" help: ") || aloud.stderr.contains("help:"),
        "{}",
        aloud.said()
    );
    assert!(
        aloud.stderr.contains("Nothing is lost") && aloud.stderr.contains("helpbell deliver"),
        "{}",
        aloud.said()
    );
    let press = desk.kept().await.pop().expect("the press is kept");
    assert!(aloud.stderr.contains(&press), "{}", aloud.said());
    assert!(
        aloud.stdout.contains(&format!("accepted {press}")),
        "{}",
        aloud.said()
    );
    desk.run(&["outbox", "discard", &press]).await.expect(0);

    let run = desk.press().now().await.expect(3);
    let told = run.json();
    assert_eq!(told["outcome"], "kept");
    let kept = desk.kept().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(told["press"], kept[0].as_str());
    assert_nothing_filed(halo);

    let right = Setup::of(halo);
    let secrets = [wrong.secret(), right.secret(), wrong.key.clone()];
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    for run in [&aloud, &run] {
        run.assert_without(&secrets);
    }
    desk.assert_state_without(&secrets);

    // Trying again without a cure changes nothing.
    desk.deliver().await.expect(3);
    assert_eq!(desk.kept().await, kept);
    assert_nothing_filed(halo);

    desk.init(&right).await.expect(0);
    if told["effect"] == "unknown" {
        // Something took the ticket and gave no sensible answer. It is not Halo's, but only a person knows.
        desk.deliver().await.expect(3);
        desk.run(&["outbox", "retry", &kept[0], "--file-again"])
            .await
            .expect(0);
    }
    let delivered = desk.deliver().await.expect(0).json();
    assert_eq!(delivered["press"], told["press"]);
    assert_eq!(desk.kept().await, Vec::<String>::new());
    assert_one_of_each(halo);

    let before = halo.ledger().requests.len();
    let idle = desk.deliver().await.expect(0);
    assert!(idle.stderr.contains("nothing to deliver"), "{}", idle.said());
    assert_eq!(halo.ledger().requests.len(), before);
    told["failure"].clone()
}

fn assert_failure(failure: &Value, kind: &str, code: &str, help: &str) {
    assert_eq!(
        (failure["kind"].as_str(), failure["code"].as_str()),
        (Some(kind), Some(code)),
        "{failure:#}"
    );
    assert!(
        failure["help"].as_str().is_some_and(|told| told.contains(help)),
        "{failure:#}"
    );
}

async fn hosted() -> Halo {
    world::halo(world::with_this_machine(MARIAS_SITE)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_as_such_and_the_press_waits() {
    let halo = hosted().await;
    let mut wrong = Setup::of(&halo);
    wrong.key = wrong.key.replace(&wrong.secret(), "0b5c1f7e-not-the-secret");
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "auth", "halo.invalid-client", "generate a new one");
    assert!(
        failure["message"].as_str().unwrap().contains("invalid_client"),
        "{failure:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tenant_is_told_as_such_and_the_press_waits() {
    let halo = hosted().await;
    let mut wrong = Setup::of(&halo);
    wrong.key = wrong.key.replace("lantern+", "lanterm+");
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "unavailable", "halo.tenant-unknown", "before the +");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_on_prem_key_at_a_hosted_halo_is_told_its_form() {
    let halo = hosted().await;
    let mut wrong = Setup::of(&halo);
    wrong.key = wrong.key.replace("lantern+", "");
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "auth", "halo.key-without-tenant", "choose On-Prem");
    assert_eq!(
        count(&halo.ledger(), "POST /auth/token"),
        1,
        "only the right key was ever sent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_key_at_an_on_prem_halo_is_told_its_form() {
    let halo = world::start(
        world::with_this_machine(MARIAS_SITE),
        Deployment::OnPremises,
        Default::default(),
    )
    .await;
    let mut wrong = Setup::of(&halo);
    wrong.key = format!("lantern+{}", wrong.key);
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "auth", "halo.key-with-tenant", "choose Cloud Hosted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_server_that_is_a_web_page_is_told_by_its_title() {
    let (halo, stranger) = (hosted().await, Stranger::with_page(WEB_PAGE).await);
    let wrong = Setup {
        authorisation_server: format!("http://{}/auth", stranger.address()),
        ..Setup::of(&halo)
    };
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(
        &failure,
        "invalid-input",
        "halo.not-an-authorisation-server",
        // The Resource Server is right, and says where tokens are.
        &format!("This Halo names http://{}/auth", halo.address()),
    );
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("Sign in to Acme Portal"),
        "{failure:#}"
    );
    assert_ne!(stranger.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_server_that_is_a_web_page_is_told_by_its_title() {
    let (halo, stranger) = (hosted().await, Stranger::with_page(WEB_PAGE).await);
    let wrong = Setup {
        resource_server: format!("http://{}/api", stranger.address()),
        ..Setup::of(&halo)
    };
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "internal", "halo.not-halo", "Copy the Resource Server");
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("Sign in to Acme Portal"),
        "{failure:#}"
    );
    assert_ne!(stranger.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_not_there_are_named() {
    let halo = hosted().await;
    let nowhere = nobody().await;
    let failure = kept_then_delivered(&halo, Setup::of(&halo).through(&nowhere)).await;
    assert_failure(&failure, "unavailable", "host.unreachable", &nowhere);
    let halo = hosted().await;
    let wrong = Setup {
        resource_server: format!("http://{nowhere}/api"),
        ..Setup::of(&halo)
    };
    let failure = kept_then_delivered(&halo, wrong).await;
    assert_failure(&failure, "unavailable", "host.unreachable", &nowhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_kept_presses_become_one_ticket_each_in_their_order() {
    let halo = hosted().await;
    let desk = Desk::with(&Setup::of(&halo).through(&nobody().await)).await;
    for message in ["first", "second", "third"] {
        desk.press().about(message).now().await.expect(3);
    }
    assert_eq!(desk.kept().await.len(), 3);
    desk.init(&Setup::of(&halo)).await.expect(0);
    let run = desk.deliver().await.expect(0);
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.said());
    let ledger = halo.ledger();
    let summaries: Vec<&str> = ledger
        .tickets
        .iter()
        .map(|ticket| ticket.summary.as_str())
        .collect();
    assert_eq!(summaries, ["first", "second", "third"]);
    assert_eq!(ledger.actions.len(), 3);
    assert!(desk.kept().await.is_empty());
}

/// Proxies come from the configuration alone: one in the environment would see tokens that nobody meant for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_used_and_one_of_the_configuration_is() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let nowhere = format!("http://{}", nobody().await);
    let mut desk = Desk::at(&halo).await;
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        desk = desk.with_variable(name, &nowhere);
    }
    desk.press().now().await.expect(0);
    assert_one_of_each(&halo);

    desk.edit("[network]", &format!("[network]\nproxy = \"{nowhere}\""));
    desk.press().now().await.expect(3);
    assert_one_of_each(&halo);
}
