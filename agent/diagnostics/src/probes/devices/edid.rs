//! What a monitor says of itself (VESA Enhanced EDID Standard): 128 bytes, and further blocks nobody needs here.

use crate::probes::some_line;

/// How the block begins.
const MAGIC: [u8; 8] = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
/// Where three letters of five bits tell the maker.
const MAKER: usize = 8;
/// Where the product's number stands.
const PRODUCT: usize = 10;
/// Where the four descriptors stand, and how long each is.
const DESCRIPTORS: std::ops::Range<usize> = 54..126;
const DESCRIPTOR_BYTES: usize = 18;
/// How a descriptor begins that holds the monitor's name, and one that holds other text. Laptops' panels have only the
/// latter. `0xff` would be the serial number, which is not read.
const NAME: [u8; 4] = [0, 0, 0, 0xfc];
const TEXT: [u8; 4] = [0, 0, 0, 0xfe];
/// Where its text begins.
const TEXT_AT: usize = 5;

/// Makers as people know them, by the letters registered for them.
const MAKERS: [(&str, &str); 22] = [
    ("ACI", "ASUS"),
    ("ACR", "Acer"),
    ("AOC", "AOC"),
    ("APP", "Apple"),
    ("AUO", "AU Optronics"),
    ("AUS", "ASUS"),
    ("BNQ", "BenQ"),
    ("BOE", "BOE"),
    ("CMN", "Innolux"),
    ("DEL", "Dell"),
    ("ENC", "EIZO"),
    ("FUS", "Fujitsu"),
    ("GSM", "LG"),
    ("HPN", "HP"),
    ("HWP", "HP"),
    ("IVM", "iiyama"),
    ("LEN", "Lenovo"),
    ("LGD", "LG Display"),
    ("NEC", "NEC"),
    ("PHL", "Philips"),
    ("SAM", "Samsung"),
    ("SHP", "Sharp"),
];

/// The name of the monitor: `DELL U2720Q`, else what its maker's letters and number give. `None` if this is no EDID.
pub(super) fn name(edid: &[u8]) -> Option<String> {
    edid.strip_prefix(&MAGIC)?;
    let maker = maker(edid)?;
    let known = MAKERS
        .iter()
        .find(|(letters, _)| *letters == maker)
        .map(|(_, name)| *name);
    let own = text(edid, NAME).or_else(|| text(edid, TEXT));
    let number = u16::from_le_bytes(edid.get(PRODUCT..)?.first_chunk::<2>().copied()?);
    let name = match (own, known) {
        // Many write their name themselves.
        (Some(own), Some(known)) if own.to_lowercase().starts_with(&known.to_lowercase()) => own,
        (Some(own), known) => format!("{} {own}", known.unwrap_or(&maker)),
        (None, known) => format!("{} {number:04x}", known.unwrap_or(&maker)),
    };
    some_line(&name)
}

/// Three letters of five bits each, the first bit empty.
fn maker(edid: &[u8]) -> Option<String> {
    let packed = u16::from_be_bytes(edid.get(MAKER..)?.first_chunk::<2>().copied()?);
    [10, 5, 0]
        .into_iter()
        .map(|shift| match u8::try_from((packed >> shift) & 0x1f).ok()? {
            letter @ 1..=26 => Some(char::from(b'A' + letter - 1)),
            _ => None,
        })
        .collect()
}

/// The text of the first descriptor of one kind.
fn text(edid: &[u8], kind: [u8; 4]) -> Option<String> {
    let descriptor = edid
        .get(DESCRIPTORS)?
        .chunks_exact(DESCRIPTOR_BYTES)
        .find(|descriptor| descriptor.starts_with(&kind))?;
    let text = descriptor.get(TEXT_AT..)?;
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let text: String = text
        .get(..end)?
        .iter()
        .filter(|byte| byte.is_ascii_graphic() || **byte == b' ')
        .map(|byte| char::from(*byte))
        .collect();
    some_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A block of `maker` with one descriptor.
    fn block(maker: [u8; 2], kind: u8, text: &[u8]) -> Vec<u8> {
        let mut edid = vec![0; 128];
        edid[..8].copy_from_slice(&MAGIC);
        edid[MAKER..10].copy_from_slice(&maker);
        edid[PRODUCT..12].copy_from_slice(&[0xec, 0x41]);
        edid[57] = 0xff;
        edid[59..64].copy_from_slice(b"7F9XK");
        edid[72..76].copy_from_slice(&[0, 0, 0, kind]);
        edid[77..77 + text.len()].copy_from_slice(text);
        edid
    }

    /// `DEL`, `LGD`, `ZZZ`.
    const DELL: [u8; 2] = [0x10, 0xac];
    const LGD: [u8; 2] = [0x30, 0xe4];
    const ZZZ: [u8; 2] = [0x6b, 0x5a];

    #[test]
    fn a_monitor_is_told_by_the_name_it_gives_itself_and_never_by_its_serial_number() {
        let edid = block(DELL, 0xfc, b"DELL U2720Q\n ");
        assert_eq!(name(&edid).as_deref(), Some("DELL U2720Q"));
        let edid = block(DELL, 0xfc, b"U2720Q\n");
        assert_eq!(name(&edid).as_deref(), Some("Dell U2720Q"));
    }

    #[test]
    fn a_panel_without_a_name_is_told_by_its_maker() {
        let edid = block(LGD, 0xfe, b"LP140WF9-SPE2");
        assert_eq!(name(&edid).as_deref(), Some("LG Display LP140WF9-SPE2"));
        assert_eq!(name(&block(LGD, 0x10, b"")).as_deref(), Some("LG Display 41ec"));
        assert_eq!(name(&block(ZZZ, 0x10, b"")).as_deref(), Some("ZZZ 41ec"));
    }

    #[test]
    fn what_is_no_edid_has_no_name() {
        assert_eq!(name(&[]), None);
        assert_eq!(name(&[0xff; 128]), None);
        let whole = block(DELL, 0xfc, b"x");
        assert_eq!(name(&whole[..11]), None);
        assert_eq!(name(&whole[..60]).as_deref(), Some("Dell 41ec"));
        assert_eq!(name(&block([0xff, 0xff], 0xfc, b"x")), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_bounded_name_or_none(
            head in prop::sample::select(vec![Vec::new(), MAGIC.to_vec()]),
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let edid = [head, bytes].concat();
            if let Some(name) = name(&edid) {
                prop_assert!(!name.is_empty() && name.chars().count() <= 120);
            }
        }
    }
}
