//! What the connector is and what it wants, in the words of RT's screens.

use helpbell_connector::{
    Description, Limits, LookupStrength, Origin, OriginSource, Refusal, RequestEffect, Secret, Setting,
    WantedRequest,
};

/// Setting and origin: the address of RT.
pub(crate) const SERVER: &str = "server";
/// Setting: which number a priority's name stands for.
pub(crate) const PRIORITIES: &str = "priorities";
/// Setting: the catalog in which machines are looked for.
pub(crate) const ASSET_CATALOG: &str = "asset-catalog";
/// Secret: a token, or user and password.
pub(crate) const TOKEN: &str = "token";

/// What RT calls its priorities unless told otherwise (`%PriorityAsString` of its configuration).
pub(crate) const USUAL_PRIORITIES: &str = "Low = 0, Medium = 50, High = 100";

/// Characters of a subject: the length of its column in RT's database, which holds fewer of other scripts.
pub(crate) const SUMMARY_CHARS: u32 = 200;
/// The same in bytes, which is what RT 5.0.3 counts.
pub(crate) const SUBJECT_BYTES: usize = 200;

/// Bytes of one file: `$MaxAttachmentSize` unless told otherwise. RT 5.0.3 took and kept larger ones, unless it is
/// told to cut or drop them; what stands before it, and its database, may not.
const ATTACHMENT_BYTES: u64 = 10 * 1024 * 1024;

/// Bytes of the files of one note. They travel as one request: 20 MiB become 28 MB of base64, which RT took in 2 s.
const NOTE_BYTES: u64 = 20 * 1024 * 1024;

pub(crate) fn description() -> Description {
    Description {
        id: "request-tracker".to_owned(),
        name: "Request Tracker".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files tickets with private comments and reports in Request Tracker 5.".to_owned(),
        settings: settings(),
        secrets: vec![Secret {
            name: TOKEN.to_owned(),
            label: "Auth token".to_owned(),
            help: "Log in as the user that Helpbell works as, then Logged in as > Settings > Auth Tokens > Create. The \
                   user needs the right ManageAuthTokens for that. The name of the user and its password, with a : \
                   between them, do as well, but are slower."
                .to_owned(),
            example: "1-14-0123456789abcdef0123456789abcdef".to_owned(),
        }],
        origins: vec![Origin {
            name: SERVER.to_owned(),
            source: OriginSource::Setting(SERVER.to_owned()),
        }],
        requests: requests(),
        auth_requests: vec![request("GET", "/REST/2.0/rt", "see whether RT takes the token")],
        capabilities: [
            "private-notes",
            "private-attachments",
            "devices",
            "contacts",
            "html",
            "close",
        ]
        .map(str::to_owned)
        .into(),
        limits: Limits {
            summary_chars: SUMMARY_CHARS,
            attachment_bytes: ATTACHMENT_BYTES,
            note_bytes: NOTE_BYTES,
        },
        // The link that carries the reference is written with the ticket, in one transaction of the database.
        lookup: LookupStrength::Strong,
        extra: Vec::new(),
    }
}

fn settings() -> Vec<Setting> {
    let setting = |name: &str, label: &str, kind: &str, example: &str, help: &str| Setting {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        kind: kind.to_owned(),
        choices: Vec::new(),
        required: false,
        default: None,
        example: example.to_owned(),
    };
    vec![
        Setting {
            required: true,
            ..setting(
                SERVER,
                "Address of RT",
                "url",
                "https://rt.example.com/rt",
                "The address at which technicians open RT, with its path where it has one, such as /rt.",
            )
        },
        Setting {
            default: Some(USUAL_PRIORITIES.to_owned()),
            ..setting(
                PRIORITIES,
                "Priorities",
                "text",
                USUAL_PRIORITIES,
                "Which number each name of a priority stands for, where %PriorityAsString was changed in RT's \
                 configuration. RT does not tell this to programs.",
            )
        },
        setting(
            ASSET_CATALOG,
            "Asset catalog",
            "text",
            "General assets",
            "The catalog whose assets are named like the computers. When left empty, no computers are looked for.",
        ),
    ]
}

/// Every request. Nothing is deleted, and no ticket is changed but by a comment.
fn requests() -> Vec<WantedRequest> {
    const READS: [(&str, &str); 12] = [
        ("/rt", "see whether RT answers"),
        (
            "/users",
            "find the person who asks for help, and the owner to be set",
        ),
        ("/queues/all", "know the queues by name"),
        ("/queue/{id}", "check that the queue takes tickets"),
        ("/queue/{id}/customfields", "know the custom fields by name"),
        ("/customfield/{id}", "know the values of a custom field"),
        ("/catalogs/all", "know the catalogs of assets by name"),
        ("/assets", "find the machine"),
        (
            "/tickets",
            "find a press's ticket again, see which tickets changed",
        ),
        ("/ticket/{id}", "show a ticket as it stands"),
        (
            "/ticket/{id}/history",
            "read a note back after writing it, find it again, show the last answer",
        ),
        (
            "/ticket/{id}/attachments",
            "find the files of a private note again",
        ),
    ];
    let mut requests: Vec<WantedRequest> = READS
        .iter()
        .map(|(path, purpose)| request("GET", &format!("/REST/2.0{path}"), purpose))
        .collect();
    requests.push(request(
        "GET",
        "/REST/2.0/transaction/{id}/attachments",
        "read a note's files back after writing it",
    ));
    let effects = [
        ("/REST/2.0/ticket", "file the ticket"),
        (
            "/REST/2.0/ticket/{id}/comment",
            "add the private note with the report, close a duplicate",
        ),
        (
            "/REST/2.0/ticket/{id}/correspond",
            "add a note that the person may see",
        ),
    ];
    requests.extend(effects.map(|(path, purpose)| WantedRequest {
        effect: RequestEffect::Effect,
        // RT answers 400 after it has taken everything back.
        refusals: vec![Refusal {
            status: 400,
            member: None,
        }],
        ..request("POST", path, purpose)
    }));
    requests
}

fn request(method: &str, path: &str, purpose: &str) -> WantedRequest {
    WantedRequest {
        origin: SERVER.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        effect: RequestEffect::Read,
        refusals: Vec::new(),
        purpose: purpose.to_owned(),
    }
}
