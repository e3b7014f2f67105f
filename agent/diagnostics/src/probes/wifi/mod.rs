//! Wireless links: how strong, on which band, how fast. The name of a network tells where somebody is, so it is told
//! only if the provider wants it. Anybody can give a network any name of 32 bytes; it is a foreign text like all.

#[cfg(target_os = "linux")]
mod linux;

use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::WifiLink;

/// Links that are told. Two cards are rare, eight are a test bench.
const MOST_LINKS: usize = 8;

pub(super) fn ask(scope: &Scope) -> Result<Vec<WifiLink>, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"), scope.wifi_names)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = scope;
        Err(super::not_read_here())
    }
}

/// The band of a frequency in MHz.
fn band(mhz: u32) -> Option<&'static str> {
    match mhz {
        2400..=2500 => Some("2.4 GHz"),
        4900..=5895 => Some("5 GHz"),
        5925..=7125 => Some("6 GHz"),
        _ => None,
    }
}

/// The channel of a frequency in MHz, as IEEE 802.11 numbers them.
fn channel(mhz: u32) -> Option<u32> {
    match mhz {
        2484 => Some(14),
        2412..=2472 => Some((mhz - 2407) / 5),
        // The one channel of 6 GHz that is out of step.
        5935 => Some(2),
        5955..=7115 => Some((mhz - 5950) / 5),
        5005..=5895 => Some((mhz - 5000) / 5),
        _ => None,
    }
}

/// A network's name as it may be shown: any bytes are allowed in it.
fn shown_name(bytes: &[u8]) -> Option<String> {
    super::some_line(&String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frequencies_have_a_band_and_a_channel() {
        for (mhz, expected, number) in [
            (2412, "2.4 GHz", 1),
            (2472, "2.4 GHz", 13),
            (2484, "2.4 GHz", 14),
            (5180, "5 GHz", 36),
            (5885, "5 GHz", 177),
            (5935, "6 GHz", 2),
            (5955, "6 GHz", 1),
            (7115, "6 GHz", 233),
        ] {
            assert_eq!((band(mhz), channel(mhz)), (Some(expected), Some(number)), "{mhz}");
        }
        assert_eq!((band(60_480), channel(60_480)), (None, None));
    }

    #[test]
    fn a_hostile_name_is_one_line_without_hidden_characters() {
        assert_eq!(
            shown_name(b"Free\xffWiFi\x1b[2J\n").as_deref(),
            Some("Free\u{fffd}WiFi[2J")
        );
        assert_eq!(
            shown_name("\u{202e}gnp.exe".as_bytes()).as_deref(),
            Some("gnp.exe")
        );
        // A hidden network.
        assert_eq!(shown_name(&[0; 32]), None);
        assert_eq!(shown_name(b""), None);
    }

    proptest! {
        #[test]
        fn any_name_stays_short_and_visible(bytes in proptest::collection::vec(any::<u8>(), 0..=32)) {
            let shown = shown_name(&bytes).unwrap_or_default();
            prop_assert!(shown.chars().count() <= 32 && shown.chars().all(helpbell_model::text::is_shown));
        }
    }
}
