//! A thousand presses while Halo misbehaves at random. Each ends with a ticket, or in a typed failure that says what to
//! do; none hangs, none becomes two tickets. Afterwards, in good weather, each has exactly one ticket with one note.

use crate::{
    judge::{Filed, complaints},
    patience::{End, within},
};
use futures::StreamExt as _;
use helpbell_delivery::Submission;
use helpbell_end_to_end::{Setup, inside, world};
use helpbell_model::{Effect, PressId};
use helpbell_sandbox::Limits;
use psa_sandbox::halo::{Behaviour, Deployment, Halo, Misdeed, Random, Rule, Seed, misbehaviour::MISDEEDS};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Presses altogether.
const PRESSES: usize = 1_000;
/// Presses of one process, which holds its token from one to the next.
const PRESSES_EACH: usize = 5;
/// Processes at the same time.
const AT_ONCE: usize = 16;
/// Chance of each request to go wrong; each for as many presses. From a bad hour to a night when nothing works.
const WEATHERS: [f64; 4] = [0.03, 0.1, 0.25, 0.6];
/// Seed of the misbehaviour, unless the environment names another.
const SEED: u64 = 20_417;
/// Names it.
const SEED_VARIABLE: &str = "HELPBELL_STORM_SEED";

/// Bounds of every call: so short that a request which hangs costs seconds.
const DEADLINE: Duration = Duration::from_secs(2);
/// Calls that one press makes at most: sign in, look up, contact, device, ticket, look up again, find the note, add
/// it, attach the report.
const CALLS: u32 = 9;
/// What a press may take beyond its deadlines on a machine that does much else.
const MARGIN: Duration = Duration::from_secs(60);
/// Nobody is this patient with a press that is known to hang.
const CONTROL_PATIENCE: Duration = Duration::from_secs(2);

fn hurried() -> Limits {
    Limits {
        deadline: DEADLINE,
        ..Limits::work()
    }
}

/// A Halo without a rate limit: a thousand presses are many more than it takes in five minutes, and 429 is among
/// the misdeeds.
async fn halo() -> Halo {
    let behaviour = Behaviour {
        rate_limit: None,
        ..Behaviour::default()
    };
    world::start(Seed::default(), Deployment::Hosted, behaviour).await
}

fn seed() -> u64 {
    match std::env::var(SEED_VARIABLE) {
        Ok(text) => text.parse().expect("a seed is a whole number"),
        Err(_) => SEED,
    }
}

/// People and machines of the built-in world, and some that are not in it.
const WHO: [(&str, &str, &str); 6] = [
    ("Maria Rossi", "maria.rossi@bianchi.example", "PC-7"),
    (
        "Priya Patel",
        "priya.patel@northgate-dental.example",
        "RECEPTION-PC",
    ),
    ("Nora Newcomer", "nora@nowhere.example", "PC-7"),
    (
        "Katrin Weiß",
        "katrin.weiss@hartmann.example",
        "NOT-IN-THE-INVENTORY",
    ),
    ("Dana", "dana@freelance.example", "HH-NB-0140"),
    ("Somebody", "", ""),
];

/// Setups as MSPs have them: some fields set, which costs requests that can go wrong.
fn setup_of(halo: &Halo, number: usize) -> Setup {
    let setup = Setup::of(halo);
    match number % 3 {
        0 => setup,
        1 => setup
            .default("agent", "Unassigned")
            .default("impact", "3")
            .default("urgency", "3"),
        _ => setup
            .default("team", "2nd Line Support")
            .default("priority", "Hihg"),
    }
}

struct Pressed {
    submission: Submission,
    end: End,
}

/// Presses so often, by as many processes as that takes.
async fn press(halo: &Halo, count: usize) -> Vec<Pressed> {
    let processes = (0..count / PRESSES_EACH).map(|process| {
        let setup = setup_of(halo, process);
        let pressing = async move {
            let delivery = inside::delivery(&setup, hurried(), None).await;
            let mut pressed = Vec::new();
            for number in 0..PRESSES_EACH {
                let (name, email, hostname) = WHO.get((process + number) % WHO.len()).unwrap();
                let submission = inside::submission(name, email, hostname);
                let end = within(DEADLINE * CALLS + MARGIN, delivery.deliver(&submission, false)).await;
                pressed.push(Pressed { submission, end });
            }
            pressed
        };
        async { tokio::spawn(pressing).await.unwrap() }
    });
    let all: Vec<Vec<Pressed>> = futures::stream::iter(processes)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    all.into_iter().flatten().collect()
}

/// Delivers what was kept, in good weather: looks for the ticket of each first.
async fn press_again(halo: &Halo, kept: Vec<Submission>) -> Vec<Pressed> {
    let delivery = Arc::new(inside::delivery(&setup_of(halo, 0), Limits::work(), None).await);
    let presses = kept.into_iter().map(|submission| {
        let delivery = Arc::clone(&delivery);
        let pressing = async move {
            let patience = Limits::work().deadline * CALLS + MARGIN;
            let end = within(patience, delivery.deliver(&submission, true)).await;
            Pressed { submission, end }
        };
        async { tokio::spawn(pressing).await.unwrap() }
    });
    futures::stream::iter(presses)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_presses_through_random_misbehaviour_each_end_in_one_ticket_or_in_words() {
    let seed = seed();
    eprintln!("the storm's seed is {seed}; another one: {SEED_VARIABLE}=…");
    let halo = halo().await;
    let mut pressed = Vec::new();
    for (seed, rate) in (seed..).zip(WEATHERS) {
        let random = Random {
            seed,
            rate,
            among: vec![],
        };
        halo.misbehave_at_random(Some(random)).unwrap();
        pressed.extend(press(&halo, PRESSES / WEATHERS.len()).await);
    }
    // Whoever gave up is gone: what hung for them is not carried out now.
    halo.until_held(0).await;
    halo.behave();
    let ledger = halo.ledger();
    assert_no_complaints(&pressed, &Filed::of(&ledger), seed);
    assert_was_a_storm(&pressed, &ledger);

    let presses: Vec<PressId> = pressed
        .iter()
        .map(|pressed| pressed.submission.press.id)
        .collect();
    let kept = pressed
        .into_iter()
        .filter(is_kept)
        .map(|pressed| pressed.submission);
    let again = press_again(&halo, kept.collect()).await;
    let ledger = halo.ledger();
    let filed = Filed::of(&ledger);
    assert_no_complaints(&again, &filed, seed);
    let lost: Vec<&End> = again
        .iter()
        .filter(|pressed| is_kept(pressed))
        .map(|pressed| &pressed.end)
        .collect();
    assert!(
        lost.is_empty(),
        "seed {seed}: not even in good weather: {lost:#?}"
    );
    for press in presses {
        assert_eq!(filed.tickets(press).len(), 1, "seed {seed}: press {press}");
    }
    assert_eq!(
        (ledger.tickets.len(), ledger.actions.len()),
        (PRESSES, PRESSES),
        "seed {seed}"
    );
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);
}

/// Whether a press is kept: it lacks its ticket or its note.
fn is_kept(pressed: &Pressed) -> bool {
    match &pressed.end {
        End::Delivered(delivered) => delivered.receipt.note.is_err(),
        End::Not(_) | End::Hung => true,
    }
}

#[track_caller]
fn assert_no_complaints(pressed: &[Pressed], filed: &Filed<'_>, seed: u64) {
    let mut wrong = Vec::new();
    for Pressed { submission, end } in pressed {
        let press = submission.press.id;
        wrong.extend(
            complaints(filed, press, end)
                .into_iter()
                .map(|what| format!("press {press}: {what}")),
        );
    }
    assert!(
        wrong.is_empty(),
        "seed {seed}: {} complaints\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Checks that the storm was one: every misdeed happened, and presses ended in every way there is.
#[track_caller]
fn assert_was_a_storm(pressed: &[Pressed], ledger: &psa_sandbox::halo::Ledger) {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for Pressed { end, .. } in pressed {
        let how = match end {
            End::Delivered(delivered) => match &delivered.receipt.note {
                Ok(_) if delivered.receipt.adopted => "delivered, ticket found again".to_owned(),
                Ok(_) => "delivered".to_owned(),
                Err(failure) => format!("without note: {}", failure.code),
            },
            End::Not(stopped) => format!("kept ({:?}): {}", stopped.effect, stopped.failure.code),
            End::Hung => "hung".to_owned(),
        };
        *ends.entry(how).or_default() += 1;
    }
    eprintln!("{} requests; {ends:#?}", ledger.requests.len());
    for misdeed in MISDEEDS {
        let struck = ledger
            .requests
            .iter()
            .any(|request| request.misdeed == Some(misdeed));
        assert!(struck, "{} never happened", misdeed.name());
    }
    let some = |beginning: &str| ends.keys().any(|how| how.starts_with(beginning));
    for beginning in [
        "delivered",
        "delivered, ticket found again",
        "without note",
        "kept",
    ] {
        assert!(some(beginning), "no press ended {beginning:?}: {ends:#?}");
    }
    let doubtful = pressed
        .iter()
        .any(|pressed| matches!(&pressed.end, End::Not(stopped) if stopped.effect == Effect::Unknown));
    assert!(doubtful, "no press ended in doubt: {ends:#?}");
}

/// One press in good weather.
async fn deliver(setup: &Setup, submission: &Submission) -> End {
    let delivery = inside::delivery(setup, Limits::work(), None).await;
    within(MARGIN, delivery.deliver(submission, false)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_press_that_hangs_is_noticed() {
    let halo = halo().await;
    halo.misbehave(Rule::new(Misdeed::Hang).on("POST", "/Tickets"))
        .unwrap();
    let patient = Limits {
        deadline: Duration::from_secs(3_600),
        ..Limits::work()
    };
    let delivery = inside::delivery(&Setup::of(&halo), patient, None).await;
    let submission = inside::submission("Maria Rossi", "maria.rossi@bianchi.example", "PC-7");
    let mut delivering = Box::pin(delivery.deliver(&submission, false));
    tokio::select! {
        () = halo.until_held(1) => {}
        ended = &mut delivering => panic!("it did not hang: {ended:?}"),
    }
    assert!(matches!(within(CONTROL_PATIENCE, delivering).await, End::Hung));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_press_that_becomes_two_tickets_is_noticed() {
    let halo = halo().await;
    let setup = Setup::of(&halo);
    let submission = inside::submission("Maria Rossi", "maria.rossi@bianchi.example", "PC-7");
    // As if nobody had looked for its ticket first.
    deliver(&setup, &submission).await;
    let end = deliver(&setup, &submission).await;
    let ledger = halo.ledger();
    let wrong = complaints(&Filed::of(&ledger), submission.press.id, &end);
    assert_eq!(wrong, ["2 tickets"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_claimed_note_that_is_not_there_is_noticed() {
    let (filing, empty) = (halo().await, halo().await);
    let submission = inside::submission("Maria Rossi", "maria.rossi@bianchi.example", "PC-7");
    let end = deliver(&Setup::of(&filing), &submission).await;
    let (mut ledger, nothing) = (filing.ledger(), empty.ledger());
    assert_eq!(
        complaints(&Filed::of(&ledger), submission.press.id, &end),
        Vec::<String>::new()
    );
    ledger.actions.clear();
    let wrong = complaints(&Filed::of(&ledger), submission.press.id, &end);
    assert_eq!(wrong, ["it claims a note that is not there"]);
    let wrong = complaints(&Filed::of(&nothing), submission.press.id, &end);
    assert!(
        matches!(wrong.as_slice(), [one] if one.contains("is not there")),
        "{wrong:?}"
    );
}
