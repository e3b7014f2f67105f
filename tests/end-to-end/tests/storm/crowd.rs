//! Fifty machines whose people press within five minutes: all of them together stay below what Halo takes from one
//! application, by Halo's own counter.
//!
//! What one press costs, token apart, and what fifty come to:
//!
//! | the machine | requests | fifty |
//! |---|---|---|
//! | pressed never before | 6: person, machine, Outcomes, ticket, note, read back | 300 |
//! | the same, with the Outcome's id in `private-note-outcome` | 5 | 250 |
//! | pressed before, somebody new sits there | 5 | 250 |
//! | pressed before, by the same person | 3 | 150 |
//!
//! A machine that no inventory has under its name costs one more, once; a default that names something costs one more at a
//! machine's first press, to read the list of names.

use crate::patience::{End, within};
use futures::StreamExt as _;
use helpbell_end_to_end::{Setup, inside, world};
use helpbell_sandbox::Limits;
use psa_sandbox::halo::{
    Behaviour, Deployment, Halo, Ledger, RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECONDS, RateLimit,
    RequestKind, Seed,
    seed::{Asset, User},
};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;

/// Machines.
const MACHINES: usize = 50;
/// Of them, the last so many belong to people whom Halo does not know.
const STRANGERS: usize = 10;
/// Before these, so many stand in no inventory.
const UNLISTED: usize = 10;
/// Presses under way at the same time.
const AT_ONCE: usize = 10;
/// A press that takes longer hangs: a machine that does much else is allowed for.
const PATIENCE: Duration = Duration::from_secs(240);
/// The Outcome of private notes on a stock instance, by its id.
const OUTCOME: (&str, &str) = ("private-note-outcome", "7");
/// Ids above those of the built-in world.
const FIRST_ID: i64 = 2_000;
/// Their site.
const SITE: i64 = 103;

/// One person's machine.
struct Machine {
    name: String,
    email: String,
    hostname: String,
    /// Everything that outlives its processes.
    state: TempDir,
}

fn machines() -> Vec<Arc<Machine>> {
    let machine = |number: usize| Machine {
        name: format!("Person {number}"),
        email: format!("person.{number}@northgate-dental.example"),
        hostname: format!("NG-PC-{number:03}"),
        state: tempfile::Builder::new()
            .prefix("helpbell-crowd-")
            .tempdir()
            .unwrap(),
    };
    (0..MACHINES).map(machine).map(Arc::new).collect()
}

/// The built-in world with these people and their machines, but for the strangers and the unlisted.
fn world_of(machines: &[Arc<Machine>]) -> Seed {
    let mut seed = Seed::default();
    for (id, machine) in (FIRST_ID..).zip(machines.iter().take(MACHINES - STRANGERS)) {
        seed.users.push(User {
            id,
            site_id: SITE,
            name: machine.name.clone(),
            email: machine.email.clone(),
            phone: String::new(),
            inactive: false,
            important: false,
        });
    }
    for (id, machine) in (FIRST_ID..).zip(machines.iter().take(MACHINES - STRANGERS - UNLISTED)) {
        seed.assets.push(Asset {
            id,
            site_id: SITE,
            hostname: machine.hostname.clone(),
            inventory_number: format!("NG-{id}"),
            type_id: 131,
            type_name: "Desktop".to_owned(),
            serial: format!("SN-{}", machine.hostname),
            mac: String::new(),
            inactive: false,
        });
    }
    seed
}

async fn halo(machines: &[Arc<Machine>], rate_limit: Option<RateLimit>) -> Halo {
    let behaviour = Behaviour {
        rate_limit,
        ..Behaviour::default()
    };
    world::start(world_of(machines), Deployment::Hosted, behaviour).await
}

fn stock_limit() -> Option<RateLimit> {
    Behaviour::default().rate_limit
}

/// Every machine presses, each as a new process would.
async fn all_press(machines: &[Arc<Machine>], setup: &Setup) -> Vec<End> {
    let presses = machines.iter().map(|machine| {
        let (machine, setup) = (Arc::clone(machine), setup.clone());
        async move {
            let pressing = tokio::spawn(async move {
                let delivery = inside::delivery(&setup, Limits::work(), Some(machine.state.path())).await;
                let submission = inside::submission(&machine.name, &machine.email, &machine.hostname);
                within(PATIENCE, delivery.deliver(&submission, false)).await
            });
            pressing.await.unwrap()
        }
    });
    futures::stream::iter(presses)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// Checks that each machine has its ticket with its private note, and that Halo turned nobody away.
#[track_caller]
fn assert_all_served(ends: &[End], ledger: &Ledger, presses: usize) {
    for end in ends {
        let End::Delivered(delivered) = end else {
            panic!("a press without a ticket: {end:?}")
        };
        let note = delivered.receipt.note.as_ref().expect("every press has its note");
        assert!(note.confirmed, "{note:?}");
    }
    assert_eq!(refused(ledger), 0, "Halo's limit was met");
    assert_eq!((ledger.tickets.len(), ledger.actions.len()), (presses, presses));
    assert!(ledger.actions.iter().all(|note| note.hidden_from_user));
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);
}

/// Answers "Rate Limit Reached".
fn refused(ledger: &Ledger) -> usize {
    ledger
        .requests
        .iter()
        .filter(|request| request.status == 429)
        .count()
}

fn told(what: &str, ledger: &Ledger) {
    eprintln!(
        "{what}: {} requests, {} for tokens",
        ledger.count(RequestKind::Api),
        ledger.count(RequestKind::Token)
    );
}

/// The window rolls on: whatever was sent counts no more.
fn five_minutes_later(halo: &Halo) {
    halo.reset();
    halo.advance(Duration::from_secs(RATE_LIMIT_WINDOW_SECONDS.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_machines_stay_below_the_limit_at_their_first_press_and_at_every_other() {
    let machines = machines();
    let halo = halo(&machines, stock_limit()).await;
    let (id, value) = OUTCOME;
    let setup = Setup::of(&halo).setting(id, value);

    let first = all_press(&machines, &setup).await;
    let ledger = halo.ledger();
    told("first presses", &ledger);
    assert_all_served(&first, &ledger, MACHINES);
    assert_eq!(ledger.count(RequestKind::Token), MACHINES);
    let linked = ledger
        .tickets
        .iter()
        .filter(|ticket| !ticket.asset_ids.is_empty())
        .count();
    assert_eq!(linked, MACHINES - STRANGERS - UNLISTED);
    let known = ledger
        .tickets
        .iter()
        .filter(|ticket| ticket.user_id >= FIRST_ID)
        .count();
    assert_eq!(known, MACHINES - STRANGERS);

    five_minutes_later(&halo);
    let remembered = all_press(&machines, &setup).await;
    let ledger = halo.ledger();
    told("remembered", &ledger);
    assert_all_served(&remembered, &ledger, MACHINES);
    assert_eq!(ledger.requests.len(), 3 * MACHINES, "ticket, note, read back");

    // Two such storms fit into one window.
    let more = all_press(&machines, &setup).await;
    let ledger = halo.ledger();
    assert_all_served(&more, &ledger, 2 * MACHINES);
    assert_eq!(
        ledger.requests.len(),
        usize::try_from(RATE_LIMIT_REQUESTS).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_machines_where_somebody_new_sits_stay_below_the_limit() {
    let machines = machines();
    let halo = halo(&machines, stock_limit()).await;
    let setup = Setup::of(&halo);
    // Somebody else pressed at each of them before: token and lists are there, people and machines are not.
    halo.adjust(|behaviour| behaviour.rate_limit = None).unwrap();
    for machine in &machines {
        let delivery = inside::delivery(&setup, Limits::work(), Some(machine.state.path())).await;
        let other = inside::submission("Maria Rossi", "maria.rossi@bianchi.example", &machine.hostname);
        delivery.deliver(&other, false).await.unwrap();
    }
    halo.adjust(|behaviour| behaviour.rate_limit = stock_limit())
        .unwrap();
    five_minutes_later(&halo);
    let warm = all_press(&machines, &setup).await;
    let ledger = halo.ledger();
    told("warm", &ledger);
    assert_all_served(&warm, &ledger, MACHINES);
    assert_eq!(ledger.count(RequestKind::Token), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_first_presses_with_nothing_set_are_just_above_the_limit() {
    let machines = machines();
    let halo = halo(&machines, None).await;
    let first = all_press(&machines, &Setup::of(&halo)).await;
    let ledger = halo.ledger();
    told("first presses with nothing set", &ledger);
    assert_all_served(&first, &ledger, MACHINES);
    assert_eq!(ledger.count(RequestKind::Api), 6 * MACHINES + UNLISTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_smaller_limit_is_met_and_counted() {
    let machines = machines();
    let limit = RateLimit {
        requests: 100,
        window_seconds: RATE_LIMIT_WINDOW_SECONDS,
        retry_after_seconds: None,
    };
    let halo = halo(&machines, Some(limit)).await;
    let ends = all_press(&machines, &Setup::of(&halo)).await;
    assert_ne!(refused(&halo.ledger()), 0);
    let kept = ends.iter().filter_map(|end| match end {
        End::Not(stopped) => Some(stopped.failure.code.as_str()),
        _ => None,
    });
    let codes: Vec<&str> = kept.collect();
    assert!(
        !codes.is_empty() && codes.iter().all(|code| *code == "halo.rate-limited"),
        "{codes:?}"
    );
}
