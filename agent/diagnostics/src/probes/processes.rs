//! The hungriest processes: name, number, processor, memory, disk. Never command lines.

use super::{SAMPLE, line, processor::percent};
use crate::part::ProbeError;
use helpbell_model::report::{Process, TopProcesses};
use std::{
    cmp::Ordering,
    time::{Duration, Instant},
};
use sysinfo::{DiskUsage, ProcessRefreshKind, ProcessesToUpdate, System};

/// Rows per table: what a technician scans at a glance.
const TOP: usize = 10;

pub(super) fn ask() -> Result<TopProcesses, ProbeError> {
    // Threads would show up as processes of their own on Linux, and nothing else is read.
    let wanted = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_cpu()
        .with_memory()
        .with_disk_usage();
    let mut system = System::new()?;
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    let began = Instant::now();
    std::thread::sleep(SAMPLE);
    let sampled = began.elapsed();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);

    let processors = std::thread::available_parallelism().map_or(1.0, |count| count.get() as f32);
    let own = std::process::id();
    let all: Vec<Process> = system
        .processes()
        .values()
        .map(|process| Process {
            name: line(&process.name().to_string_lossy()),
            pid: process.pid().as_u32(),
            // sysinfo counts one processor as 100 %.
            cpu_percent: percent(process.cpu_usage() / processors),
            memory: process.memory(),
            disk: a_second(process.disk_usage(), sampled),
        })
        .collect();
    let running = u32::try_from(all.len()).unwrap_or(u32::MAX);
    // The examination itself is busy while it samples; that says nothing about the machine.
    Ok(top(
        all.into_iter().filter(|process| process.pid != own).collect(),
        running,
    ))
}

/// Bytes a second out of what was read and written since the first look.
fn a_second(usage: DiskUsage, sampled: Duration) -> u64 {
    let bytes = u128::from(usage.read_bytes.saturating_add(usage.written_bytes));
    let millis = sampled.as_millis().max(1);
    u64::try_from(bytes * 1000 / millis).unwrap_or(u64::MAX)
}

/// The hungriest by processor (idle ones left out), by memory, and by disk.
fn top(mut all: Vec<Process>, running: u32) -> TopProcesses {
    let by_name = |a: &Process, b: &Process| a.name.cmp(&b.name).then(a.pid.cmp(&b.pid));
    all.sort_by(|a, b| {
        b.cpu_percent
            .partial_cmp(&a.cpu_percent)
            .unwrap_or(Ordering::Equal)
            .then_with(|| by_name(a, b))
    });
    let by_cpu = all
        .iter()
        .filter(|process| process.cpu_percent > 0.0)
        .take(TOP)
        .cloned()
        .collect();
    all.sort_by(|a, b| b.memory.cmp(&a.memory).then_with(|| by_name(a, b)));
    let by_memory = all
        .iter()
        .filter(|process| process.memory > 0)
        .take(TOP)
        .cloned()
        .collect();
    all.sort_by(|a, b| b.disk.cmp(&a.disk).then_with(|| by_name(a, b)));
    let by_disk = all
        .into_iter()
        .filter(|process| process.disk > 0)
        .take(TOP)
        .collect();
    TopProcesses {
        running,
        by_cpu,
        by_memory,
        by_disk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &str, pid: u32, cpu_percent: f32, memory: u64) -> Process {
        Process {
            name: name.into(),
            pid,
            cpu_percent,
            memory,
            ..Default::default()
        }
    }

    #[test]
    fn the_hungriest_come_first_and_idle_ones_are_left_out() {
        let top = top(
            vec![
                process("idle", 1, 0.0, 5),
                process("busy", 2, 80.0, 1),
                process("fat", 3, 1.0, 900),
            ],
            3,
        );
        let names = |list: &[Process]| {
            list.iter()
                .map(|process| process.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&top.by_cpu), ["busy", "fat"]);
        assert_eq!(names(&top.by_memory), ["fat", "idle", "busy"]);
        assert_eq!(top.running, 3);
    }

    #[test]
    fn those_who_use_the_disk_are_told_by_bytes_a_second() {
        let busy = |pid, disk| Process {
            disk,
            ..process("p", pid, 0.0, 0)
        };
        let top = top(vec![busy(1, 0), busy(2, 10), busy(3, 900)], 3);
        let pids: Vec<u32> = top.by_disk.iter().map(|process| process.pid).collect();
        assert_eq!(pids, [3, 2]);
        let usage = DiskUsage {
            read_bytes: 1000,
            written_bytes: 500,
            ..Default::default()
        };
        assert_eq!(a_second(usage, Duration::from_millis(500)), 3000);
        assert_eq!(a_second(usage, Duration::ZERO), 1_500_000);
    }

    #[test]
    fn no_table_is_longer_than_ten_rows() {
        let many = (0..50).map(|pid| process("p", pid, 1.0, 1)).collect();
        let top = top(many, 50);
        assert_eq!(
            (top.by_cpu.len(), top.by_memory.len(), top.running),
            (TOP, TOP, 50)
        );
    }

    #[test]
    fn this_machine_runs_processes_and_the_examination_is_not_among_them() {
        let top = ask().unwrap();
        assert!(top.running > 0);
        assert!(
            top.by_memory
                .iter()
                .all(|process| process.pid != std::process::id())
        );
    }
}
