//! Display controllers on the bus, whatever drives them, with their names out of the list of PCI ids.

use super::{Gpu, ProbeError};
use crate::probes::{
    line,
    linux::files::{entries, linked, number, text_within, word},
};
use std::path::Path;

/// Graphics processors told.
const MOST: usize = 8;

/// How the class of a display controller begins, in the PCI code list.
const DISPLAY: &str = "0x03";

/// Where distributions keep the list of PCI ids.
const LISTS: [&str; 3] = [
    "usr/share/misc/pci.ids",
    "usr/share/hwdata/pci.ids",
    "usr/share/pci.ids",
];
/// The list has 1.5 MB and grows by 50 KB a year.
const LIST_BYTES: u64 = 8 << 20;

/// Makers by their number, as people say them. The list has the names of their companies.
const MAKERS: [(&str, &str); 4] = [
    ("8086", "Intel"),
    ("10de", "NVIDIA"),
    ("1002", "AMD"),
    ("15ad", "VMware"),
];

pub(super) fn ask(root: &Path) -> Result<Vec<Gpu>, ProbeError> {
    let mut list = None;
    let on_bus = entries(root.join("sys/bus/pci/devices"))
        .into_iter()
        .filter(|device| word(device.join("class")).is_some_and(|class| class.starts_with(DISPLAY)))
        .filter_map(|device| {
            let list = list.get_or_insert_with(|| {
                LISTS
                    .iter()
                    .find_map(|path| text_within(root.join(path), LIST_BYTES))
                    .unwrap_or_default()
            });
            gpu(root, &device, list)
        });
    // Boards have graphics that are no PCI device.
    let on_board = entries(root.join("sys/class/drm"))
        .into_iter()
        .map(|card| card.join("device"))
        .filter(|device| !device.join("class").exists())
        .filter_map(|device| {
            let driver = linked(device.join("driver"))?;
            Some(Gpu {
                name: driver.clone(),
                driver: Some(driver),
                ..Gpu::default()
            })
        });
    let mut gpus: Vec<Gpu> = Vec::new();
    for gpu in on_bus.chain(on_board) {
        // A card and its connectors show the same device.
        if gpus.len() < MOST && !(gpu.name.is_empty() || gpus.contains(&gpu)) {
            gpus.push(gpu);
        }
    }
    Ok(gpus)
}

fn gpu(root: &Path, device: &Path, list: &str) -> Option<Gpu> {
    let id = |name: &str| Some(word(device.join(name))?.trim_start_matches("0x").to_lowercase());
    let (vendor, model) = (id("vendor")?, id("device")?);
    let driver = linked(device.join("driver"));
    let version = driver
        .as_ref()
        .and_then(|driver| word(root.join("sys/module").join(driver).join("version")));
    Some(Gpu {
        name: named(list, &vendor, &model).unwrap_or_else(|| format!("{vendor}:{model}")),
        driver,
        driver_version: version,
        driver_date: None,
        // Only AMD's driver tells these two.
        memory: number(device.join("mem_info_vram_total")),
        load_percent: number(device.join("gpu_busy_percent")).filter(|load| (0.0..=100.0).contains(load)),
    })
}

/// The name of a device in the list: `8086` and `46a6` to `Intel Iris Xe Graphics`.
fn named(list: &str, vendor: &str, model: &str) -> Option<String> {
    let mut rows = list.lines().skip_while(|row| {
        !row.strip_prefix(vendor)
            .is_some_and(|rest| rest.starts_with("  "))
    });
    let company = rows.next()?.get(vendor.len()..)?.trim();
    let name = rows
        .take_while(|row| row.starts_with('\t') || row.starts_with('#'))
        .find_map(|row| row.strip_prefix('\t')?.strip_prefix(model)?.strip_prefix("  "))?;
    // `Alder Lake-P GT2 [Iris Xe Graphics]`: what it is sold as stands in brackets.
    let sold_as = name
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or(name, |(sold_as, _)| sold_as);
    let maker = MAKERS
        .iter()
        .find(|(number, _)| *number == vendor)
        .map_or(company, |(_, maker)| *maker);
    if sold_as.starts_with(maker) {
        Some(line(sold_as))
    } else {
        Some(line(&format!("{maker} {sold_as}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    const LIST: &str = "# List of PCI ids\n\
        1002  Advanced Micro Devices, Inc. [AMD/ATI]\n\
        \t15bf  Phoenix1\n\
        1b36  Red Hat, Inc.\n\
        \t0100  QXL paravirtual graphic card\n\
        \t\t1af4 1100  QEMU Virtual Machine\n\
        8086  Intel Corporation\n\
        \t46a5  Something else\n\
        # a remark\n\
        \t46a6  Alder Lake-P GT2 [Iris Xe Graphics]\n";

    fn with(machine: MadeUp, place: &str, vendor: &str, device: &str, class: &str) -> MadeUp {
        let at = |name: &str| format!("sys/bus/pci/devices/{place}/{name}");
        machine
            .file(&at("class"), format!("{class}\n"))
            .file(&at("vendor"), format!("0x{vendor}\n"))
            .file(&at("device"), format!("0x{device}\n"))
    }

    #[test]
    fn a_graphics_processor_is_told_by_its_name_and_its_driver() {
        let machine = with(MadeUp::machine(), "0000:00:02.0", "8086", "46a6", "0x030000")
            .link(
                "sys/bus/pci/devices/0000:00:02.0/driver",
                "../../../bus/pci/drivers/i915",
            )
            .file("usr/share/misc/pci.ids", LIST);
        let machine = with(machine, "0000:00:1f.3", "8086", "51c8", "0x040100");
        let machine = with(machine, "0000:01:00.0", "10de", "2684", "0x030200")
            .link(
                "sys/bus/pci/devices/0000:01:00.0/driver",
                "../../../bus/pci/drivers/nvidia",
            )
            .file("sys/module/nvidia/version", "550.120\n");
        let found = ask(machine.root()).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[0].name.as_str(), found[0].driver.as_deref()),
            ("Intel Iris Xe Graphics", Some("i915"))
        );
        assert_eq!(
            (found[1].name.as_str(), found[1].driver_version.as_deref()),
            ("10de:2684", Some("550.120"))
        );
    }

    #[test]
    fn one_without_a_driver_is_told_too() {
        let machine = with(MadeUp::machine(), "0000:01:00.0", "1002", "15bf", "0x038000")
            .file(
                "sys/bus/pci/devices/0000:01:00.0/mem_info_vram_total",
                "4294967296\n",
            )
            .file("sys/bus/pci/devices/0000:01:00.0/gpu_busy_percent", "7\n");
        let found = ask(machine.root()).unwrap();
        assert_eq!(
            (found[0].driver.as_deref(), found[0].memory),
            (None, Some(1 << 32))
        );
        assert_eq!(found[0].load_percent, Some(7.0));
    }

    #[test]
    fn graphics_of_a_board_are_told_once() {
        let machine = MadeUp::machine()
            .link(
                "sys/class/drm/card0/device/driver",
                "../../bus/platform/drivers/vc4-drm",
            )
            .link(
                "sys/class/drm/card0-HDMI-A-1/device/driver",
                "../../bus/platform/drivers/vc4-drm",
            )
            .file("sys/class/drm/version", "drm 1.1.0\n");
        let names: Vec<String> = ask(machine.root())
            .unwrap()
            .into_iter()
            .map(|gpu| gpu.name)
            .collect();
        assert_eq!(names, ["vc4-drm"]);
    }

    #[test]
    fn names_are_found_within_their_own_maker_only() {
        assert_eq!(named(LIST, "1002", "15bf").as_deref(), Some("AMD Phoenix1"));
        assert_eq!(
            named(LIST, "1b36", "0100").as_deref(),
            Some("Red Hat, Inc. QXL paravirtual graphic card")
        );
        assert_eq!(named(LIST, "1002", "46a6"), None);
        assert_eq!(named(LIST, "ffff", "0000"), None);
    }

    proptest! {
        #[test]
        fn any_list_gives_a_bounded_name_or_none(list in "(8086  x\\n\\t46a6  )?\\PC{0,200}") {
            if let Some(name) = named(&list, "8086", "46a6") {
                prop_assert!(name.chars().count() <= 120);
            }
        }
    }
}
