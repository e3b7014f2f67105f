//! Runs a target over its corpus and what is made of it, until a number of runs or a time is over, or a promise broken.

use crate::{mangle::mangled, targets::Target};
use anyhow::{Context as _, Result};
use fastrand::Rng;
use std::{
    cell::Cell,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::Once,
    time::{Duration, Instant},
};

/// One input must not take longer: a file that hangs its reader is as bad as one that crashes it.
const SLOW: Duration = Duration::from_secs(20);
/// Tries to make a broken input smaller.
const SHRINKING: usize = 300;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After so many mangled inputs.
    Runs(u64),
    /// After so long.
    Time(Duration),
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Inputs tried, those of the corpus included.
    pub runs: u64,
    /// An input that broke a promise, as small as it got, and what was said.
    pub broken: Option<(Vec<u8>, String)>,
}

/// The folder of this crate.
fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a target begins with: its corpus and what broke it once.
///
/// # Errors
/// If a folder cannot be read.
pub fn corpus(target: &str) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut all = Vec::new();
    for kind in ["corpus", "regressions"] {
        let folder = home().join(kind).join(target);
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            let bytes = fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
            all.push((path, bytes));
        }
    }
    all.sort();
    Ok(all)
}

/// Keeps an input that broke a promise where the tests find it. Gives the file.
///
/// # Errors
/// If it cannot be written.
pub fn keep(target: &str, input: &[u8]) -> Result<PathBuf> {
    use sha2::Digest as _;
    const NAME_CHARS: usize = 12;
    let folder = home().join("regressions").join(target);
    fs::create_dir_all(&folder)?;
    let digest = hex::encode(sha2::Sha256::digest(input));
    let file = folder.join(digest.get(..NAME_CHARS).unwrap_or(&digest));
    fs::write(&file, input)?;
    Ok(file)
}

/// Runs the target. The same seed, corpus and number of runs try the same inputs.
pub fn run(
    target: &Target,
    corpus: &[Vec<u8>],
    until: Until,
    seed: u64,
    mut each: impl FnMut(u64),
) -> Report {
    let (mut rng, began) = (Rng::with_seed(seed), Instant::now());
    let mut runs = 0;
    let mut given = corpus.iter().cloned();
    loop {
        let input = match given.next() {
            Some(input) => input,
            None => {
                let over = match until {
                    Until::Runs(most) => runs >= most + corpus.len() as u64,
                    Until::Time(most) => began.elapsed() >= most,
                };
                if over {
                    return Report { runs, broken: None };
                }
                mangled(&mut rng, corpus)
            }
        };
        runs += 1;
        each(runs);
        if let Err(said) = tried(target, &input) {
            let broken = Some(smaller(target, input, said, &mut rng));
            return Report { runs, broken };
        }
    }
}

thread_local! {
    /// Whether a panic of this thread is told by whoever catches it.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What a target says is told once, when its input is as small as it gets.
static QUIET: Once = Once::new();

/// Runs the target once.
///
/// # Errors
/// What it said when it broke a promise.
pub fn tried(target: &Target, input: &[u8]) -> Result<(), String> {
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !CAUGHT.get() {
                loud(panic);
            }
        }));
    });
    let began = Instant::now();
    CAUGHT.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    CAUGHT.set(false);
    let took = began.elapsed();
    match outcome {
        Ok(()) if took > SLOW => Err(format!("it took {took:?}")),
        Ok(()) => Ok(()),
        Err(said) => Err(said
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| said.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "it panicked without a word".to_owned())),
    }
}

/// Takes pieces out as long as what is left breaks a promise too.
fn smaller(target: &Target, mut input: Vec<u8>, mut said: String, rng: &mut Rng) -> (Vec<u8>, String) {
    for _ in 0..SHRINKING {
        if input.is_empty() {
            break;
        }
        let from = rng.usize(0..input.len());
        let to = from + rng.usize(1..=(input.len() - from).min(1 + input.len() / 2));
        let mut less = input.clone();
        less.drain(from..to);
        if let Err(now) = tried(target, &less) {
            (input, said) = (less, now);
        }
    }
    (input, said)
}
