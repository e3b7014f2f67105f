//! The organisation that signed a certificate. The certificate is read by `webpki`; it gives names as they stand in it.

use crate::probes::some_line;
use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

/// Tags of ASN.1.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;
/// 2.5.4.10, the organisation.
const ORGANISATION: [u8; 3] = [0x55, 0x04, 0x0a];
/// 2.5.4.3, the name where there is no organisation.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// Text in two bytes per character.
const BMP_STRING: u8 = 0x1e;

/// Who signed `certificate`: the organisation, or else the name.
pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let name = certificate.issuer();
    value(name, &ORGANISATION)
        .or_else(|| value(name, &COMMON_NAME))
        .and_then(|text| some_line(&text))
}

/// The value of one kind in a name: sets of pairs of kind and text.
fn value(mut name: &[u8], kind: &[u8]) -> Option<String> {
    while let Some((SET, mut set, rest)) = element(name) {
        name = rest;
        while let Some((SEQUENCE, pair, rest)) = element(set) {
            set = rest;
            let Some((OBJECT, found, text)) = element(pair) else {
                continue;
            };
            if found == kind
                && let Some((tag, text, _)) = element(text)
            {
                return Some(decoded(tag, text));
            }
        }
    }
    None
}

/// Old certificates have Latin-1 where they promise something else.
fn decoded(tag: u8, text: &[u8]) -> String {
    if tag == BMP_STRING {
        let units = text
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0_u16, |unit, byte| unit << 8 | u16::from(*byte)));
        return char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
    }
    std::str::from_utf8(text).map_or_else(|_| text.iter().copied().map(char::from).collect(), str::to_owned)
}

/// The first element of some DER: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // The length of the length. A name of 64 KB is none.
        0x81 | 0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                bytes
                    .iter()
                    .fold(0, |length, byte| length << 8 | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair};

    /// A certificate signed under a name made of `parts`.
    fn signed_by(parts: Vec<(DnType, DnValue)>) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in parts {
            params.distinguished_name.push(kind, value);
        }
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = Issuer::new(params, KeyPair::generate().unwrap());
        let leaf = CertificateParams::new(vec!["site.example".to_owned()]).unwrap();
        leaf.signed_by(&KeyPair::generate().unwrap(), &issuer)
            .unwrap()
            .der()
            .clone()
    }

    #[test]
    fn the_organisation_counts_and_else_the_name() {
        let both = signed_by(vec![
            (DnType::CommonName, "Web Filter CA".into()),
            (DnType::OrganizationName, "Müller & Söhne".into()),
        ]);
        assert_eq!(of(&both).as_deref(), Some("Müller & Söhne"));
        let name = signed_by(vec![(DnType::CommonName, "Web Filter CA".into())]);
        assert_eq!(of(&name).as_deref(), Some("Web Filter CA"));
        assert_eq!(of(&signed_by(Vec::new())), None);
    }

    #[test]
    fn hostile_and_wide_names_become_one_bounded_line() {
        let long = "x".repeat(300);
        for (value, shown) in [
            (DnValue::Utf8String("a\u{202e}b\nc".into()), "ab c"),
            (DnValue::BmpString("Zürich".try_into().unwrap()), "Zürich"),
        ] {
            let certificate = signed_by(vec![(DnType::OrganizationName, value)]);
            assert_eq!(of(&certificate).as_deref(), Some(shown));
        }
        let certificate = signed_by(vec![(DnType::OrganizationName, long.as_str().into())]);
        assert_eq!(of(&certificate).unwrap().chars().count(), 120);
    }

    #[test]
    fn text_that_is_no_unicode_is_read_as_latin_1() {
        assert_eq!(decoded(0x14, b"M\xfcller"), "Müller");
    }

    #[test]
    fn what_is_no_certificate_has_no_issuer() {
        assert_eq!(of(&CertificateDer::from(vec![0x30, 0x03, 1, 2, 3])), None);
    }

    proptest! {
        #[test]
        fn no_name_crashes_the_reader(name in proptest::collection::vec(any::<u8>(), 0..200)) {
            value(&name, &ORGANISATION);
        }
    }
}
