//! Disks, printers, devices, graphics, batteries, monitors.

use crate::{
    html::{
        facts::disk_bar,
        session,
        table::{Bar, Cell, Table, Values, yes_no},
        verdicts::{PROBLEM, WARNING},
    },
    units::{bytes, counted, duration},
};
use helpbell_model::report::{
    Battery, Cpu, Devices, Disk, DiskHealth, Gpu, Machine, Memory, Monitor, Printer,
};

/// Share of its life, in percent, from which a disk should be replaced.
const WORN_PERCENT: f64 = 90.0;

pub(super) fn tables(machine: &Machine) -> Vec<Table> {
    let mut tables = Vec::new();
    tables.extend(machine.disks.as_deref().map(disks));
    tables.extend(machine.disk_health.as_deref().map(health));
    tables.extend(machine.printers.as_deref().map(printers));
    if let Some(devices) = &machine.devices {
        tables.push(problems(devices));
        tables.push(plugged_in(devices));
    }
    tables.push(processor_and_memory(machine.cpu.as_ref(), machine.memory));
    tables.extend(machine.gpus.as_deref().map(graphics));
    tables.extend(machine.batteries.as_deref().map(batteries));
    tables.extend(
        machine
            .session
            .as_ref()
            .map(|session| monitors(&session.monitors)),
    );
    tables
}

fn disks(disks: &[Disk]) -> Table {
    let fullest = disks
        .iter()
        .filter(|disk| !disk.read_only)
        .max_by_key(|disk| disk_bar(disk).percent)
        .map(|disk| {
            format!(
                "{}: {} % in use",
                disk.mount.trim_end_matches(':'),
                disk_bar(disk).percent
            )
        });
    Table::of(
        "Disks",
        Cell::text(&fullest.unwrap_or_default()).text,
        &["Mount", "In use", "Free", "Size", "System", "Device"],
        disks,
        |disk| {
            let bar = disk_bar(disk);
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
        },
    )
}

fn health(disks: &[DiskHealth]) -> Table {
    let failing = disks.iter().filter(|disk| disk.healthy == Some(false)).count();
    let summary = if failing == 0 {
        disks.len().to_string()
    } else {
        format!("{failing} of {} failing", disks.len())
    };
    Table::of(
        "Health of the disks",
        summary,
        &[
            "Disk", "Says", "Size", "Worn", "Ran", "Heat", "Given up", "Lost", "Note",
        ],
        disks,
        |disk| {
            let kind = disk
                .kind
                .as_ref()
                .map(|kind| format!(", {kind}"))
                .unwrap_or_default();
            let says = disk
                .healthy
                .map(|healthy| if healthy { "healthy" } else { "failing" });
            let worn = disk.wear_percent.map_or_else(
                || Cell::maybe_number(None),
                |worn| {
                    let bar = Bar::of(f64::from(worn), WORN_PERCENT, 100.0);
                    Cell::number(format!("{worn} %")).with(bar)
                },
            );
            vec![
                Cell::text(&format!("{} ({}{kind})", disk.model, disk.device)),
                Cell::maybe(says).marked(disk.healthy == Some(false), PROBLEM.class),
                Cell::maybe_number(disk.bytes.map(bytes)),
                worn,
                Cell::maybe_number(disk.hours.map(|hours| duration(hours.saturating_mul(3600)))),
                Cell::maybe_number(disk.celsius.map(|celsius| format!("{celsius} °C"))),
                Cell::maybe_number(disk.reallocated.map(|count| count.to_string())),
                Cell::maybe_number(disk.media_errors.map(|count| count.to_string()))
                    .marked(disk.media_errors.is_some_and(|count| count > 0), PROBLEM.class),
                Cell::long(&disk.note),
            ]
        },
    )
}

fn printers(printers: &[Printer]) -> Table {
    let stuck = printers.iter().map(|printer| u64::from(printer.stuck_jobs)).sum();
    let summary = if stuck == 0 {
        printers.len().to_string()
    } else {
        format!("{} stuck", counted(stuck, "job"))
    };
    Table::of(
        "Printers",
        summary,
        &["Printer", "State", "Jobs", "Stuck", "Driver", "Port"],
        printers,
        |printer| {
            let name = if printer.default {
                format!("{} (default)", printer.name)
            } else {
                printer.name.clone()
            };
            vec![
                Cell::text(&name),
                Cell::text(&printer.state).marked(printer.ready == Some(false), WARNING.class),
                Cell::number(printer.jobs.to_string()),
                Cell::number(printer.stuck_jobs.to_string()).marked(printer.stuck_jobs > 0, WARNING.class),
                Cell::maybe(printer.driver.as_deref()),
                Cell::maybe(printer.port.as_deref()),
            ]
        },
    )
}

fn problems(devices: &Devices) -> Table {
    Table::of(
        "Devices in trouble",
        devices.problems.len().to_string(),
        &["Device", "Class", "Code", "What it means"],
        &devices.problems,
        |problem| {
            vec![
                Cell::text(&problem.name),
                Cell::maybe(problem.class.as_deref()),
                Cell::maybe_number(problem.code.map(|code| code.to_string())),
                Cell::long(&problem.meaning),
            ]
        },
    )
}

fn plugged_in(devices: &Devices) -> Table {
    let mut values = Values::default();
    for (name, list) in [
        ("Monitors", &devices.displays),
        ("Docking stations", &devices.docks),
        ("Sound", &devices.audio),
        ("Cameras", &devices.cameras),
        ("On USB", &devices.usb),
    ] {
        values.add(name, list.join(", "));
    }
    Table::values("Plugged in", "", values)
}

fn processor_and_memory(cpu: Option<&Cpu>, memory: Option<Memory>) -> Table {
    let mut values = Values::default();
    let mut summary = "";
    if let Some(cpu) = cpu {
        summary = &cpu.brand;
        values.add("Processor", &cpu.brand);
        let cores = cpu
            .cores
            .map(|cores| format!("{} with ", counted(u64::from(cores), "core")));
        let threads = counted(u64::from(cpu.threads), "thread");
        values.add("Made of", format!("{}{threads}", cores.unwrap_or_default()));
        values.add("Load", format!("{:.0} %", cpu.load_percent));
        values.maybe("Clock", cpu.mhz.map(|mhz| format!("{mhz} MHz")));
        values.maybe("Heat", cpu.celsius.map(|celsius| format!("{celsius:.0} °C")));
        let average = cpu
            .load_average
            .map(|[one, five, fifteen]| format!("{one:.2}, {five:.2}, {fifteen:.2}"));
        values.maybe("Load average (1, 5, 15 minutes)", average);
    }
    if let Some(memory) = memory {
        let available = format!("{} available of {}", bytes(memory.available), bytes(memory.total));
        values.add("Memory", available);
        let swap = if memory.swap_total == 0 {
            "none".to_owned()
        } else {
            format!(
                "{} in use of {}",
                bytes(memory.swap_used),
                bytes(memory.swap_total)
            )
        };
        values.add("Swap", swap);
    }
    Table::values("Processor and memory", summary, values)
}

fn graphics(gpus: &[Gpu]) -> Table {
    Table::of(
        "Graphics",
        gpus.first()
            .map(|gpu| Cell::text(&gpu.name).text)
            .unwrap_or_default(),
        &["Processor", "Driver", "Version", "Date", "Memory", "Load"],
        gpus,
        |gpu| {
            vec![
                Cell::text(&gpu.name),
                Cell::maybe(gpu.driver.as_deref()),
                Cell::maybe(gpu.driver_version.as_deref()),
                Cell::maybe(gpu.driver_date.as_deref()),
                Cell::maybe_number(gpu.memory.map(bytes)),
                Cell::maybe_number(gpu.load_percent.map(|load| format!("{load:.0} %"))),
            ]
        },
    )
}

fn batteries(batteries: &[Battery]) -> Table {
    let summary = batteries
        .first()
        .map(|battery| format!("{:.0} %", battery.charge_percent));
    Table::of(
        "Batteries",
        summary.unwrap_or_default(),
        &[
            "Battery",
            "Charge",
            "State",
            "Holds of new",
            "Charged",
            "Power",
            "Left",
        ],
        batteries,
        |battery| {
            vec![
                Cell::maybe(battery.model.as_deref()),
                Cell::number(format!("{:.0} %", battery.charge_percent)),
                Cell::text(&battery.state),
                Cell::maybe_number(battery.health_percent.map(|health| format!("{health:.0} %"))),
                Cell::maybe_number(battery.cycles.map(|cycles| counted(u64::from(cycles), "time"))),
                Cell::maybe_number(battery.watts.map(|watts| format!("{watts:.1} W"))),
                Cell::maybe_number(battery.seconds_left.map(duration)),
            ]
        },
    )
}

fn monitors(monitors: &[Monitor]) -> Table {
    Table::of(
        "Monitors",
        monitors.len().to_string(),
        &["Monitor", "Size", "Place", "Refresh", "Primary"],
        monitors,
        |monitor| {
            vec![
                Cell::text(&monitor.name),
                Cell::number(session::size(monitor)),
                Cell::number(format!("{}, {}", monitor.x, monitor.y)),
                Cell::maybe_number(monitor.refresh_hz.map(|hertz| format!("{hertz:.0} Hz"))),
                Cell::text(yes_no(monitor.primary)),
            ]
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
                "—"
            ]
        );
        let bar = table.rows[0][1].bar.unwrap();
        assert_eq!((bar.percent, bar.class), (99, "problem"));
    }

    #[test]
    fn the_fold_of_the_disks_names_the_fullest() {
        let disk = |mount: &str, available, read_only| Disk {
            mount: mount.into(),
            total: 100,
            available,
            read_only,
            ..Disk::default()
        };
        // A CD is always full.
        let table = disks(&[disk("D:", 50, false), disk("C:", 3, false), disk("R:", 0, true)]);
        assert_eq!(table.summary, "C: 97 % in use");
    }

    #[test]
    fn a_disk_that_says_nothing_of_itself_is_neither_healthy_nor_failing() {
        let table = health(&[DiskHealth::default()]);
        assert_eq!((table.rows[0][1].text.as_str(), table.rows[0][1].tone), ("—", ""));
        assert_eq!(table.summary, "1");
    }

    #[test]
    fn stuck_jobs_are_told_before_the_fold_is_opened() {
        let printer = |stuck_jobs| Printer {
            stuck_jobs,
            ..Printer::default()
        };
        assert_eq!(printers(&[printer(0), printer(3)]).summary, "3 jobs stuck");
        assert_eq!(printers(&[printer(0)]).summary, "1");
    }
}
