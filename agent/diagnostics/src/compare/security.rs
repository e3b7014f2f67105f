//! What protects the machine.

use super::changes::{Changes, matched, shown};
use helpbell_model::report::{Account, Antivirus, Area, Machine, Protection, Severity};

const AREA: Area = Area::Security;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Changes) {
    if let Some((old, new)) = changes.part("protection", old.protection.as_ref(), new.protection.as_ref()) {
        protection(old, new, changes);
    }
    if let (Some(old), Some(new)) = (old.account.as_ref(), new.account.as_ref()) {
        rights(old, new, changes);
    }
}

fn protection(old: &Protection, new: &Protection, changes: &mut Changes) {
    // Whether being on is the good state.
    let switches = [
        ("the firewall", old.firewall, new.firewall, true),
        (
            "the encryption of the system disk",
            old.system_disk_encrypted,
            new.system_disk_encrypted,
            true,
        ),
        ("Secure Boot", old.secure_boot, new.secure_boot, true),
        (
            "signing in from the network",
            old.remote_desktop,
            new.remote_desktop,
            false,
        ),
        (
            "asking for a password before a desktop from the network",
            old.remote_desktop_authenticated,
            new.remote_desktop_authenticated,
            true,
        ),
        (
            "asking before programs change the machine",
            old.asks_before_changes,
            new.asks_before_changes,
            true,
        ),
    ];
    for (name, old, new, good) in switches {
        let severity = if new == Some(good) {
            Severity::Info
        } else {
            Severity::Warning
        };
        let word = |on: bool| if on { "on" } else { "off" };
        changes.value(AREA, severity, name, old.map(word), new.map(word));
    }
    let values = [
        ("the way the disk is encrypted", &old.encryption, &new.encryption),
        ("the security chip", &old.tpm, &new.tpm),
        ("the firewall in use", &old.firewall_name, &new.firewall_name),
    ];
    for (name, old, new) in values {
        changes.value(AREA, Severity::Info, name, old.as_ref(), new.as_ref());
    }
    let antivirus = changes.part("antivirus", old.antivirus.as_deref(), new.antivirus.as_deref());
    if let Some((old, new)) = antivirus {
        self::antivirus(old, new, changes);
    }
}

fn antivirus(old: &[Antivirus], new: &[Antivirus], changes: &mut Changes) {
    let programs = matched(old, new, |program| program.name.clone());
    let told = |program: &&Antivirus, what: &str| format!("{} {what}", shown(&program.name));
    changes.extend(
        AREA,
        Severity::Warning,
        programs.gone.iter().map(|program| told(program, "is gone")),
    );
    changes.extend(
        AREA,
        Severity::Info,
        programs
            .added
            .iter()
            .map(|program| told(program, "looks for malware now")),
    );
    for (old, new) in &programs.both {
        match (old.active, new.active) {
            (Some(true), Some(false)) => {
                changes.add(AREA, Severity::Problem, told(new, "does not watch any more"));
            }
            (Some(false), Some(true)) => changes.add(AREA, Severity::Info, told(new, "watches again")),
            _ => {}
        }
        if let (Some(true), Some(false)) = (old.current, new.current) {
            changes.add(AREA, Severity::Warning, told(new, "is no longer current"));
        }
    }
}

fn rights(old: &Account, new: &Account, changes: &mut Changes) {
    // Another person's rights are another person's.
    if old.user != new.user {
        return;
    }
    match (old.administrator, new.administrator) {
        (Some(false), Some(true)) => {
            let text = format!("{} may change the whole machine now", shown(&new.user));
            changes.add(AREA, Severity::Warning, text);
        }
        (Some(true), Some(false)) => {
            let text = format!("{} may no longer change the whole machine", shown(&new.user));
            changes.add(AREA, Severity::Info, text);
        }
        _ => {}
    }
}
