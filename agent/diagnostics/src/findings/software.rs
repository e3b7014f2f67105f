//! Processes, restarts, uptime.

use super::finding;
use crate::units::{bytes, counted, percent};
use helpbell_model::report::{Area::Software, Finding, Machine, Process, Restart, Severity, Uptime};

/// Share of the whole processor, in percent, at which one process slows the others.
const PROCESS_BUSY: f32 = 50.0;
/// A process that keeps one of several processors at least this busy, in percent of that one, is
/// often one that hangs.
const ONE_PROCESSOR_BUSY: f32 = 95.0;
/// Share of the memory, in percent, that one process rarely needs.
const PROCESS_FAT: f64 = 50.0;
/// Days without a restart after which updates are usually waiting and leaks have grown.
const UPTIME_DAYS: u64 = 30;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
/// Busy processes told apart; with more the processor's own finding says it all.
const MOST_BUSY: usize = 3;

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let threads = machine.cpu.as_ref().map_or(1, |cpu| cpu.threads.max(1));
    let processes = machine.processes.as_ref();
    let by_cpu = processes
        .map(|processes| processes.by_cpu.as_slice())
        .unwrap_or_default();
    let by_memory = processes
        .map(|processes| processes.by_memory.as_slice())
        .unwrap_or_default();
    let memory = machine.memory.map_or(0, |memory| memory.total);

    let mut found: Vec<Finding> = by_cpu
        .iter()
        .filter_map(|process| busy(process, threads))
        .take(MOST_BUSY)
        .collect();
    found.extend(by_memory.iter().filter_map(|process| fat(process, memory)));
    found.extend(machine.uptime.and_then(long_uptime));
    found.extend(machine.restart.as_ref().and_then(pending_restart));
    found
}

fn busy(process: &Process, threads: u32) -> Option<Finding> {
    let Process {
        name,
        pid,
        cpu_percent,
        ..
    } = process;
    let measured = format!("Process {pid}, measured over half a second.");
    if *cpu_percent >= PROCESS_BUSY {
        let title = format!("{name} uses {cpu_percent:.0} % of the processor");
        let detail = format!("{measured} If it stays there, it slows everything else.");
        return Some(finding(Software, Severity::Warning, title, detail));
    }
    // Exact for any number of processors a machine can have.
    #[expect(clippy::cast_precision_loss, reason = "no machine has 2^24 processors")]
    let of_one_processor = cpu_percent * threads as f32;
    if of_one_processor < ONE_PROCESSOR_BUSY {
        return None;
    }
    let title = format!(
        "{name} keeps {:.0} of {threads} processors busy",
        (of_one_processor / 100.0).round().max(1.0)
    );
    let detail = format!("{measured} Normal for hard work; a program that hangs does the same.");
    Some(finding(Software, Severity::Info, title, detail))
}

fn fat(process: &Process, memory: u64) -> Option<Finding> {
    if percent(process.memory, memory) < PROCESS_FAT {
        return None;
    }
    let title = format!(
        "{} uses {} of {} memory",
        process.name,
        bytes(process.memory),
        bytes(memory)
    );
    let detail = format!(
        "Process {}. Restarting the program gives the memory back.",
        process.pid
    );
    Some(finding(Software, Severity::Warning, title, detail))
}

fn long_uptime(uptime: Uptime) -> Option<Finding> {
    let days = uptime.seconds / SECONDS_PER_DAY;
    (days > UPTIME_DAYS).then(|| {
        let title = format!("Not restarted for {}", counted(days, "day"));
        finding(
            Software,
            Severity::Warning,
            title,
            "A restart installs waiting updates and often cures what has crept in.",
        )
    })
}

fn pending_restart(restart: &Restart) -> Option<Finding> {
    restart.pending.then(|| {
        let detail = if restart.packages.is_empty() {
            "Installed updates take effect only after a restart.".to_owned()
        } else {
            format!(
                "Installed updates take effect only after a restart: {}.",
                restart.packages.join(", ")
            )
        };
        finding(
            Software,
            Severity::Warning,
            "A restart is pending".to_owned(),
            detail,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{Cpu, Memory, TopProcesses};

    fn machine(cpu_percent: f32, memory: u64) -> Machine {
        let process = Process {
            name: "outlook".into(),
            pid: 77,
            cpu_percent,
            memory,
            ..Default::default()
        };
        Machine {
            cpu: Some(Cpu {
                threads: 8,
                ..Cpu::default()
            }),
            memory: Some(Memory {
                total: 1000,
                available: 900,
                ..Memory::default()
            }),
            processes: Some(TopProcesses {
                running: 1,
                by_cpu: vec![process.clone()],
                by_memory: vec![process],
                ..Default::default()
            }),
            ..Machine::default()
        }
    }

    #[test]
    fn a_process_that_takes_half_the_processor_is_a_warning() {
        let found = findings(&machine(62.0, 0));
        assert_eq!(found[0].title, "outlook uses 62 % of the processor");
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(found[0].detail.starts_with("Process 77,"));
    }

    #[test]
    fn a_process_that_fills_one_of_eight_processors_is_worth_knowing() {
        let found = findings(&machine(12.4, 0));
        assert_eq!(found[0].severity, Severity::Info);
        assert_eq!(found[0].title, "outlook keeps 1 of 8 processors busy");
        assert_eq!(
            findings(&machine(40.0, 0))[0].title,
            "outlook keeps 3 of 8 processors busy"
        );
        assert_eq!(findings(&machine(11.0, 0)), []);
    }

    #[test]
    fn a_process_with_half_the_memory_is_a_warning() {
        let found = findings(&machine(0.0, 600));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].title, "outlook uses 600 B of 1000 B memory");
    }

    #[test]
    fn more_than_thirty_days_without_a_restart_is_a_warning() {
        let up = |days: u64| Machine {
            uptime: Some(Uptime {
                seconds: days * SECONDS_PER_DAY,
                booted_at: None,
            }),
            ..Machine::default()
        };
        assert_eq!(findings(&up(30)), []);
        assert_eq!(findings(&up(41))[0].title, "Not restarted for 41 days");
    }

    #[test]
    fn a_pending_restart_names_what_asked_for_it() {
        let waiting = |pending, packages| Machine {
            restart: Some(Restart {
                pending,
                packages,
                ..Default::default()
            }),
            ..Machine::default()
        };
        let found = findings(&waiting(true, vec!["linux-image-6.1".into()]));
        assert_eq!(found[0].title, "A restart is pending");
        assert!(found[0].detail.ends_with(": linux-image-6.1."));
        assert_eq!(findings(&waiting(false, Vec::new())), []);
    }
}
