//! What a whole comparison tells.

use super::*;
use crate::fixtures::{VERSION_1, office_laptop};
use helpbell_model::report::{Interface, Memory, Printer, Uptime};

fn version_1() -> Report {
    serde_json::from_str(VERSION_1).unwrap()
}

fn told(comparison: &Comparison) -> String {
    let mut text = String::new();
    for change in &comparison.changes {
        text.push_str(&format!(
            "{:?} {}: {}\n",
            change.severity, change.area, change.text
        ));
    }
    text
}

#[test]
fn a_report_has_not_changed_from_itself() {
    let report = office_laptop();
    let comparison = compare(&report, &report);
    assert!(comparison.is_empty(), "{}", told(&comparison));
    assert_eq!(comparison.worse(), None);
    assert_eq!(comparison.different_machines, None);
    assert_eq!(comparison.findings.still.len(), report.findings.len());
    assert!(comparison.not_compared.is_empty());
}

#[test]
fn what_changes_by_itself_is_no_change() {
    let old = office_laptop();
    let mut new = office_laptop();
    let machine = &mut new.machine;
    machine.uptime = Some(Uptime {
        seconds: 5,
        booted_at: None,
    });
    machine.processes.as_mut().unwrap().by_cpu.clear();
    machine.usage = None;
    let cpu = machine.cpu.as_mut().unwrap();
    (cpu.load_percent, cpu.mhz, cpu.celsius) = (99.0, Some(400), Some(20.0));
    let memory = machine.memory.as_mut().unwrap();
    (memory.available, memory.swap_used) = (0, 0);
    let wifi = &mut machine.wifi.as_mut().unwrap()[0];
    (wifi.signal_dbm, wifi.channel, wifi.rate) = (Some(-40), Some(11), Some(1));
    machine.printers.as_mut().unwrap()[0].jobs = 0;
    machine.session.as_mut().unwrap().foreground = None;
    machine.disks.as_mut().unwrap()[1].available -= 500_000_000;
    machine.internet.as_mut().unwrap().clock_skew_seconds = Some(9);
    assert_eq!(told(&compare(&old, &new)), "");
}

#[test]
fn a_bad_week_is_told_most_important_first() {
    let old = office_laptop();
    let mut new = office_laptop();
    let machine = &mut new.machine;
    let os = machine.os.as_mut().unwrap();
    os.kernel = Some("26100.2605".into());
    machine.memory = Some(Memory {
        total: 8 << 30,
        ..machine.memory.unwrap()
    });
    machine.disks.as_mut().unwrap()[1].available = 30 << 30;
    machine.disk_health.as_mut().unwrap()[0].healthy = Some(false);
    let network = machine.network.as_mut().unwrap();
    network.dns = vec!["203.0.113.66".into()];
    network.interfaces.remove(1);
    network.interfaces.push(Interface {
        name: "Ethernet 3".into(),
        ..Interface::default()
    });
    let shares = machine.shares.as_mut().unwrap();
    shares[0].reachable = Some(false);
    let printers = machine.printers.as_mut().unwrap();
    printers[0].default = false;
    printers[1].default = true;
    printers.push(Printer {
        name: "Warehouse".into(),
        ..Printer::default()
    });
    let services = machine.services.as_mut().unwrap();
    services.key[0].state = "stopped".into();
    services.stopped.clear();
    let programs = machine.programs.as_mut().unwrap();
    programs.all.remove(0);
    programs.all[0].version = Some("1.14.0".into());
    let protection = machine.protection.as_mut().unwrap();
    protection.firewall = Some(false);
    protection.antivirus.as_mut().unwrap()[0].active = Some(false);
    machine.account.as_mut().unwrap().administrator = Some(true);
    machine.devices.as_mut().unwrap().docks.clear();
    let comparison = compare(&old, &new);
    insta::assert_snapshot!(told(&comparison));
    assert_eq!(comparison.worse(), Some(Severity::Problem));
}

#[test]
fn an_older_version_is_compared_as_far_as_it_goes_and_the_rest_is_named() {
    let comparison = compare(&version_1(), &office_laptop());
    assert_eq!(comparison.different_machines, None);
    insta::assert_snapshot!(format!(
        "{}not compared: {}",
        told(&comparison),
        comparison.not_compared.join(", ")
    ));
}

#[test]
fn machines_are_told_apart_by_what_stays_the_same() {
    let old = office_laptop();
    let mut renamed = office_laptop();
    renamed.machine.os.as_mut().unwrap().hostname = "DESK-8".into();
    assert_eq!(compare(&old, &renamed).different_machines, None);

    let mut other = office_laptop();
    other.machine.product.as_mut().unwrap().machine_id = Some("77".into());
    assert_eq!(
        compare(&old, &other).different_machines.unwrap(),
        "installation 5f2c9d1e7a40, then 77"
    );

    // Without an identity the name decides.
    let mut old = old;
    old.machine.product = None;
    assert_eq!(
        compare(&old, &renamed).different_machines.unwrap(),
        "name DESK-7, then DESK-8"
    );
}

#[test]
fn hostile_words_stay_on_their_line() {
    let mut old = office_laptop();
    old.machine.os.as_mut().unwrap().name = format!("a\u{1b}[2J\n\u{202e}{}", "x".repeat(100_000));
    let comparison = compare(&old, &office_laptop());
    let text = told(&comparison);
    assert!(
        text.len() < 2_000 && !text.contains(['\u{1b}', '\u{202e}']),
        "{}",
        text.len()
    );
}
