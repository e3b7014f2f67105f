//! What may leave: addresses, grants, path templates, ranges.

use crate::promises::can_be_shown;
use helpbell_model::connector::{RequestEffect, RequestTemplate};
use helpbell_sandbox::{
    NetworkGrant, Proxy,
    egress::policy::{Base, Policy, decide},
};
use std::{net::IpAddr, sync::Arc};

/// The lines of the input: method, address, base, path template, range, proxy. What cannot be read is left out of the policy.
///
/// # Panics
/// If something leaves that was not granted, or if a reason cannot be shown.
pub fn policy(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let (method, address, base, path, range, proxy) = (line(), line(), line(), line(), line(), line());
    if let Ok(proxy) = Proxy::parse(proxy) {
        let again = proxy.to_string();
        assert_eq!(Proxy::parse(&again).unwrap().to_string(), again);
    }
    let origins = match Base::parse(base) {
        Ok(base) => {
            let again = base.as_text();
            assert_eq!(Base::parse(&again).unwrap().as_text(), again, "{base:?}");
            vec![("psa".to_owned(), base)]
        }
        Err(error) => {
            can_be_shown(&error.to_string());
            vec![]
        }
    };
    let template = RequestTemplate {
        origin: "psa".to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        effect: RequestEffect::Read,
        refusals: vec![],
        purpose: String::new(),
    };
    let policy = Policy {
        origins,
        requests: Arc::new(vec![template]),
        declared: Arc::default(),
        network: NetworkGrant {
            allow_http: address.len() % 2 == 0,
            allow_addresses: range.parse().into_iter().collect(),
        },
        reads_only: true,
    };
    match decide(&policy, method, address) {
        Err(denied) => {
            can_be_shown(&denied.reason);
            denied
                .cure
                .iter()
                .for_each(|cure| can_be_shown(&cure.to_string()));
        }
        Ok(allowed) => {
            let (url, base) = (&allowed.url, &policy.origins[0].1);
            assert_eq!(url.origin().ascii_serialization(), base.origin());
            assert!(url.username().is_empty() && url.password().is_none(), "{url}");
            assert!(url.scheme() == "https" || policy.network.allow_http, "{url}");
            assert!(
                matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE"),
                "{method:?}"
            );
            assert!(
                !url.path().split('/').any(|part| part == ".." || part == "."),
                "{url}"
            );
            if let Some(literal) = literal(url) {
                let granted = policy
                    .network
                    .allow_addresses
                    .iter()
                    .any(|range| range.contains(&literal));
                assert!(granted || is_public(literal), "{literal} may be dialled");
            }
        }
    }
}

fn literal(url: &url::Url) -> Option<IpAddr> {
    match url.host()? {
        url::Host::Ipv4(v4) => Some(v4.into()),
        url::Host::Ipv6(v6) => Some(v6.to_canonical()),
        url::Host::Domain(_) => None,
    }
}

/// Coarser than the product's rule, and written without it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.octets()[0] == 0)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
        }
    }
}
