//! What e-mail over JMAP wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{Description, Limits, LookupStrength, OriginSource};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "email";
/// What people call it.
pub(crate) const NAME: &str = "E-mail (JMAP)";
/// Origin: the host of the mail server the operator typed, where the session is found.
pub(crate) const SERVER: &str = "server";
/// Origin: the API that the session names, with its path.
pub(crate) const API: &str = "api";
/// Providers whose API may be on another host than the session. Any other server has it on its own.
pub(crate) const PROVIDERS: [&str; 1] = [".fastmail.com"];
/// Where sessions are found: the well-known address of RFC 8620, and where servers redirect it to.
pub(crate) const SESSION_PATHS: [&str; 4] = ["/.well-known/jmap", "/jmap/session", "/jmap", "/jmap/"];
/// Below the API's address there is nothing, except that a slash at its end counts.
pub(crate) const API_PATHS: [&str; 2] = ["", "/"];
/// Ids of the two calls that send a mail, and of what they create.
pub(crate) const MAIL: &str = "mail";
pub(crate) const SUBMISSION: &str = "submission";
/// JMAP refuses with 200. Each of these proves that no mail was sent, because the mail is the first
/// call of its request and its submission the second:
const NOTHING_SENT: &[(u16, Option<&str>)] = &[
    // The request as a whole was not understood (RFC 8620, section 3.6.1).
    (400, Some("/type")),
    // It was a lookup: only those answer with a list.
    (200, Some("/methodResponses/0/1/list")),
    // The first call failed as a whole (section 3.6.2), and without a mail nothing is submitted.
    (200, Some("/methodResponses/0/1/type")),
    // The mail was refused (section 5.3). Not `/notCreated` alone: where all was created it may be null.
    (200, Some("/methodResponses/0/1/notCreated/mail")),
    // The submission was refused. A draft remains in the sender's own mailbox, which nobody receives.
    (200, Some("/methodResponses/1/1/notCreated/submission")),
];

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
            origin(SERVER, OriginSource::SettingOrigin("server".to_owned())),
            origin(
                API,
                OriginSource::Discovered(
                    PROVIDERS
                        .into_iter()
                        .chain(["{server}"])
                        .map(ToOwned::to_owned)
                        .collect(),
                ),
            ),
        ],
        // Every JMAP call is a POST to one address. Method and path cannot tell a read from a mail
        // that is sent, so all of them count as effects.
        requests: session
            .iter()
            .cloned()
            .chain(
                API_PATHS
                    .map(|path| effect(API, "POST", path, NOTHING_SENT, "find the mailbox, send the mail")),
            )
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
