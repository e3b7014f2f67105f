use super::*;
use crate::probes::linux::made_up::MadeUp;
use proptest::prelude::*;
use wl_nl80211::packet_core::{DoneMessage, Emitable as _, ErrorMessage};

/// Of the beacon of a home router: its name, its rates, WPA2 with a password.
const WPA2: [u8; 36] = [
    0, 4, b'h', b'o', b'm', b'e', // name
    1, 4, 0x82, 0x84, 0x8b, 0x96, // rates
    3, 1, 11, // channel
    48, 19, 1, 0, 0x00, 0x0f, 0xac, 4, 1, 0, 0x00, 0x0f, 0xac, 4, 1, 0, 0x00, 0x0f, 0xac, 2, 0,
];

fn interface() -> Vec<Nl80211Attr> {
    vec![
        Nl80211Attr::IfIndex(3),
        Nl80211Attr::IfName("wlan0".into()),
        Nl80211Attr::IfType(Nl80211InterfaceType::Station),
        Nl80211Attr::WiphyFreq(2462),
        Nl80211Attr::SsidRaw(b"home".to_vec()),
    ]
}

fn stations() -> Vec<Vec<Nl80211Attr>> {
    vec![vec![Nl80211Attr::StationInfo(vec![
        Nl80211StationInfo::Signal(-81),
        Nl80211StationInfo::TxBitrate(vec![
            Nl80211RateInfo::Bitrate(650),
            Nl80211RateInfo::Bitrate32(650),
        ]),
        Nl80211StationInfo::RxBitrate(vec![Nl80211RateInfo::Bitrate(130)]),
    ])]]
}

fn heard(status: u32, elements: &[u8], privacy: bool) -> Vec<Vec<Nl80211Attr>> {
    let capability = if privacy {
        Ieee80211CapabilityInfo::Privacy
    } else {
        Ieee80211CapabilityInfo::Ess
    };
    vec![vec![Nl80211Attr::Bss(vec![
        Nl80211BssInfo::Status(status),
        Nl80211BssInfo::Frequency(2462),
        Nl80211BssInfo::SignalMbm(-7800),
        Nl80211BssInfo::Capability(capability),
        Nl80211BssInfo::RawInformationElements(elements.to_vec()),
    ])]]
}

#[test]
fn a_link_is_told_out_of_three_answers() {
    let told = link(&interface(), &stations(), &heard(ASSOCIATED, &WPA2, true), true);
    assert_eq!(
        told,
        WifiLink {
            interface: "wlan0".into(),
            ssid: Some("home".into()),
            signal_dbm: Some(-81),
            quality_percent: None,
            band: Some("2.4 GHz".into()),
            channel: Some(11),
            rate: Some(65_000_000),
            receive_rate: Some(13_000_000),
            security: Some("WPA2".into()),
            note: String::new(),
        }
    );
}

#[test]
fn the_name_of_a_network_is_told_only_if_it_is_wanted() {
    let told = link(&interface(), &stations(), &heard(ASSOCIATED, &WPA2, true), false);
    assert_eq!(told.ssid, None);
    assert!(!serde_json::to_string(&told).unwrap().contains("home"));
}

#[test]
fn a_link_without_another_end_is_not_connected() {
    let told = link(&interface(), &[], &heard(0, &WPA2, true), true);
    assert_eq!(
        (told.note.as_str(), told.signal_dbm, told.security),
        ("not connected", None, None)
    );
}

#[test]
fn without_a_station_the_last_beacon_tells_the_strength() {
    let told = link(&interface(), &[], &heard(ASSOCIATED, &WPA2, true), true);
    assert_eq!((told.signal_dbm, told.note.as_str()), (Some(-78), ""));
}

#[test]
fn security_is_read_from_what_the_network_says() {
    let of = |elements: &[u8], privacy| {
        let heard = heard(ASSOCIATED, elements, privacy);
        link(&interface(), &[], &heard, false).security
    };
    let mut wpa3 = WPA2;
    wpa3[34] = 8;
    assert_eq!(of(&wpa3, true).as_deref(), Some("WPA3"));
    let mut enterprise = WPA2;
    enterprise[34] = 1;
    assert_eq!(of(&enterprise, true).as_deref(), Some("WPA2 Enterprise"));
    assert_eq!(
        of(&[221, 6, 0x00, 0x50, 0xf2, 0x01, 1, 0], true).as_deref(),
        Some("WPA")
    );
    assert_eq!(of(&[0, 4, b'h', b'o', b'm', b'e'], true).as_deref(), Some("WEP"));
    assert_eq!(
        of(&[0, 4, b'h', b'o', b'm', b'e'], false).as_deref(),
        Some("open")
    );
}

#[test]
fn a_machine_without_a_radio_has_no_links() {
    let machine = MadeUp::machine().file("sys/class/net/eth0/address", "02:00:00:00:00:01\n");
    assert_eq!(ask(machine.root(), true), Ok(Vec::new()));
    assert!(has_radio(
        MadeUp::machine().folder("sys/class/net/wlan0/wireless").root()
    ));
}

/// What the kernel sends for `attributes`, as the answer to question `number`.
fn datagram(number: u32, attributes: Vec<Nl80211Attr>) -> Vec<u8> {
    let mut answer = GenlMessage::from_payload(Nl80211Message {
        cmd: Nl80211Command::NewInterface,
        attributes,
    });
    answer.set_resolved_family_id(28);
    answer.finalize();
    bytes(number, NetlinkMessage::from(answer))
}

fn bytes<M: NetlinkSerializable + std::fmt::Debug>(number: u32, mut message: NetlinkMessage<M>) -> Vec<u8> {
    message.header.sequence_number = number;
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

fn taken(datagram: &[u8], number: u32) -> Result<(bool, Vec<Vec<Nl80211Attr>>), ProbeError> {
    let mut answers: Vec<GenlMessage<Nl80211Message>> = Vec::new();
    let last = take(datagram, number, &mut answers)?;
    Ok((
        last,
        answers
            .into_iter()
            .map(|answer| answer.payload.attributes)
            .collect(),
    ))
}

#[test]
fn answers_are_taken_out_of_one_datagram_until_the_kernel_is_done() {
    let done = NetlinkMessage::<GenlMessage<Nl80211Message>>::new(
        Default::default(),
        NetlinkPayload::Done(DoneMessage::default()),
    );
    let both = [
        datagram(7, interface()),
        datagram(6, interface()),
        datagram(7, Vec::new()),
        bytes(7, done),
    ]
    .concat();
    let (last, answers) = taken(&both, 7).unwrap();
    assert!(last);
    // The one in the middle answers another question.
    assert_eq!(answers.len(), 2);
    let told = link(&answers[0], &[], &[], true);
    assert_eq!(
        (told.interface.as_str(), told.ssid.as_deref()),
        ("wlan0", Some("home"))
    );
    assert_eq!(station(&answers[0]), Some((3, true)));
    assert_eq!(station(&answers[1]), None);
}

#[test]
fn what_the_kernel_refuses_is_told_as_refused() {
    let mut error = ErrorMessage::default();
    error.code = std::num::NonZeroI32::new(-1);
    let refusal =
        NetlinkMessage::<GenlMessage<Nl80211Message>>::new(Default::default(), NetlinkPayload::Error(error));
    assert!(matches!(taken(&bytes(7, refusal), 7), Err(ProbeError::Denied(_))));
}

#[test]
fn half_a_message_is_unreadable_and_not_waited_for() {
    let whole = datagram(7, interface());
    assert!(taken(&whole[..whole.len() - 3], 7).is_err());
}

proptest! {
    #[test]
    fn no_datagram_crashes_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = taken(&bytes, 7);
    }

    #[test]
    fn no_beacon_crashes_the_reader(elements in proptest::collection::vec(any::<u8>(), 0..300)) {
        link(&interface(), &[], &heard(ASSOCIATED, &elements, true), true);
    }

    #[test]
    fn a_mangled_answer_is_read_or_refused(at in 16_usize..60, byte in any::<u8>()) {
        let mut answer = datagram(7, interface());
        if let Some(place) = answer.get_mut(at) {
            *place = byte;
        }
        if let Ok((_, answers)) = taken(&answer, 7) {
            for attributes in &answers {
                link(attributes, &[], &[], true);
            }
        }
    }
}
