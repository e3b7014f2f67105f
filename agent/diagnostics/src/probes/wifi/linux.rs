//! Wireless links as the kernel knows them: three questions over nl80211, which need no privileges and trigger no scan.
//!
//! ```text
//! GET_INTERFACE ─► which interfaces are stations, at what frequency, of which network
//! GET_STATION   ─► how strong and how fast the other end is
//! GET_SCAN      ─► what it said about itself when it was last heard: how it is secured
//! ```

use super::{MOST_LINKS, band, channel, shown_name};
use crate::{part::ProbeError, probes::line};
use helpbell_model::report::WifiLink;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_GENERIC};
use std::{io, path::Path};
use wl_nl80211::{
    Ieee80211AkmSuite as Suite, Ieee80211CapabilityInfo, Ieee80211Element, Ieee80211Elements, Nl80211Attr,
    Nl80211BssInfo, Nl80211Command, Nl80211InterfaceType, Nl80211Message, Nl80211RateInfo,
    Nl80211StationInfo,
    packet_core::{
        NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkDeserializable, NetlinkMessage, NetlinkPayload,
        NetlinkSerializable, Parseable as _,
    },
    packet_generic::{
        GenlMessage,
        ctrl::{GenlCtrl, GenlCtrlCmd, nlas::GenlCtrlAttrs},
    },
};

/// Where the kernel describes its interfaces; a wireless one has its radio there.
const INTERFACES: &str = "sys/class/net";
/// Datagrams of one answer. Each holds dozens of interfaces, stations or networks.
const MOST_DATAGRAMS: usize = 256;
/// What the kernel says where no wireless driver is loaded.
const NO_FAMILY: i32 = 2;
/// In the status of a network that was heard: this machine belongs to it.
const ASSOCIATED: u32 = 1;
/// The element by which makers announced WPA before the standard had one.
const WPA_OF_MICROSOFT: [u8; 4] = [0x00, 0x50, 0xf2, 0x01];

pub(super) fn ask(root: &Path, names: bool) -> Result<Vec<WifiLink>, ProbeError> {
    if !has_radio(root) {
        return Ok(Vec::new());
    }
    let mut kernel = Kernel::open()?;
    let mut links = Vec::new();
    for interface in kernel.dump(Nl80211Command::GetInterface, Vec::new())? {
        let Some((index, true)) = station(&interface) else {
            continue;
        };
        // Either may fail in the driver; what is known of the link is told all the same.
        let of_link = || vec![Nl80211Attr::IfIndex(index)];
        let stations = kernel
            .dump(Nl80211Command::GetStation, of_link())
            .unwrap_or_default();
        let heard = kernel
            .dump(Nl80211Command::GetScan, of_link())
            .unwrap_or_default();
        links.push(link(&interface, &stations, &heard, names));
        if links.len() == MOST_LINKS {
            break;
        }
    }
    Ok(links)
}

/// Whether any interface is a wireless one.
fn has_radio(root: &Path) -> bool {
    let interfaces = std::fs::read_dir(root.join(INTERFACES))
        .into_iter()
        .flatten()
        .flatten();
    interfaces.take(1024).any(|interface| {
        let path = interface.path();
        path.join("phy80211").exists() || path.join("wireless").exists()
    })
}

/// A line to the kernel.
struct Kernel {
    socket: Socket,
    family: u16,
    number: u32,
}

impl Kernel {
    fn open() -> Result<Self, ProbeError> {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        let mut kernel = Self {
            socket,
            family: 0,
            number: 0,
        };
        let mut question = GenlMessage::from_payload(GenlCtrl {
            cmd: GenlCtrlCmd::GetFamily,
            nlas: vec![GenlCtrlAttrs::FamilyName("nl80211".to_owned())],
        });
        question.finalize();
        let answers: Vec<GenlMessage<GenlCtrl>> = kernel.ask(question, NLM_F_REQUEST | NLM_F_ACK)?;
        let attributes = answers.iter().flat_map(|answer| &answer.payload.nlas);
        kernel.family = attributes
            .into_iter()
            .find_map(|attribute| match attribute {
                GenlCtrlAttrs::FamilyId(family) => Some(*family),
                _ => None,
            })
            .ok_or_else(|| ProbeError::unsupported("the kernel knows no wireless links"))?;
        Ok(kernel)
    }

    /// Everything the kernel has to say to `command`.
    fn dump(
        &mut self,
        command: Nl80211Command,
        attributes: Vec<Nl80211Attr>,
    ) -> Result<Vec<Vec<Nl80211Attr>>, ProbeError> {
        let mut question = GenlMessage::from_payload(Nl80211Message {
            cmd: command,
            attributes,
        });
        question.set_resolved_family_id(self.family);
        question.finalize();
        let answers: Vec<GenlMessage<Nl80211Message>> = self.ask(question, NLM_F_REQUEST | NLM_F_DUMP)?;
        Ok(answers
            .into_iter()
            .map(|answer| answer.payload.attributes)
            .collect())
    }

    fn ask<M>(&mut self, question: M, flags: u16) -> Result<Vec<M>, ProbeError>
    where
        M: NetlinkSerializable + NetlinkDeserializable + std::fmt::Debug,
        NetlinkPayload<M>: From<M>,
    {
        self.number += 1;
        let mut message = NetlinkMessage::from(question);
        message.header.flags = flags;
        message.header.sequence_number = self.number;
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0)?;
        let mut answers = Vec::new();
        for _ in 0..MOST_DATAGRAMS {
            let (datagram, _) = self.socket.recv_from_full()?;
            if take(&datagram, self.number, &mut answers)? {
                return Ok(answers);
            }
        }
        Ok(answers)
    }
}

/// Takes the answers to question `number` out of a datagram. Tells whether it was the last.
fn take<M>(datagram: &[u8], number: u32, answers: &mut Vec<M>) -> Result<bool, ProbeError>
where
    M: NetlinkDeserializable,
{
    let mut rest = datagram;
    while !rest.is_empty() {
        let unreadable = |_| ProbeError::Failed("the kernel's answer cannot be read".to_owned());
        let message = NetlinkMessage::<M>::deserialize(rest).map_err(unreadable)?;
        // Messages begin at multiples of four bytes.
        let length = usize::try_from(message.header.length)
            .unwrap_or(usize::MAX)
            .next_multiple_of(4);
        rest = rest.get(length.max(1)..).unwrap_or_default();
        if message.header.sequence_number != number {
            continue;
        }
        match message.payload {
            NetlinkPayload::InnerMessage(answer) => answers.push(answer),
            NetlinkPayload::Done(_) => return Ok(true),
            // An error without a code is an acknowledgement.
            NetlinkPayload::Error(error) => {
                return match error.raw_code().checked_neg() {
                    Some(0) => Ok(true),
                    Some(NO_FAMILY) => Err(ProbeError::unsupported("the kernel knows no wireless links")),
                    code => Err(io::Error::from_raw_os_error(code.unwrap_or_default()).into()),
                };
            }
            _ => {}
        }
    }
    Ok(false)
}

/// The index of an interface, and whether it is one that joins networks.
fn station(attributes: &[Nl80211Attr]) -> Option<(u32, bool)> {
    let index = attributes.iter().find_map(|attribute| match attribute {
        Nl80211Attr::IfIndex(index) => Some(*index),
        _ => None,
    })?;
    let joins =
        |attribute: &Nl80211Attr| matches!(attribute, Nl80211Attr::IfType(Nl80211InterfaceType::Station));
    Some((index, attributes.iter().any(joins)))
}

/// One link out of the kernel's three answers.
fn link(
    interface: &[Nl80211Attr],
    stations: &[Vec<Nl80211Attr>],
    heard: &[Vec<Nl80211Attr>],
    names: bool,
) -> WifiLink {
    let mut link = WifiLink::default();
    let mut mhz = None;
    for attribute in interface {
        match attribute {
            Nl80211Attr::IfName(name) => link.interface = line(name),
            Nl80211Attr::WiphyFreq(frequency) => mhz = Some(*frequency),
            Nl80211Attr::SsidRaw(name) if names => link.ssid = shown_name(name),
            _ => {}
        }
    }
    let station = stations.iter().flatten().find_map(|attribute| match attribute {
        Nl80211Attr::StationInfo(info) => Some(info),
        _ => None,
    });
    for info in station.into_iter().flatten() {
        match info {
            Nl80211StationInfo::Signal(dbm) => link.signal_dbm = Some(i32::from(*dbm)),
            Nl80211StationInfo::TxBitrate(rate) => link.rate = bits_per_second(rate),
            Nl80211StationInfo::RxBitrate(rate) => link.receive_rate = bits_per_second(rate),
            _ => {}
        }
    }
    let joined = heard.iter().flatten().find_map(|attribute| match attribute {
        Nl80211Attr::Bss(info) => info.contains(&Nl80211BssInfo::Status(ASSOCIATED)).then_some(info),
        _ => None,
    });
    for info in joined.into_iter().flatten() {
        match info {
            Nl80211BssInfo::Frequency(frequency) => mhz = mhz.or(Some(*frequency)),
            Nl80211BssInfo::SignalMbm(mbm) => link.signal_dbm = link.signal_dbm.or(Some(mbm / 100)),
            _ => {}
        }
    }
    link.security = joined.and_then(|info| security(info)).map(str::to_owned);
    link.band = mhz.and_then(band).map(str::to_owned);
    link.channel = mhz.and_then(channel);
    if station.is_none() && joined.is_none() {
        "not connected".clone_into(&mut link.note);
    }
    link
}

/// The kernel counts in steps of 100 kbit/s; the wider number is the right one where both are given.
fn bits_per_second(rate: &[Nl80211RateInfo]) -> Option<u64> {
    const STEP: u64 = 100_000;
    let of = |wide: bool| {
        rate.iter().find_map(|info| match info {
            Nl80211RateInfo::Bitrate32(steps) if wide => Some(u64::from(*steps)),
            Nl80211RateInfo::Bitrate(steps) if !wide => Some(u64::from(*steps)),
            _ => None,
        })
    };
    of(true)
        .or_else(|| of(false))
        .filter(|steps| *steps > 0)
        .map(|steps| steps * STEP)
}

/// How a network is secured, by what it says of itself.
fn security(info: &[Nl80211BssInfo]) -> Option<&'static str> {
    let raw = info.iter().find_map(|info| match info {
        Nl80211BssInfo::RawInformationElements(raw) => Some(raw),
        _ => None,
    })?;
    let Ieee80211Elements(elements) = Ieee80211Elements::parse(raw.as_slice()).ok()?;
    let suites = elements.iter().find_map(|element| match element {
        Ieee80211Element::Rsn(rsn) => Some(&rsn.akm_suits),
        _ => None,
    });
    if let Some(suites) = suites {
        return of_suites(suites);
    }
    let old = |element: &Ieee80211Element| matches!(element, Ieee80211Element::Vendor(data) if data.starts_with(&WPA_OF_MICROSOFT));
    if elements.iter().any(old) {
        return Some("WPA");
    }
    let capability = info.iter().find_map(|info| match info {
        Nl80211BssInfo::Capability(capability) => Some(*capability),
        _ => None,
    })?;
    Some(if capability.contains(Ieee80211CapabilityInfo::Privacy) {
        "WEP"
    } else {
        "open"
    })
}

/// A network that offers the old and the new is called by the new, as devices choose it.
fn of_suites(suites: &[Suite]) -> Option<&'static str> {
    let any = |wanted: &[Suite]| suites.iter().any(|suite| wanted.contains(suite));
    let known = [
        (
            "WPA3",
            [
                Suite::Sae,
                Suite::FtSae,
                Suite::SaeGroupDependentHash,
                Suite::FtSaeGroupDependentHash,
            ]
            .as_slice(),
        ),
        ("WPA3 Enterprise", &[Suite::Ieee8021xSuiteB, Suite::Ieee8021xCnsa]),
        ("open, encrypted", &[Suite::Owe]),
        (
            "WPA2 Enterprise",
            &[Suite::Ieee8021x, Suite::FtIeee8021x, Suite::Ieee8021xSha256],
        ),
        ("WPA2", &[Suite::Psk, Suite::FtPsk, Suite::PskSha256]),
    ];
    known
        .into_iter()
        .find(|(_, wanted)| any(wanted))
        .map(|(name, _)| name)
}

#[cfg(test)]
#[path = "linux_tests.rs"]
mod tests;
