//! How the machine is connected, and how far it gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// How the machine is connected.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Network {
    /// Without loopback; the one with the default route first.
    pub interfaces: Vec<Interface>,
    /// Addresses of the default gateway.
    pub gateway: Vec<String>,
    /// Name servers in the order they are asked.
    pub dns: Vec<String>,
    /// Domains that short names are looked up in.
    pub search_domains: Vec<String>,
    /// The connection is one that is paid for by volume.
    pub metered: Option<bool>,
}

/// One network interface.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Interface {
    /// As people see it: `Ethernet 2`, `wlan0`.
    pub name: String,
    /// `Ethernet`, `Wi-Fi`, `Tunnel`, as the system classes it.
    pub kind: String,
    /// `aa:bb:cc:dd:ee:ff`.
    pub mac: Option<String>,
    /// IPv4 and IPv6 addresses with prefix length: `192.168.1.20/24`.
    pub addresses: Vec<String>,
    /// Up, with a carrier.
    pub up: bool,
    /// Made by software (virtual machine, container, tunnel) rather than a network card.
    pub virtual_interface: bool,
    /// The default route leaves here.
    pub default_route: bool,
    /// Link speed in bits per second, where known.
    pub speed: Option<u64>,
    /// The address came from a DHCP server.
    pub dhcp: Option<bool>,
    /// A tunnel of a VPN.
    pub vpn: bool,
}

/// What travels to the gateway and beyond, and how well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reachability {
    /// The gateway first, then hosts on the internet.
    pub targets: Vec<Reached>,
}

/// Echoes to one host.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reached {
    /// `gateway`, `internet`.
    pub role: String,
    /// Its address.
    pub address: String,
    /// `icmp`, or `tcp` where echoes may not be sent.
    pub by: String,
    /// Echoes sent.
    pub sent: u32,
    /// Echoes that came back.
    pub received: u32,
    /// Milliseconds there and back, on average.
    pub average_ms: Option<f64>,
    /// The slowest.
    pub worst_ms: Option<f64>,
    /// How much one differs from the next, on average.
    pub jitter_ms: Option<f64>,
    /// Why nothing came back, where the system knows; empty if something did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Whether names are found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NameService {
    /// One entry per server and name.
    pub lookups: Vec<Lookup>,
}

/// One question to one name server.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Lookup {
    /// Address of the server; `system` for the machine's own way, files and all.
    pub server: String,
    /// It is the machine's own server, not a public one asked for comparison.
    pub configured: bool,
    /// The name that was asked for.
    pub name: String,
    /// It was found.
    pub found: bool,
    /// Milliseconds to the answer.
    pub ms: Option<f64>,
    /// What went wrong; empty if nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Whether the internet answers, and whether somebody stands in between.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Internet {
    /// What the test page came to.
    pub access: Access,
    /// The address a captive portal sends browsers to; host only.
    pub portal: Option<String>,
    /// What the system itself thinks, in its words.
    pub system_says: Option<String>,
    /// Seconds by which this machine's clock is ahead of the servers' (negative: behind).
    pub clock_skew_seconds: Option<i64>,
    /// The proxy programs are told to use; without user and password.
    pub proxy: Option<String>,
    /// That proxy accepts connections.
    pub proxy_answers: Option<bool>,
    /// The address of a proxy script; without user, password and query.
    pub proxy_script: Option<String>,
    /// The server that has the script accepts connections.
    pub proxy_script_answers: Option<bool>,
    /// Sites that were asked over HTTPS.
    pub sites: Vec<Site>,
}

/// How far the internet is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// The test page arrived as it should.
    Open,
    /// Something else arrived: somebody wants a sign-in first.
    Portal,
    /// Nothing arrived.
    None,
    /// Not asked.
    #[default]
    Unknown,
}

/// One site asked over HTTPS.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Site {
    /// Its host name.
    pub host: String,
    /// Something answered, whatever it said.
    pub answered: bool,
    /// HTTP status.
    pub status: Option<u16>,
    /// Milliseconds to the head of the answer.
    pub ms: Option<f64>,
    /// Organisation that signed its certificate: another one than the site's own means inspection.
    pub issuer: Option<String>,
    /// The certificate comes from somebody who looks into connections.
    pub inspected: Option<bool>,
    /// What went wrong; empty if nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One link to a wireless network.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WifiLink {
    /// `wlan0`, `Wi-Fi`.
    pub interface: String,
    /// Name of the network; only if the provider wants it.
    pub ssid: Option<String>,
    /// Strength in dBm: −50 is good, −80 is bad.
    pub signal_dbm: Option<i32>,
    /// Strength as the system grades it, 0 to 100.
    pub quality_percent: Option<u32>,
    /// `2.4 GHz`, `5 GHz`, `6 GHz`.
    pub band: Option<String>,
    /// Channel number.
    pub channel: Option<u32>,
    /// Rate it sends at, in bits per second.
    pub rate: Option<u64>,
    /// Rate it receives at, in bits per second.
    pub receive_rate: Option<u64>,
    /// `WPA3`, `WPA2`, `open`.
    pub security: Option<String>,
    /// Why more is not known; empty if all is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A drive, folder or print server of another machine.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Share {
    /// How it is known here: `Z:`, `/mnt/data`, a queue's name.
    pub local: String,
    /// Host name of the server.
    pub server: String,
    /// `smb`, `nfs`, `printer`.
    pub kind: String,
    /// The server's door answered; nothing of the share itself was touched.
    pub reachable: Option<bool>,
    /// Milliseconds until it did.
    pub ms: Option<f64>,
    /// What went wrong; empty if nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}
