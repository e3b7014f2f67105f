//! What examining a machine costs, beside the programs that technicians run for it.
//!
//! | metric | beside |
//! |---|---|
//! | `agent.facts` | fastfetch, until what both tell is in: system, product, memory, graphics, disks, batteries, network, programs; without a peer where fastfetch is not installed |
//! | `agent.hardware` | `lshw -json`, until what both tell is in |
//! | `agent.local` | `hwinfo --short`, the whole examination without the network |
//! | `agent.inventory` | `fusioninventory-inventory`, the same |
//! | `agent.sweep` | `inxi -Fxxx`, the whole examination with the network |
//!
//! The examination runs as in a press: probes that may hang in processes of their own, and half a second of every run is
//! the sample of how busy the machine is, which no peer takes. All sides take turns.

use crate::metric::{Metric, Samples, Target};
use anyhow::{Context as _, Result, ensure};
use helpbell_diagnostics::{Examination, Isolation, Limits, Scope, probe_names};
use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Turns of each side.
const TURNS: usize = 12;
/// Turns before the measured ones.
const UNMEASURED: usize = 2;

/// fastfetch is one program in C that reads files.
const FACTS_RATIO: f64 = 2.0;
/// As fast as the others.
const OTHERS_RATIO: f64 = 1.0;

const MEDIAN: usize = 50;

/// How often it is looked whether something is in.
const LOOK: Duration = Duration::from_micros(500);

/// The probes that tell what fastfetch tells.
const FACTS: [&str; 9] = [
    "system",
    "product",
    "memory",
    "graphics",
    "disks",
    "batteries",
    "network",
    "uptime",
    "programs",
];
/// The probes that tell what lshw tells.
const HARDWARE: [&str; 7] = [
    "product",
    "memory",
    "graphics",
    "disks",
    "disk-health",
    "devices",
    "network",
];

/// A program beside which it is measured.
struct Peer {
    program: &'static str,
    arguments: &'static [&'static str],
}

const FASTFETCH: Peer = Peer {
    program: "fastfetch",
    arguments: &["--logo", "none"],
};
const LSHW: Peer = Peer {
    program: "lshw",
    arguments: &["-json"],
};
const HWINFO: Peer = Peer {
    program: "hwinfo",
    arguments: &["--short"],
};
const INXI: Peer = Peer {
    program: "inxi",
    arguments: &["-Fxxx", "-c", "0"],
};
const INVENTORY: Peer = Peer {
    program: "fusioninventory-inventory",
    arguments: &[],
};

impl Peer {
    fn is_there(&self) -> bool {
        Command::new("which")
            .arg(self.program)
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn run(&self) -> Result<Duration> {
        let began = Instant::now();
        let status = Command::new(self.program)
            .args(self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .with_context(|| format!("failed to start {}", self.program))?;
        let took = began.elapsed();
        ensure!(status.success(), "{} ended with {status}", self.program);
        Ok(took)
    }
}

/// Measures the examination by this program.
pub(crate) fn measure(program: &Path) -> Result<Vec<Metric>> {
    let scope = |network| Scope {
        network,
        ..Scope::default()
    };
    let is_fastfetch_there = FASTFETCH.is_there();
    let [mut facts, mut hardware, mut local, mut sweep] = [(); 4].map(|()| Samples::default());
    let [mut fastfetch, mut lshw, mut hwinfo, mut inxi, mut inventory] = [(); 5].map(|()| Samples::default());
    for turn in 0..UNMEASURED + TURNS {
        let without = examined(program, scope(false));
        let with = examined(program, scope(true));
        let mut sides = vec![
            (&mut facts, without.facts),
            (&mut hardware, without.hardware),
            (&mut local, without.whole),
            (&mut sweep, with.whole),
            (&mut lshw, LSHW.run()?),
            (&mut hwinfo, HWINFO.run()?),
            (&mut inxi, INXI.run()?),
            (&mut inventory, INVENTORY.run()?),
        ];
        if is_fastfetch_there {
            sides.push((&mut fastfetch, FASTFETCH.run()?));
        }
        if turn >= UNMEASURED {
            for (samples, took) in sides {
                samples.add(took);
            }
        }
    }
    let metric = |name: &str, what: &str, samples: &Samples, peer: Option<&Samples>, most: f64| Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value: samples.quantile_ms(MEDIAN),
        unit: "ms",
        against: peer.map(|peer| peer.quantile_ms(MEDIAN)),
        target: peer.map(|_| Target::Ratio(most)),
    };
    Ok(vec![
        metric(
            "agent.facts",
            "what fastfetch tells is in, beside fastfetch",
            &facts,
            is_fastfetch_there.then_some(&fastfetch),
            FACTS_RATIO,
        ),
        metric(
            "agent.hardware",
            "what lshw tells is in, beside lshw",
            &hardware,
            Some(&lshw),
            OTHERS_RATIO,
        ),
        metric(
            "agent.local",
            "everything on this machine, beside hwinfo",
            &local,
            Some(&hwinfo),
            OTHERS_RATIO,
        ),
        metric(
            "agent.inventory",
            "the same beside fusioninventory",
            &local,
            Some(&inventory),
            OTHERS_RATIO,
        ),
        metric(
            "agent.sweep",
            "everything, with the network, beside inxi",
            &sweep,
            Some(&inxi),
            OTHERS_RATIO,
        ),
    ])
}

/// When what was in.
struct Examined {
    facts: Duration,
    hardware: Duration,
    whole: Duration,
}

fn examined(program: &Path, scope: Scope) -> Examined {
    let subjects = |names: &[&str]| -> Vec<&'static str> {
        let named = probe_names(&scope).filter(|(name, _)| names.contains(name));
        named.map(|(_, subject)| subject).collect()
    };
    let (facts, hardware) = (subjects(&FACTS), subjects(&HARDWARE));
    let began = Instant::now();
    let examination = Examination::begin(Limits::default(), scope, Isolation::by(program.to_owned()));
    let (mut facts_in, mut hardware_in) = (None, None);
    loop {
        let at_work = examination.at_work();
        let is_in = |subjects: &[&str]| !subjects.iter().any(|subject| at_work.contains(subject));
        if is_in(&facts) {
            facts_in.get_or_insert_with(|| began.elapsed());
        }
        if is_in(&hardware) {
            hardware_in.get_or_insert_with(|| began.elapsed());
        }
        if at_work.is_empty() {
            break;
        }
        thread::sleep(LOOK);
    }
    let whole = began.elapsed();
    Examined {
        facts: facts_in.unwrap_or(whole),
        hardware: hardware_in.unwrap_or(whole),
        whole,
    }
}
