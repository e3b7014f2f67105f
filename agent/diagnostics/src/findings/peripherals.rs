//! Health of disks and batteries, heat, printers, devices in trouble.

use super::finding;
use crate::units::counted;
use helpbell_model::report::{
    Area::Hardware, Battery, Cpu, DeviceProblem, DiskHealth, Finding, Machine, Printer, Severity,
};

/// Share of its life, in percent, after which a disk is to be replaced before it says so itself.
const DISK_WORN: u32 = 90;
/// Sectors a disk may give up without that meaning anything. Past a handful, studies of large fleets saw most disks fail
/// within the year.
const DISK_REALLOCATED: u64 = 10;
/// Degrees at which a turning disk ages quickly, and at which one without moving parts slows down.
const DISK_HOT_TURNING: i32 = 55;
const DISK_HOT: i32 = 70;
/// Degrees at which processors slow themselves down.
const CPU_HOT: f32 = 95.0;
/// What a battery holds of what it held when new, in percent, below which people notice.
const BATTERY_WORN: f32 = 60.0;
/// Charge, in percent, at which systems begin to warn.
const BATTERY_LOW: f32 = 10.0;
/// Printers and devices told one by one.
const MOST: usize = 5;

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let mut found: Vec<Finding> = machine.disk_health.iter().flatten().flat_map(disk).collect();
    found.extend(machine.cpu.as_ref().and_then(heat));
    found.extend(machine.batteries.iter().flatten().flat_map(battery));
    found.extend(machine.printers.iter().flatten().filter_map(printer).take(MOST));
    let problems = machine.devices.iter().flat_map(|devices| &devices.problems);
    found.extend(problems.take(MOST).map(device));
    found
}

fn warning(title: String, detail: impl Into<String>) -> Finding {
    finding(Hardware, Severity::Warning, title, detail)
}

/// The worst a disk says of itself, and its heat.
fn disk(disk: &DiskHealth) -> Vec<Finding> {
    let name = if disk.model.is_empty() {
        format!("Disk {}", disk.device)
    } else {
        format!("Disk {} ({})", disk.device, disk.model)
    };
    let replace = "Save what is on it and plan its replacement.";
    let health = match disk {
        DiskHealth {
            healthy: Some(false), ..
        } => Some(finding(
            Hardware,
            Severity::Problem,
            format!("{name} says that it is failing"),
            "It may stop at any moment. Save what is on it first, then replace it.",
        )),
        DiskHealth {
            media_errors: Some(errors @ 1..),
            ..
        } => Some(warning(
            format!("{name} has lost data in {}", counted(*errors, "place")),
            replace,
        )),
        DiskHealth {
            wear_percent: Some(worn @ DISK_WORN..),
            ..
        } => Some(warning(
            format!("{name} has used up {worn} % of its life"),
            replace,
        )),
        DiskHealth {
            reallocated: Some(sectors @ DISK_REALLOCATED..),
            ..
        } => Some(warning(
            format!("{name} had to give up {}", counted(*sectors, "sector")),
            replace,
        )),
        _ => None,
    };
    let turning = disk.kind.as_deref() == Some("HDD");
    let hot = if turning { DISK_HOT_TURNING } else { DISK_HOT };
    let heat = disk.celsius.filter(|celsius| *celsius >= hot).map(|celsius| {
        let detail =
            "Disks slow down and age when they are hot. Dust and blocked vents are the usual reasons.";
        warning(format!("{name} is {celsius} °C hot"), detail)
    });
    health.into_iter().chain(heat).collect()
}

fn heat(cpu: &Cpu) -> Option<Finding> {
    let celsius = cpu.celsius.filter(|celsius| *celsius >= CPU_HOT)?;
    let detail =
        "It slows itself down at that heat. Dust, a dead fan or blocked vents are the usual reasons.";
    Some(warning(format!("The processor is {celsius:.0} °C hot"), detail))
}

fn battery(battery: &Battery) -> Vec<Finding> {
    let worn = battery.health_percent.filter(|health| *health < BATTERY_WORN).map(|health| {
        let cycles = battery
            .cycles
            .map(|cycles| format!("It was charged {}. ", counted(cycles.into(), "time")))
            .unwrap_or_default();
        warning(
            format!("The battery holds {health:.0} % of what it held when new"),
            format!("{cycles}The machine runs that much shorter without mains, and may go off without warning."),
        )
    });
    let low = (battery.state == "discharging" && battery.charge_percent <= BATTERY_LOW).then(|| {
        warning(
            format!("The battery is down to {:.0} %", battery.charge_percent),
            "The machine is not on mains and will go off soon.",
        )
    });
    worn.into_iter().chain(low).collect()
}

/// A printer that is off and that nobody prints on keeps nobody from working.
fn printer(printer: &Printer) -> Option<Finding> {
    let name = &printer.name;
    let waiting = match (printer.jobs, printer.stuck_jobs) {
        (0, _) => String::new(),
        (jobs, 0) => format!("{} in its queue. ", counted(jobs.into(), "job")),
        (jobs, stuck) => format!(
            "{} in its queue, {stuck} of them stuck. ",
            counted(jobs.into(), "job")
        ),
    };
    let wanted = printer.default || printer.jobs > 0;
    if printer.ready == Some(false) && wanted {
        let default = if printer.default {
            "It is the default printer. "
        } else {
            ""
        };
        return Some(warning(
            format!("Printer {name} does not print: {}", printer.state),
            format!("{waiting}{default}").trim_end().to_owned(),
        ));
    }
    (printer.stuck_jobs > 0).then(|| {
        warning(
            format!(
                "Printer {name} has {}",
                counted(printer.stuck_jobs.into(), "stuck job")
            ),
            format!(
                "{waiting}It says: {}. Cancelling the oldest one often frees the rest.",
                printer.state
            ),
        )
    })
}

fn device(problem: &DeviceProblem) -> Finding {
    let class = problem
        .class
        .as_deref()
        .map(|class| format!("{class}: "))
        .unwrap_or_default();
    let code = problem
        .code
        .map(|code| format!(" (code {code})"))
        .unwrap_or_default();
    warning(
        format!("{class}{} does not work{code}", problem.name),
        format!("The system says: {}.", problem.meaning),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(machine: &Machine) -> Vec<String> {
        findings(machine)
            .into_iter()
            .map(|finding| finding.title)
            .collect()
    }

    fn with_disk(disk: DiskHealth) -> Machine {
        Machine {
            disk_health: Some(vec![DiskHealth {
                device: "sda".into(),
                model: "WDC WD10".into(),
                healthy: disk.healthy.or(Some(true)),
                ..disk
            }]),
            ..Machine::default()
        }
    }

    #[test]
    fn a_dying_disk_is_a_problem_whatever_else_it_says() {
        let machine = with_disk(DiskHealth {
            healthy: Some(false),
            media_errors: Some(4),
            wear_percent: Some(99),
            ..DiskHealth::default()
        });
        let found = findings(&machine);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].severity, found[0].title.as_str()),
            (Severity::Problem, "Disk sda (WDC WD10) says that it is failing")
        );
    }

    #[test]
    fn a_disk_is_worn_at_nine_tenths_of_its_life() {
        let worn = |wear_percent| {
            titles(&with_disk(DiskHealth {
                wear_percent: Some(wear_percent),
                ..DiskHealth::default()
            }))
        };
        assert_eq!(worn(89), Vec::<String>::new());
        assert_eq!(worn(90), ["Disk sda (WDC WD10) has used up 90 % of its life"]);
    }

    #[test]
    fn lost_data_counts_from_the_first_place_and_given_up_sectors_from_the_tenth() {
        let with = |media_errors, reallocated| {
            titles(&with_disk(DiskHealth {
                media_errors: Some(media_errors),
                reallocated: Some(reallocated),
                ..DiskHealth::default()
            }))
        };
        assert_eq!(with(0, 9), Vec::<String>::new());
        assert_eq!(with(0, 10), ["Disk sda (WDC WD10) had to give up 10 sectors"]);
        assert_eq!(with(1, 10), ["Disk sda (WDC WD10) has lost data in 1 place"]);
    }

    #[test]
    fn a_turning_disk_is_hot_earlier_than_others() {
        let at = |kind: &str, celsius| {
            titles(&with_disk(DiskHealth {
                kind: Some(kind.into()),
                celsius: Some(celsius),
                ..DiskHealth::default()
            }))
        };
        assert_eq!(at("HDD", 54), Vec::<String>::new());
        assert_eq!(at("HDD", 55), ["Disk sda (WDC WD10) is 55 °C hot"]);
        assert_eq!(at("NVMe", 69), Vec::<String>::new());
        assert_eq!(at("NVMe", 70).len(), 1);
    }

    #[test]
    fn a_processor_is_hot_where_it_slows_itself_down() {
        let at = |celsius| {
            titles(&Machine {
                cpu: Some(Cpu {
                    celsius: Some(celsius),
                    ..Cpu::default()
                }),
                ..Machine::default()
            })
        };
        assert_eq!(at(94.9), Vec::<String>::new());
        assert_eq!(at(95.0), ["The processor is 95 °C hot"]);
    }

    fn with_battery(health: f32, charge: f32, state: &str) -> Vec<String> {
        titles(&Machine {
            batteries: Some(vec![Battery {
                health_percent: Some(health),
                charge_percent: charge,
                state: state.into(),
                cycles: Some(612),
                ..Battery::default()
            }]),
            ..Machine::default()
        })
    }

    #[test]
    fn a_battery_is_worn_below_three_fifths() {
        assert_eq!(with_battery(60.0, 50.0, "discharging"), Vec::<String>::new());
        assert_eq!(
            with_battery(56.2, 50.0, "discharging"),
            ["The battery holds 56 % of what it held when new"]
        );
    }

    #[test]
    fn an_empty_battery_matters_only_without_mains() {
        assert_eq!(with_battery(99.0, 10.0, "charging"), Vec::<String>::new());
        assert_eq!(with_battery(99.0, 10.1, "discharging"), Vec::<String>::new());
        assert_eq!(
            with_battery(99.0, 10.0, "discharging"),
            ["The battery is down to 10 %"]
        );
    }

    fn with_printer(printer: Printer) -> Vec<Finding> {
        findings(&Machine {
            printers: Some(vec![Printer {
                name: "Office".into(),
                ..printer
            }]),
            ..Machine::default()
        })
    }

    #[test]
    fn a_printer_that_does_not_print_is_told_if_anybody_wants_it_to() {
        let off = Printer {
            state: "paused, paper jam".into(),
            ready: Some(false),
            ..Printer::default()
        };
        assert_eq!(with_printer(off.clone()), []);
        let found = with_printer(Printer {
            default: true,
            jobs: 3,
            stuck_jobs: 2,
            ..off
        });
        assert_eq!(found[0].title, "Printer Office does not print: paused, paper jam");
        assert_eq!(
            found[0].detail,
            "3 jobs in its queue, 2 of them stuck. It is the default printer."
        );
    }

    #[test]
    fn stuck_jobs_are_told_of_a_printer_that_calls_itself_ready() {
        let ready = |stuck_jobs| {
            with_printer(Printer {
                state: "ready".into(),
                ready: Some(true),
                jobs: 4,
                stuck_jobs,
                ..Printer::default()
            })
        };
        assert_eq!(ready(0), []);
        assert_eq!(ready(1)[0].title, "Printer Office has 1 stuck job");
    }

    #[test]
    fn a_device_that_does_not_work_is_told_in_the_systems_words() {
        let machine = Machine {
            devices: Some(helpbell_model::report::Devices {
                problems: vec![
                    DeviceProblem {
                        name: "Webcam".into(),
                        class: Some("Camera".into()),
                        code: Some(43),
                        meaning: "it stopped after an error".into(),
                    };
                    9
                ],
                ..Default::default()
            }),
            ..Machine::default()
        };
        let found = findings(&machine);
        assert_eq!(found.len(), MOST);
        assert_eq!(found[0].title, "Camera: Webcam does not work (code 43)");
        assert_eq!(found[0].detail, "The system says: it stopped after an error.");
    }
}
