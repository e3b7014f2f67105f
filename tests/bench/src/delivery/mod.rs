//! What it costs to lose nothing: durable acceptance, the whole saga, a start with a full outbox.
//!
//! The floor is the disk: how long one flush of a small file takes, measured in the same folder in the same run.

mod instant;

use crate::metric::{Metric, Target, precise, resident_kb};
use anyhow::{Context as _, Result, ensure};
use helpbell_delivery::{
    Clock, Custodian, Delivery, LOOK_EVERY, Outcome, Pace, Stand, Stop, Store as _, Submission, Worker,
    store::{Sqlite, Terms},
};
use helpbell_model::{Attachment, DeviceFacts, Person, Press, PressId};
use instant::Instant as InstantPsa;
use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

/// Flushes that are timed.
const FLUSHES: u32 = 300;
/// Bytes of each.
const FLUSH_BYTES: usize = 4_096;
/// Callers at a time: a site where everybody presses at once.
const CALLERS: usize = 64;
/// Presses accepted without files, of about two kilobytes.
const ACCEPTED: usize = 6_000;
/// Presses accepted with a report.
const WITH_REPORT: usize = 300;
/// Bytes of that report.
const REPORT_BYTES: usize = 300_000;
/// Presses taken through the whole saga.
const DELIVERED: usize = 3_000;
/// Presses that wait when a process starts.
const QUEUED: usize = 100_000;
/// Presses drained while memory is watched.
const DRAINED: usize = 10_000;

/// A flush of a busy disk takes milliseconds; whatever it takes, so much faster must accepting be, and no
/// faster than so many a second is asked for.
const ACCEPT_PER_FLUSH: f64 = 10.0;
const ACCEPT_PER_SECOND: f64 = 5_000.0;
/// The same for the whole saga.
const SAGA_PER_FLUSH: f64 = 2.0;
const SAGA_PER_SECOND: f64 = 1_000.0;
/// A start with a full outbox.
const START_MS: f64 = 5_000.0;
/// Memory at the end of a drain beside that after its first tenth.
const MEMORY_RATIO: f64 = 1.1;

const US_PER_S: f64 = 1e6;

/// Runs all cases.
pub(crate) fn measure() -> Result<Vec<Metric>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let folder = tempfile::tempdir()?;
    runtime.block_on(run(folder.path()))
}

async fn run(folder: &Path) -> Result<Vec<Metric>> {
    eprintln!("delivery.flush: {FLUSHES} flushes");
    let flush = flush_us(folder)?;
    let (me, clock) = (Custodian::new(), Clock::system());
    let mut metrics = vec![told("delivery.flush", "one flush of the disk, the floor", flush)];

    eprintln!("delivery.accept: {ACCEPTED} presses, {CALLERS} callers");
    let store = Sqlite::open_with(&folder.join("accept"), u64::MAX).await?;
    let each = accept(&store, &me, clock, ACCEPTED, CALLERS, 0).await?;
    metrics.push(Metric {
        against: Some(flush),
        target: Some(Target::Value(most_us(flush, ACCEPT_PER_FLUSH, ACCEPT_PER_SECOND))),
        ..told("delivery.accept", "each of 64 callers' presses, on disk", each)
    });

    eprintln!("delivery.accept-report: {WITH_REPORT} presses");
    let store = Sqlite::open_with(&folder.join("report"), u64::MAX).await?;
    let each = accept(&store, &me, clock, WITH_REPORT, CALLERS, REPORT_BYTES).await?;
    metrics.push(Metric {
        against: Some(flush),
        ..told("delivery.accept-report", "the same with a report of 300 kB", each)
    });

    eprintln!("delivery.saga: {DELIVERED} presses");
    let store = Sqlite::open_with(&folder.join("saga"), u64::MAX).await?;
    accept(&store, &me, clock, DELIVERED, CALLERS, 0).await?;
    let began = Instant::now();
    drain(&store, &me, clock, &|_| ()).await?;
    let each = began.elapsed().as_secs_f64() * US_PER_S / precise(DELIVERED);
    metrics.push(Metric {
        against: Some(flush),
        target: Some(Target::Value(most_us(flush, SAGA_PER_FLUSH, SAGA_PER_SECOND))),
        ..told("delivery.saga", "accepted to delivered, instant PSA", each)
    });

    eprintln!("delivery.start: {QUEUED} presses waiting");
    let queue = folder.join("queue");
    let store = Sqlite::open_with(&queue, u64::MAX).await?;
    accept(&store, &me, clock, QUEUED, CALLERS, 0).await?;
    drop(store);
    let began = Instant::now();
    let store = Sqlite::open_with(&queue, u64::MAX).await?;
    let now = clock.now();
    let terms = Terms {
        owner: me.clone(),
        now,
        until: now,
    };
    ensure!(store.claim_due(&terms).await?.is_some(), "nothing waits");
    metrics.push(Metric {
        unit: "ms",
        target: Some(Target::Value(START_MS)),
        ..told(
            "delivery.start",
            "open, first claim, 100,000 waiting",
            began.elapsed().as_secs_f64() * 1e3,
        )
    });
    metrics.extend(memory(folder, &me, clock).await?);
    Ok(metrics)
}

/// Memory while an outbox is drained.
async fn memory(folder: &Path, me: &Custodian, clock: Clock) -> Result<Option<Metric>> {
    eprintln!("delivery.memory: {DRAINED} presses drained");
    let store = Sqlite::open_with(&folder.join("drain"), u64::MAX).await?;
    accept(&store, me, clock, DRAINED, CALLERS, 0).await?;
    let (count, early) = (AtomicUsize::new(0), AtomicUsize::new(0));
    drain(&store, me, clock, &|_| {
        if count.fetch_add(1, Ordering::Relaxed) == DRAINED / 10 {
            early.store(resident_kb().unwrap_or_default(), Ordering::Relaxed);
        }
    })
    .await?;
    let (early, late) = (early.into_inner(), resident_kb());
    Ok(late.filter(|_| early > 0).map(|late| Metric {
        name: "delivery.memory".to_owned(),
        what: "after draining 10,000, beside after 1,000".to_owned(),
        value: precise(late) / 1e3,
        unit: "MB",
        against: Some(precise(early) / 1e3),
        target: Some(Target::Ratio(MEMORY_RATIO)),
    }))
}

fn told(name: &str, what: &str, value: f64) -> Metric {
    Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value,
        unit: "us",
        against: None,
        target: None,
    }
}

/// The longest that one may take: the easier of so many per flush and so many a second.
fn most_us(flush_us: f64, per_flush: f64, per_second: f64) -> f64 {
    (flush_us / per_flush).max(US_PER_S / per_second)
}

fn flush_us(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("flushed"))?;
    let bytes = [7; FLUSH_BYTES];
    let began = Instant::now();
    for _ in 0..FLUSHES {
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(began.elapsed().as_secs_f64() * US_PER_S / f64::from(FLUSHES))
}

/// Accepts so many presses and gives the microseconds of each.
async fn accept(
    store: &Sqlite,
    me: &Custodian,
    clock: Clock,
    presses: usize,
    callers: usize,
    report: usize,
) -> Result<f64> {
    let left = AtomicUsize::new(presses);
    let began = Instant::now();
    let caller = async |_| {
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            store
                .accept(&submission(clock, report), me, clock.now(), vec![])
                .await?;
        }
        anyhow::Ok(())
    };
    futures::future::try_join_all((0..callers).map(caller)).await?;
    Ok(began.elapsed().as_secs_f64() * US_PER_S / precise(presses))
}

/// Delivers everything that waits; each must be delivered.
async fn drain(
    store: &Sqlite,
    me: &Custodian,
    clock: Clock,
    each: &(dyn Fn(&Outcome) + Send + Sync),
) -> Result<()> {
    let delivery = Delivery::new(InstantPsa::new(), vec![]);
    let worker = Worker {
        store,
        delivery: &delivery,
        clock,
        me,
        pace: &Pace::new(clock.now()),
        look_every: LOOK_EVERY,
        observer: &|_| (),
    };
    let failed = AtomicUsize::new(0);
    let told = |outcome: Outcome| {
        if !matches!(outcome.stand, Stand::Delivered) {
            failed.fetch_add(1, Ordering::Relaxed);
        }
        each(&outcome);
    };
    worker.work(CALLERS, Stop::WhenNothingIsDue, &told).await?;
    let failed = failed.into_inner();
    ensure!(failed == 0, "{failed} presses were not delivered");
    Ok(())
}

fn submission(clock: Clock, report: usize) -> Submission {
    let id = PressId::new();
    let file = Attachment {
        name: "report.html".into(),
        content_type: "text/html".into(),
        bytes: vec![b'x'; report],
        reference: format!("{id}/report.html"),
    };
    Submission {
        press: Press {
            id,
            pressed_at: clock.now(),
            person: Person::default(),
            // About two kilobytes with its names.
            message: "help ".repeat(350),
            selections: vec![],
            append: None,
            device: DeviceFacts::default(),
            locale: "en".into(),
        },
        findings: vec![],
        attachments: if report == 0 { vec![] } else { vec![file] },
        awaits: None,
    }
}
