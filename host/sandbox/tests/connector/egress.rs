//! What leaves the machine, judged by who received it.

use crate::tenant::{SHORT, binding, context, draft, maria, session};
use helpbell_end_to_end::{
    Setup,
    network::{Fault, Relay, Stranger, nobody},
    tickets::{count, only_ticket},
    world,
};
use helpbell_model::{Effect, Failure, FailureKind};
use helpbell_sandbox::{Limits, NetworkGrant};
use psa_sandbox::halo::{Halo, Seed};

async fn halo() -> Halo {
    world::halo(Seed::default()).await
}

/// Setup whose API is somewhere else than its tokens.
async fn with_api_at(halo: &Halo, address: &str) -> Setup {
    Setup {
        resource_server: format!("http://{address}/api"),
        ..Setup::of(halo)
    }
}

#[track_caller]
fn assert_denied(failure: &Failure, cure: &str) {
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Forbidden, "host.egress-denied"),
        "{failure:?}"
    );
    assert!(
        failure.help.as_deref().is_some_and(|help| help.contains(cure)),
        "{cure:?} is not in {failure:?}"
    );
}

#[tokio::test]
async fn a_request_that_was_not_granted_never_reaches_the_server() {
    let halo = halo().await;
    let mut narrow = binding(&Setup::of(&halo)).await;
    narrow
        .grant
        .requests
        .retain(|request| !(request.method == "POST" && request.path.ends_with("/Tickets")));
    let session = session(narrow).await;

    let call = session.create(&context(), &draft("x")).await;
    assert_denied(&call.result.unwrap_err(), "helpbell connector grant");
    assert_eq!(call.effect, Effect::NotApplied);
    let denied = call
        .requests
        .iter()
        .find(|request| request.method == "POST")
        .expect("the attempt is on record");
    assert!(
        denied
            .error
            .as_deref()
            .is_some_and(|reason| reason.contains("was not granted")),
        "{denied:?}"
    );
    assert_eq!(denied.status, None);
    let ledger = halo.ledger();
    assert_eq!(count(&ledger, "POST /api/Tickets"), 0);
    assert!(ledger.tickets.is_empty());

    // What was granted goes on working.
    assert!(
        session
            .find_contact(&context(), &maria())
            .await
            .result
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn an_address_that_was_not_granted_is_never_dialled() {
    let (halo, stranger) = (halo().await, Stranger::silent().await);
    let port = stranger.address().rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let setup = Setup::of(&halo).through(&format!("{host}:{port}"));
        let mut other_range = binding(&setup).await;
        other_range.network.allow_addresses = vec!["10.0.0.0/8".parse().unwrap()];
        let session = session(other_range).await;
        for failure in [
            session.authenticate().await.result.unwrap_err(),
            session
                .find_contact(&context(), &maria())
                .await
                .result
                .unwrap_err(),
        ] {
            assert_denied(&failure, "[network]\nallow-addresses = [\"");
        }
    }
    assert_eq!(stranger.connections(), 0);

    // The API's address alone: it is refused before a token is asked for that nobody could use.
    let setup = with_api_at(&halo, "[::1]:9").await;
    let failure = session(binding(&setup).await)
        .await
        .find_contact(&context(), &maria())
        .await
        .result
        .unwrap_err();
    assert_denied(&failure, "allow-addresses = [\"127.0.0.1/32\", \"::1/128\"]");
    assert!(halo.ledger().requests.is_empty());
}

#[tokio::test]
async fn an_address_that_was_granted_is_dialled_under_every_name() {
    let halo = halo().await;
    let port = halo.address().port();
    let setup = with_api_at(&halo, &format!("localhost:{port}")).await;
    let found = session(binding(&setup).await)
        .await
        .find_contact(&context(), &maria())
        .await
        .result
        .unwrap();
    assert_eq!(found.unwrap().0.name, "Maria Rossi");
}

#[tokio::test]
async fn metadata_addresses_are_denied_whatever_was_granted() {
    let halo = halo().await;
    for address in ["169.254.169.254", "[fe80::1]", "0.0.0.0"] {
        let mut generous = binding(&with_api_at(&halo, address).await).await;
        generous.network.allow_addresses = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        let failure = session(generous)
            .await
            .find_contact(&context(), &maria())
            .await
            .result
            .unwrap_err();
        assert_eq!(failure.code, "host.egress-denied", "{failure:?}");
        assert!(failure.message.contains("cannot be granted"), "{failure:?}");
        assert_eq!(failure.help, None, "there is no cure to suggest");
    }
}

#[tokio::test]
async fn plain_http_that_was_not_allowed_is_never_spoken() {
    let (halo, stranger) = (halo().await, Stranger::silent().await);
    for setup in [Setup::of(&halo).through(stranger.address()), Setup::of(&halo)] {
        let mut strict = binding(&setup).await;
        strict.network = NetworkGrant {
            allow_http: false,
            ..strict.network
        };
        let failure = session(strict)
            .await
            .find_contact(&context(), &maria())
            .await
            .result
            .unwrap_err();
        assert_denied(&failure, "[network]\nallow-http = true");
    }
    assert_eq!(stranger.connections(), 0);
    assert!(halo.ledger().requests.is_empty());
}

#[tokio::test]
async fn the_key_is_not_carried_to_where_a_server_redirects() {
    let (halo, other) = (halo().await, Stranger::silent().await);
    let redirecting = Stranger::redirecting_to(other.address()).await;
    let setup = Setup {
        authorisation_server: format!("http://{}/auth", redirecting.address()),
        ..Setup::of(&halo)
    };
    let failure = session(binding(&setup).await)
        .await
        .authenticate()
        .await
        .result
        .unwrap_err();
    assert_ne!(redirecting.connections(), 0, "{failure:?}");
    assert_eq!(other.connections(), 0);
    assert!(!format!("{failure:?}").contains(&setup.secret()), "{failure:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_ends_the_call_in_time_and_in_words() {
    let (halo, silent) = (halo().await, Stranger::silent().await);
    let mut hurried = binding(&with_api_at(&halo, silent.address()).await).await;
    hurried.limits = Limits {
        deadline: SHORT,
        ..Limits::work()
    };
    let session = session(hurried).await;
    session.authenticate().await.result.unwrap();
    let read = session.find_contact(&context(), &maria()).await;
    assert_eq!(read.result.unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(read.effect, Effect::None);
    let filed = session.create(&context(), &draft("x")).await;
    assert_eq!(filed.result.unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(filed.effect, Effect::Unknown, "the server may have it");
    assert_eq!(silent.connections(), 2, "nothing is sent twice");
}

#[tokio::test]
async fn a_ticket_whose_answer_never_came_is_found_by_its_reference() {
    let halo = halo().await;
    let relay = Relay::to(halo.address().to_string()).await;
    let setup = Setup::of(&halo).through(relay.address());
    let patient = session(binding(&setup).await).await;
    let mut hurried = binding(&setup).await;
    hurried.limits = Limits {
        deadline: SHORT,
        ..Limits::work()
    };
    let hurried = session(hurried).await;
    hurried.authenticate().await.result.unwrap();
    let context = context();
    let find = async || {
        let found = patient.find_tickets(&context, context.press.unwrap()).await;
        let ids = found.result.unwrap().into_iter().map(|ticket| ticket.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(find().await, Vec::<String>::new());

    relay.fail_once("POST /api/Tickets", Fault::Hang);
    let call = hurried.create(&context, &draft("x")).await;
    assert_eq!(
        (call.result.unwrap_err().kind, call.effect),
        (FailureKind::Timeout, Effect::Unknown)
    );
    let ledger = halo.ledger();
    assert_eq!(find().await, [only_ticket(&ledger).id.to_string()]);
}

#[tokio::test]
async fn what_cannot_have_been_sent_is_told_from_what_may_have_been() {
    let halo = halo().await;
    let setup = with_api_at(&halo, &nobody().await).await;
    let refused = session(binding(&setup).await)
        .await
        .create(&context(), &draft("x"))
        .await;
    assert_eq!(refused.effect, Effect::NotApplied);
    assert_eq!(refused.result.unwrap_err().code, "host.unreachable");

    let relay = Relay::to(halo.address().to_string()).await;
    let lost = session(binding(&Setup::of(&halo).through(relay.address())).await).await;
    relay.fail_once("POST /api/Tickets", Fault::Drop);
    let call = lost.create(&context(), &draft("x")).await;
    assert_eq!(call.effect, Effect::Unknown);
    assert_eq!(call.result.unwrap_err().kind, FailureKind::Unavailable);
    assert_eq!(halo.ledger().tickets.len(), 1);
}

#[tokio::test]
async fn answers_and_requests_beyond_the_bounds_end_in_words() {
    let halo = halo().await;
    let with = async |limits: Limits| {
        let mut bounded = binding(&Setup::of(&halo)).await;
        bounded.limits = limits;
        session(bounded).await
    };
    let small = with(Limits {
        response_bytes: 64,
        ..Limits::work()
    })
    .await;
    let failure = small
        .authenticate()
        .await
        .result
        .expect_err("no token fits into 64 bytes of answer");
    assert_eq!(failure.code, "host.answer-too-large", "{failure:?}");

    let few = with(Limits {
        requests: 1,
        ..Limits::work()
    })
    .await;
    let stranger = helpbell_model::Person {
        email: "nora@nowhere.example".to_owned(),
        ..maria()
    };
    let failure = few.find_contact(&context(), &stranger).await.result.unwrap_err();
    assert_eq!(failure.code, "host.request-limit", "{failure:?}");
    assert_eq!(count(&halo.ledger(), "GET /api/Users"), 1);

    let tiny = with(Limits {
        request_bytes: 100,
        ..Limits::work()
    })
    .await;
    tiny.create(&context(), &draft("x")).await.result.unwrap_err();
    assert!(halo.ledger().tickets.is_empty());

    let cramped = with(Limits {
        memory_bytes: 64 << 10,
        ..Limits::work()
    })
    .await;
    let failure = cramped.create(&context(), &draft("x")).await.result.unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Internal, "host.memory-limit"),
        "{failure:?}"
    );
}
