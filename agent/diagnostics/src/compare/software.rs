//! The system, its services and its programs.

use super::changes::{Changes, matched, shown};
use crate::units::counted;
use helpbell_model::report::{
    Account, App, Area, Crash, Events, Machine, OperatingSystem, Program, Programs, Restart, ScriptRun,
    Service, Services, Severity, Updates,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

const AREA: Area = Area::Software;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Changes) {
    if let Some((old, new)) = changes.part("system", old.os.as_ref(), new.os.as_ref()) {
        system(old, new, changes);
    }
    if let Some((old, new)) = changes.part("account", old.account.as_ref(), new.account.as_ref()) {
        account(old, new, changes);
    }
    if let Some((old, new)) = changes.part("restart", old.restart.as_ref(), new.restart.as_ref()) {
        restart(old, new, changes);
    }
    if let Some((old, new)) = changes.part("updates", old.updates.as_ref(), new.updates.as_ref()) {
        updates(old, new, changes);
    }
    if let Some((old, new)) = changes.part("events", old.events.as_ref(), new.events.as_ref()) {
        crashes(old, new, changes);
    }
    if let Some((old, new)) = changes.part("services", old.services.as_ref(), new.services.as_ref()) {
        services(old, new, changes);
    }
    if let Some((old, new)) = changes.part("programs", old.programs.as_ref(), new.programs.as_ref()) {
        programs(old, new, changes);
    }
    if let Some((old, new)) = changes.part("apps", old.apps.as_deref(), new.apps.as_deref()) {
        apps(old, new, changes);
    }
    if let Some((old, new)) = changes.part("scripts", old.scripts.as_deref(), new.scripts.as_deref()) {
        scripts(old, new, changes);
    }
}

fn system(old: &OperatingSystem, new: &OperatingSystem, changes: &mut Changes) {
    let values = [
        ("the system", Some(&old.name), Some(&new.name)),
        ("the system's version", old.version.as_ref(), new.version.as_ref()),
        ("the edition", old.edition.as_ref(), new.edition.as_ref()),
        ("the kernel or build", old.kernel.as_ref(), new.kernel.as_ref()),
        (
            "the name of the machine",
            Some(&old.hostname),
            Some(&new.hostname),
        ),
        ("the language", old.locale.as_ref(), new.locale.as_ref()),
        ("the time zone", old.time_zone.as_ref(), new.time_zone.as_ref()),
    ];
    for (name, old, new) in values {
        changes.value(AREA, Severity::Info, name, old, new);
    }
    let installed = (old.installed_at.map(day), new.installed_at.map(day));
    changes.value(
        AREA,
        Severity::Info,
        "the day the system was installed",
        installed.0,
        installed.1,
    );
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn account(old: &Account, new: &Account, changes: &mut Changes) {
    changes.value(
        AREA,
        Severity::Info,
        "the account",
        Some(&old.user),
        Some(&new.user),
    );
    let domain = (old.domain.as_ref(), new.domain.as_ref());
    changes.value(
        AREA,
        Severity::Warning,
        "the domain or workgroup",
        domain.0,
        domain.1,
    );
}

fn restart(old: &Restart, new: &Restart, changes: &mut Changes) {
    match (old.pending, new.pending) {
        (false, true) => changes.add(AREA, Severity::Info, "the system waits for a restart now"),
        (true, false) => changes.add(AREA, Severity::Info, "the system no longer waits for a restart"),
        _ => {}
    }
}

fn updates(old: &Updates, new: &Updates, changes: &mut Changes) {
    changes.value(
        AREA,
        Severity::Info,
        "the day updates were last installed",
        old.installed_at.map(day),
        new.installed_at.map(day),
    );
    let waiting = (old.waiting_security, new.waiting_security);
    if let (Some(old), Some(new)) = waiting
        && new > old
    {
        let waiting = counted(u64::from(new), "security update");
        changes.add(AREA, Severity::Info, format!("{waiting} waiting (was {old})"));
    }
    let managed = (old.managed_by.as_ref(), new.managed_by.as_ref());
    changes.value(
        AREA,
        Severity::Warning,
        "who decides about updates",
        managed.0,
        managed.1,
    );
    let failed = matched(&old.failures, &new.failures, |failure| failure.name.clone());
    let failed = failed.added.iter();
    changes.extend(
        AREA,
        Severity::Warning,
        failed.map(|failure| format!("the update {} failed", shown(&failure.name))),
    );
}

/// Crashes that were not there before; those of the older report are over.
fn crashes(old: &Events, new: &Events, changes: &mut Changes) {
    let known: BTreeSet<&str> = old.crashes.iter().map(|crash| crash.what.as_str()).collect();
    let fresh: BTreeSet<&str> = new
        .crashes
        .iter()
        .map(|crash: &Crash| crash.what.as_str())
        .filter(|what| !known.contains(what))
        .collect();
    let texts = fresh.into_iter().map(|what| format!("{} crashed", shown(what)));
    changes.extend(AREA, Severity::Warning, texts);
}

fn services(old: &Services, new: &Services, changes: &mut Changes) {
    let name = |service: &Service| service.name.clone();
    let stopped = matched(&old.stopped, &new.stopped, name);
    let title = |service: &Service| {
        let title = if service.title.is_empty() {
            &service.name
        } else {
            &service.title
        };
        shown(title)
    };
    changes.extend(
        AREA,
        Severity::Warning,
        stopped
            .added
            .iter()
            .map(|service| format!("the service {} stands still now", title(service))),
    );
    changes.extend(
        AREA,
        Severity::Info,
        stopped
            .gone
            .iter()
            .map(|service| format!("the service {} stands still no longer", title(service))),
    );
    for (old, new) in matched(&old.key, &new.key, name).both {
        let worse = old.state == "running" && new.state != "running";
        let severity = if worse { Severity::Warning } else { Severity::Info };
        let name = format!("the service {}", title(new));
        changes.value(AREA, severity, &name, Some(&old.state), Some(&new.state));
    }
}

fn programs(old: &Programs, new: &Programs, changes: &mut Changes) {
    let complete = !old.all.is_empty() && !new.all.is_empty();
    // Without the whole list only what came lately is known, and not what went.
    let lists = if complete {
        (&old.all, &new.all)
    } else {
        (&old.recent, &new.recent)
    };
    let programs = matched(lists.0, lists.1, |program| program.name.clone());
    changes.extend(
        AREA,
        Severity::Info,
        programs.added.iter().map(|program| {
            let what = if complete {
                "installed"
            } else {
                "installed or updated"
            };
            format!("{} was {what}", named(program))
        }),
    );
    if complete {
        let gone = programs.gone.iter();
        changes.extend(
            AREA,
            Severity::Info,
            gone.map(|program| format!("{} was removed", named(program))),
        );
    } else if old.count != new.count {
        let name = "the number of programs";
        changes.value(AREA, Severity::Info, name, Some(old.count), Some(new.count));
    }
    let updated = programs.both.iter().filter_map(|(old, new)| {
        let (before, after) = (old.version.as_ref()?, new.version.as_ref()?);
        (before != after).then(|| {
            let (name, before, after) = (shown(&new.name), shown(before), shown(after));
            format!("{name} was updated to {after} (was {before})")
        })
    });
    changes.extend(AREA, Severity::Info, updated);
}

fn named(program: &Program) -> String {
    let version = program
        .version
        .as_ref()
        .map(|version| format!(" {}", shown(version)));
    format!("{}{}", shown(&program.name), version.unwrap_or_default())
}

fn apps(old: &[App], new: &[App], changes: &mut Changes) {
    let apps = matched(old, new, |app| app.name.clone());
    changes.extend(
        AREA,
        Severity::Info,
        apps.gone
            .iter()
            .map(|app| format!("{} is gone", shown(&app.name))),
    );
    changes.extend(
        AREA,
        Severity::Info,
        apps.added
            .iter()
            .map(|app| format!("{} is new", shown(&app.name))),
    );
    for (old, new) in apps.both {
        let name = shown(&new.name);
        let version = (old.version.as_ref(), new.version.as_ref());
        changes.value(
            AREA,
            Severity::Info,
            &format!("the version of {name}"),
            version.0,
            version.1,
        );
        let channel = (old.channel.as_ref(), new.channel.as_ref());
        changes.value(
            AREA,
            Severity::Info,
            &format!("the channel of {name}"),
            channel.0,
            channel.1,
        );
    }
}

fn scripts(old: &[ScriptRun], new: &[ScriptRun], changes: &mut Changes) {
    for (old, new) in matched(old, new, |script| script.name.clone()).both {
        if old.exit_code == Some(0) && new.exit_code != Some(0) {
            let name = shown(&new.name);
            changes.add(
                AREA,
                Severity::Warning,
                format!("the script {name} no longer ends well"),
            );
        }
    }
}
