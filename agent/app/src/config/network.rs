//! `[network]`: what is allowed of networks, and how requests travel.

use super::{
    ConfigError,
    parse::{Entry, Source, string, unknown},
};
use crate::places;
use helpbell_sandbox::{NetworkGrant, Proxy};
use ipnet::IpNet;
use std::path::PathBuf;
use toml::de::DeValue;

const KEYS: [&str; 4] = ["allow-http", "allow-addresses", "proxy", "ca-file"];

/// The section as it stands.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) grant: NetworkGrant,
    pub(super) proxy: Option<Proxy>,
    pub(super) ca_file: Option<PathBuf>,
}

pub(super) fn network(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<Network, ConfigError> {
    let mut network = Network::default();
    for entry in entries {
        let (key, value) = entry;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("allow-http", DeValue::Boolean(truth)) => network.grant.allow_http = *truth,
            ("allow-http", _) => {
                return Err(source.wrong(
                    value.span().start,
                    "`allow-http` must be true or false",
                    Some("allow-http = true".to_owned()),
                ));
            }
            ("allow-addresses", DeValue::Array(ranges)) => {
                for range in ranges.iter() {
                    let parsed = match range.get_ref() {
                        DeValue::String(text) => text.parse::<IpNet>().ok(),
                        _ => None,
                    };
                    let range = parsed.ok_or_else(|| {
                        source.wrong(
                            range.span().start,
                            "this is not an address range",
                            Some("write ranges such as \"192.168.10.0/24\" or \"127.0.0.1/32\"".to_owned()),
                        )
                    })?;
                    network.grant.allow_addresses.push(range);
                }
            }
            ("allow-addresses", _) => {
                return Err(source.wrong(
                    value.span().start,
                    "`allow-addresses` must be a list",
                    Some("allow-addresses = [\"192.168.10.0/24\"]".to_owned()),
                ));
            }
            ("proxy", _) => {
                let proxy = Proxy::parse(&string(source, *entry)?).map_err(|error| {
                    source.wrong(
                        value.span().start,
                        error.to_string(),
                        Some("proxy = \"http://proxy.acme.example:3128\"".to_owned()),
                    )
                })?;
                network.proxy = Some(proxy);
            }
            ("ca-file", _) => {
                network.ca_file = Some(places::beside(source.path).join(string(source, *entry)?));
            }
            _ => return Err(unknown(source, key, &KEYS, "[network]")),
        }
    }
    Ok(network)
}
