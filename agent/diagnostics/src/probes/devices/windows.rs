//! The devices of Windows: those in trouble, and what a person has plugged in.

use super::edid;
#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{devices, registry::ThisMachine},
};
use crate::{
    probes::some_line,
    windows::{devices::Device, registry::Registry},
};
use helpbell_model::report::{DeviceProblem, Devices};

/// Devices in trouble that are listed.
const MOST_PROBLEMS: usize = 20;
/// Names in each of the other lists.
const MOST_NAMES: usize = 16;

/// What the device manager's codes mean.
const MEANINGS: [(u32, &str); 24] = [
    (1, "it is not set up"),
    (3, "its driver is damaged, or memory runs out"),
    (9, "its firmware describes it wrongly"),
    (10, "it does not start"),
    (12, "another device takes what it needs"),
    (14, "it works after a restart"),
    (16, "Windows does not know all it needs"),
    (18, "its driver has to be installed again"),
    (19, "its settings in the registry are damaged"),
    (21, "Windows is removing it"),
    (22, "it is switched off"),
    (24, "it does not answer, or its driver is incomplete"),
    (28, "it has no driver"),
    (29, "its firmware keeps it switched off"),
    (31, "its driver does not work"),
    (32, "its driver is disabled"),
    (35, "the computer's firmware is too old for it"),
    (37, "its driver failed to begin"),
    (38, "an old copy of its driver is still in memory"),
    (39, "its driver is damaged or missing"),
    (43, "it reported a fault and was stopped"),
    (45, "it is not plugged in"),
    (48, "its driver is blocked because it is known to do harm"),
    (52, "its driver has no valid signature"),
];

/// What is to be seen at any USB port and says nothing.
const ANONYMOUS: [&str; 6] = [
    "usb root hub",
    "usb composite device",
    "generic usb hub",
    "usb input device",
    "generic superspeed usb hub",
    "unknown usb device",
];

#[cfg(windows)]
pub(super) fn ask() -> Result<Devices, ProbeError> {
    Ok(judge(&ThisMachine, &devices::present()?))
}

fn judge(registry: &impl Registry, present: &[Device]) -> Devices {
    let of_class = |wanted: &[&str]| {
        let devices = present.iter().filter(|device| {
            wanted
                .iter()
                .any(|class| device.class.eq_ignore_ascii_case(class))
        });
        names(devices.map(|device| device.name.as_str()))
    };
    let plugged: Vec<&str> = present
        .iter()
        .filter(|device| device.id.to_uppercase().starts_with(r"USB\"))
        .map(|device| device.name.as_str())
        .filter(|name| {
            let name = name.to_lowercase();
            !ANONYMOUS.iter().any(|anonymous| name.starts_with(anonymous))
        })
        .collect();
    let cameras = of_class(&["Camera", "Image"]);
    let (docks, others): (Vec<&str>, Vec<&str>) = plugged.into_iter().partition(|name| is_dock(name));
    let mut usb = names(others.into_iter());
    usb.retain(|name| !cameras.contains(name));
    Devices {
        problems: present.iter().filter_map(problem).take(MOST_PROBLEMS).collect(),
        displays: displays(registry, present),
        audio: of_class(&["AudioEndpoint"]),
        cameras,
        docks: names(docks.into_iter()),
        usb,
    }
}

fn is_dock(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("dock") || name.contains("hub")
}

/// Each name once, as it may be shown, in the order of the letters.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.filter_map(some_line).collect();
    names.sort();
    names.dedup();
    names.truncate(MOST_NAMES);
    names
}

fn problem(device: &Device) -> Option<DeviceProblem> {
    let code = device.problem?;
    let meaning = MEANINGS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("it does not work", |(_, meaning)| meaning);
    // Without a driver there may be no name; the identity then says which driver is missing, without the serial number
    // that stands behind it.
    let identity = || {
        let mut parts = device.id.split('\\');
        let (bus, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        some_line(&format!(r"{bus}\{kind}"))
    };
    Some(DeviceProblem {
        name: some_line(&device.name).or_else(identity)?,
        class: some_line(&device.class),
        code: Some(code),
        meaning: meaning.to_owned(),
    })
}

/// Monitors by what they say of themselves, which Windows keeps in the registry.
fn displays(registry: &impl Registry, present: &[Device]) -> Vec<String> {
    present
        .iter()
        .filter(|device| device.class.eq_ignore_ascii_case("Monitor"))
        .take(MOST_NAMES)
        .filter_map(|device| {
            let key = format!(
                r"HKLM\SYSTEM\CurrentControlSet\Enum\{}\Device Parameters",
                device.id
            );
            let told = registry.bytes(&key, "EDID").and_then(|block| edid::name(&block));
            told.and_then(|name| some_line(&name))
                .or_else(|| some_line(&device.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    fn device(id: &str, name: &str, class: &str, problem: Option<u32>) -> Device {
        Device {
            id: id.into(),
            name: name.into(),
            class: class.into(),
            problem,
            ..Device::default()
        }
    }

    #[test]
    fn what_is_plugged_in_is_told_by_kind() {
        let present = [
            device(
                r"DISPLAY\DEL41F7\5&21f8a4b3&0&UID4352",
                "Generic PnP Monitor",
                "Monitor",
                None,
            ),
            device(r"DISPLAY\LEN40B6\4&1", "Laptop panel", "Monitor", None),
            device(
                r"SWD\MMDEVAPI\{0.0.0.00000000}.{1}",
                "Speakers (Realtek(R) Audio)",
                "AudioEndpoint",
                None,
            ),
            device(
                r"USB\VID_04F2&PID_B6EA&MI_00\6&1",
                "Integrated Camera",
                "Camera",
                None,
            ),
            device(
                r"USB\VID_17EF&PID_30AF\1",
                "ThinkPad USB-C Dock Gen2",
                "USB",
                None,
            ),
            device(r"USB\VID_05AC&PID_020B\2", "Acme Help Button", "HIDClass", None),
            device(r"USB\ROOT_HUB30\3", "USB Root Hub (USB 3.0)", "USB", None),
            device(r"USB\VID_046D&PID_C52B\4", "USB Composite Device", "USB", None),
            device(r"PCI\VEN_8086", "Intel(R) Host Bridge", "System", None),
        ];
        let devices = judge(&Exported::laptop(), &present);
        assert_eq!(devices.displays, ["DELL U2720Q", "Laptop panel"]);
        assert_eq!(devices.audio, ["Speakers (Realtek(R) Audio)"]);
        assert_eq!(devices.cameras, ["Integrated Camera"]);
        assert_eq!(devices.docks, ["ThinkPad USB-C Dock Gen2"]);
        assert_eq!(devices.usb, ["Acme Help Button"]);
        assert!(devices.problems.is_empty());
    }

    #[test]
    fn a_device_in_trouble_is_told_with_the_meaning_and_without_its_serial_number() {
        let present = [
            device(
                r"PCI\VEN_8086&DEV_51F0\3&1",
                "Intel(R) Wi-Fi 6E AX211",
                "Net",
                Some(10),
            ),
            device(r"USB\VID_1234&PID_5678\SERIAL0042", "", "", Some(28)),
            device(r"ACPI\X\1", "Thing", "System", Some(4711)),
        ];
        let problems = judge(&Exported::default(), &present).problems;
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.name.as_str(), problem.code, problem.meaning.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("Intel(R) Wi-Fi 6E AX211", Some(10), "it does not start"),
                (r"USB\VID_1234&PID_5678", Some(28), "it has no driver"),
                ("Thing", Some(4711), "it does not work"),
            ]
        );
    }

    #[test]
    fn hostile_names_stay_one_line_and_lists_end() {
        let many: Vec<Device> = (0..500)
            .map(|n| {
                device(
                    r"USB\VID_1\1",
                    &format!("Evil\u{202e}\n{n}"),
                    "AudioEndpoint",
                    Some(43),
                )
            })
            .collect();
        let devices = judge(&Exported::default(), &many);
        assert_eq!(
            (devices.problems.len(), devices.audio.len(), devices.usb.len()),
            (MOST_PROBLEMS, MOST_NAMES, MOST_NAMES)
        );
        assert_eq!(devices.audio[0], "Evil 0");
    }
}
