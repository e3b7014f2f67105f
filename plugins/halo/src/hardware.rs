//! What a machine's hardware says of itself, in the form in which it is compared: serial number and MAC addresses,
//! without those that many machines share.

use helpbell_connector::DeviceFacts;
use helpbell_connector::text::lower_case;

/// Characters without which a serial number is a placeholder or a lot's number.
const SERIAL_CHARS: usize = 5;

/// Digits that count up are what a maker types to fill a field: `123456789`, `SSN12345678901234567`.
const COUNTED_UP: &str = "01234567890123456789";

/// Hexadecimal digits of a MAC address.
const MAC_DIGITS: usize = 12;

/// First halves of addresses that name no adapter of one machine: none at all, those that software makes
/// (virtual machines repeat them, and switches of virtual machines have the same on every computer), and
/// VPN adapters, whose address is part of the program.
const SHARED: [&str; 12] = [
    "000000", // none
    "00155d", // Hyper-V
    "0003ff", // Virtual PC
    "000569", // VMware
    "000c29", // VMware
    "001c14", // VMware
    "005056", // VMware
    "080027", // VirtualBox
    "00163e", // Xen
    "001c42", // Parallels
    "00059a", // Cisco's VPN
    "00090f", // Fortinet's VPN
];

/// What there is to compare.
pub(crate) struct Hardware {
    /// The serial number, if it is one.
    pub(crate) serial: Option<String>,
    /// Addresses of adapters, physical ones first.
    pub(crate) macs: Vec<String>,
}

impl Hardware {
    pub(crate) fn of(facts: &DeviceFacts) -> Self {
        Self {
            serial: facts.serial.as_deref().and_then(serial),
            macs: facts.macs.iter().flat_map(|mac| macs(mac)).collect(),
        }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.serial.is_none() && self.macs.is_empty()
    }
}

/// A serial number without blanks, dashes and capitals; none for what makers leave in its place.
pub(crate) fn serial(text: &str) -> Option<String> {
    let plain: String = lower_case(text)
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || !letter.is_ascii())
        .collect();
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let first = plain.chars().next()?;
    let is_placeholder = plain.chars().count() < SERIAL_CHARS
        || digits.is_empty()
        || plain.chars().all(|letter| letter == first)
        || (digits.len() >= SERIAL_CHARS && COUNTED_UP.contains(&digits));
    (!is_placeholder).then_some(plain)
}

/// The addresses in a text, which may hold several, each as twelve small digits.
pub(crate) fn macs(text: &str) -> Vec<String> {
    text.replace([':', '-', '.'], "")
        .split(|letter: char| !letter.is_ascii_hexdigit())
        .filter(|digits| digits.len() == MAC_DIGITS)
        .map(str::to_ascii_lowercase)
        .filter(|mac| is_one_machines(mac))
        .collect()
}

/// Addresses with the second bit of their first byte are given by somebody who is not the maker (Wi-Fi that
/// hides, virtual adapters); with the first bit they mean many adapters.
fn is_one_machines(mac: &str) -> bool {
    let first = mac.get(..2).and_then(|byte| u8::from_str_radix(byte, 16).ok());
    first.is_some_and(|byte| byte & 0b11 == 0) && !SHARED.iter().any(|maker| mac.starts_with(maker))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_the_same_however_it_is_written() {
        for text in ["5CG1234XYZ", " 5cg1234xyz\n", "5CG-1234-XYZ", "5CG 1234 XYZ"] {
            assert_eq!(serial(text).as_deref(), Some("5cg1234xyz"), "{text:?}");
        }
    }

    #[test]
    fn what_makers_leave_in_place_of_a_serial_number_is_none() {
        for text in [
            "",
            " ",
            "To be filled by O.E.M.",
            "Default string",
            "System Serial Number",
            "None",
            "N/A",
            "0",
            "1234",
            "00000000",
            "0000-0000",
            "11111111",
            "xxxxxxxx",
            "123456789",
            "0123456789",
            "SSN12345678901234567",
            "MB-1234567890",
        ] {
            assert_eq!(serial(text), None, "{text:?}");
        }
        for text in ["PF1XG8K2", "LRXYZ1", "VMware-42 1c 7a 5e", "2180QWN2"] {
            assert!(serial(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_the_same_in_every_spelling_and_several_may_share_a_field() {
        for text in [
            "3C-52-82-1A-07-C4",
            "3c:52:82:1a:07:c4",
            "3c52.821a.07c4",
            "3C52821A07C4",
            "Ethernet 3c:52:82:1a:07:c4 (up)",
        ] {
            assert_eq!(macs(text), ["3c52821a07c4"], "{text:?}");
        }
        assert_eq!(
            macs("3C-52-82-1A-07-C4, 98-FA-9B-20-5E-11;98:fa:9b:20:5e:2c"),
            ["3c52821a07c4", "98fa9b205e11", "98fa9b205e2c"]
        );
    }

    #[test]
    fn an_address_that_many_machines_have_is_none() {
        for text in [
            "",
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            // Given by software, not by the maker.
            "02:42:ac:11:00:02",
            "da:a1:19:00:00:01",
            "aa:bb:cc:dd:ee:ff",
            // For many receivers.
            "01:00:5e:00:00:fb",
            "00:15:5D:00:00:00",
            "00:50:56:C0:00:08",
            "0A:00:27:00:00:00",
            "08-00-27-12-34-56",
            "00:05:9A:3C:7A:00",
            // Too short, too long.
            "3c:52:82:1a:07",
            "3c:52:82:1a:07:c4:11",
        ] {
            assert_eq!(macs(text), Vec::<String>::new(), "{text:?}");
        }
    }
}
