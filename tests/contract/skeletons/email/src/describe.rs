//! What e-mail over JMAP wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{
    Description, Limits, LookupStrength, OriginSource, Request,
};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "email";
/// What people call it.
pub(crate) const NAME: &str = "E-mail (JMAP)";
/// Origin: the mail server the operator typed.
pub(crate) const SERVER: &str = "server";
/// Origin: where a hosted provider's session says that its API is.
pub(crate) const API: &str = "api";
/// Providers whose API may be on another host than the session. For any other server the API must
/// be on the server's own host: the contract has no way to say “the host of that setting”.
pub(crate) const PROVIDERS: [&str; 1] = [".fastmail.com"];
/// Where sessions are found: the well-known address of RFC 8620, and where servers redirect it to.
pub(crate) const SESSION_PATHS: [&str; 4] = ["/.well-known/jmap", "/jmap/session", "/jmap", "/jmap/"];
/// Where JMAP servers have their API. The session names one, but a request must be declared before.
pub(crate) const API_PATHS: [&str; 4] = ["/jmap", "/jmap/", "/jmap/api", "/jmap/api/"];

/// Characters of a subject: far below the 998 bytes of a line in a mail, even if each takes several.
const SUMMARY_CHARS: u32 = 200;
/// Bytes of one attachment: most mail servers refuse mails beyond 25 MB, and base64 adds a third.
const ATTACHMENT_BYTES: u64 = 15_000_000;

/// Everything the host must know.
pub(crate) fn describe() -> Description {
    let session = SESSION_PATHS.map(|path| read(SERVER, "GET", path, "find the account and its API"));
    Description {
        id: ID.to_owned(),
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Sends each press as a mail to a help desk's address.".to_owned(),
        settings: vec![
            setting(
                ("server", "JMAP server"),
                "url",
                "The server of your mailbox, as its provider names it for JMAP.",
                "https://api.fastmail.com",
                None,
            ),
            setting(
                ("from", "Sender"),
                "email",
                "An address you may send from. The person who pressed stands in Reply-To.",
                "helpbell@msp.example.com",
                None,
            ),
            setting(
                ("to", "Help desk"),
                "email",
                "The address at which the help desk takes mails as tickets.",
                "support@msp.example.com",
                None,
            ),
        ],
        secrets: vec![secret(
            "api-token",
            "API token",
            "A token for mail and sending, from the privacy and security settings of your mailbox.",
            "fmu1-0123456789abcdef",
        )],
        origins: vec![
            origin(SERVER, OriginSource::Setting("server".to_owned())),
            origin(
                API,
                OriginSource::Discovered(PROVIDERS.map(ToOwned::to_owned).to_vec()),
            ),
        ],
        // Every JMAP call is a POST to one address. Method and path cannot tell a read from a mail
        // that is sent, so all of them count as effects.
        requests: session
            .iter()
            .cloned()
            .chain([SERVER, API].into_iter().flat_map(calls))
            .collect(),
        auth_requests: session.to_vec(),
        capabilities: vec!["html".to_owned()],
        limits: Limits {
            summary_chars: SUMMARY_CHARS,
            attachment_bytes: ATTACHMENT_BYTES,
            note_bytes: ATTACHMENT_BYTES,
        },
        // The sender's mailbox proves that a mail was sent, never that the help desk filed it.
        lookup: LookupStrength::None,
        extra: Vec::new(),
    }
}

fn calls(origin: &'static str) -> impl Iterator<Item = Request> {
    // Errors of the request as a whole are 400 with a problem document (RFC 8620, section 3.6.1).
    API_PATHS.into_iter().map(move |path| {
        effect(
            origin,
            "POST",
            path,
            &[(400, Some("type"))],
            "find the mailbox and send the mail",
        )
    })
}
