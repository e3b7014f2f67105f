//! What the connector is and what it wants, in the words of Halo's screens and the setup guide.

use helpbell_connector::{
    Description, Limits, LookupStrength, Origin, OriginSource, Refusal, RequestEffect, Secret, Setting,
    WantedRequest,
};

/// Setting: whether Halo runs in Halo's cloud or at the MSP.
pub(crate) const HOSTING: &str = "hosting";
/// Value of [`HOSTING`]: Halo's cloud; the key begins with a tenant.
pub(crate) const HOSTED: &str = "hosted";
/// Value of [`HOSTING`]: the MSP's own server; there is no tenant.
pub(crate) const ON_PREM: &str = "on-prem";
/// Setting and origin: where the API is.
pub(crate) const RESOURCE_SERVER: &str = "resource-server";
/// Setting and origin: where tokens are.
pub(crate) const AUTHORISATION_SERVER: &str = "authorisation-server";
/// Setting: the contact for people Halo does not know.
pub(crate) const UNREGISTERED_CONTACT: &str = "unregistered-contact";
/// Default of [`UNREGISTERED_CONTACT`]: what the guide of the product that MSPs come from tells them to
/// create, so that theirs works at once.
pub(crate) const UNREGISTERED_DEFAULT: &str = "unregistered@helpdeskbuttons.com";
/// Setting: the Outcome of private notes.
pub(crate) const PRIVATE_NOTE_OUTCOME: &str = "private-note-outcome";
/// Setting: where agents open tickets.
pub(crate) const WEB_ADDRESS: &str = "web-address";
/// Secret: the key.
pub(crate) const API_KEY: &str = "api-key";

/// Where an application is made; the guide's words.
pub(crate) const APPLICATIONS_SCREEN: &str =
    "Configuration > Integrations > Halo(PSA/ITSM) API > Applications";

/// Where the servers and the tenant are shown; the guide's words.
pub(crate) const API_SCREEN: &str = "Configuration > Integrations > Halo(PSA/ITSM) API";
/// Where webhooks are made; the guide's words.
pub(crate) const WEBHOOKS_SCREEN: &str = "Configuration > Integration > Webhooks";

/// Path below a Resource Server that was pasted without a path; the server in the vendor's schema.
pub(crate) const API_PREFIX: &str = "/api";

/// Where Halo says, to anybody, where its tokens are.
pub(crate) const AUTHINFO: &str = "/authinfo";

/// Characters of a summary. Halo documents no limit; its own list and mails cut longer ones.
pub(crate) const SUMMARY_CHARS: u32 = 200;

/// Bytes of the files of one note, and so of one file. Halo documents no limit. A note travels as one
/// JSON body with base64 (4 bytes for 3), and the web server that Halo runs on takes 30,000,000 bytes
/// unless told otherwise: 20 MiB become 27,962,028, which leaves room for the rest.
const NOTE_BYTES: u64 = 20 * 1024 * 1024;

/// Seconds after which a search finds a new ticket. Not measured on a live tenant; writes may become
/// visible late, so a measurement on the operator's own instance decides.
const LOOKUP_LAG_S: u32 = 60;

pub(crate) fn description() -> Description {
    Description {
        id: "halo".to_owned(),
        name: "HaloPSA / HaloITSM".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Files tickets with private notes and reports in HaloPSA and HaloITSM.".to_owned(),
        settings: settings(),
        secrets: vec![secret()],
        origins: [RESOURCE_SERVER, AUTHORISATION_SERVER]
            .map(|name| Origin {
                name: name.to_owned(),
                source: OriginSource::Setting(name.to_owned()),
            })
            .into(),
        requests: requests(),
        auth_requests: auth_requests(),
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
            attachment_bytes: NOTE_BYTES,
            note_bytes: NOTE_BYTES,
        },
        lookup: LookupStrength::Eventual(LOOKUP_LAG_S),
        extra: Vec::new(),
    }
}

fn settings() -> Vec<Setting> {
    let setting = |name: &str, label: &str, kind: &str, required: bool, example: &str, help: &str| Setting {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        kind: kind.to_owned(),
        choices: Vec::new(),
        required,
        default: None,
        example: example.to_owned(),
    };
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    vec![
        Setting {
            choices: vec![pair(HOSTED, "Cloud Hosted"), pair(ON_PREM, "On-Prem")],
            default: Some(HOSTED.to_owned()),
            ..setting(
                HOSTING,
                "Hosting",
                "choice",
                true,
                HOSTED,
                "Whether your Halo is hosted in Halo's cloud or runs On-Prem. It decides the form of the API key.",
            )
        },
        setting(
            RESOURCE_SERVER,
            "Resource Server",
            "url",
            true,
            "https://yourcompany.halopsa.com/api",
            "Shown in Halo under Configuration > Integrations > Halo(PSA/ITSM) API. Paste it exactly as shown.",
        ),
        setting(
            AUTHORISATION_SERVER,
            "Authorisation Server",
            "url",
            true,
            "https://yourcompany.halopsa.com/auth",
            "Shown on the same screen, below the Resource Server. Paste it exactly as shown.",
        ),
        Setting {
            default: Some(UNREGISTERED_DEFAULT.to_owned()),
            ..setting(
                UNREGISTERED_CONTACT,
                "Unregistered contact",
                "email",
                false,
                UNREGISTERED_DEFAULT,
                "The e-mail address of the contact that tickets of people Halo does not know come from. You can add \
                 it to the default Unknown client and site.",
            )
        },
        setting(
            PRIVATE_NOTE_OUTCOME,
            "Private note outcome",
            "text",
            false,
            "Private Note",
            "Name or id of the Outcome of private notes. When left empty, the one named Private Note or Internal \
             Note is used.",
        ),
        setting(
            WEB_ADDRESS,
            "Web address",
            "url",
            false,
            "https://yourcompany.halopsa.com",
            "Where your agents open tickets. When left empty, the Resource Server without /api is used.",
        ),
    ]
}

fn secret() -> Secret {
    Secret {
        name: API_KEY.to_owned(),
        label: "API key".to_owned(),
        help: format!(
            "Cloud Hosted: tenant+client_id:client_secret, with a + between the tenant and the client id and a : \
             between the client id and the client secret. On-Prem: client_id:client_secret. The tenant stands on \
             the screen of the Resource Server; Halo shows Client ID and Client Secret once, when you save a new \
             application with the Method Client ID and Secret under {APPLICATIONS_SCREEN}. Make it active, choose \
             Login Type Agent and an agent, and allow read:tickets, edit:tickets, read:customers, read:crm and \
             read:assets."
        ),
        example: "yourcompany+123asd4asabcd:asdf38judj234".to_owned(),
    }
}

/// What signing in sends: the key to the Authorisation Server alone, and where that refuses, a question without it.
fn auth_requests() -> Vec<WantedRequest> {
    const WHY: &str = "see which tenant and Authorisation Server this Halo names, when it gives no token";
    let no_prefix = format!("{WHY} (when the Resource Server was pasted without {API_PREFIX})");
    let key = "exchange the API key for a token";
    [
        (AUTHORISATION_SERVER, "POST", "/token".to_owned(), key),
        (AUTHORISATION_SERVER, "POST", "/auth/token".to_owned(), key),
        (RESOURCE_SERVER, "GET", AUTHINFO.to_owned(), WHY),
        (
            RESOURCE_SERVER,
            "GET",
            format!("{API_PREFIX}{AUTHINFO}"),
            &no_prefix,
        ),
    ]
    .map(|(origin, method, path, purpose)| WantedRequest {
        origin: origin.to_owned(),
        method: method.to_owned(),
        path,
        // Asking for a second token does no harm.
        effect: RequestEffect::Read,
        refusals: Vec::new(),
        purpose: purpose.to_owned(),
    })
    .into()
}

/// Every request, in the one spelling that is sent. The path of the Resource Server stands before it;
/// [`API_PREFIX`] is written out for a Resource Server that was pasted without a path.
fn requests() -> Vec<WantedRequest> {
    const READS: [(&str, &str); 15] = [
        (AUTHINFO, "check where this Halo gives tokens"),
        ("/Client", "check that clients may be read"),
        ("/Webhook", "check that the webhook exists"),
        ("/Users", "find the person who asks for help"),
        ("/Asset", "find the machine"),
        ("/TicketType", "know the ticket types by name"),
        ("/Status", "know the statuses by name"),
        ("/Team", "know the teams by name"),
        ("/Priority", "know the priorities by name"),
        ("/Category", "know the categories by name"),
        ("/Agent", "know the agents by name"),
        ("/Outcome", "know the outcome of private notes"),
        ("/Tickets", "find a press's ticket again"),
        ("/Tickets/{id}", "show a ticket as it stands"),
        ("/Actions", "read a note back after writing it"),
    ];
    const EFFECTS: [(&str, &str); 3] = [
        ("/Tickets", "file the ticket, close a duplicate"),
        ("/Actions", "add the private note with the report"),
        ("/Attachment", "add a file that did not fit with the note"),
    ];
    let reads = READS
        .iter()
        .map(|(path, purpose)| ("GET", *path, *purpose, RequestEffect::Read));
    let effects = EFFECTS
        .iter()
        .map(|(path, purpose)| ("POST", *path, *purpose, RequestEffect::Effect));
    reads
        .chain(effects)
        .flat_map(|(method, path, purpose, effect)| {
            let refusals = match effect {
                RequestEffect::Effect => vec![Refusal {
                    status: 400,
                    member: None,
                }],
                RequestEffect::Read => Vec::new(),
            };
            let with_prefix = format!("{API_PREFIX}{path}");
            let why = format!("{purpose} (when the Resource Server was pasted without {API_PREFIX})");
            [(path.to_owned(), purpose.to_owned()), (with_prefix, why)].map(|(path, purpose)| WantedRequest {
                origin: RESOURCE_SERVER.to_owned(),
                method: method.to_owned(),
                path,
                effect,
                refusals: refusals.clone(),
                purpose,
            })
        })
        .collect()
}
