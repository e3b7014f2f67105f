//! Press to ticket on loopback, beside the same requests by a plain client.
//!
//! | case | what is there before | requests |
//! |---|---|---|
//! | `cold` | nothing: the connector is compiled, the token asked for, the pick-lists fetched | all |
//! | `warm` | what an earlier process left on disk; person and machine are new | 5 |
//! | `warm-known` | the same, and person and machine are on disk too | 3 |
//! | `remembered` | this process has delivered for this person and machine before | 3 |
//!
//! The floor sends what the local Halo's ledger says that the press sent, body for body, over reqwest, with files
//! encoded and answers parsed as any client must. Press and floor take turns, and the local Halo forgets everything
//! between them, so that neither works against a fuller server. It runs in this process, on a thread of its own.

mod floor;
mod scene;

use crate::metric::{Metric, Samples, Target};
use anyhow::{Context as _, Result, ensure};
use floor::{Client, Script};
use scene::Scene;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Presses per case: enough that the median does not move between runs.
const PRESSES: usize = 60;
/// A cold press compiles the connector, which takes a hundred times as long and varies less.
const COLD_PRESSES: usize = 10;
/// Turns before the measured ones: the first touch of code and memory is no one's merit.
const UNMEASURED: usize = 3;

/// The bytes that a connector may have; the suite checks the same.
const CONNECTOR_BYTES: f64 = 400_000.0;

/// A case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Cold,
    Warm,
    WarmKnown,
    Remembered,
}

impl Case {
    const ALL: [Self; 4] = [Self::Cold, Self::Warm, Self::WarmKnown, Self::Remembered];

    const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::WarmKnown => "warm-known",
            Self::Remembered => "remembered",
        }
    }

    const fn presses(self) -> usize {
        match self {
            Self::Cold => COLD_PRESSES,
            _ => PRESSES,
        }
    }

    /// API requests of one press; none where the number is not fixed.
    const fn requests(self) -> Option<usize> {
        match self {
            Self::Cold => None,
            Self::Warm => Some(5),
            Self::WarmKnown | Self::Remembered => Some(3),
        }
    }

    /// How many times the floor a press may take. Measured, then set with room for a busy machine.
    const fn target(self) -> Option<Target> {
        match self {
            // Compiling is the price of the first press on a machine, and told as such.
            Self::Cold => None,
            Self::Warm | Self::WarmKnown => Some(Target::Ratio(6.0)),
            Self::Remembered => Some(Target::Ratio(3.0)),
        }
    }
}

/// Runs all cases. `connector` is the file of the Halo connector.
pub(crate) fn measure(connector: &Path) -> Result<Vec<Metric>> {
    let size = std::fs::metadata(connector)
        .with_context(|| format!("failed to look at the connector {}", connector.display()))?
        .len();
    let scene = Scene::set(connector)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let mut metrics = Vec::new();
    for case in Case::ALL {
        eprintln!("press.{}: {} presses", case.name(), case.presses());
        metrics.extend(runtime.block_on(run(&scene, case))?);
    }
    metrics.push(Metric {
        name: "connector.size".to_owned(),
        what: "the connector as it is shipped".to_owned(),
        value: precise(size),
        unit: "bytes",
        against: None,
        target: Some(Target::Value(CONNECTOR_BYTES)),
    });
    metrics.extend(peak_memory());
    Ok(metrics)
}

/// One case: press and floor by turns.
async fn run(scene: &Scene, case: Case) -> Result<[Metric; 2]> {
    let script = rehearse(scene, case).await?;
    let (mut presses, mut floors) = (Samples::default(), Samples::default());
    let remembered = scene.remembering().await?;
    let kept = Client::new(&scene.settings)?;
    kept.sign_in().await?;
    for turn in 0..case.presses() + UNMEASURED {
        let measured = turn >= UNMEASURED;
        // Who goes first alternates: the second finds warmer caches of the processor.
        let press_first = turn % 2 == 0;
        for press_now in [press_first, !press_first] {
            scene.halo.reset();
            if press_now {
                let time = press(scene, case, &remembered).await?;
                if measured {
                    presses.add(time);
                }
            } else {
                let time = floor(scene, case, &script, &kept).await?;
                if measured {
                    floors.add(time);
                }
            }
        }
    }
    Ok(metrics(case, script.len(), &presses, &floors))
}

fn metrics(case: Case, requests: usize, presses: &Samples, floors: &Samples) -> [Metric; 2] {
    const MEDIAN: usize = 50;
    const SLOWEST: usize = 95;
    let metric = |name: String, what: String, per_cent, target| Metric {
        name,
        what,
        value: presses.quantile_ms(per_cent),
        unit: "ms",
        against: Some(floors.quantile_ms(per_cent)),
        target,
    };
    let name = case.name();
    [
        metric(
            format!("press.{name}"),
            format!("median of {}, {requests} requests", case.presses()),
            MEDIAN,
            case.target(),
        ),
        metric(format!("press.{name}.p95"), String::new(), SLOWEST, None),
    ]
}

/// One press of the case, timed from having a complete press to holding its receipt.
async fn press(scene: &Scene, case: Case, remembered: &scene::Ready) -> Result<Duration> {
    let submission = scene.submission(scene::KNOWN)?;
    let (took, receipt) = match case {
        Case::Remembered => {
            let began = Instant::now();
            let receipt = remembered.deliver(&submission).await?;
            (began.elapsed(), receipt)
        }
        Case::Cold | Case::Warm | Case::WarmKnown => {
            let state = scene.state(case)?;
            let began = Instant::now();
            let ready = scene.open(state.path()).await?;
            let receipt = ready.deliver(&submission).await?;
            (began.elapsed(), receipt)
        }
    };
    ensure!(
        receipt.note.as_ref().is_ok_and(|note| note.confirmed),
        "a press of press.{} left no confirmed note: {:?}",
        case.name(),
        receipt
    );
    Ok(took)
}

/// The same requests by a plain client: with a connection of its own where the press had to make one.
async fn floor(scene: &Scene, case: Case, script: &Script, kept: &Client) -> Result<Duration> {
    let files = scene.submission(scene::KNOWN)?.attachments;
    let began = Instant::now();
    match case {
        Case::Remembered => script.play(kept, &files).await?,
        Case::Cold | Case::Warm | Case::WarmKnown => {
            let client = Client::new(&scene.settings)?;
            client.use_token_of(kept);
            script.play(&client, &files).await?;
        }
    }
    Ok(began.elapsed())
}

/// Presses once, writes down what was sent, and proves that the floor leaves the same behind.
async fn rehearse(scene: &Scene, case: Case) -> Result<Script> {
    let remembered = scene.remembering().await?;
    scene.halo.reset();
    press(scene, case, &remembered).await?;
    let pressed = scene.halo.ledger();
    let script = Script::of(&pressed)?;
    if let Some(expected) = case.requests() {
        ensure!(
            script.len() == expected,
            "a press of press.{} sent {} requests, not {expected}: {}",
            case.name(),
            script.len(),
            script.lines()
        );
    }
    let client = Client::new(&scene.settings)?;
    client.sign_in().await?;
    scene.halo.reset();
    script
        .play(&client, &scene.submission(scene::KNOWN)?.attachments)
        .await?;
    floor::ensure_same(&pressed, &scene.halo.ledger())?;
    Ok(script)
}

/// The largest memory this process ever had, where the system tells it.
fn peak_memory() -> Option<Metric> {
    const KB_PER_MB: f64 = 1000.0;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kb: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Metric {
        name: "run.peak-memory".to_owned(),
        what: "this whole run: sandbox, compiler, local Halo and floor".to_owned(),
        value: kb / KB_PER_MB,
        unit: "MB",
        against: None,
        target: None,
    })
}

/// Files have fewer bytes than a double counts exactly.
fn precise(bytes: u64) -> f64 {
    u32::try_from(bytes).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_the_memory_of_this_process() {
        if cfg!(target_os = "linux") {
            let metric = peak_memory().unwrap();
            assert!(metric.value > 0.1 && metric.target.is_none(), "{metric:?}");
        }
    }

    #[test]
    fn a_case_is_told_by_its_median_and_its_slow_presses() {
        let mut presses = Samples::default();
        let mut floors = Samples::default();
        for ms in 1..=100 {
            presses.add(Duration::from_millis(2 * ms));
            floors.add(Duration::from_millis(ms));
        }
        let [median, slow] = metrics(Case::Remembered, 3, &presses, &floors);
        assert_eq!((median.value, median.ratio()), (100.0, Some(2.0)));
        assert_eq!((slow.value, slow.holds()), (190.0, None));
        assert_eq!(median.holds(), Some(true));
    }

    #[test]
    fn a_file_too_large_to_count_meets_no_target() {
        assert_eq!(precise(372_980), 372_980.0);
        assert!(precise(u64::MAX) > CONNECTOR_BYTES);
    }
}
