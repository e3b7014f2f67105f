//! Form, firmware, the installation's name, and whether the machine is a virtual one.

use super::{firmware_date, form_of_chassis, hypervisor, installation, real};
use crate::probes::linux::files::{number, text, word};
use helpbell_model::report::Product;
use std::path::Path;

/// Where the kernel shows what the firmware says (SMBIOS).
const FIRMWARE: &str = "sys/class/dmi/id";

/// Files that only containers have, and which.
const CONTAINER_FILES: [(&str, &str); 2] = [(".dockerenv", "Docker"), ("run/.containerenv", "Podman")];

/// How the names of containers' control groups begin or contain it.
const CONTAINER_GROUPS: [(&str, &str); 4] = [
    ("kubepods", "Kubernetes"),
    ("docker", "Docker"),
    ("libpod", "Podman"),
    ("lxc", "LXC"),
];

pub(super) fn more(root: &Path) -> Product {
    let told = |name: &str| word(root.join(FIRMWARE).join(name)).and_then(|text| real(&text));
    let virtualization = container(root).or_else(|| {
        let by_name = hypervisor(
            &told("sys_vendor").unwrap_or_default(),
            &told("product_name").unwrap_or_default(),
        );
        by_name.map(str::to_owned).or_else(|| some_hypervisor(root))
    });
    let form = if virtualization.is_some() {
        Some("Virtual machine")
    } else {
        number(root.join(FIRMWARE).join("chassis_type")).and_then(form_of_chassis)
    };
    Product {
        // Boards without SMBIOS describe themselves here.
        model: text(root.join("proc/device-tree/model")).and_then(|text| real(text.trim_end_matches('\0'))),
        form: form.map(str::to_owned),
        firmware: told("bios_version"),
        firmware_date: told("bios_date").and_then(|date| firmware_date(&date)),
        machine_id: text(root.join("etc/machine-id")).and_then(|id| installation(&id)),
        virtualization,
        ..Default::default()
    }
}

/// The container around this process.
fn container(root: &Path) -> Option<String> {
    if let Some((_, name)) = CONTAINER_FILES.iter().find(|(file, _)| root.join(file).exists()) {
        return Some((*name).to_owned());
    }
    // systemd writes down what started it.
    if let Some(name) = word(root.join("run/systemd/container")) {
        return Some(name);
    }
    let kernel = word(root.join("proc/sys/kernel/osrelease")).unwrap_or_default();
    if kernel.to_lowercase().contains("microsoft") {
        return Some("WSL".to_owned());
    }
    let groups = text(root.join("proc/1/cgroup"))?;
    let (_, name) = CONTAINER_GROUPS.iter().find(|(word, _)| groups.contains(word))?;
    Some((*name).to_owned())
}

/// What virtual machines have that do not say whose they are.
fn some_hypervisor(root: &Path) -> Option<String> {
    if word(root.join("sys/hypervisor/type")).is_some_and(|kind| kind == "xen") {
        return Some("Xen".to_owned());
    }
    let processors = text(root.join("proc/cpuinfo"))?;
    let flags = processors.lines().find(|row| row.starts_with("flags"))?;
    flags
        .split_whitespace()
        .any(|flag| flag == "hypervisor")
        .then(|| "unknown hypervisor".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;

    fn laptop() -> MadeUp {
        MadeUp::machine()
            .file("sys/class/dmi/id/sys_vendor", "LENOVO\n")
            .file("sys/class/dmi/id/product_name", "21HDCTO1WW\n")
            .file("sys/class/dmi/id/chassis_type", "10\n")
            .file("sys/class/dmi/id/bios_version", "N3QET45W (1.45 )\n")
            .file("sys/class/dmi/id/bios_date", "05/17/2024\n")
            .file("etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
            .file("proc/cpuinfo", "processor : 0\nflags\t\t: fpu vme sse2\n")
    }

    #[test]
    fn a_laptop_tells_its_form_and_firmware() {
        let product = more(laptop().root());
        assert_eq!(product.form.as_deref(), Some("Laptop"));
        assert_eq!(product.firmware.as_deref(), Some("N3QET45W (1.45 )"));
        assert_eq!(product.firmware_date.as_deref(), Some("2024-05-17"));
        assert_eq!(product.virtualization, None);
        assert!(!product.machine_id.unwrap().contains("3d1219c7"));
    }

    #[test]
    fn a_virtual_machine_is_known_by_its_firmware_and_else_by_its_processor() {
        let named = laptop().file("sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
        let product = more(named.root());
        assert_eq!(product.form.as_deref(), Some("Virtual machine"));
        assert_eq!(product.virtualization.as_deref(), Some("VMware"));
        let unnamed = MadeUp::machine().file("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
        assert_eq!(
            more(unnamed.root()).virtualization.as_deref(),
            Some("unknown hypervisor")
        );
    }

    #[test]
    fn a_container_counts_before_the_machine_it_runs_on() {
        for (machine, name) in [
            (laptop().file(".dockerenv", ""), "Docker"),
            (laptop().file("run/systemd/container", "lxc\n"), "lxc"),
            (
                laptop().file(
                    "proc/sys/kernel/osrelease",
                    "5.15.153.1-microsoft-standard-WSL2\n",
                ),
                "WSL",
            ),
            (
                laptop().file("proc/1/cgroup", "0::/kubepods.slice/kubepods-pod1.slice/x\n"),
                "Kubernetes",
            ),
        ] {
            assert_eq!(more(machine.root()).virtualization.as_deref(), Some(name));
        }
    }

    #[test]
    fn a_board_without_firmware_texts_tells_its_model() {
        let board = MadeUp::machine().file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0");
        assert_eq!(
            more(board.root()).model.as_deref(),
            Some("Raspberry Pi 5 Model B Rev 1.0")
        );
    }
}
