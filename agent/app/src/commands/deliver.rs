//! `helpbell deliver`: goes on with what is not delivered yet.

use super::{Places, background, open};
use crate::{
    cli::Deliver as Args,
    error::{self, AppError},
    show,
};
use helpbell_delivery::{
    Clock, Custodian, LOOK_EVERY, Outcome, Pace, Progress, Stop, Store, StoreError, Worker,
    clock::after,
    saga,
    store::{ByHand, Sqlite, State, Terms, forget_old},
};
use helpbell_model::PressId;
use std::{
    process::ExitCode,
    sync::atomic::{AtomicU8, Ordering},
};

/// Presses that the process in the background delivers at a time. One person's presses are few, and a PSA has other customers.
const HANDS: usize = 2;
/// Presses that one run goes through by hand; more are worked off in the background.
const BY_HAND: u32 = 10_000;

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let store = open::store(here).await?;
    if args.until_settled {
        return until_settled(here, &store, args.json).await;
    }
    let presses = if args.presses.is_empty() {
        let mut open = store.list(&[State::Waiting, State::Attention], BY_HAND).await?;
        open.sort_by_key(|record| record.accepted_at);
        open.into_iter().map(|record| record.id).collect()
    } else {
        args.presses
    };
    if presses.is_empty() {
        anstream::eprintln!("nothing to deliver: every press is delivered or over");
    }
    let (me, mut worst) = (Custodian::new(), 0);
    for press in presses {
        let progress = show::Progress::start(args.json);
        // One that is damaged or refused must not keep the others from their tickets.
        let code = match by_hand(here, &store, &me, press, &progress, args.json).await {
            Ok(code) => code,
            Err(error) => {
                progress.finish();
                show::failed(&error);
                error.exit_code()
            }
        };
        worst = worst.max(code);
    }
    Ok(ExitCode::from(worst))
}

/// Somebody asks for it: whatever it waits for, it is tried now, and what is in doubt is looked for again.
async fn by_hand(
    here: &Places,
    store: &Sqlite,
    me: &Custodian,
    press: PressId,
    progress: &show::Progress,
    json: bool,
) -> Result<u8, AppError> {
    store.by_hand(press, Clock::system().now(), ByHand::Retry).await?;
    let outcome = one(here, store, me, press, progress).await?;
    progress.finish();
    Ok(show::press::outcome(&outcome, false, json))
}

/// Takes one press as far as it goes now.
pub(crate) async fn one(
    here: &Places,
    store: &Sqlite,
    me: &Custodian,
    press: PressId,
    progress: &show::Progress,
) -> Result<Outcome, AppError> {
    let (clock, observer) = (Clock::system(), |event: Progress<'_>| progress.observe(event));
    match open::delivery(here).await {
        Ok(delivery) => {
            let worker = Worker {
                store,
                delivery: &delivery,
                clock,
                me,
                pace: &Pace::new(clock.now()),
                look_every: LOOK_EVERY,
                observer: &observer,
            };
            Ok(worker.deliver_now(press).await?)
        }
        Err(error) => {
            let claim = store.claim(press, &terms(clock, me)).await?;
            Ok(saga::not_possible(store, clock, claim, error.failure()).await?)
        }
    }
}

fn terms(clock: Clock, me: &Custodian) -> Terms {
    let now = clock.now();
    Terms {
        owner: me.clone(),
        now,
        until: after(now, saga::LEASE),
    }
}

/// Works until nothing goes on by itself. The configuration is read anew for each round: it may be what
/// somebody has just mended.
async fn until_settled(here: &Places, store: &Sqlite, json: bool) -> Result<ExitCode, AppError> {
    let Some(_lock) = background::lock(here)? else {
        anstream::eprintln!("another process is at it already");
        return Ok(ExitCode::SUCCESS);
    };
    let (clock, me) = (Clock::system(), Custodian::new());
    forget(store, clock).await;
    let pace = Pace::new(clock.now());
    let worst = AtomicU8::new(0);
    let tell = |outcome: Outcome| {
        let code = show::press::outcome(&outcome, true, json);
        // A press that a rule refused is settled.
        if code != error::REFUSED {
            worst.fetch_max(code, Ordering::Relaxed);
        }
    };
    while let Some(due) = store.next_due().await? {
        let now = clock.now();
        let wake = pace.opens_at(now).map_or(due, |opens| opens.max(due));
        if wake > now {
            clock.wait_until(wake.min(after(now, LOOK_EVERY))).await;
            continue;
        }
        match open::delivery(here).await {
            Ok(delivery) => {
                let worker = Worker {
                    store,
                    delivery: &delivery,
                    clock,
                    me: &me,
                    pace: &pace,
                    look_every: LOOK_EVERY,
                    observer: &|_| (),
                };
                worker.work(HANDS, Stop::WhenNothingIsDue, &tell).await?;
            }
            Err(error) => {
                while let Some(claim) = store.claim_due(&terms(clock, &me)).await? {
                    tell(saga::not_possible(store, clock, claim, error.failure()).await?);
                }
            }
        }
    }
    Ok(ExitCode::from(match worst.into_inner() {
        0 => 0,
        _ if nothing_is_open(store).await? => 0,
        code => code.max(error::KEPT),
    }))
}

/// Forgets what has been over for more than a year. That it fails is no reason not to deliver.
async fn forget(store: &Sqlite, clock: Clock) {
    match forget_old(store, clock.now()).await {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(
            forgotten,
            "forgot presses that have been over for more than a year"
        ),
        Err(error) => {
            tracing::warn!(%error, "failed to forget presses that have been over for more than a year")
        }
    }
}

async fn nothing_is_open(store: &impl Store) -> Result<bool, StoreError> {
    Ok(store
        .list(&[State::Waiting, State::Attention], 1)
        .await?
        .is_empty())
}
