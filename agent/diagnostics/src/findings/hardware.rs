//! Disks, memory, processor.

use super::finding;
use crate::units::{bytes, percent};
use helpbell_model::report::{Area::Hardware, Disk, Finding, Machine, Memory, Severity, TopProcesses};

const GIB: u64 = 1 << 30;
/// Below a tenth, Windows stops defragmenting and updates begin to fail; below 5 GB a feature update
/// or a large mail file no longer fits.
const DISK_LOW: (f64, u64) = (10.0, 5 * GIB);
/// Below this, programs fail to save.
const DISK_FULL: (f64, u64) = (2.0, GIB);
/// Volumes smaller than this (boot, recovery, a stick's) never have 5 GB free; only the share counts.
const DISK_SMALL: u64 = 20 * GIB;
/// Share of memory still available, in percent: programs begin to wait for the disk.
const MEMORY_LOW: f64 = 10.0;
/// Share of memory still available, in percent: programs are about to be ended.
const MEMORY_OUT: f64 = 4.0;
/// Swap in use, in percent, that is no longer only what a system parks there.
const SWAP_HEAVY: f64 = 50.0;
/// With this share of memory available, in percent, a full swap is history, not a present trouble.
const MEMORY_COMFORTABLE: f64 = 25.0;
/// Load of the whole processor, in percent, that a person feels.
const CPU_BUSY: f32 = 90.0;
/// Processes named as the largest.
const NAMED: usize = 3;

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let mut found: Vec<Finding> = machine.disks.iter().flatten().filter_map(disk).collect();
    if let Some(memory) = machine.memory {
        found.extend(memory_pressure(memory, machine.processes.as_ref()));
        found.extend(swap(memory));
    }
    found.extend(
        machine
            .cpu
            .as_ref()
            .filter(|cpu| cpu.load_percent >= CPU_BUSY)
            .map(|cpu| {
                let title = format!("The processor is {:.0} % busy", cpu.load_percent);
                finding(
                    Hardware,
                    Severity::Warning,
                    title,
                    busiest(machine.processes.as_ref()),
                )
            }),
    );
    found
}

fn disk(disk: &Disk) -> Option<Finding> {
    // A full stick or a read-only volume keeps nobody from working.
    if disk.removable || disk.read_only || disk.total == 0 {
        return None;
    }
    let share = percent(disk.available, disk.total);
    let below = |(least_share, least_bytes): (f64, u64)| {
        share < least_share || (disk.total >= DISK_SMALL && disk.available < least_bytes)
    };
    let title = format!(
        "{} has {} free of {}",
        disk.mount,
        bytes(disk.available),
        bytes(disk.total)
    );
    if below(DISK_FULL) {
        let detail = "The disk is as good as full: programs fail to save, updates and logons may fail. Free space first.";
        Some(finding(Hardware, Severity::Problem, title, detail))
    } else if below(DISK_LOW) {
        let detail = "Less than 10 % or 5 GB is left: updates may fail and the system gets slow.";
        Some(finding(Hardware, Severity::Warning, title, detail))
    } else {
        None
    }
}

fn memory_pressure(memory: Memory, processes: Option<&TopProcesses>) -> Option<Finding> {
    let share = percent(memory.available, memory.total);
    let severity = match share {
        _ if memory.total == 0 || share >= MEMORY_LOW => return None,
        share if share < MEMORY_OUT => Severity::Problem,
        _ => Severity::Warning,
    };
    let title = format!(
        "Only {} of {} memory is available",
        bytes(memory.available),
        bytes(memory.total)
    );
    let largest: Vec<String> = processes
        .map(|processes| processes.by_memory.as_slice())
        .unwrap_or_default()
        .iter()
        .take(NAMED)
        .map(|process| format!("{} ({})", process.name, bytes(process.memory)))
        .collect();
    let detail = if largest.is_empty() {
        String::new()
    } else {
        format!("The largest processes are {}.", largest.join(", "))
    };
    Some(finding(Hardware, severity, title, detail))
}

fn swap(memory: Memory) -> Option<Finding> {
    let used = percent(memory.swap_used, memory.swap_total);
    if used < SWAP_HEAVY {
        return None;
    }
    let title = format!(
        "{} of {} swap is in use",
        bytes(memory.swap_used),
        bytes(memory.swap_total)
    );
    if percent(memory.available, memory.total) < MEMORY_COMFORTABLE {
        let detail =
            "Programs wait for the disk instead of memory. Closing the largest ones or adding memory helps.";
        Some(finding(Hardware, Severity::Warning, title, detail))
    } else {
        let detail = "Memory was short at some time since the last restart; now it is not.";
        Some(finding(Hardware, Severity::Info, title, detail))
    }
}

fn busiest(processes: Option<&TopProcesses>) -> String {
    let busiest: Vec<String> = processes
        .map(|processes| processes.by_cpu.as_slice())
        .unwrap_or_default()
        .iter()
        .take(NAMED)
        .map(|process| format!("{} ({:.0} %)", process.name, process.cpu_percent))
        .collect();
    if busiest.is_empty() {
        String::new()
    } else {
        format!("The busiest processes are {}.", busiest.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{Cpu, Process};

    fn volume(mount: &str, total: u64, available: u64) -> Disk {
        Disk {
            mount: mount.into(),
            total,
            available,
            ..Disk::default()
        }
    }

    fn titles(machine: &Machine) -> Vec<(Severity, String)> {
        findings(machine)
            .into_iter()
            .map(|finding| (finding.severity, finding.title))
            .collect()
    }

    fn with_disks(disks: Vec<Disk>) -> Machine {
        Machine {
            disks: Some(disks),
            ..Machine::default()
        }
    }

    #[test]
    fn a_full_disk_is_told_with_its_numbers() {
        let machine = with_disks(vec![volume("C:", 255_000_000_000, 1_288_490_189)]);
        assert_eq!(
            titles(&machine),
            [(Severity::Problem, "C: has 1.2 GB free of 237 GB".to_owned())]
        );
    }

    #[test]
    fn a_disk_with_less_than_a_tenth_or_5_gb_is_a_warning() {
        let machine = with_disks(vec![
            volume("C:", 1000 * GIB, 99 * GIB),
            volume("D:", 40 * GIB, 4 * GIB + GIB / 2),
            volume("E:", 1000 * GIB, 101 * GIB),
        ]);
        let found = titles(&machine);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|(severity, _)| *severity == Severity::Warning));
    }

    #[test]
    fn a_small_boot_volume_is_judged_by_its_share_only() {
        assert_eq!(titles(&with_disks(vec![volume("/boot", GIB, GIB / 2)])), []);
        assert_eq!(titles(&with_disks(vec![volume("/boot", GIB, GIB / 20)])).len(), 1);
    }

    #[test]
    fn full_sticks_and_read_only_volumes_are_no_findings() {
        let stick = Disk {
            removable: true,
            ..volume("E:", 100 * GIB, 0)
        };
        let image = Disk {
            read_only: true,
            ..volume("F:", 100 * GIB, 0)
        };
        assert_eq!(titles(&with_disks(vec![stick, image])), []);
    }

    fn with_memory(available: u64, swap_used: u64) -> Machine {
        let process = |name: &str, memory| Process {
            name: name.into(),
            memory,
            ..Process::default()
        };
        Machine {
            memory: Some(Memory {
                total: 16 * GIB,
                available,
                swap_total: 8 * GIB,
                swap_used,
            }),
            processes: Some(TopProcesses {
                by_memory: vec![process("chrome", 4 * GIB), process("Teams", GIB)],
                ..TopProcesses::default()
            }),
            ..Machine::default()
        }
    }

    #[test]
    fn memory_pressure_names_the_largest_processes() {
        let found = findings(&with_memory(GIB, 0));
        assert_eq!(found[0].title, "Only 1.0 GB of 16 GB memory is available");
        assert_eq!(found[0].severity, Severity::Warning);
        assert_eq!(
            found[0].detail,
            "The largest processes are chrome (4.0 GB), Teams (1.0 GB)."
        );
        assert_eq!(findings(&with_memory(GIB / 2, 0))[0].severity, Severity::Problem);
        assert_eq!(findings(&with_memory(2 * GIB, 0)), []);
    }

    #[test]
    fn a_full_swap_matters_only_while_memory_is_short() {
        assert_eq!(
            titles(&with_memory(3 * GIB, 6 * GIB)),
            [(Severity::Warning, "6.0 GB of 8.0 GB swap is in use".to_owned())]
        );
        assert_eq!(titles(&with_memory(12 * GIB, 6 * GIB))[0].0, Severity::Info);
        assert_eq!(titles(&with_memory(3 * GIB, 3 * GIB)), []);
    }

    #[test]
    fn a_machine_without_swap_uses_none() {
        let machine = Machine {
            memory: Some(Memory {
                total: 100,
                available: 50,
                ..Memory::default()
            }),
            ..Machine::default()
        };
        assert_eq!(titles(&machine), []);
    }

    #[test]
    fn a_busy_processor_is_told_with_the_busiest_processes() {
        let machine = Machine {
            cpu: Some(Cpu {
                load_percent: 97.4,
                ..Cpu::default()
            }),
            processes: Some(TopProcesses {
                by_cpu: vec![Process {
                    name: "indexer".into(),
                    cpu_percent: 81.6,
                    ..Process::default()
                }],
                ..TopProcesses::default()
            }),
            ..Machine::default()
        };
        let found = findings(&machine);
        assert_eq!(found[0].title, "The processor is 97 % busy");
        assert_eq!(found[0].detail, "The busiest processes are indexer (82 %).");
    }
}
