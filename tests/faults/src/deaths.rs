//! Workers that die: at every point of a delivery, one after another, and by kill -9 at any time.

use crate::{
    oracle::{Oracle, SPEED, Task, Tools, Verdict},
    points::WORST,
    worker::Manner,
};
use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use psa_sandbox::halo::{Halo, HaloError, Lag, Misdeed, Rule};
use std::{collections::BTreeSet, time::Duration};

/// Stories at a time: two processes each, one after the other, on the two cores of a small machine.
const AT_A_TIME: usize = 4;
/// Shortest and longest life of a worker that is killed, in milliseconds.
const LIFE_MS: std::ops::Range<u64> = 50..800;
/// Milliseconds between two presses of such a worker.
const EVERY_MS: u64 = 3;
/// Outboxes in which workers are killed at the same time: one per core of a small machine.
const LANES: u32 = 2;
/// A worker that is killed is told to accept so many times its share of the presses: many do not live to
/// accept any.
const SHARES: u32 = 2;
/// How many times as fast time passes where nothing is waited for anyway: a press that is young when it is
/// accepted must not be old when it is delivered, however busy the machine is. With 1 no clock can be moved on.
const UNHURRIED: u32 = 2;
/// How long a ticket's answer takes in the scene in which a lease is prolonged, in milliseconds: more than
/// half a lease of three minutes on the workers' clock, and less than a whole one.
const SLOW_MS: u32 = 1_300;

/// What happens in a story besides a death.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// In a few words.
    pub name: &'static str,
    prepare: fn(&Halo) -> Result<(), HaloError>,
    /// Only points whose name has this in it; the others depend on how busy the machine is.
    only: &'static str,
    /// Whether the report is completed after its ticket was filed.
    late: bool,
    /// How many times as fast time passes.
    speed: u32,
}

impl Scene {
    const fn new(name: &'static str, prepare: fn(&Halo) -> Result<(), HaloError>) -> Self {
        Self {
            name,
            prepare,
            only: "",
            late: false,
            speed: UNHURRIED,
        }
    }
}

/// Nothing else goes wrong.
const ALL_WELL: Scene = Scene::new("all goes well", |_| Ok(()));
/// The scenes, each with points that those before it do not have.
const SCENES: [Scene; 7] = [
    ALL_WELL,
    Scene {
        late: true,
        ..Scene::new("the report is completed later", |_| Ok(()))
    },
    Scene::new("the ticket is filed and the answer lost", |halo| {
        halo.misbehave(
            Rule::new(Misdeed::Reset)
                .on("POST", "/Tickets")
                .applied()
                .times(1),
        )
    }),
    Scene::new("the ticket is not filed and the answer lost", |halo| {
        halo.misbehave(Rule::new(Misdeed::Reset).on("POST", "/Tickets").times(1))
    }),
    Scene::new("the note is added and the answer lost", |halo| {
        halo.misbehave(
            Rule::new(Misdeed::Reset)
                .on("POST", "/Actions")
                .applied()
                .times(1),
        )
    }),
    Scene::new("the PSA takes no ticket at first", |halo| {
        halo.misbehave(Rule::new(Misdeed::RateLimited429).on("POST", "/Tickets").times(1))
    }),
    Scene {
        only: "renew",
        speed: SPEED,
        ..Scene::new("the PSA takes longer than half a lease", |halo| {
            let slow = Rule::new(Misdeed::Latency)
                .on("POST", "/Tickets")
                .applied()
                .times(1);
            halo.misbehave(Rule {
                latency_ms: SLOW_MS,
                ..slow
            })
        })
    },
];

/// A point at which a worker dies, and what else happens.
#[derive(Debug, Clone)]
pub struct Point {
    /// What else happens.
    pub scene: Scene,
    /// Its name.
    pub name: String,
}

/// Every point that one press reaches, found by a rehearsal of each scene without a death. A point of more
/// than one scene is told once.
///
/// # Errors
/// If a rehearsal fails.
pub async fn rehearse(tools: &Tools) -> Result<Vec<Point>> {
    let (mut points, mut known) = (Vec::new(), BTreeSet::new());
    for scene in SCENES {
        let oracle = Oracle::hurried(tools, scene.speed).await?;
        (scene.prepare)(oracle.halo())?;
        let status = oracle.run(one_press(scene, None)).await?;
        let verdict = oracle.judge();
        ensure!(
            status.success() && verdict.is_good() && verdict.accepted == 1,
            "the rehearsal of \"{}\" failed: {status}, {verdict:?}",
            scene.name
        );
        let new = oracle
            .points()
            .into_iter()
            .filter(|name| name.contains(scene.only) && known.insert(name.clone()));
        points.extend(new.map(|name| Point { scene, name }));
    }
    Ok(points)
}

/// One hand: so one press reaches the same points in the same order each time.
const fn one_press(scene: Scene, die_at: Option<String>) -> Task {
    Task {
        accept: 1,
        late: scene.late,
        manner: Manner::Alone { hands: 1, handful: 1 },
        die_at,
        kill_after: None,
    }
}

/// One press per point: a worker dies there, another finds what it left. Each story has a Halo of its own.
///
/// # Errors
/// If a worker cannot be run, does not die where it should, or anything is lost, doubled or incomplete.
pub async fn at_every_point(tools: &Tools, points: &[Point]) -> Result<Verdict> {
    stream::iter(points.iter().map(|point| async move {
        let verdict = at_point(tools, point, |_| Ok(())).await?;
        ensure!(
            verdict.is_good(),
            "after dying at \"{}\" while {}: {verdict:?}",
            point.name,
            point.scene.name
        );
        anyhow::Ok(verdict)
    }))
    .buffer_unordered(AT_A_TIME)
    .try_fold(Verdict::default(), async |all, one| Ok(all.plus(&one)))
    .await
}

async fn at_point(
    tools: &Tools,
    point: &Point,
    prepare: fn(&Halo) -> Result<(), HaloError>,
) -> Result<Verdict> {
    let oracle = Oracle::hurried(tools, point.scene.speed).await?;
    (point.scene.prepare)(oracle.halo())?;
    prepare(oracle.halo())?;
    let first = oracle
        .run(one_press(point.scene, Some(point.name.clone())))
        .await?;
    let last = oracle.points().pop();
    ensure!(
        !first.success() && last.as_ref() == Some(&point.name),
        "the worker that should die at \"{}\" while {} ended with {first} after {last:?}",
        point.name,
        point.scene.name
    );
    oracle.finish().await?;
    Ok(oracle.judge())
}

/// The control of [`at_every_point`]: a worker dies after the ticket was filed and before that is written
/// down, and the PSA's lookup finds nothing. Its verdict must tell of a second ticket, every time.
///
/// # Errors
/// If a worker cannot be run.
pub async fn control(tools: &Tools) -> Result<Verdict> {
    let worst = Point {
        scene: ALL_WELL,
        name: WORST.to_owned(),
    };
    at_point(tools, &worst, hide).await
}

/// From now on the PSA's lookup finds nothing.
///
/// # Errors
/// If the switch does not take.
pub fn hide(halo: &Halo) -> Result<(), HaloError> {
    halo.adjust(|behaviour| behaviour.index_lag = Lag::Seconds(1_000_000))
}

/// Workers that accept and deliver, each killed after a moment, until so many were killed and so many
/// presses accepted; then one that finishes. `told` hears after each death how many there were in this lane.
///
/// # Errors
/// If a worker cannot be run.
pub async fn by_kill(tools: &Tools, kills: u32, presses: u32, told: impl Fn(u32)) -> Result<Verdict> {
    let lanes = (0..LANES).map(|_| lane(tools, kills.div_ceil(LANES), presses.div_ceil(LANES), &told));
    let verdicts = futures::future::try_join_all(lanes).await?;
    Ok(verdicts.iter().fold(Verdict::default(), |all, one| all.plus(one)))
}

async fn lane(tools: &Tools, kills: u32, presses: u32, told: &impl Fn(u32)) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    let mut killed = 0;
    while killed < kills || oracle.owed() < presses as usize {
        let task = Task {
            accept: SHARES * presses.div_ceil(kills.max(1)),
            manner: Manner::Product { every_ms: EVERY_MS },
            kill_after: Some(Duration::from_millis(fastrand::u64(LIFE_MS))),
            ..Task::default()
        };
        let status = oracle.run(task).await?;
        if !status.success() {
            killed += 1;
            told(killed);
        }
    }
    oracle.let_the_psa_finish().await;
    oracle.finish().await?;
    Ok(oracle.judge())
}
