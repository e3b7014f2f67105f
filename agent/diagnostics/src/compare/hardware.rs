//! Memory, disks, printers, devices, monitors.

use super::changes::{Changes, matched, only_in, shown};
use crate::units::{bytes, counted, percent};
use helpbell_model::report::{
    Area, Battery, Cpu, Devices, Disk, DiskHealth, Gpu, Machine, Memory, Monitor, Printer, Product, Severity,
};

const AREA: Area = Area::Hardware;

/// Percentage points of a disk's size by which its free space must have changed: less comes and goes in a day.
const FREE_POINTS: f64 = 5.0;
/// Share of a disk that is free, in percent, below which losing room is bad news.
const LITTLE_FREE: f64 = 10.0;
/// Percentage points of a battery's or a disk's life.
const LIFE_POINTS: f64 = 5.0;
/// Share of the memory, in percent, that firmware and graphics take more or less of.
const MEMORY_PERCENT: f64 = 5.0;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Changes) {
    if let Some((old, new)) = changes.part("maker and model", old.product.as_ref(), new.product.as_ref()) {
        product(old, new, changes);
    }
    if let Some((old, new)) = changes.part("processor", old.cpu.as_ref(), new.cpu.as_ref()) {
        processor(old, new, changes);
    }
    if let Some((old, new)) = changes.part("memory", old.memory.as_ref(), new.memory.as_ref()) {
        memory(*old, *new, changes);
    }
    if let Some((old, new)) = changes.part("disks", old.disks.as_deref(), new.disks.as_deref()) {
        disks(old, new, changes);
    }
    let health = changes.part(
        "health of the disks",
        old.disk_health.as_deref(),
        new.disk_health.as_deref(),
    );
    if let Some((old, new)) = health {
        self::health(old, new, changes);
    }
    if let Some((old, new)) = changes.part("printers", old.printers.as_deref(), new.printers.as_deref()) {
        printers(old, new, changes);
    }
    if let Some((old, new)) = changes.part("devices", old.devices.as_ref(), new.devices.as_ref()) {
        devices(old, new, changes);
    }
    if let Some((old, new)) = changes.part("graphics", old.gpus.as_deref(), new.gpus.as_deref()) {
        graphics(old, new, changes);
    }
    if let Some((old, new)) = changes.part("batteries", old.batteries.as_deref(), new.batteries.as_deref()) {
        batteries(old, new, changes);
    }
    if let Some((old, new)) = changes.part("session", old.session.as_ref(), new.session.as_ref()) {
        monitors(&old.monitors, &new.monitors, changes);
    }
}

fn product(old: &Product, new: &Product, changes: &mut Changes) {
    let values = [
        ("the model", &old.model, &new.model),
        ("the firmware", &old.firmware, &new.firmware),
        ("the virtual machine", &old.virtualization, &new.virtualization),
    ];
    for (name, old, new) in values {
        changes.value(AREA, Severity::Info, name, old.as_ref(), new.as_ref());
    }
}

fn processor(old: &Cpu, new: &Cpu, changes: &mut Changes) {
    changes.value(
        AREA,
        Severity::Info,
        "the processor",
        Some(&old.brand),
        Some(&new.brand),
    );
    let threads = |cpu: &Cpu| Some(counted(u64::from(cpu.threads), "thread"));
    changes.value(
        AREA,
        Severity::Info,
        "the number of threads",
        threads(old),
        threads(new),
    );
}

fn memory(old: Memory, new: Memory, changes: &mut Changes) {
    if percent(old.total.abs_diff(new.total), old.total.max(new.total)) < MEMORY_PERCENT {
        return;
    }
    // A module that is gone was taken out, or is broken.
    let severity = if new.total < old.total {
        Severity::Warning
    } else {
        Severity::Info
    };
    let (old, new) = (bytes(old.total), bytes(new.total));
    changes.value(AREA, severity, "the memory", Some(old), Some(new));
}

fn disks(old: &[Disk], new: &[Disk], changes: &mut Changes) {
    let disks = matched(old, new, |disk| disk.mount.clone());
    let told = |disk: &&Disk, what: &str| format!("the disk {} {what}", shown(&disk.mount));
    changes.extend(
        AREA,
        Severity::Info,
        disks.added.iter().map(|disk| told(disk, "is new")),
    );
    changes.extend(
        AREA,
        Severity::Info,
        disks.gone.iter().map(|disk| told(disk, "is gone")),
    );
    for (old, new) in disks.both {
        let name = shown(&new.mount);
        let free = |disk: &Disk| percent(disk.available, disk.total);
        let (before, after) = (free(old), free(new));
        if (before - after).abs() >= FREE_POINTS {
            let severity = if after < before && after < LITTLE_FREE {
                Severity::Warning
            } else {
                Severity::Info
            };
            let text = format!(
                "{name} has {} free now (was {})",
                bytes(new.available),
                bytes(old.available)
            );
            changes.add(AREA, severity, text);
        }
        if old.total != new.total {
            let of = format!("the size of {name}");
            changes.value(
                AREA,
                Severity::Info,
                &of,
                Some(bytes(old.total)),
                Some(bytes(new.total)),
            );
        }
        if !old.read_only && new.read_only {
            changes.add(
                AREA,
                Severity::Warning,
                format!("{name} cannot be written to any more"),
            );
        }
        let systems = (Some(&old.file_system), Some(&new.file_system));
        changes.value(
            AREA,
            Severity::Info,
            &format!("the file system of {name}"),
            systems.0,
            systems.1,
        );
    }
}

fn health(old: &[DiskHealth], new: &[DiskHealth], changes: &mut Changes) {
    let disks = matched(old, new, |disk| format!("{} {}", disk.device, disk.model));
    let told = |disk: &&DiskHealth, what: &str| {
        format!("the disk {} ({}) {what}", shown(&disk.model), shown(&disk.device))
    };
    changes.extend(
        AREA,
        Severity::Info,
        disks.added.iter().map(|disk| told(disk, "is new")),
    );
    changes.extend(
        AREA,
        Severity::Warning,
        disks.gone.iter().map(|disk| told(disk, "is gone")),
    );
    for (old, new) in &disks.both {
        if old.healthy != Some(false) && new.healthy == Some(false) {
            changes.add(AREA, Severity::Problem, told(new, "says it is failing now"));
        }
        let counts = [
            (
                "sectors given up",
                old.reallocated,
                new.reallocated,
                Severity::Warning,
            ),
            (
                "errors that lost data",
                old.media_errors,
                new.media_errors,
                Severity::Problem,
            ),
        ];
        for (what, old, now, severity) in counts {
            if let (Some(old), Some(now)) = (old, now)
                && now > old
            {
                changes.add(
                    AREA,
                    severity,
                    told(new, &format!("has {now} {what} (was {old})")),
                );
            }
        }
        if let (Some(old), Some(now)) = (old.wear_percent, new.wear_percent)
            && f64::from(now) - f64::from(old) >= LIFE_POINTS
        {
            let worn = format!("is worn to {now} % (was {old} %)");
            changes.add(AREA, Severity::Info, told(new, &worn));
        }
    }
}

fn printers(old: &[Printer], new: &[Printer], changes: &mut Changes) {
    let printers = matched(old, new, |printer| printer.name.clone());
    let told = |printer: &&Printer, what: &str| format!("the printer {} {what}", shown(&printer.name));
    changes.extend(
        AREA,
        Severity::Info,
        printers.added.iter().map(|printer| told(printer, "is new")),
    );
    changes.extend(
        AREA,
        Severity::Warning,
        printers.gone.iter().map(|printer| told(printer, "is gone")),
    );
    let default = |printers: &[Printer]| {
        let default = printers.iter().find(|printer| printer.default);
        default.map(|printer| printer.name.clone())
    };
    changes.value(
        AREA,
        Severity::Info,
        "the default printer",
        default(old),
        default(new),
    );
    for (old, new) in &printers.both {
        if let (Some(true), Some(false)) = (old.ready, new.ready) {
            changes.add(AREA, Severity::Warning, told(new, "does not print any more"));
        }
        let of = |what: &str| format!("the {what} of the printer {}", shown(&new.name));
        changes.value(
            AREA,
            Severity::Info,
            &of("driver"),
            old.driver.as_ref(),
            new.driver.as_ref(),
        );
        changes.value(
            AREA,
            Severity::Info,
            &of("port"),
            old.port.as_ref(),
            new.port.as_ref(),
        );
    }
}

fn devices(old: &Devices, new: &Devices, changes: &mut Changes) {
    let problems = matched(&old.problems, &new.problems, |problem| problem.name.clone());
    changes.extend(
        AREA,
        Severity::Warning,
        problems.added.iter().map(|problem| {
            format!(
                "the device {} does not work: {}",
                shown(&problem.name),
                shown(&problem.meaning)
            )
        }),
    );
    changes.extend(
        AREA,
        Severity::Info,
        problems
            .gone
            .iter()
            .map(|problem| format!("the device {} is in trouble no longer", shown(&problem.name))),
    );
    for (what, old, new) in [
        ("the monitor", &old.displays, &new.displays),
        ("the docking station", &old.docks, &new.docks),
        ("the sound device", &old.audio, &new.audio),
        ("the camera", &old.cameras, &new.cameras),
        ("the USB device", &old.usb, &new.usb),
    ] {
        let told = |name: &String, is: &str| format!("{what} {} was {is}", shown(name));
        let added = only_in(new, old);
        changes.extend(
            AREA,
            Severity::Info,
            added.into_iter().map(|name| told(name, "plugged in")),
        );
        let gone = only_in(old, new);
        changes.extend(
            AREA,
            Severity::Info,
            gone.into_iter().map(|name| told(name, "unplugged")),
        );
    }
}

fn graphics(old: &[Gpu], new: &[Gpu], changes: &mut Changes) {
    for (old, new) in matched(old, new, |gpu| gpu.name.clone()).both {
        let of = format!("the driver of {}", shown(&new.name));
        let versions = (old.driver_version.as_ref(), new.driver_version.as_ref());
        changes.value(AREA, Severity::Info, &of, versions.0, versions.1);
    }
}

fn batteries(old: &[Battery], new: &[Battery], changes: &mut Changes) {
    if new.len() < old.len() {
        changes.add(AREA, Severity::Warning, "a battery is gone");
    }
    for (old, new) in old.iter().zip(new) {
        if let (Some(before), Some(after)) = (old.health_percent, new.health_percent)
            && f64::from(before - after) >= LIFE_POINTS
        {
            let text = format!("the battery holds {after:.0} % of what it did when new (was {before:.0} %)");
            changes.add(AREA, Severity::Info, text);
        }
    }
}

fn monitors(old: &[Monitor], new: &[Monitor], changes: &mut Changes) {
    let monitors = matched(old, new, |monitor| monitor.name.clone());
    let told = |monitor: &&Monitor, what: &str| format!("the screen {} {what}", shown(&monitor.name));
    changes.extend(
        AREA,
        Severity::Info,
        monitors.added.iter().map(|monitor| told(monitor, "is new")),
    );
    changes.extend(
        AREA,
        Severity::Info,
        monitors.gone.iter().map(|monitor| told(monitor, "is gone")),
    );
    for (old, new) in monitors.both {
        let size = |monitor: &Monitor| Some(crate::html::monitor_size(monitor));
        let of = format!("the size of the screen {}", shown(&new.name));
        changes.value(AREA, Severity::Info, &of, size(old), size(new));
    }
}
