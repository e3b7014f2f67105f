//! Sessions: what they need, and how many callers share one token.

use crate::tenant::{binding, context, draft, halo_connector, maria, session};
use helpbell_end_to_end::{Setup, tickets::count, world};
use helpbell_sandbox::{BindError, Session};
use psa_sandbox::halo::Seed;
use std::{collections::HashSet, sync::Arc};

/// Presses at the same time; more than there are threads or connections.
const PRESSES: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_presses_at_once_ask_for_one_token() {
    let halo = world::halo(Seed::default()).await;
    let session = Arc::new(session(binding(&Setup::of(&halo)).await).await);
    let presses = (0..PRESSES).map(|number| {
        let session = Arc::clone(&session);
        tokio::spawn(async move {
            let context = context();
            let contact = session.find_contact(&context, &maria()).await.result.unwrap();
            let mut draft = draft(&format!("press {number}"));
            draft.contact = contact.map(|(contact, _)| contact);
            session.create(&context, &draft).await.result.unwrap().0.id
        })
    });
    let mut ids = HashSet::new();
    for press in presses.collect::<Vec<_>>() {
        ids.insert(press.await.unwrap());
    }
    let ledger = halo.ledger();
    assert_eq!(count(&ledger, "POST /auth/token"), 1);
    assert_eq!((ids.len(), ledger.tickets.len()), (PRESSES, PRESSES));
    assert!(ledger.tickets.iter().all(|ticket| ticket.user_id == world::MARIA));
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_presses_with_a_revoked_token_renew_it_once() {
    let halo = world::halo(Seed::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let kept = async || {
        let mut binding = binding(&Setup::of(&halo)).await;
        binding.state_folder = Some(folder.path().to_owned());
        session(binding).await
    };
    kept().await.authenticate().await.result.unwrap();
    halo.revoke_all_tokens();
    halo.reset();

    // A new process: its token comes from disk and may well be stale.
    let session = Arc::new(kept().await);
    let presses = (0..PRESSES).map(|number| {
        let session = Arc::clone(&session);
        tokio::spawn(async move {
            session
                .create(&context(), &draft(&format!("press {number}")))
                .await
                .result
                .unwrap()
        })
    });
    for press in presses.collect::<Vec<_>>() {
        press.await.unwrap();
    }
    let ledger = halo.ledger();
    assert_eq!(count(&ledger, "POST /auth/token"), 1);
    assert_eq!(ledger.tickets.len(), PRESSES);
    let refused = ledger
        .requests
        .iter()
        .filter(|request| request.status == 401)
        .count();
    assert!(
        (1..=PRESSES).contains(&refused),
        "{refused} requests were refused"
    );
    assert_eq!(
        count(&ledger, "POST /api/Tickets"),
        PRESSES + refused,
        "each refused one was repeated once"
    );
}

#[tokio::test]
async fn tenants_share_neither_token_nor_cache() {
    let (first, second) = (
        world::halo(Seed::default()).await,
        world::halo(Seed::default()).await,
    );
    let folder = tempfile::tempdir().unwrap();
    for (tenant, halo) in [("first", &first), ("second", &second)] {
        let mut binding = binding(&Setup::of(halo)).await;
        binding.tenant = tenant.to_owned();
        binding.state_folder = Some(folder.path().to_owned());
        let found = session(binding)
            .await
            .find_contact(&context(), &maria())
            .await
            .result
            .unwrap();
        assert!(found.is_some());
        assert_eq!(count(&halo.ledger(), "POST /auth/token"), 1);
        assert_eq!(count(&halo.ledger(), "GET /api/Users"), 1);
    }
}

#[tokio::test]
async fn a_grant_for_another_file_binds_nothing() {
    let halo = world::halo(Seed::default()).await;
    let mut other = binding(&Setup::of(&halo)).await;
    other.grant.sha256 = "0".repeat(64);
    let error = Session::bind(halo_connector().await, other).err().unwrap();
    assert!(matches!(error, BindError::OtherFile { .. }));
    assert!(error.to_string().contains("helpbell connector grant"), "{error}");
    assert!(halo.ledger().requests.is_empty());
}

#[tokio::test]
async fn a_setting_that_is_missing_or_no_address_is_named_in_the_words_of_the_psa() {
    let halo = world::halo(Seed::default()).await;
    let mut missing = binding(&Setup::of(&halo)).await;
    missing
        .settings
        .retain(|(name, _)| name != "authorisation-server");
    let error = Session::bind(halo_connector().await, missing).err().unwrap();
    assert!(
        matches!(&error, BindError::MissingSetting { name, label, .. } if name == "authorisation-server" && label == "Authorisation Server"),
        "{error}"
    );

    for wrong in [
        "ftp://halo.example",
        "https://user:password@halo.example/api",
        "https://halo.example/api?tenant=x",
    ] {
        let mut binding = binding(&Setup {
            resource_server: wrong.to_owned(),
            ..Setup::of(&halo)
        })
        .await;
        binding.secrets.clear();
        let error = Session::bind(halo_connector().await, binding).err().expect(wrong);
        assert!(
            matches!(&error, BindError::NotAnAddress { name, .. } if name == "resource-server"),
            "{error}"
        );
    }
}
