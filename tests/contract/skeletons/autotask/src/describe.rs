//! What Autotask wants from the operator and the host.

use crate::bindings::exports::helpbell::psa::describe::{Description, Limits, LookupStrength, OriginSource};
use crate::glue::{effect, origin, read, secret, setting};

/// The connector's id.
pub(crate) const ID: &str = "autotask";
/// What people call it.
pub(crate) const NAME: &str = "Autotask PSA";
/// Origin: where everyone asks for their zone.
pub(crate) const ZONES: &str = "zones";
/// Its address.
pub(crate) const ZONES_ADDRESS: &str = "https://webservices2.autotask.net/atservicesrest";
/// Origin: the zone.
pub(crate) const ZONE: &str = "zone";
/// Where zones live.
pub(crate) const ZONE_SUFFIX: &str = ".autotask.net";

/// Characters of a title. Not in the documentation that was read, but its usual column width; the
/// live answer of `entityInformation` decides.
const SUMMARY_CHARS: u32 = 255;
/// Bytes of one attachment: documented as 6 to 7 MB, so the lower.
const ATTACHMENT_BYTES: u64 = 6_000_000;
/// Bytes of attachments in five minutes, as documented; a note is added within them.
const NOTE_BYTES: u64 = 10_000_000;
/// Seconds after which a ticket should be found by `externalID`. Nobody has measured it: until the
/// host has, it trusts no lookup.
const LOOKUP_SECONDS: u32 = 60;
/// Requests at once per endpoint and tracking identifier, as documented.
const CONCURRENT_REQUESTS: &str = "3";
/// Requests per rolling hour and database, shared by all integrations, as documented.
const REQUESTS_PER_HOUR: &str = "10000";
/// Many validation errors arrive as 500. With `errors` at the top it is an answer, without it a fault.
const INVALID: &[(u16, Option<&str>)] = &[(500, Some("/errors"))];
/// Where a user's zone and its addresses are asked for, below `ZONES`.
pub(crate) const ZONE_INFORMATION: &str = "/v1.0/zoneInformation";

/// Everything the host must know.
pub(crate) fn describe() -> Description {
    let search = |entity: &str, purpose: &str| read(ZONE, "POST", &format!("/V1.0/{entity}/query"), purpose);
    let fields = |entity: &str, purpose: &str| {
        read(
            ZONE,
            "GET",
            &format!("/V1.0/{entity}/entityInformation/fields"),
            purpose,
        )
    };
    Description {
        id: ID.to_owned(),
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files tickets in an Autotask queue.".to_owned(),
        settings: vec![
            setting(
                ("company-id", "Account for unknown people"),
                "integer",
                "The id of the account that takes the tickets of people Autotask does not know; 0 is your own.",
                "0",
                Some("0"),
            ),
            setting(
                ("status-id", "Status of new tickets"),
                "integer",
                "The number of the ticket status; 1 is New in every Autotask.",
                "1",
                Some("1"),
            ),
            setting(
                ("priority-id", "Priority of new tickets"),
                "integer",
                "The number of the ticket priority, from Admin, Features & Settings, Priorities.",
                "2",
                None,
            ),
            setting(
                ("queue-id", "Queue of new tickets"),
                "integer",
                "The number of the queue that tickets go to unless a rule says otherwise.",
                "29682833",
                None,
            ),
        ],
        secrets: vec![
            secret(
                "api-user",
                "API user",
                "User name and password of an API-only resource, with a colon between them.",
                "username@domain:password",
            ),
            secret(
                "integration-code",
                "Tracking identifier",
                "The tracking identifier of that resource's security tab.",
                "ABCDEFGHIJKLMNOPQRSTUVWXYZA",
            ),
        ],
        origins: vec![
            origin(ZONES, OriginSource::Fixed(ZONES_ADDRESS.to_owned())),
            origin(ZONE, OriginSource::Discovered(vec![ZONE_SUFFIX.to_owned()])),
        ],
        requests: vec![
            read(
                ZONES,
                "GET",
                ZONE_INFORMATION,
                "find where the zone shows tickets",
            ),
            search("Contacts", "find the contact by e-mail address"),
            search("Companies", "find the customer of a contact"),
            search("ConfigurationItems", "find the machine"),
            search("Tickets", "find a ticket by its press"),
            search("TicketNotes", "find a note by its press"),
            search("TicketAttachments", "find an attachment by its press"),
            fields(
                "Tickets",
                "list statuses, priorities, queues, sources and issue types",
            ),
            fields("TicketNotes", "list the kinds of notes and who sees them"),
            read(ZONE, "GET", "/V1.0/Tickets/{ticket}", "show how a ticket stands"),
            read(
                ZONE,
                "GET",
                "/V1.0/ThresholdInformation",
                "see how many requests are left",
            ),
            effect(ZONE, "POST", "/V1.0/Tickets", INVALID, "file the ticket"),
            effect(
                ZONE,
                "PATCH",
                "/V1.0/Tickets",
                INVALID,
                "close duplicates and test tickets",
            ),
            effect(
                ZONE,
                "POST",
                "/V1.0/Tickets/{ticket}/Notes",
                INVALID,
                "add the private note",
            ),
            effect(
                ZONE,
                "POST",
                "/V1.0/Tickets/{ticket}/Attachments",
                INVALID,
                "attach the report",
            ),
        ],
        auth_requests: vec![read(ZONES, "GET", ZONE_INFORMATION, "find the zone")],
        capabilities: [
            "private-notes",
            "private-attachments",
            "devices",
            "contacts",
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
        extra: vec![
            ("concurrent-requests".to_owned(), CONCURRENT_REQUESTS.to_owned()),
            ("requests-per-hour".to_owned(), REQUESTS_PER_HOUR.to_owned()),
        ],
    }
}
