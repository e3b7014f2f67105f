//! What photographing costs: three 4K monitors of a real X server, covered with a pattern.
//!
//! | metric | beside |
//! |---|---|
//! | `agent.capture` | python-mss that is warm: its connection and its memory are there since the last picture |
//! | `agent.capture-anew` | python-mss that opens the display anew, as a press does |
//! | `agent.capture-late` | nothing: the worst of all turns, which the person may not notice |
//! | `agent.pictures`, `agent.pictures-scrot` | the programs `maim` and `scrot`, which write one picture of all |
//!
//! All sides take turns.

#[path = "../../../../agent/diagnostics/tests/capture/monitors.rs"]
#[expect(clippy::unwrap_used, reason = "shared with the tests")]
mod monitors;
#[path = "../../../../agent/diagnostics/tests/capture/server.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "shared with the tests")]
mod server;

use crate::metric::{Metric, Samples, Target};
use anyhow::{Context as _, Result, bail, ensure};
use helpbell_diagnostics::{Limits, capture};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// Turns of each side.
const TURNS: usize = 30;
/// Turns before the measured ones.
const UNMEASURED: usize = 3;
/// Turns of the programs that write files: each takes a second.
const FILE_TURNS: usize = 5;

/// Monitors of the server.
const MONITORS: usize = 3;

/// Opening the display and getting fresh memory is part of a press; twice what a warm peer takes pays for that.
const WARM_RATIO: f64 = 2.0;
/// As fast as a peer that does the same.
const ANEW_RATIO: f64 = 1.0;
/// Encoding three pictures beside one of the same size.
const FILE_RATIO: f64 = 1.0;
/// The soft limit of a press.
const LATE_MS: f64 = 400.0;

const MEDIAN: usize = 50;
const WORST: usize = 100;

/// The peer, of this version.
const MSS: &str = "mss==10.2.0";
const MSS_TURNS: &str = r#"
import sys, time, mss

def grab(mss):
    return [mss.grab(monitor) for monitor in mss.monitors[1:]]

warm = mss.MSS()
for line in sys.stdin:
    began = time.perf_counter()
    with mss.MSS() as anew:
        pictures = grab(anew)
    opened = time.perf_counter()
    pictures = grab(warm)
    ended = time.perf_counter()
    print(len(pictures), opened - began, ended - opened, flush=True)
"#;

/// What the other half of [`measure`] does in a turn. Each has a process of its own: a press does not encode before it
/// photographs, and a process that just computed waits longer for a busy processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Photograph {
    /// Photographs, no more.
    Grab,
    /// Encodes too.
    Develop,
}

/// The other half of [`measure`], in a process whose display is the one to photograph: one turn for every line it reads,
/// and seconds to photograph and for all of it.
pub(crate) fn photograph(what: Photograph) -> Result<()> {
    for line in std::io::stdin().lines() {
        line?;
        let began = Instant::now();
        let frames = capture::grab(Limits::default());
        let grabbed = began.elapsed();
        let monitors = frames.session().map_or(0, |session| session.monitors.len());
        let pictures = match what {
            Photograph::Grab => monitors,
            Photograph::Develop => {
                let screens = frames.develop();
                screens.iter().filter(|screen| screen.image.is_some()).count()
            }
        };
        let whole = began.elapsed();
        println!("{pictures} {} {}", grabbed.as_secs_f64(), whole.as_secs_f64());
    }
    Ok(())
}

/// Measures on a display of its own.
pub(crate) fn measure() -> Result<Vec<Metric>> {
    let folder = tempfile::tempdir().context("failed to make a folder")?;
    let server = monitors::three_4k(folder.path())
        .context("failed to start a screen: there is no Xorg; install xserver-xorg-core")?;
    // Lines over all monitors: nothing would be encoded of screens of one colour.
    let pattern = ["-mod", "7", "5", "-fg", "steelblue", "-bg", "white"];
    program(Command::new("xsetroot").args(pattern), &server.display)?;
    let python = python(folder.path())?;
    let own = std::env::current_exe().context("failed to find this program")?;
    let ours = |what: &str| {
        Side::start(
            Command::new(&own).args(["--connectors", ".", "--photograph", what]),
            &server.display,
        )
    };
    let (mut grab, mut develop) = (ours("grab")?, ours("develop")?);
    let mut mss = Side::start(Command::new(python).args(["-c", MSS_TURNS]), &server.display)?;

    let (mut grabbed, mut developed) = (Samples::default(), Samples::default());
    let (mut anew, mut warm) = (Samples::default(), Samples::default());
    let (mut maim, mut scrot) = (Samples::default(), Samples::default());
    for turn in 0..UNMEASURED + TURNS {
        let (our_grab, _) = grab.turn()?;
        let (mss_anew, mss_warm) = mss.turn()?;
        if turn < UNMEASURED {
            continue;
        }
        grabbed.add(our_grab);
        anew.add(mss_anew);
        warm.add(mss_warm);
        if turn < UNMEASURED + FILE_TURNS {
            developed.add(develop.turn()?.1);
            let file = folder.path().join("all.png");
            maim.add(program(Command::new("maim").arg(&file), &server.display)?);
            scrot.add(program(
                Command::new("scrot").arg("--overwrite").arg(&file),
                &server.display,
            )?);
        }
    }
    let beside = |name: &str, what: &str, ours: &Samples, peer: &Samples, most: f64| Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value: ours.quantile_ms(MEDIAN),
        unit: "ms",
        against: Some(peer.quantile_ms(MEDIAN)),
        target: Some(Target::Ratio(most)),
    };
    Ok(vec![
        beside(
            "agent.capture",
            "three 4K monitors into memory, beside python-mss, warm",
            &grabbed,
            &warm,
            WARM_RATIO,
        ),
        beside(
            "agent.capture-anew",
            "the same beside python-mss that opens the display anew",
            &grabbed,
            &anew,
            ANEW_RATIO,
        ),
        Metric {
            name: "agent.capture-late".to_owned(),
            what: "the slowest of all turns".to_owned(),
            value: grabbed.quantile_ms(WORST),
            unit: "ms",
            against: None,
            target: Some(Target::Value(LATE_MS)),
        },
        beside(
            "agent.pictures",
            "three encoded pictures, beside one of all by maim",
            &developed,
            &maim,
            FILE_RATIO,
        ),
        beside(
            "agent.pictures-scrot",
            "the same beside scrot",
            &developed,
            &scrot,
            FILE_RATIO,
        ),
    ])
}

/// A program that photographs once for every line it is given.
struct Side {
    process: Child,
    lines: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Side {
    fn start(command: &mut Command, display: &str) -> Result<Self> {
        let mut process = in_display(command, display)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start {}", command.get_program().display()))?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (lines, answers) = pipes.context("a program without pipes")?;
        Ok(Self {
            process,
            lines,
            answers: BufReader::new(answers),
        })
    }

    /// The two times of a turn.
    fn turn(&mut self) -> Result<(Duration, Duration)> {
        self.lines.write_all(b"\n").context("failed to ask for a turn")?;
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .context("failed to read a turn")?;
        let mut words = answer.split_whitespace();
        let pictures = words.next().and_then(|pictures| pictures.parse().ok());
        ensure!(
            pictures == Some(MONITORS),
            "no {MONITORS} pictures, but: {answer:?}"
        );
        let mut seconds = || -> Result<Duration> {
            let seconds = words.next().context("a turn without its times")?.parse()?;
            Ok(Duration::try_from_secs_f64(seconds)?)
        };
        Ok((seconds()?, seconds()?))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How long a program takes from its start to its end.
fn program(command: &mut Command, display: &str) -> Result<Duration> {
    let began = Instant::now();
    let status = in_display(command, display).status();
    let took = began.elapsed();
    let name = command.get_program().display();
    if !status
        .with_context(|| format!("failed to start {name}"))?
        .success()
    {
        bail!("{name} failed");
    }
    Ok(took)
}

/// Only the display of the server: no other, and no session that would be asked first.
fn in_display<'c>(command: &'c mut Command, display: &str) -> &'c mut Command {
    command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY")
}

/// A Python that has the peer, in this folder.
fn python(folder: &Path) -> Result<std::path::PathBuf> {
    let folder = folder.join("python");
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    let python = folder.join("bin/python");
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "install",
        MSS,
    ]);
    for (command, what) in [
        (&mut make, "make a virtual environment"),
        (&mut install, "install python-mss"),
    ] {
        let status = command.stdout(Stdio::null()).status();
        ensure!(
            status.with_context(|| format!("failed to {what}"))?.success(),
            "failed to {what}"
        );
    }
    Ok(python)
}
