//! What hangs on the machine, as the kernel's classes show it; no serial numbers.

use super::{Devices, ProbeError, edid};
use crate::probes::{
    line,
    linux::files::{bytes_within, entries, name, number, text, word},
    some_line,
};
use helpbell_model::report::DeviceProblem;
use std::path::Path;

/// Devices told of each kind. A dock brings a dozen.
const MOST: usize = 32;

/// An EDID with all the extension blocks there can be, in bytes.
const EDID_BYTES: u64 = 256 * 128;

/// Class of hubs in USB's list of classes.
const USB_HUB: &str = "09";

pub(super) fn ask(root: &Path) -> Result<Devices, ProbeError> {
    let (docks, usb) = usb(root);
    Ok(Devices {
        problems: problems(root),
        displays: displays(root),
        audio: text(root.join("proc/asound/cards"))
            .map(|cards| sound_cards(&cards))
            .unwrap_or_default(),
        cameras: once(
            entries(root.join("sys/class/video4linux"))
                .iter()
                .filter_map(|camera| word(camera.join("name"))),
        ),
        docks,
        usb,
    })
}

/// Each name once, in order, no more than are told.
fn once(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for name in names {
        if told.len() < MOST && !told.contains(&name) {
            told.push(name);
        }
    }
    told
}

/// Two monitors of one make are two monitors.
fn displays(root: &Path) -> Vec<String> {
    entries(root.join("sys/class/drm"))
        .iter()
        .filter_map(|connector| edid::name(&bytes_within(connector.join("edid"), EDID_BYTES)?))
        .take(MOST)
        .collect()
}

/// The names in `/proc/asound/cards`: ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH`, then a line with its address.
fn sound_cards(cards: &str) -> Vec<String> {
    once(cards.lines().filter_map(|row| {
        let (_, described) = row.split_once("]: ")?;
        let (_, name) = described.split_once(" - ")?;
        some_line(name)
    }))
}

/// Hubs with a name, then everything else.
fn usb(root: &Path) -> (Vec<String>, Vec<String>) {
    let devices: Vec<(bool, String)> = entries(root.join("sys/bus/usb/devices"))
        .iter()
        // `usb1` is the controller in the machine; `1-4:1.0` is one function of a device.
        .filter(|device| !name(device).starts_with("usb") && !name(device).contains(':'))
        .filter_map(|device| {
            let product = word(device.join("product"))?;
            let maker = word(device.join("manufacturer"));
            let told = match maker {
                Some(maker) if !product.starts_with(&maker) => line(&format!("{maker} {product}")),
                _ => product,
            };
            Some((
                word(device.join("bDeviceClass")).is_some_and(|class| class == USB_HUB),
                told,
            ))
        })
        .collect();
    let of = |hubs: bool| {
        let wanted = devices.iter().filter(move |(hub, _)| *hub == hubs);
        once(wanted.map(|(_, name)| name.clone()))
    };
    (of(true), of(false))
}

/// Only what is certain: radios that a switch holds off, and devices that the machine's own rules lock out.
fn problems(root: &Path) -> Vec<DeviceProblem> {
    let radios = entries(root.join("sys/class/rfkill"))
        .into_iter()
        .filter_map(|radio| {
            let flagged = |name: &str| number::<u8>(radio.join(name)) == Some(1);
            let class = match word(radio.join("type"))?.as_str() {
                "wlan" => "Wi-Fi",
                "bluetooth" => "Bluetooth",
                "wwan" => "Mobile network",
                _ => return None,
            };
            let meaning = if flagged("hard") {
                "switched off by a switch or a key of the machine"
            } else if flagged("soft") && class == "Wi-Fi" {
                "switched off in the system (flight mode)"
            } else {
                return None;
            };
            Some(DeviceProblem {
                name: word(radio.join("name")).unwrap_or_default(),
                class: Some(class.to_owned()),
                code: None,
                meaning: meaning.to_owned(),
            })
        });
    let locked_out = entries(root.join("sys/bus/usb/devices"))
        .into_iter()
        .filter(|device| number::<u8>(device.join("authorized")) == Some(0))
        .map(|device| DeviceProblem {
            name: word(device.join("product"))
                .unwrap_or_else(|| line(&format!("USB device {}", name(&device)))),
            class: Some("USB".to_owned()),
            code: None,
            meaning: "locked out by the rules of this machine (USBGuard or the like)".to_owned(),
        });
    radios.chain(locked_out).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    const CARDS: &str = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n\
        \u{20}                     HDA Intel PCH at 0x6001110000 irq 155\n\
        \u{20}1 [Headset        ]: USB-Audio - Jabra Evolve 65\n\
        \u{20}                     GN Netcom A/S Jabra EVOLVE 65 at usb-0000:00:14.0-3, full speed\n";

    #[test]
    fn sound_cards_are_told_by_name() {
        assert_eq!(sound_cards(CARDS), ["HDA Intel PCH", "Jabra Evolve 65"]);
        assert_eq!(sound_cards("--- no soundcards ---\n"), Vec::<String>::new());
    }

    fn desk() -> MadeUp {
        let device = |machine: MadeUp, place: &str, maker: &str, product: &str, class: &str| {
            let at = |name: &str| format!("sys/bus/usb/devices/{place}/{name}");
            machine
                .file(&at("manufacturer"), format!("{maker}\n"))
                .file(&at("product"), format!("{product}\n"))
                .file(&at("bDeviceClass"), format!("{class}\n"))
                .file(&at("serial"), "SECRET-SERIAL\n")
                .file(&at("authorized"), "1\n")
        };
        let machine = device(
            MadeUp::machine(),
            "usb1",
            "Linux 6.8 xhci-hcd",
            "xHCI Host Controller",
            "09",
        );
        let machine = device(machine, "1-1", "VIA Labs, Inc.", "USB2.0 Hub", "09");
        let machine = device(machine, "1-1.2", "Logitech", "Logitech BRIO", "ef");
        let machine = device(machine, "1-1.3", "GN Netcom\u{202e}", "Jabra <b>65</b>", "00");
        machine
            .folder("sys/bus/usb/devices/1-1:1.0")
            .file("proc/asound/cards", CARDS)
            .file("sys/class/video4linux/video0/name", "Logitech BRIO\n")
            .file("sys/class/video4linux/video1/name", "Logitech BRIO\n")
            .file("sys/class/drm/card0-eDP-1/edid", "")
    }

    #[test]
    fn what_hangs_on_a_desk_is_told_by_name_and_without_serial_numbers() {
        let devices = ask(desk().root()).unwrap();
        assert_eq!(devices.docks, ["VIA Labs, Inc. USB2.0 Hub"]);
        assert_eq!(devices.usb, ["Logitech BRIO", "GN Netcom Jabra <b>65</b>"]);
        assert_eq!(devices.cameras, ["Logitech BRIO"]);
        assert_eq!(devices.displays, Vec::<String>::new());
        assert_eq!(devices.problems, []);
        assert!(!format!("{devices:?}").contains("SECRET"));
    }

    #[test]
    fn a_radio_that_is_switched_off_is_a_problem() {
        let radio = |machine: MadeUp, place: &str, kind: &str, soft: &str, hard: &str| {
            let at = |name: &str| format!("sys/class/rfkill/{place}/{name}");
            machine
                .file(&at("type"), format!("{kind}\n"))
                .file(&at("name"), format!("{place}-radio\n"))
                .file(&at("soft"), format!("{soft}\n"))
                .file(&at("hard"), format!("{hard}\n"))
        };
        let machine = radio(desk(), "rfkill0", "bluetooth", "1", "0");
        let machine = radio(machine, "rfkill1", "wlan", "0", "0");
        assert_eq!(ask(machine.root()).unwrap().problems, []);
        let machine = radio(machine, "rfkill2", "wlan", "0", "1");
        let machine = radio(machine, "rfkill3", "wlan", "1", "0");
        let told: Vec<String> = ask(machine.root())
            .unwrap()
            .problems
            .into_iter()
            .map(|problem| format!("{}: {}", problem.name, problem.meaning))
            .collect();
        assert_eq!(
            told,
            [
                "rfkill2-radio: switched off by a switch or a key of the machine",
                "rfkill3-radio: switched off in the system (flight mode)"
            ]
        );
    }

    #[test]
    fn a_device_that_is_locked_out_is_a_problem() {
        let machine = desk().file("sys/bus/usb/devices/1-1.2/authorized", "0\n");
        assert_eq!(ask(machine.root()).unwrap().problems[0].name, "Logitech BRIO");
    }

    #[test]
    fn hundreds_of_devices_are_cut() {
        let machine = (0..100).fold(MadeUp::machine(), |machine, number| {
            machine.file(
                &format!("sys/bus/usb/devices/1-{number}/product"),
                format!("Stick {number}\n"),
            )
        });
        assert_eq!(ask(machine.root()).unwrap().usb.len(), MOST);
    }

    proptest! {
        #[test]
        fn any_list_of_cards_is_survived(cards in "( 0 \\[x\\]: a - )?\\PC{0,200}") {
            prop_assert!(sound_cards(&cards).iter().all(|name| name.chars().count() <= 120));
        }
    }
}
