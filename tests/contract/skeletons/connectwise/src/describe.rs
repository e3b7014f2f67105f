//! What ConnectWise wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{Description, Limits, LookupStrength, OriginSource};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "connectwise";
/// What people call it.
pub(crate) const NAME: &str = "ConnectWise PSA";
/// Origin: the host of the site the operator typed, where the code base is asked for.
pub(crate) const SITE: &str = "site";
/// Origin: the API, code base included.
pub(crate) const API: &str = "api";
/// Where the hosted service and its staging live. Anything else is an own server, and its API is on
/// the host that the operator typed.
pub(crate) const HOSTED: [&str; 2] = [".myconnectwise.net", ".connectwisedev.com"];

/// Characters of a summary, as documented for `POST /service/tickets`.
const SUMMARY_CHARS: u32 = 100;
/// Bytes of one document. ConnectWise documents no limit: a careful guess, to be measured.
const ATTACHMENT_BYTES: u64 = 10_000_000;
/// Bytes of all documents of one note: each is a request of its own, so only patience limits them.
const NOTE_BYTES: u64 = 50_000_000;
/// Seconds after which a ticket should be found by `externalXRef`. Nobody has measured it: until
/// the host has, it trusts no lookup.
const LOOKUP_SECONDS: u32 = 60;
/// The one error body ConnectWise is known to send with 400 has a `code` at its top.
const INVALID: &[(u16, Option<&str>)] = &[(400, Some("/code"))];

/// Method, path below the API, and why it is wanted.
type Wanted = (&'static str, &'static str, &'static str);

const READS: &[Wanted] = &[
    ("GET", "/company/contacts", "find the contact by e-mail address"),
    (
        "GET",
        "/company/companies/{company}",
        "find the customer of a contact",
    ),
    ("GET", "/company/configurations", "find the machine"),
    ("GET", "/service/boards", "list boards"),
    (
        "GET",
        "/service/boards/{board}/statuses",
        "list the statuses of a board",
    ),
    (
        "GET",
        "/service/boards/{board}/types",
        "list the types of a board",
    ),
    (
        "GET",
        "/service/boards/{board}/subTypes",
        "list the subtypes of a board",
    ),
    (
        "GET",
        "/service/boards/{board}/items",
        "list the items of a board",
    ),
    (
        "GET",
        "/service/boards/{board}/teams",
        "list the teams of a board",
    ),
    ("GET", "/service/priorities", "list priorities"),
    ("GET", "/service/sources", "list sources"),
    ("GET", "/service/tickets", "find a ticket by its press"),
    ("GET", "/service/tickets/{ticket}", "show how a ticket stands"),
    (
        "GET",
        "/service/tickets/{ticket}/notes",
        "find a note by its press",
    ),
    ("GET", "/system/documents", "find an attachment by its press"),
];

const EFFECTS: &[Wanted] = &[
    ("POST", "/service/tickets", "file the ticket"),
    (
        "PATCH",
        "/service/tickets/{ticket}",
        "close duplicates and test tickets",
    ),
    (
        "POST",
        "/service/tickets/{ticket}/configurations",
        "link the machine",
    ),
    ("POST", "/service/tickets/{ticket}/notes", "add the private note"),
    ("POST", "/system/documents", "attach the report"),
];

/// Everything the host must know.
pub(crate) fn describe() -> Description {
    Description {
        id: ID.to_owned(),
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files tickets on a ConnectWise PSA service board.".to_owned(),
        settings: vec![
            setting(
                ("site", "Site"),
                "url",
                "Where you sign in. The code base is found: a path such as v4_6_release does not matter.",
                "https://na.myconnectwise.net",
                None,
            ),
            setting(
                ("company", "Catch-all company"),
                "text",
                "The company ID that takes the tickets of people ConnectWise does not know.",
                "CatchAll",
                None,
            ),
        ],
        secrets: vec![
            secret(
                "api-key",
                "API key",
                "The company name of the login screen, a plus sign, and the public and private key of an API \
                 member (System, Members, API Members, API Keys) with a colon between them.",
                "company+public_key:private_key",
            ),
            secret(
                "client-id",
                "Client ID",
                "The clientId registered for this integration on the ConnectWise developer site.",
                "00000000-1111-2222-3333-444444444444",
            ),
        ],
        origins: vec![
            origin(SITE, OriginSource::SettingOrigin("site".to_owned())),
            origin(
                API,
                OriginSource::Discovered(
                    HOSTED
                        .into_iter()
                        .chain(["{site}"])
                        .map(ToOwned::to_owned)
                        .collect(),
                ),
            ),
        ],
        requests: READS
            .iter()
            .map(|(method, path, purpose)| read(API, method, path, purpose))
            .chain(
                EFFECTS
                    .iter()
                    .map(|(method, path, purpose)| effect(API, method, path, INVALID, purpose)),
            )
            .collect(),
        auth_requests: vec![read(
            SITE,
            "GET",
            "/login/companyinfo/{company}",
            "find the code base and the address of the API",
        )],
        capabilities: ["private-notes", "devices", "contacts", "close"]
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
