//! Tokens that ended between presses, and tokens that may not do enough.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::{assert_nothing_filed, assert_one_of_each, count, lines, only_private_note},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{Halo, Seed};
use std::time::Duration;

/// A computer that holds a token, and a Halo whose ledger is empty again.
async fn pressed_before() -> (Halo, Desk) {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    desk.press().now().await.expect(0);
    halo.reset();
    (halo, desk)
}

async fn renews_once_and_repeats_once(halo: &Halo, desk: &Desk) {
    let receipt = desk.press().now().await.expect(0).json();
    let ledger = halo.ledger();
    assert_eq!(
        lines(&ledger),
        [
            "POST /api/Tickets",
            "POST /auth/token",
            "POST /api/Tickets",
            "POST /api/Actions",
            "GET /api/Actions"
        ]
    );
    assert_eq!(
        ledger
            .requests
            .iter()
            .map(|request| request.status)
            .collect::<Vec<_>>(),
        [401, 200, 201, 201, 200]
    );
    let steps = receipt["steps"].as_array().unwrap();
    let traces = steps.iter().flat_map(|step| step["requests"].as_array().unwrap());
    assert_eq!(
        traces.filter(|trace| trace["replay"] == true).count(),
        1,
        "{receipt:#}"
    );
    assert_one_of_each(halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expired_at_halo_is_renewed_once_and_the_request_repeated_once() {
    let (halo, desk) = pressed_before().await;
    halo.expire_all_tokens();
    renews_once_and_repeats_once(&halo, &desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_revoked_is_renewed_once_and_the_request_repeated_once() {
    let (halo, desk) = pressed_before().await;
    halo.revoke_all_tokens();
    renews_once_and_repeats_once(&halo, &desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_about_to_end_is_renewed_before_it_is_used() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    // Shorter than a delivery may take.
    halo.adjust(|behaviour| behaviour.token_lifetime_seconds = 60)
        .unwrap();
    let desk = Desk::at(&halo).await;
    desk.press().now().await.expect(0);
    let before = count(&halo.ledger(), "POST /auth/token");
    assert!(halo.ledger().requests.iter().all(|request| request.status < 400));
    desk.press().now().await.expect(0);
    assert!(count(&halo.ledger(), "POST /auth/token") > before);
    assert!(halo.ledger().requests.iter().all(|request| request.status < 400));
    assert_eq!(halo.ledger().tickets.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_on_at_halo_does_not_cost_the_ticket() {
    let (halo, desk) = pressed_before().await;
    halo.advance(Duration::from_secs(2 * 3600));
    renews_once_and_repeats_once(&halo, &desk).await;
}

async fn without(permission: &str) -> Halo {
    let mut seed = world::with_this_machine(MARIAS_SITE);
    seed.applications[0].scopes.retain(|scope| scope != permission);
    world::halo(seed).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_file_tickets_is_told_with_the_permission_it_needs() {
    let halo = without("edit:tickets").await;
    let desk = Desk::at(&halo).await;
    let told = desk.press().now().await.expect(3).json();
    let failure = &told["failure"];
    assert_eq!(failure["code"], "halo.unauthorised", "{told:#}");
    assert!(
        failure["help"].as_str().unwrap().contains("edit:tickets"),
        "{told:#}"
    );
    assert_eq!(
        count(&halo.ledger(), "POST /auth/token"),
        1,
        "a fresh token is not asked for again"
    );
    assert!(halo.ledger().tickets.is_empty());
    assert_eq!(desk.kept().await.len(), 1);
    // The operator ticks the permission, that is: another application has it.
    let whole = world::halo(Seed::default()).await;
    desk.init(&Setup::of(&whole)).await.expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_look_people_or_machines_up_files_the_ticket_and_names_the_permission() {
    for (permission, lacking) in [("read:customers", "contact"), ("read:assets", "device")] {
        let halo = without(permission).await;
        let receipt = Desk::at(&halo).await.press().now().await.expect(0).json();
        assert_eq!(receipt[lacking], serde_json::Value::Null);
        let problem = &receipt["problems"][0];
        assert_eq!(problem["code"], "halo.unauthorised", "{receipt:#}");
        assert!(
            problem["help"].as_str().unwrap().contains(permission),
            "{receipt:#}"
        );
        assert_one_of_each(&halo);
        let note = only_private_note(&halo.ledger()).note_html.clone();
        assert!(
            note.contains("[Submission Errors]") && note.contains(permission),
            "{note}"
        );
        assert_eq!(count(&halo.ledger(), "POST /auth/token"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_withdrawn_is_told_and_the_press_waits() {
    let (halo, desk) = pressed_before().await;
    halo.adjust(|behaviour| behaviour.withdrawn_scopes = vec!["edit:tickets".to_owned()])
        .unwrap();
    let told = desk.press().now().await.expect(3).json();
    assert_eq!(told["failure"]["code"], "halo.forbidden", "{told:#}");
    assert!(
        told["failure"]["help"].as_str().unwrap().contains("edit:tickets"),
        "{told:#}"
    );
    assert_eq!(told["effect"], "not-applied");
    assert!(halo.ledger().tickets.is_empty());
    halo.adjust(|behaviour| behaviour.withdrawn_scopes.clear())
        .unwrap();
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_without_an_agent_is_told_and_files_nothing() {
    let mut seed = Seed::default();
    seed.applications[0].agent_id = None;
    seed.applications[0].login_type = psa_sandbox::halo::seed::LoginType::None;
    let halo = world::halo(seed).await;
    let told = Desk::at(&halo).await.press().now().await.expect(3).json();
    assert!(
        told["failure"]["help"]
            .as_str()
            .unwrap()
            .contains("Login Type must be Agent"),
        "{told:#}"
    );
    assert!(halo.ledger().tickets.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_request_budget_keeps_the_press_and_says_how_it_goes_on() {
    let (halo, desk) = pressed_before().await;
    let budget = psa_sandbox::halo::RateLimit {
        requests: 0,
        window_seconds: 300,
        retry_after_seconds: Some(7),
    };
    halo.adjust(|behaviour| behaviour.rate_limit = Some(budget))
        .unwrap();
    let told = desk.press().now().await.expect(3).json();
    assert_eq!(told["failure"]["kind"], "rate-limited", "{told:#}");
    assert_eq!(told["failure"]["retry_after_ms"], 7_000, "{told:#}");
    assert_nothing_filed_but_refused(&halo);
    halo.adjust(|behaviour| behaviour.rate_limit = None).unwrap();
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
}

fn assert_nothing_filed_but_refused(halo: &Halo) {
    let ledger = halo.ledger();
    assert!(
        ledger.tickets.is_empty() && ledger.actions.is_empty(),
        "{ledger:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_with_a_stale_token_renews_it_and_files_nothing() {
    let (halo, desk) = pressed_before().await;
    halo.revoke_all_tokens();
    // Somebody else, so that something has to be asked.
    let run = desk
        .press()
        .by("Priya Patel", "priya.patel@northgate-dental.example")
        .flag("--dry-run")
        .now()
        .await
        .expect(0);
    assert_eq!(run.json()["draft"]["contact"]["name"], "Priya Patel");
    assert_eq!(count(&halo.ledger(), "POST /auth/token"), 1);
    assert_nothing_filed(&halo);
}
