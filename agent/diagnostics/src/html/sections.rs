//! The machine in facts and tables.

use super::view::{Bar, CELL_CHARS, Cell, Fact, MOST_ROWS, Table};
use crate::units::{bits_per_second, bytes, counted, duration, percent};
use helpbell_model::{
    report::{Disk, Interface, Machine, Memory, Network, OperatingSystem, Process, TopProcesses},
    text::one_line,
};

/// Shares of a disk in use, in percent, at which its bar changes colour; the findings judge more finely.
const DISK_BAR: (f64, f64) = (90.0, 98.0);
/// The same for memory.
const MEMORY_BAR: (f64, f64) = (90.0, 96.0);
/// The same for the processor, which is never a problem by itself.
const CPU_BAR: (f64, f64) = (90.0, 101.0);
/// Disks beside the findings; the table has all.
const FACT_DISKS: usize = 3;

const MACHINE_HEAD: [&str; 2] = ["What", "Value"];
const DISK_HEAD: [&str; 6] = ["Mount", "In use", "Free", "Size", "System", "Device"];
const INTERFACE_HEAD: [&str; 6] = ["Interface", "Kind", "State", "Addresses", "MAC", "Speed"];
const PROCESS_HEAD: [&str; 4] = ["Process", "PID", "Processor", "Memory"];

fn clean(text: &str) -> String {
    one_line(text, CELL_CHARS)
}

fn used(disk: &Disk) -> Bar {
    Bar::of(
        percent(disk.total.saturating_sub(disk.available), disk.total),
        DISK_BAR.0,
        DISK_BAR.1,
    )
}

fn memory_used(memory: Memory) -> Bar {
    let share = percent(memory.total.saturating_sub(memory.available), memory.total);
    Bar::of(share, MEMORY_BAR.0, MEMORY_BAR.1)
}

/// What a technician wants to know of any machine, beside the findings.
pub(super) fn facts(machine: &Machine) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |label: &str, value: String, bar: Option<Bar>| {
        if !value.is_empty() {
            facts.push(Fact {
                label: clean(label),
                value,
                bar,
            });
        }
    };
    if let Some(os) = &machine.os {
        add("System", clean(&os.name), None);
    }
    if let Some(product) = &machine.product {
        let parts: Vec<&str> = [&product.maker, &product.model]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        add("Model", clean(&parts.join(" ")), None);
        add(
            "Serial",
            clean(product.serial.as_deref().unwrap_or_default()),
            None,
        );
    }
    if let Some(uptime) = machine.uptime {
        add("Running for", duration(uptime.seconds), None);
    }
    if let Some(cpu) = &machine.cpu {
        let bar = Bar::of(f64::from(cpu.load_percent), CPU_BAR.0, CPU_BAR.1);
        add(
            "Processor",
            format!(
                "{} % of {}",
                bar.percent,
                counted(u64::from(cpu.threads), "thread")
            ),
            Some(bar),
        );
    }
    if let Some(memory) = machine.memory {
        let value = format!("{} of {} available", bytes(memory.available), bytes(memory.total));
        add("Memory", value, Some(memory_used(memory)));
    }
    let fixed = machine
        .disks
        .iter()
        .flatten()
        .filter(|disk| !disk.removable && !disk.read_only);
    for disk in fixed.take(FACT_DISKS) {
        let value = format!("{} free of {}", bytes(disk.available), bytes(disk.total));
        add(&format!("Disk {}", disk.mount), value, Some(used(disk)));
    }
    if let Some(network) = &machine.network {
        if let Some(first) = network
            .interfaces
            .iter()
            .find(|interface| interface.default_route)
        {
            let address = first.addresses.first().map(String::as_str).unwrap_or_default();
            add("Address", clean(&format!("{address} ({})", first.name)), None);
        }
        add("Gateway", clean(&network.gateway.join(", ")), None);
        add("DNS", clean(&network.dns.join(", ")), None);
    }
    facts
}

/// Everything, behind folds.
pub(super) fn tables<'a>(machine: &Machine) -> Vec<Table<'a>> {
    let mut tables = vec![about(machine)];
    tables.extend(machine.disks.as_deref().map(disks));
    tables.extend(machine.network.as_ref().map(network));
    if let Some(top) = &machine.processes {
        tables.push(processes("Processes by processor", top, &top.by_cpu));
        tables.push(processes("Processes by memory", top, &top.by_memory));
    }
    tables.retain(|table| !table.rows.is_empty());
    tables
}

fn about<'a>(machine: &Machine) -> Table<'a> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut add = |label: &'static str, value: String| {
        if !value.is_empty() {
            rows.push(vec![Cell::text(label), Cell::text(&value)]);
        }
    };
    if let Some(OperatingSystem {
        name,
        version,
        kernel,
        architecture,
        hostname,
        ..
    }) = &machine.os
    {
        add("Host name", hostname.clone());
        add("Operating system", name.clone());
        add("Version", version.clone().unwrap_or_default());
        add("Kernel or build", kernel.clone().unwrap_or_default());
        add("Architecture", architecture.clone());
    }
    if let Some(product) = &machine.product {
        add("Maker", product.maker.clone().unwrap_or_default());
        add("Model", product.model.clone().unwrap_or_default());
        add("Serial number", product.serial.clone().unwrap_or_default());
    }
    if let Some(cpu) = &machine.cpu {
        add("Processor", cpu.brand.clone());
        add("Processor threads", cpu.threads.to_string());
        add("Processor load", format!("{:.0} %", cpu.load_percent));
        let average = cpu
            .load_average
            .map(|[one, five, fifteen]| format!("{one:.2}, {five:.2}, {fifteen:.2}"));
        add("Load average (1, 5, 15 minutes)", average.unwrap_or_default());
    }
    if let Some(memory) = machine.memory {
        add(
            "Memory",
            format!("{} available of {}", bytes(memory.available), bytes(memory.total)),
        );
        let swap = if memory.swap_total == 0 {
            "none".to_owned()
        } else {
            format!(
                "{} in use of {}",
                bytes(memory.swap_used),
                bytes(memory.swap_total)
            )
        };
        add("Swap", swap);
    }
    if let Some(uptime) = machine.uptime {
        add("Running for", duration(uptime.seconds));
    }
    if let Some(restart) = &machine.restart {
        let packages = if restart.packages.is_empty() {
            String::new()
        } else {
            format!(" ({})", restart.packages.join(", "))
        };
        add(
            "Restart pending",
            if restart.pending {
                format!("yes{packages}")
            } else {
                "no".to_owned()
            },
        );
    }
    if let Some(protection) = &machine.protection {
        add("Secure Boot", switched(protection.secure_boot));
        add(
            "System disk encrypted",
            protection
                .system_disk_encrypted
                .map_or("not known", yes_no)
                .to_owned(),
        );
    }
    if let Some(network) = &machine.network {
        add("Default gateway", network.gateway.join(", "));
        add("DNS servers", network.dns.join(", "));
    }
    let summary = machine.os.as_ref().map(|os| clean(&os.name)).unwrap_or_default();
    Table {
        title: "Machine",
        summary,
        head: &MACHINE_HEAD,
        rows,
    }
}

fn switched(on: Option<bool>) -> String {
    on.map_or("not known", |on| if on { "on" } else { "off" })
        .to_owned()
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn disks<'a>(disks: &[Disk]) -> Table<'a> {
    let rows = disks.iter().take(MOST_ROWS).map(|disk| {
        let bar = used(disk);
        let mut kind = disk.file_system.clone();
        for (flag, word) in [(disk.removable, "removable"), (disk.read_only, "read-only")] {
            if flag {
                kind = format!("{kind}, {word}");
            }
        }
        vec![
            Cell::text(&disk.mount),
            Cell::number(format!("{} %", bar.percent)).with(bar),
            Cell::number(bytes(disk.available)),
            Cell::number(bytes(disk.total)),
            Cell::text(&kind),
            Cell::text(&disk.device),
        ]
    });
    Table {
        title: "Disks",
        summary: disks.len().to_string(),
        head: &DISK_HEAD,
        rows: rows.collect(),
    }
}

fn network<'a>(network: &Network) -> Table<'a> {
    let rows = network.interfaces.iter().take(MOST_ROWS).map(|interface| {
        vec![
            Cell::text(&interface.name),
            Cell::text(&interface.kind),
            Cell::text(&state(interface)),
            Cell::long(&interface.addresses.join(", ")),
            Cell::text(interface.mac.as_deref().unwrap_or("—")),
            Cell::number(interface.speed.map_or_else(|| "—".to_owned(), bits_per_second)),
        ]
    });
    let up = network.interfaces.iter().filter(|interface| interface.up).count();
    let summary = format!("{up} of {} up", network.interfaces.len());
    Table {
        title: "Network interfaces",
        summary,
        head: &INTERFACE_HEAD,
        rows: rows.collect(),
    }
}

fn state(interface: &Interface) -> String {
    let mut state = if interface.up { "up" } else { "down" }.to_owned();
    for (flag, word) in [
        (interface.default_route, "default route"),
        (interface.virtual_interface, "virtual"),
    ] {
        if flag {
            state = format!("{state}, {word}");
        }
    }
    state
}

fn processes<'a>(title: &'static str, top: &TopProcesses, list: &[Process]) -> Table<'a> {
    let rows = list.iter().take(MOST_ROWS).map(|process| {
        let bar = Bar::of(f64::from(process.cpu_percent), 50.0, 101.0);
        vec![
            Cell::text(&process.name),
            Cell::number(process.pid.to_string()),
            Cell::number(format!("{:.1} %", process.cpu_percent)).with(bar),
            Cell::number(bytes(process.memory)),
        ]
    });
    let summary = format!("top {} of {}", list.len().min(MOST_ROWS), top.running);
    Table {
        title,
        summary,
        head: &PROCESS_HEAD,
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_nobody_could_examine_has_no_facts_and_no_tables() {
        assert!(facts(&Machine::default()).is_empty());
        assert!(tables(&Machine::default()).is_empty());
    }

    #[test]
    fn a_disk_tells_share_and_state() {
        let disk = Disk {
            mount: "/media/stick".into(),
            file_system: "vfat".into(),
            total: 100,
            available: 1,
            removable: true,
            read_only: true,
            ..Disk::default()
        };
        let table = disks(&[disk]);
        let row: Vec<&str> = table.rows[0].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(
            row,
            [
                "/media/stick",
                "99 %",
                "1 B",
                "100 B",
                "vfat, removable, read-only",
                ""
            ]
        );
        assert_eq!(
            table.rows[0][1].bar,
            Some(Bar {
                percent: 99,
                class: "problem"
            })
        );
    }

    #[test]
    fn sticks_are_in_the_table_but_not_among_the_facts() {
        let stick = Disk {
            mount: "E:".into(),
            total: 100,
            available: 100,
            removable: true,
            ..Disk::default()
        };
        let machine = Machine {
            disks: Some(vec![stick]),
            ..Machine::default()
        };
        assert!(facts(&machine).is_empty());
        assert_eq!(tables(&machine)[0].title, "Disks");
    }

    #[test]
    fn what_is_not_known_is_called_not_known() {
        assert_eq!(switched(None), "not known");
        assert_eq!(
            (switched(Some(true)), switched(Some(false))),
            ("on".into(), "off".into())
        );
    }
}
