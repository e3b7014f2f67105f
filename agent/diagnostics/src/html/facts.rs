//! What a technician wants to know of any machine, beside the findings.

use super::table::{Bar, CELL_CHARS};
use crate::units::{bytes, counted, duration, percent};
use helpbell_model::{
    report::{Disk, Machine, Memory},
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

/// One line of "this machine".
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) bar: Option<Bar>,
}

pub(super) fn disk_bar(disk: &Disk) -> Bar {
    Bar::of(
        percent(disk.total.saturating_sub(disk.available), disk.total),
        DISK_BAR.0,
        DISK_BAR.1,
    )
}

fn memory_bar(memory: Memory) -> Bar {
    let share = percent(memory.total.saturating_sub(memory.available), memory.total);
    Bar::of(share, MEMORY_BAR.0, MEMORY_BAR.1)
}

/// The known words of a list, one after the other.
fn joined<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The facts, in the order of the page.
pub(super) fn facts(machine: &Machine) -> Vec<Fact> {
    let mut facts = Facts::default();
    if let Some(os) = &machine.os {
        facts.add("System", &os.name, None);
    }
    if let Some(product) = &machine.product {
        let name = joined([product.maker.as_deref(), product.model.as_deref()]);
        facts.add("Model", &name, None);
        facts.add("Serial", product.serial.as_deref().unwrap_or_default(), None);
    }
    if let Some(account) = &machine.account {
        facts.add("Account", &account.user, None);
    }
    if let Some(uptime) = machine.uptime {
        facts.add("Running for", &duration(uptime.seconds), None);
    }
    if let Some(cpu) = &machine.cpu {
        let bar = Bar::of(f64::from(cpu.load_percent), CPU_BAR.0, CPU_BAR.1);
        let threads = counted(u64::from(cpu.threads), "thread");
        facts.add("Processor", &format!("{} % of {threads}", bar.percent), Some(bar));
    }
    if let Some(memory) = machine.memory {
        let value = format!("{} of {} available", bytes(memory.available), bytes(memory.total));
        facts.add("Memory", &value, Some(memory_bar(memory)));
    }
    let fixed = machine
        .disks
        .iter()
        .flatten()
        .filter(|disk| !disk.removable && !disk.read_only);
    for disk in fixed.take(FACT_DISKS) {
        let value = format!("{} free of {}", bytes(disk.available), bytes(disk.total));
        facts.add(&format!("Disk {}", disk.mount), &value, Some(disk_bar(disk)));
    }
    for battery in machine.batteries.iter().flatten().take(1) {
        facts.add(
            "Battery",
            &format!("{:.0} %, {}", battery.charge_percent, battery.state),
            None,
        );
    }
    network(machine, &mut facts);
    facts.all
}

fn network(machine: &Machine, facts: &mut Facts) {
    let Some(network) = &machine.network else {
        return;
    };
    let default = network
        .interfaces
        .iter()
        .find(|interface| interface.default_route);
    if let Some(first) = default {
        let address = first.addresses.first().map(String::as_str).unwrap_or_default();
        facts.add("Address", &format!("{address} ({})", first.name), None);
    }
    facts.add("Gateway", &network.gateway.join(", "), None);
    facts.add("DNS", &network.dns.join(", "), None);
}

#[derive(Default)]
struct Facts {
    all: Vec<Fact>,
}

impl Facts {
    fn add(&mut self, label: &str, value: &str, bar: Option<Bar>) {
        let value = one_line(value, CELL_CHARS);
        if !value.is_empty() {
            self.all.push(Fact {
                label: one_line(label, CELL_CHARS),
                value,
                bar,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_nobody_could_examine_has_no_facts() {
        assert!(facts(&Machine::default()).is_empty());
    }

    #[test]
    fn sticks_are_no_facts_of_the_machine() {
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
    }
}
