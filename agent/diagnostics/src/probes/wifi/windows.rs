//! Wireless links out of what Windows' service tells.

use super::{MOST_LINKS, shown_name};
use crate::{
    probes::line,
    windows::wlan::{Card, Joined},
};
use helpbell_model::report::WifiLink;

/// `DOT11_PHY_TYPE`: the generations that may be on 6 GHz, whose channels have the numbers of others.
const WIFI_6: i32 = 10;
const WIFI_7: i32 = 11;

#[cfg(windows)]
pub(super) fn ask(names: bool) -> Result<Vec<WifiLink>, crate::part::ProbeError> {
    crate::windows::wlan::cards().map(|cards| links(&cards, names))
}

fn links(cards: &[Card], names: bool) -> Vec<WifiLink> {
    cards
        .iter()
        .take(MOST_LINKS)
        .map(|card| link(card, names))
        .collect()
}

fn link(card: &Card, names: bool) -> WifiLink {
    let mut link = WifiLink {
        interface: line(&card.description),
        // 0 and what is above it stand for nothing.
        signal_dbm: card.rssi.filter(|dbm| (-120..0).contains(dbm)),
        channel: card.channel.filter(|channel| *channel > 0),
        ..WifiLink::default()
    };
    match &card.joined {
        Some(joined) => {
            link.ssid = names.then(|| shown_name(&joined.name)).flatten();
            link.quality_percent = Some(joined.quality.min(100));
            link.rate = bits_per_second(joined.send);
            link.receive_rate = bits_per_second(joined.receive);
            link.security = security(joined).map(str::to_owned);
            link.band = link
                .channel
                .and_then(|channel| band(channel, joined.generation))
                .map(str::to_owned);
        }
        None if card.refused => {
            "more is not permitted: Windows tells it only to programs that may know the location"
                .clone_into(&mut link.note);
        }
        None => "not connected".clone_into(&mut link.note),
    }
    link
}

fn bits_per_second(kilobits: u32) -> Option<u64> {
    Some(u64::from(kilobits) * 1000).filter(|rate| *rate > 0)
}

/// The band of a channel, where its number leaves no doubt.
const fn band(channel: u32, generation: i32) -> Option<&'static str> {
    match (channel, generation) {
        (_, WIFI_6 | WIFI_7) => None,
        (1..=14, _) => Some("2.4 GHz"),
        (32.., _) => Some("5 GHz"),
        _ => None,
    }
}

/// `DOT11_AUTH_ALGORITHM` in the words of access points.
const fn security(joined: &Joined) -> Option<&'static str> {
    Some(match joined.authentication {
        1 if joined.encrypted => "WEP",
        1 => "open",
        2 => "WEP",
        3 | 4 => "WPA",
        6 => "WPA2 Enterprise",
        7 => "WPA2",
        8 | 11 => "WPA3 Enterprise",
        9 => "WPA3",
        10 => "open, encrypted",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            description: "Intel(R) Wi-Fi 5 AC-9560".into(),
            joined: Some(Joined {
                name: b"home".to_vec(),
                quality: 64,
                receive: 433_300,
                send: 390_000,
                generation: 8,
                authentication: 7,
                encrypted: true,
            }),
            refused: false,
            rssi: Some(-68),
            channel: Some(44),
        }
    }

    #[test]
    fn a_link_is_told_with_its_name_only_if_that_is_wanted() {
        let [told] = links(&[card()], true).try_into().unwrap();
        assert_eq!(
            told,
            WifiLink {
                interface: "Intel(R) Wi-Fi 5 AC-9560".into(),
                ssid: Some("home".into()),
                signal_dbm: Some(-68),
                quality_percent: Some(64),
                band: Some("5 GHz".into()),
                channel: Some(44),
                rate: Some(390_000_000),
                receive_rate: Some(433_300_000),
                security: Some("WPA2".into()),
                note: String::new(),
            }
        );
        assert_eq!(link(&card(), false).ssid, None);
    }

    #[test]
    fn where_the_link_is_kept_secret_its_strength_is_still_told() {
        let refused = Card {
            joined: None,
            refused: true,
            ..card()
        };
        let told = link(&refused, true);
        assert_eq!(
            (told.signal_dbm, told.channel, told.band.as_deref()),
            (Some(-68), Some(44), None)
        );
        assert!(told.note.starts_with("more is not permitted"), "{told:?}");
    }

    #[test]
    fn a_card_without_a_link_is_not_connected() {
        let idle = Card {
            description: "Card".into(),
            ..Card::default()
        };
        let told = link(&idle, true);
        assert_eq!(
            (told.note.as_str(), told.signal_dbm, told.quality_percent),
            ("not connected", None, None)
        );
    }

    #[test]
    fn a_channel_that_two_bands_have_tells_no_band() {
        assert_eq!(band(11, 7), Some("2.4 GHz"));
        assert_eq!(band(149, 8), Some("5 GHz"));
        assert_eq!([band(5, WIFI_6), band(37, WIFI_7), band(20, 8)], [None; 3]);
    }

    #[test]
    fn numbers_without_a_meaning_are_not_known() {
        let mut odd = card();
        odd.rssi = Some(0);
        odd.channel = Some(0);
        if let Some(joined) = &mut odd.joined {
            joined.authentication = 99;
            joined.quality = 4000;
            joined.send = 0;
        }
        let told = link(&odd, true);
        assert_eq!(
            (told.signal_dbm, told.channel, told.security, told.rate),
            (None, None, None, None)
        );
        assert_eq!(told.quality_percent, Some(100));
    }
}
