//! The operator's secrets as they may stand in a text: as pasted, in parts, and encoded as programs do it.
//!
//! Whoever means to hide a secret finds a form that is not here. This keeps secrets out of texts that quote a
//! request, a header or an address, by accident or without much effort; that a connector's texts lead nowhere
//! but to the operator is what protects against the rest.

use crate::token::{Place, Placement, Secrets};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use memchr::memmem;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

/// A part of a secret shorter than this occurs in ordinary sentences too.
const PART_CHARS: usize = 6;
/// Bytes that base64 takes at once: where a secret begins within such a group decides how it looks.
const BASE64_GROUP: usize = 3;
/// What stands in a secret's place.
const PLACEHOLDER: &str = "[secret]";

/// All forms of all secrets, the longest first.
pub(crate) struct SecretForms(Vec<Zeroizing<String>>);

impl SecretForms {
    /// Of the secrets and their parts: for texts that should quote nothing of them.
    pub(crate) fn with_parts(secrets: &Secrets) -> Self {
        Self::of(secrets, |secret| {
            std::iter::once(secret).chain(secret.split(['+', ':'])).collect()
        })
    }

    /// Of the secrets and what stands behind their last colon. Before it stand tenants and clients, whose names
    /// are told to operators and are part of addresses.
    pub(crate) fn innermost(secrets: &Secrets) -> Self {
        Self::of(secrets, |secret| {
            std::iter::once(secret).chain(secret.rsplit(':').next()).collect()
        })
    }

    /// Of the secrets and of what requests carry instead of them: for what servers answer.
    pub(crate) fn on_the_way(secrets: &Secrets, carried: &[Placement]) -> Self {
        let mut forms = Self::innermost(secrets).0;
        for Placement { place, value, .. } in carried {
            if matches!(place, Place::Query(_)) {
                // So it stood in the address; whoever quotes that may encode it once more.
                let written: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                add(&Zeroizing::new(written), &mut forms);
            }
            // `Bearer eyJ…`: what matters is behind the scheme's name.
            let token = value.trim().rsplit(' ').next().unwrap_or_default();
            add(token, &mut forms);
            // `Basic …`: a name, a colon and a secret.
            let decoded = STANDARD
                .decode(token)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some(decoded) = decoded.map(Zeroizing::new) {
                add(&decoded, &mut forms);
                add(decoded.rsplit(':').next().unwrap_or_default(), &mut forms);
            }
        }
        Self::sorted(forms)
    }

    fn of(secrets: &Secrets, parts: impl Fn(&str) -> Vec<&str>) -> Self {
        let mut forms = Vec::new();
        for (_, secret) in secrets {
            for part in parts(secret.expose_secret()) {
                add(part, &mut forms);
            }
        }
        Self::sorted(forms)
    }

    fn sorted(mut forms: Vec<Zeroizing<String>>) -> Self {
        forms.sort_by(|a, b| (b.len(), b.as_str()).cmp(&(a.len(), a.as_str())));
        forms.dedup();
        Self(forms)
    }

    /// Whether the text holds a secret.
    pub(crate) fn occur_in(&self, text: &str) -> bool {
        self.0.iter().any(|form| text.contains(form.as_str()))
    }

    /// The text without them.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, form| {
            if text.contains(form.as_str()) {
                text.replace(form.as_str(), PLACEHOLDER)
            } else {
                text
            }
        })
    }
}

impl SecretForms {
    /// The bytes without them; none if there is none in them, which costs no copy.
    pub(crate) fn scrub_bytes(&self, bytes: &[u8]) -> Option<Bytes> {
        let mut scrubbed: Option<Vec<u8>> = None;
        for form in &self.0 {
            let text = scrubbed.as_deref().unwrap_or(bytes);
            // Most texts are headers, shorter than most forms: getting ready to search costs more than they do.
            if form.len() > text.len() {
                continue;
            }
            let finder = memmem::Finder::new(form.as_bytes());
            if finder.find(text).is_none() {
                continue;
            }
            let mut without = Vec::with_capacity(text.len());
            let mut rest = text;
            while let Some(at) = finder.find(rest) {
                let (before, from) = rest.split_at(at);
                without.extend_from_slice(before);
                without.extend_from_slice(PLACEHOLDER.as_bytes());
                rest = from.get(form.len()..).unwrap_or_default();
            }
            without.extend_from_slice(rest);
            scrubbed = Some(without);
        }
        scrubbed.map(Bytes::from)
    }
}

/// Adds all forms of a part that is long enough to be one.
fn add(part: &str, forms: &mut Vec<Zeroizing<String>>) {
    let part = part.trim();
    if part.chars().count() >= PART_CHARS {
        encode(part, forms);
    }
}

fn encode(part: &str, forms: &mut Vec<Zeroizing<String>>) {
    let bytes = part.as_bytes();
    let of_bytes = |form: &dyn Fn(u8) -> String| bytes.iter().map(|byte| form(*byte)).collect::<String>();
    let json = serde_json::to_string(part).unwrap_or_default();
    let plain = [
        part.to_owned(),
        json.trim_matches('"').to_owned(),
        json.trim_matches('"').replace('/', "\\/"),
        html_escaped(part),
        part.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect(),
        url::form_urlencoded::byte_serialize(bytes).collect(),
        of_bytes(&|byte| format!("%{byte:02X}")),
        of_bytes(&|byte| format!("%{byte:02x}")),
        of_bytes(&|byte| format!("{byte:02X}")),
        hex::encode(bytes),
    ];
    forms.extend(plain.map(Zeroizing::new));
    for offset in 0..BASE64_GROUP {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.push(Zeroizing::new(inner_base64(engine, bytes, offset)));
        }
    }
    forms.retain(|form| form.chars().count() >= PART_CHARS);
}

/// As pages show what they were sent.
fn html_escaped(part: &str) -> String {
    part.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The characters of a longer text's base64 that depend on these bytes alone, if they begin `offset` bytes after
/// the beginning of a group.
fn inner_base64(engine: &base64::engine::GeneralPurpose, bytes: &[u8], offset: usize) -> String {
    let text = engine.encode([vec![0; offset], bytes.to_vec()].concat());
    // A character holds six bits; the first and the last may share theirs with neighbours.
    let from = (offset * 8).div_ceil(6);
    let to = (offset + bytes.len()) * 8 / 6;
    text.get(from..to).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    fn forms(secret: &str) -> SecretForms {
        SecretForms::with_parts(&vec![("api-key".to_owned(), SecretString::from(secret))])
    }

    #[test]
    fn a_secret_and_its_parts_are_found_in_every_usual_form() {
        let forms = forms("acme+client-id-1:top\"secret 9");
        let secret = "top\"secret 9";
        for form in [
            secret.to_owned(),
            "client-id-1".to_owned(),
            "top\\\"secret 9".to_owned(),
            "top%22secret+9".to_owned(),
            hex::encode(secret),
            hex::encode_upper(secret),
            STANDARD_NO_PAD.encode(secret),
            STANDARD_NO_PAD.encode(format!("client-id-1:{secret}")),
            URL_SAFE_NO_PAD.encode(format!("x{secret} and more")),
            STANDARD_NO_PAD.encode(format!("xy{secret}")),
        ] {
            let text = format!("the PSA said: {form}!");
            assert!(forms.occur_in(&text), "{form}");
            let scrubbed = forms.scrub(&text);
            assert!(
                !forms.occur_in(&scrubbed) && scrubbed.contains(PLACEHOLDER),
                "{scrubbed}"
            );
        }
    }

    #[test]
    fn what_requests_carry_is_found_without_its_scheme() {
        let placement = |value: &str| Placement {
            origin: "api".into(),
            place: crate::token::Place::Header("authorization".into()),
            value: value.into(),
        };
        let basic = format!("Basic {}", STANDARD.encode("name:inner/secret+9"));
        let carried = [placement("Bearer eyJ0.token-1.x"), placement(&basic)];
        let forms = SecretForms::on_the_way(&vec![], &carried);
        for form in [
            "eyJ0.token-1.x".to_owned(),
            hex::encode("eyJ0.token-1.x"),
            "inner/secret+9".to_owned(),
            "inner\\/secret+9".to_owned(),
            "inner%2Fsecret%2B9".to_owned(),
            basic.clone(),
            STANDARD.encode(format!("authorization: {basic}")),
        ] {
            let text = format!("<p>you sent {form}</p>");
            let scrubbed = forms.scrub_bytes(text.as_bytes()).expect(&form);
            let scrubbed = String::from_utf8(scrubbed.to_vec()).unwrap();
            assert!(
                !forms.occur_in(&scrubbed) && scrubbed.ends_with("</p>"),
                "{scrubbed}"
            );
        }
        assert_eq!(
            forms.scrub_bytes(b"Bearer of good news, Basic knowledge, name"),
            None
        );
    }

    #[test]
    fn ordinary_words_stay() {
        let text = "the key is wrong: at 9 o'clock the client said no";
        assert_eq!(forms("acme+id:key").scrub(text), text);
    }

    #[test]
    fn the_names_of_tenant_and_client_are_no_secret_where_they_are_told_on_purpose() {
        let secrets = vec![(
            "api-key".to_owned(),
            SecretString::from("bianchi+client-id-1:topsecret9"),
        )];
        let forms = SecretForms::innermost(&secrets);
        assert!(!forms.occur_in("tenant bianchi, https://bianchi.halopsa.com, client-id-1"));
        assert!(
            forms.occur_in("topsecret9") && forms.occur_in(&hex::encode("bianchi+client-id-1:topsecret9"))
        );
    }

    #[test]
    fn a_secret_that_is_too_short_to_be_one_is_looked_for_as_a_whole_only_where_it_is_long_enough() {
        assert!(!forms("abc").occur_in("abc"));
        assert!(forms("ab:cd:efgh").occur_in("it is ab:cd:efgh"));
    }
}
