//! What Request Tracker wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{Description, Limits, LookupStrength, OriginSource};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "request-tracker";
/// What people call it.
pub(crate) const NAME: &str = "Request Tracker";
/// Origin: the server, with the path it runs below.
pub(crate) const SERVER: &str = "server";

/// Characters of a subject: the width of the column in RT's schema.
const SUMMARY_CHARS: u32 = 200;
/// Bytes of one attachment: RT's default for `MaxAttachmentSize`.
const ATTACHMENT_BYTES: u64 = 10_000_000;
/// Bytes of all attachments of one comment. RT takes them in one request and names no limit: five
/// of the largest, a careful guess.
const NOTE_BYTES: u64 = 50_000_000;
/// Seconds after which a ticket should be found by its custom field. TicketSQL reads the database
/// itself, but RT forgets a custom field it does not know without a word: measure before trusting.
const LOOKUP_SECONDS: u32 = 5;
/// RT checks everything before it creates or comments, and says so with 400 and a `message`.
const INVALID: &[(u16, Option<&str>)] = &[(400, Some("/message"))];
/// With `If-Match`, 412 says that someone else was quicker.
const INVALID_OR_CHANGED: &[(u16, Option<&str>)] = &[(400, Some("/message")), (412, None)];

/// Everything the host must know.
pub(crate) fn describe() -> Description {
    Description {
        id: ID.to_owned(),
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files tickets in a Request Tracker 5 queue over REST 2.".to_owned(),
        settings: vec![
            setting(
                ("server", "Server"),
                "url",
                "Where you open Request Tracker, with the path if it runs below one.",
                "https://rt.example.com/rt",
                None,
            ),
            setting(
                ("queue", "Queue"),
                "text",
                "The queue that tickets go to unless a rule says otherwise.",
                "Help Desk",
                Some("General"),
            ),
            setting(
                ("reference-field", "Reference field"),
                "text",
                "The custom field (one value, applied to the queue) that keeps the press, so that no press makes \
                 two tickets.",
                "Helpbell Reference",
                Some("Helpbell Reference"),
            ),
        ],
        secrets: vec![secret(
            "api-key",
            "Authentication token",
            "A token from Logged in as, Settings, Auth Tokens; or user name and password with a colon between them.",
            "1-14-0123456789abcdef0123456789abcdef",
        )],
        origins: vec![origin(SERVER, OriginSource::Setting("server".to_owned()))],
        requests: vec![
            read(SERVER, "GET", "/REST/2.0/rt", "see which version answers"),
            read(
                SERVER,
                "POST",
                "/REST/2.0/users",
                "find the requestor by e-mail address",
            ),
            read(SERVER, "GET", "/REST/2.0/user/{user}", "read the requestor"),
            read(SERVER, "GET", "/REST/2.0/assets", "find the machine"),
            read(SERVER, "GET", "/REST/2.0/queues/all", "list queues"),
            read(
                SERVER,
                "GET",
                "/REST/2.0/queue/{queue}",
                "read the lifecycle and the fields of a queue",
            ),
            read(
                SERVER,
                "GET",
                "/REST/2.0/customfields",
                "find the reference field",
            ),
            read(SERVER, "GET", "/REST/2.0/tickets", "find a ticket by its press"),
            read(
                SERVER,
                "GET",
                "/REST/2.0/ticket/{ticket}",
                "show how a ticket stands",
            ),
            read(
                SERVER,
                "GET",
                "/REST/2.0/ticket/{ticket}/history",
                "find a note by its press",
            ),
            read(
                SERVER,
                "GET",
                "/REST/2.0/ticket/{ticket}/attachments",
                "find an attachment by its press",
            ),
            effect(SERVER, "POST", "/REST/2.0/ticket", INVALID, "file the ticket"),
            effect(
                SERVER,
                "PUT",
                "/REST/2.0/ticket/{ticket}",
                INVALID_OR_CHANGED,
                "close duplicates and test tickets",
            ),
            effect(
                SERVER,
                "POST",
                "/REST/2.0/ticket/{ticket}/comment",
                INVALID,
                "add the private note with the report",
            ),
        ],
        // A token is used as it is: there is nothing to ask beforehand.
        auth_requests: Vec::new(),
        capabilities: [
            "private-notes",
            "private-attachments",
            "devices",
            "contacts",
            "html",
            "close",
        ]
        .map(ToOwned::to_owned)
        .to_vec(),
        limits: Limits {
            summary_chars: SUMMARY_CHARS,
            attachment_bytes: ATTACHMENT_BYTES,
            note_bytes: NOTE_BYTES,
        },
        lookup: LookupStrength::Eventual(LOOKUP_SECONDS),
        extra: Vec::new(),
    }
}
