//! What the maker calls the machine.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use super::some_line;
use crate::part::ProbeError;
use helpbell_model::report::Product;
use sha2::{Digest as _, Sha256};

/// What careless makers leave in the firmware instead of a name or number; compared in lower
/// case. Matching a device by one of these would match a stranger's.
const PLACEHOLDERS: [&str; 14] = [
    "to be filled by o.e.m.",
    "default string",
    "system serial number",
    "system manufacturer",
    "system product name",
    "not specified",
    "not applicable",
    "not available",
    "none",
    "n/a",
    "unknown",
    "oem",
    "o.e.m.",
    "invalid",
];

pub(super) fn ask() -> Result<Product, ProbeError> {
    let told = |answer: Result<String, sysinfo::Error>| answer.ok().and_then(|text| real(&text));
    let more = more();
    let product = Product {
        maker: more.maker.or_else(|| told(sysinfo::Product::vendor_name())),
        model: more.model.or_else(|| told(sysinfo::Product::name())),
        serial: told(sysinfo::Product::serial_number()).or(more.serial),
        ..more
    };
    if product == Product::default() {
        return Err(ProbeError::unsupported(
            "the firmware names neither maker nor model",
        ));
    }
    Ok(product)
}

/// What only the system itself can tell.
fn more() -> Product {
    #[cfg(target_os = "linux")]
    {
        linux::more(std::path::Path::new("/"))
    }
    #[cfg(windows)]
    {
        windows::product(&crate::windows::registry::ThisMachine)
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        Product::default()
    }
}

/// Stands before the system's own id, so that this digest is ours alone.
const INSTALLATION: &[u8] = b"helpbell installation\0";
/// Hexadecimal digits that are told: as many as the id itself has.
const INSTALLATION_DIGITS: usize = 32;

/// The name of an installation, made of the system's own id, which is to stay secret (machine-id(5)). The id is 122
/// random bits at least: nobody finds it by trying, so that no key is needed.
fn installation(id: &str) -> Option<String> {
    let id = id.trim();
    // Systems write `uninitialized` before their first start.
    let digits = id.chars().filter(char::is_ascii_hexdigit).count();
    if digits != INSTALLATION_DIGITS {
        return None;
    }
    let digest = Sha256::new()
        .chain_update(INSTALLATION)
        .chain_update(id.to_lowercase())
        .finalize();
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(hexadecimal.chars().take(INSTALLATION_DIGITS).collect())
}

/// What a person calls a chassis of the SMBIOS specification's table of types.
fn form_of_chassis(kind: u8) -> Option<&'static str> {
    match kind {
        3..=7 | 15 | 16 | 24 | 35 | 36 => Some("Desktop"),
        8..=10 | 14 => Some("Laptop"),
        13 => Some("All-in-one"),
        17 | 23 | 25 | 28 | 29 => Some("Server"),
        11 | 30 | 32 => Some("Tablet"),
        31 => Some("Convertible"),
        _ => None,
    }
}

/// What the firmware of a virtual machine says of itself, and who that is.
const HYPERVISORS: [(&str, &str); 14] = [
    ("vmware", "VMware"),
    ("virtualbox", "VirtualBox"),
    ("innotek", "VirtualBox"),
    ("parallels", "Parallels"),
    ("proxmox", "KVM"),
    ("kvm", "KVM"),
    ("qemu", "QEMU"),
    ("bochs", "QEMU"),
    ("openstack", "OpenStack"),
    ("amazon ec2", "Amazon EC2"),
    ("google compute engine", "Google Compute Engine"),
    ("nutanix", "Nutanix AHV"),
    ("bhyve", "bhyve"),
    ("xen", "Xen"),
];

/// Whose virtual machine this is, by what its firmware calls maker and model.
fn hypervisor(maker: &str, model: &str) -> Option<&'static str> {
    let (maker, model) = (maker.to_lowercase(), model.to_lowercase());
    // Microsoft makes real machines too.
    if maker.contains("microsoft") && model.starts_with("virtual machine") {
        return Some("Hyper-V");
    }
    HYPERVISORS
        .iter()
        .find(|(word, _)| maker.contains(word) || model.contains(word))
        .map(|(_, name)| *name)
}

/// `05/17/2024`, as SMBIOS has it, to `2024-05-17`.
fn firmware_date(text: &str) -> Option<String> {
    let date = jiff::civil::Date::strptime("%m/%d/%Y", text.trim()).ok()?;
    Some(date.to_string())
}

/// A firmware text unless it is a placeholder or a row of one character, such as `00000000`.
fn real(text: &str) -> Option<String> {
    let text = some_line(text)?;
    let lower = text.to_lowercase();
    let mut letters = lower.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next()?;
    let one_character_only = letters.all(|c| c == first);
    (!one_character_only && !PLACEHOLDERS.contains(&lower.as_str())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_makers_are_no_names() {
        for text in [
            "To Be Filled By O.E.M.",
            "  ",
            "00000000",
            "0",
            "Default string",
            "None",
            "----",
        ] {
            assert_eq!(real(text), None, "{text:?}");
        }
        assert_eq!(real(" PF3X9K2L\n").as_deref(), Some("PF3X9K2L"));
    }
    #[test]
    fn an_installation_is_known_by_a_digest_that_does_not_tell_its_id() {
        let id = "3d1219c7c4c5404aaa1f6d2a48adfda4";
        let name = installation(&format!("{id}\n")).unwrap();
        assert_eq!(name.len(), INSTALLATION_DIGITS);
        assert_ne!(name, id);
        assert_eq!(installation(&id.to_uppercase()), Some(name.clone()));
        assert_ne!(installation("3d1219c7c4c5404aaa1f6d2a48adfda5"), Some(name));
        // Windows writes hyphens.
        assert!(installation("3d1219c7-c4c5-404a-aa1f-6d2a48adfda4").is_some());
        assert_eq!(installation("uninitialized"), None);
        assert_eq!(installation(""), None);
    }

    #[test]
    fn a_virtual_machine_is_told_from_a_real_one_of_the_same_maker() {
        assert_eq!(
            hypervisor("Microsoft Corporation", "Virtual Machine"),
            Some("Hyper-V")
        );
        assert_eq!(hypervisor("Microsoft Corporation", "Surface Pro 9"), None);
        assert_eq!(hypervisor("innotek GmbH", "VirtualBox"), Some("VirtualBox"));
        assert_eq!(hypervisor("LENOVO", "21HDCTO1WW"), None);
    }

    #[test]
    fn the_date_of_the_firmware_is_told_as_dates_are() {
        assert_eq!(firmware_date("05/17/2024\n").as_deref(), Some("2024-05-17"));
        assert_eq!(firmware_date("17.05.2024"), None);
        assert_eq!(firmware_date("00/00/0000"), None);
    }
}
