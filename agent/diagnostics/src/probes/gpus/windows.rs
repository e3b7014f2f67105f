//! The display adapters that are present, with what the registry keeps about their drivers.

#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{devices, registry::ThisMachine},
};
use crate::{
    probes::{line, some_line},
    windows::{devices::Device, registry::Registry},
};
use helpbell_model::report::Gpu;
use jiff::civil::Date;

/// One machine has at most a handful; a broken one may list its only one again and again.
const MOST: usize = 8;

#[cfg(windows)]
pub(super) fn ask() -> Result<Vec<Gpu>, ProbeError> {
    Ok(judge(&ThisMachine, &devices::present()?))
}

/// Display adapters by the class key that their devices name.
fn judge(registry: &impl Registry, present: &[Device]) -> Vec<Gpu> {
    present
        .iter()
        .filter(|device| device.class.eq_ignore_ascii_case("Display"))
        .take(MOST)
        .map(|device| gpu(registry, device))
        .collect()
}

fn gpu(registry: &impl Registry, device: &Device) -> Gpu {
    let key = format!(r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{}", device.driver);
    let told = |name| registry.text(&key, name).and_then(|text| some_line(&text));
    let memory = registry
        .number(&key, "HardwareInformation.qwMemorySize")
        .or_else(|| registry.number(&key, "HardwareInformation.MemorySize"))
        .filter(|bytes| *bytes > 0);
    Gpu {
        name: told("DriverDesc").unwrap_or_else(|| line(&device.name)),
        driver: told("ProviderName"),
        driver_version: told("DriverVersion"),
        driver_date: registry.text(&key, "DriverDate").and_then(|date| day(&date)),
        memory,
        load_percent: None,
    }
}

/// `9-13-2024`, month first, to `2024-09-13`.
fn day(text: &str) -> Option<String> {
    let date = Date::strptime("%m-%d-%Y", text.trim()).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    const CLASS: &str = "{4d36e968-e325-11ce-bfc1-08002be10318}";

    #[test]
    fn a_driver_is_told_with_version_and_date_and_the_last_owners_is_not() {
        let present = [Device {
            id: r"PCI\VEN_8086&DEV_A7A0".into(),
            name: "Intel(R) Iris(R) Xe Graphics".into(),
            class: "Display".into(),
            driver: format!(r"{CLASS}\0001"),
            problem: None,
        }];
        assert_eq!(
            judge(&Exported::laptop(), &present),
            [Gpu {
                name: "Intel(R) Iris(R) Xe Graphics".into(),
                driver: Some("Intel Corporation".into()),
                driver_version: Some("32.0.101.6078".into()),
                driver_date: Some("2024-09-13".into()),
                memory: Some(128 << 20),
                load_percent: None,
            }]
        );
    }

    #[test]
    fn an_adapter_without_a_driver_has_its_own_name_alone() {
        let present = [Device {
            name: "Basic\u{202e} Display".into(),
            class: "display".into(),
            ..Device::default()
        }];
        let found = judge(&Exported::default(), &present);
        assert_eq!(found[0].name, "Basic Display");
        assert_eq!(found[0].driver_version, None);
    }
}
