//! What Redmine wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{
    Description, Limits, LookupStrength, OriginSource, Setting,
};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "redmine";
/// What people call it.
pub(crate) const NAME: &str = "Redmine";
/// Origin: the server, with the path it runs below.
pub(crate) const SERVER: &str = "server";

/// Characters of a subject: the width of the column in Redmine's schema.
const SUMMARY_CHARS: u32 = 255;
/// Bytes of one file: Redmine's default for the maximum attachment size, 5 MiB.
const ATTACHMENT_BYTES: u64 = 5 * 1024 * 1024;
/// Bytes of all files of one note: ten of the largest, as many as its own form offers.
const NOTE_BYTES: u64 = 10 * ATTACHMENT_BYTES;
/// Seconds after which an issue should be found by its custom field. The filter reads the database
/// itself, but finds nothing unless the field is marked “used as a filter”: measure before trusting.
const LOOKUP_SECONDS: u32 = 5;
/// Redmine answers 406 to an upload of another media type. 422 is understood anyway.
const NOT_TAKEN: &[(u16, Option<&str>)] = &[(406, None)];

/// Everything the host must know.
pub(crate) fn describe() -> Description {
    Description {
        id: ID.to_owned(),
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files issues in a Redmine project.".to_owned(),
        settings: vec![
            setting(
                ("server", "Server"),
                "url",
                "Where you open Redmine, with the path if it runs below one.",
                "https://redmine.example.com",
                None,
            ),
            setting(
                ("project", "Project"),
                "text",
                "The identifier of the project that issues go to, from the project's address.",
                "help-desk",
                None,
            ),
            Setting {
                required: false,
                ..setting(
                    ("tracker-id", "Tracker"),
                    "integer",
                    "The number of the tracker, from Administration, Trackers. The project's first if left empty.",
                    "3",
                    None,
                )
            },
            setting(
                ("reference-field-id", "Reference field"),
                "integer",
                "The number of the custom field (text, for all users, used as a filter) that keeps the press, so \
                 that no press makes two issues.",
                "5",
                None,
            ),
        ],
        secrets: vec![secret(
            "api-key",
            "API access key",
            "From My account, API access key; or login and password with a colon between them.",
            "0123456789abcdef0123456789abcdef01234567",
        )],
        origins: vec![origin(SERVER, OriginSource::Setting("server".to_owned()))],
        // A template's braces stand for a whole segment: `{issue}` is `17.json` here.
        requests: vec![
            read(SERVER, "GET", "/users.json", "find the person by e-mail address"),
            read(
                SERVER,
                "GET",
                "/projects/{project}",
                "read the trackers and fields of the project",
            ),
            read(SERVER, "GET", "/issue_statuses.json", "list statuses"),
            read(
                SERVER,
                "GET",
                "/enumerations/issue_priorities.json",
                "list priorities",
            ),
            read(SERVER, "GET", "/issues.json", "find an issue by its press"),
            read(
                SERVER,
                "GET",
                "/issues/{issue}",
                "show how an issue stands, find its notes and files",
            ),
            effect(SERVER, "POST", "/issues.json", &[], "file the issue"),
            effect(
                SERVER,
                "PUT",
                "/issues/{issue}",
                &[],
                "add the private note, close duplicates and tests",
            ),
            effect(
                SERVER,
                "POST",
                "/uploads.json",
                NOT_TAKEN,
                "upload the report before a note refers to it",
            ),
        ],
        auth_requests: Vec::new(),
        capabilities: ["private-notes", "contacts", "close"]
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
