//! Crashes, errors, updates, services, programs, processes.

use crate::{
    html::{
        table::{Bar, Cell, LONG_CELL_CHARS, Table, Values, yes_no},
        verdicts::{PROBLEM, WARNING, sentence},
        view::moment,
    },
    units::{bytes, counted},
};
use helpbell_model::{
    report::{
        App, Crash, Events, Machine, Process, Program, Programs, Service, Services, TopProcesses,
        UpdateFailure, Updates,
    },
    text::one_line,
};

/// Installed programs that are listed, where the provider wants all of them. A computer that has been worked on for
/// years has two hundred.
const MOST_PROGRAMS: usize = 400;
/// Share of the whole processor, in percent, from which one process is worth a colour.
const HUNGRY_PERCENT: f64 = 50.0;

const PROGRAM_HEAD: [&str; 4] = ["Program", "Version", "Maker", "Installed"];
const PROCESS_HEAD: [&str; 5] = ["Process", "PID", "Processor", "Memory", "Disks"];

pub(super) fn tables(machine: &Machine) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Some(events) = &machine.events {
        tables.push(crashes(events));
        tables.push(errors(events));
    }
    if let Some(services) = &machine.services {
        tables.push(stopped(services));
        tables.push(service_table(
            "Services everything hangs on",
            String::new(),
            &services.key,
        ));
    }
    if machine.updates.is_some() || machine.restart.is_some() {
        tables.push(updates(machine));
    }
    tables.extend(machine.updates.as_ref().map(failures));
    tables.extend(machine.apps.as_deref().map(apps));
    if let Some(top) = &machine.processes {
        tables.push(processes("Processes by processor", top, &top.by_cpu));
        tables.push(processes("Processes by memory", top, &top.by_memory));
        tables.push(processes("Processes by disk use", top, &top.by_disk));
    }
    if let Some(programs) = &machine.programs {
        tables.push(recent(programs));
        tables.push(all_programs(programs));
    }
    tables
}

fn crashes(events: &Events) -> Table {
    Table::of(
        "Crashes",
        format!("{} in {}", events.crashes.len(), hours(events)),
        &["What", "When", "At fault"],
        &events.crashes,
        |crash: &Crash| {
            vec![
                Cell::text(&crash.what),
                Cell::maybe(crash.at.map(moment).as_deref()),
                Cell::long(&crash.detail),
            ]
        },
    )
}

fn hours(events: &Events) -> String {
    counted(u64::from(events.hours), "hour")
}

fn errors(events: &Events) -> Table {
    let kinds = counted(u64::try_from(events.groups.len()).unwrap_or(u64::MAX), "kind");
    let mut table = Table::of(
        "Errors in the system's log",
        format!("{kinds} in {}", hours(events)),
        &["Source", "Number", "How often", "Last", "In its words"],
        &events.groups,
        |group| {
            let count = Cell::number(group.count.to_string());
            vec![
                Cell::text(&group.source),
                Cell::maybe_number(group.id.map(|id| id.to_string())),
                if group.critical {
                    Cell::text(&format!("{}, critical", group.count)).marked(true, PROBLEM.class)
                } else {
                    count
                },
                Cell::maybe(group.last.map(moment).as_deref()),
                Cell::long(&group.text),
            ]
        },
    );
    table.left_out = table
        .left_out
        .saturating_add(usize::try_from(events.left_out).unwrap_or(usize::MAX));
    table.note = sentence(&one_line(&events.note, LONG_CELL_CHARS));
    table
}

fn stopped(services: &Services) -> Table {
    let summary = format!(
        "{}; {} of {} run",
        services.stopped.len(),
        services.running,
        services.total
    );
    service_table("Services that stand still", summary, &services.stopped)
}

fn service_table(title: &'static str, summary: String, services: &[Service]) -> Table {
    Table::of(
        title,
        summary,
        &["Service", "Name", "State", "Ended with"],
        services,
        |service| {
            let failed = service.state == "failed";
            vec![
                Cell::text(&service.title),
                Cell::text(&service.name),
                Cell::text(&service.state).marked(
                    service.state != "running",
                    if failed { PROBLEM.class } else { WARNING.class },
                ),
                Cell::maybe_number(service.exit_code.map(|code| code.to_string())),
            ]
        },
    )
}

fn updates(machine: &Machine) -> Table {
    let mut values = Values::default();
    let mut summary = String::new();
    if let Some(known) = &machine.updates {
        let Updates {
            checked_at,
            installed_at,
            waiting,
            waiting_security,
            managed_by,
            failures: _,
        } = known;
        summary = waiting
            .map(|count| format!("{count} waiting"))
            .unwrap_or_default();
        values.maybe("Waiting", waiting.map(|count| count.to_string()));
        if let Some(count) = waiting_security {
            let tone = if *count > 0 { WARNING.class } else { "" };
            values.add_marked("Of those, for security", count.to_string(), tone);
        }
        values.maybe("Last looked", checked_at.map(moment));
        values.maybe("Last installed", installed_at.map(moment));
        values.maybe("Decided by", managed_by.as_deref());
    }
    if let Some(restart) = &machine.restart {
        let packages = if restart.packages.is_empty() {
            String::new()
        } else {
            format!(" ({})", restart.packages.join(", "))
        };
        let pending = format!("{}{packages}", yes_no(restart.pending));
        let tone = if restart.pending { WARNING.class } else { "" };
        values.add_marked("Waits for a restart", pending, tone);
        values.add("Files wait for the next start", yes_no(restart.files_waiting));
    }
    Table::values("Updates and restart", &summary, values)
}

fn failures(updates: &Updates) -> Table {
    Table::of(
        "Updates that failed",
        updates.failures.len().to_string(),
        &["Update", "When", "Code"],
        &updates.failures,
        |failure: &UpdateFailure| {
            vec![
                Cell::text(&failure.name),
                Cell::maybe(failure.at.map(moment).as_deref()),
                Cell::maybe(failure.code.as_deref()),
            ]
        },
    )
}

fn apps(apps: &[App]) -> Table {
    let running = apps.iter().filter(|app| app.running == Some(true)).count();
    Table::of(
        "Programs people work with",
        format!("{running} of {} running", apps.len()),
        &["Program", "Version", "Channel", "Running", "Note"],
        apps,
        |app| {
            vec![
                Cell::text(&app.name),
                Cell::maybe(app.version.as_deref()),
                Cell::maybe(app.channel.as_deref()),
                Cell::maybe(app.running.map(yes_no)),
                Cell::text(&app.note),
            ]
        },
    )
}

fn processes(title: &'static str, top: &TopProcesses, list: &[Process]) -> Table {
    let summary = format!("top {} of {}", list.len(), top.running);
    Table::of(title, summary, &PROCESS_HEAD, list, |process| {
        let bar = Bar::of(f64::from(process.cpu_percent), HUNGRY_PERCENT, 101.0);
        vec![
            Cell::text(&process.name),
            Cell::number(process.pid.to_string()),
            Cell::number(format!("{:.1} %", process.cpu_percent)).with(bar),
            Cell::number(bytes(process.memory)),
            Cell::number(format!("{}/s", bytes(process.disk))),
        ]
    })
}

fn recent(programs: &Programs) -> Table {
    let summary = format!("{} of {} programs", programs.recent.len(), programs.count);
    Table::of(
        "Lately installed or updated",
        summary,
        &PROGRAM_HEAD,
        &programs.recent,
        program,
    )
}

fn all_programs(programs: &Programs) -> Table {
    Table::within(
        MOST_PROGRAMS,
        "All programs",
        programs.count.to_string(),
        &PROGRAM_HEAD,
        &programs.all,
        program,
    )
}

fn program(program: &Program) -> Vec<Cell> {
    vec![
        Cell::text(&program.name),
        Cell::maybe(program.version.as_deref()),
        Cell::maybe(program.maker.as_deref()),
        Cell::maybe(program.installed.as_deref()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_the_probe_left_out_are_counted_too() {
        let events = Events {
            left_out: 7,
            groups: vec![Default::default(); 32],
            ..Events::default()
        };
        assert_eq!(errors(&events).left_out, 9);
    }

    #[test]
    fn a_service_that_runs_is_no_news_and_a_failed_one_is_bad_news() {
        let service = |state: &str| Service {
            state: state.into(),
            ..Service::default()
        };
        let table = service_table("s", String::new(), &["running", "stopped", "failed"].map(service));
        let tones: Vec<&str> = table.rows.iter().map(|row| row[2].tone).collect();
        assert_eq!(tones, ["", "warning", "problem"]);
    }
}
