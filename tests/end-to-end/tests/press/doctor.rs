//! `helpbell doctor`: what it says of a healthy integration and of sick ones.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::count,
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{DefaultSiteRule, Halo, Webhook};
use serde_json::Value;

/// The permissions that the setup guide asks for.
const PERMISSIONS: [&str; 5] = [
    "read:tickets",
    "edit:tickets",
    "read:customers",
    "read:crm",
    "read:assets",
];

async fn examined() -> (Halo, Desk) {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    (halo, desk)
}

/// Findings of this severity, as lines `check: summary`.
fn of(told: &Value, severity: &str) -> Vec<String> {
    let findings = told["findings"].as_array().unwrap();
    let those = findings.iter().filter(|finding| finding["severity"] == severity);
    those
        .map(|finding| format!("{}: {}", finding["check"], finding["summary"]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_integration_has_no_problem_and_nothing_is_written() {
    let (halo, desk) = examined().await;
    let told = desk.run(&["doctor", "--json"]).await.json();
    assert!(of(&told, "problem").is_empty(), "{told:#}");
    let ledger = halo.ledger();
    assert!(ledger.tickets.is_empty() && ledger.violations.is_empty());
    let written = ledger.requests.iter().filter(|request| request.method == "POST");
    assert!(
        written
            .into_iter()
            .all(|request| request.path.ends_with("/token"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_missing_permission_is_found_by_name() {
    for missing in PERMISSIONS {
        let (halo, desk) = examined().await;
        halo.adjust(|behaviour| {
            let left = PERMISSIONS.iter().filter(|scope| **scope != missing);
            behaviour.application_scopes = Some(left.map(|scope| (*scope).to_owned()).collect());
        })
        .unwrap();
        let run = desk.run(&["doctor", "--json"]).await;
        let told = run.json();
        let bad: Vec<String> = [of(&told, "problem"), of(&told, "warning")].concat();
        assert!(
            bad.iter().any(|finding| finding.contains(missing)),
            "{missing}: {told:#}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_stops_at_the_sign_in_and_is_not_repeated() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let mut setup = Setup::of(&halo);
    let (known, _) = setup.key.rsplit_once(':').unwrap();
    setup.key = format!("{known}:not-the-secret-at-all");
    let desk = Desk::with(&setup).await;
    let run = desk.run(&["doctor", "--json"]).await.expect(6);
    let told = run.json();
    assert!(
        of(&told, "problem")
            .iter()
            .any(|finding| finding.contains("sign-in")),
        "{told:#}"
    );
    assert!(!run.said().contains("not-the-secret-at-all"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_and_ends_the_examination() {
    let (_halo, desk) = examined().await;
    let config = std::fs::read_to_string(desk.config()).unwrap();
    let line = config
        .lines()
        .find(|line| line.starts_with("resource-server"))
        .unwrap();
    desk.edit(line, "resource-server = \"http://127.0.0.1:9/api\"");
    let told = desk.run(&["doctor", "--json"]).await.expect(6).json();
    let problems = of(&told, "problem");
    assert!(
        problems[0].contains("reach-resource-server") && problems[0].contains("127.0.0.1:9"),
        "{told:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_is_a_finding_with_its_line() {
    let (_halo, desk) = examined().await;
    desk.edit("[settings]", "[setings]");
    let told = desk.run(&["doctor", "--json"]).await.expect(6).json();
    let problems = of(&told, "problem");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("setings"), "{told:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_of_the_configuration_is_looked_for_by_its_address() {
    let mut seed = world::with_this_machine(MARIAS_SITE);
    // No permission of the guide's lets an application read webhooks.
    seed.applications[0].scopes.push("admin".to_owned());
    let halo = world::halo(seed).await;
    halo.add_webhook(Webhook::to("http://127.0.0.1:9/hook/ours"))
        .unwrap();
    let desk = Desk::at(&halo).await;
    let webhook = async || {
        let told = desk.run(&["doctor", "--json"]).await.json();
        let findings = told["findings"].as_array().unwrap().clone();
        let finding = findings
            .into_iter()
            .find(|finding| finding["check"] == "webhook")
            .unwrap();
        (
            finding["severity"].clone(),
            finding["summary"].as_str().unwrap().to_owned(),
        )
    };
    let (severity, summary) = webhook().await;
    assert!(
        severity == "note" && summary.contains("no webhook for Helpbell"),
        "{summary}"
    );

    let config = std::fs::read_to_string(desk.config()).unwrap();
    let configure = |url: &str| {
        std::fs::write(desk.config(), format!("{config}\n[webhook]\nurl = \"{url}\"\n")).unwrap();
    };
    configure("http://127.0.0.1:9/hook/another");
    assert_eq!(webhook().await.0, "note");
    configure(" http://127.0.0.1:9/hook/ours/ ");
    let (severity, summary) = webhook().await;
    assert!(
        severity == "ok" && summary.contains("Halo has the webhook"),
        "{summary}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_test_files_one_ticket_finds_it_and_closes_it() {
    let (halo, desk) = examined().await;
    let told = desk.run(&["doctor", "--write-test", "--json"]).await.json();
    let fine = of(&told, "ok").join("\n");
    for check in [
        "write-test-ticket",
        "write-test-note",
        "write-test-lookup",
        "write-test-close",
    ] {
        assert!(fine.contains(check), "{check}: {told:#}");
    }
    let ledger = halo.ledger();
    assert_eq!(ledger.tickets.len(), 1);
    assert!(ledger.actions.iter().all(|action| action.hidden_from_user));
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);
    assert!(count(&ledger, "POST /api/Tickets") >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_test_shows_that_notes_are_refused_and_names_the_setting() {
    let (halo, desk) = examined().await;
    halo.adjust(|behaviour| behaviour.default_site_rule = DefaultSiteRule::AcceptButDrop)
        .unwrap();
    let run = desk.run(&["doctor", "--write-test"]).await.expect(6);
    assert!(
        run.said()
            .contains("Tickets with the default Client/Site must be moved before working on the Ticket"),
        "{}",
        run.said()
    );
}
