//! A description, piece by piece.

use crate::setting::Typed;
use crate::{
    Authorization, Created, Description, Limits, LookupStrength, Origin, OriginSource, Place, Placement,
    Refusal, RequestEffect, Secret, Ticket, WantedRequest,
};

/// The origin that most connectors have.
pub const API: &str = "api";

/// Characters of a summary, until [`Description::limits`] says otherwise.
const SUMMARY_CHARS: u32 = 200;

impl Description {
    /// A connector that wants nothing yet. `id` is stable and short, `name` what people call the PSA.
    ///
    /// ```
    /// use helpbell_connector::{Description, LookupStrength, setting::{self, Typed}};
    ///
    /// const SERVER: Typed<String> = setting::url("server", "Server", "The address in the browser.").required();
    ///
    /// let described = Description::new("my-desk", "My Desk", "0.1.0", "Files tickets in My Desk.")
    ///     .api_at(&SERVER)
    ///     .secret("api-key", "API key", "My Desk > Settings > API.", "k-123")
    ///     .read("GET", "/queues", "know the queues by name")
    ///     .effect("POST", "/tickets", "file the ticket")
    ///     .lookup(LookupStrength::Strong)
    ///     .can(&["html"]);
    /// assert_eq!(described.requests.len(), 2);
    /// ```
    #[must_use]
    pub fn new(id: &str, name: &str, version: &str, summary: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            summary: summary.to_owned(),
            settings: Vec::new(),
            secrets: Vec::new(),
            origins: Vec::new(),
            requests: Vec::new(),
            auth_requests: Vec::new(),
            capabilities: Vec::new(),
            limits: Limits {
                summary_chars: SUMMARY_CHARS,
                attachment_bytes: 0,
                note_bytes: 0,
            },
            lookup: LookupStrength::None,
            extra: Vec::new(),
        }
    }

    /// A setting.
    #[must_use]
    pub fn setting<T>(mut self, setting: &Typed<T>) -> Self {
        self.settings.push(setting.described());
        self
    }

    /// The setting that holds the PSA's address, and the origin [`API`] there, with the address's path.
    #[must_use]
    pub fn api_at(mut self, setting: &Typed<String>) -> Self {
        self.origins.push(Origin {
            name: API.to_owned(),
            source: OriginSource::Setting(setting.name().to_owned()),
        });
        self.setting(setting)
    }

    /// The origin [`API`] at an address that is the same for everybody.
    #[must_use]
    pub fn api_fixed(mut self, address: &str) -> Self {
        self.origins.push(Origin {
            name: API.to_owned(),
            source: OriginSource::Fixed(address.to_owned()),
        });
        self
    }

    /// A secret that the operator pastes.
    #[must_use]
    pub fn secret(mut self, name: &str, label: &str, help: &str, example: &str) -> Self {
        self.secrets.push(Secret {
            name: name.to_owned(),
            label: label.to_owned(),
            help: help.to_owned(),
            example: example.to_owned(),
        });
        self
    }

    /// A request to [`API`] that changes nothing. `purpose` reads after "to".
    #[must_use]
    pub fn read(mut self, method: &str, path: &str, purpose: &str) -> Self {
        self.requests
            .push(wanted(method, path, RequestEffect::Read, purpose));
        self
    }

    /// A request to [`API`] that changes something.
    #[must_use]
    pub fn effect(mut self, method: &str, path: &str, purpose: &str) -> Self {
        self.requests
            .push(wanted(method, path, RequestEffect::Effect, purpose));
        self
    }

    /// An answer to the request declared last that proves that nothing happened.
    #[must_use]
    pub fn refused_by(mut self, status: u16, member: Option<&str>) -> Self {
        if let Some(request) = self.requests.last_mut() {
            request.refusals.push(Refusal {
                status,
                member: member.map(str::to_owned),
            });
        }
        self
    }

    /// A request to [`API`] that is sent to sign in.
    #[must_use]
    pub fn signs_in_by(mut self, method: &str, path: &str, purpose: &str) -> Self {
        self.auth_requests
            .push(wanted(method, path, RequestEffect::Read, purpose));
        self
    }

    /// What the PSA can do.
    #[must_use]
    pub fn can(mut self, capabilities: &[&str]) -> Self {
        self.capabilities
            .extend(capabilities.iter().map(|name| (*name).to_owned()));
        self
    }

    /// Sizes that the PSA accepts: characters of a summary, bytes of one file and of all files of a note.
    #[must_use]
    pub fn limits(mut self, summary_chars: u32, attachment_bytes: u64, note_bytes: u64) -> Self {
        self.limits = Limits {
            summary_chars,
            attachment_bytes,
            note_bytes,
        };
        self
    }

    /// What a lookup by reference proves.
    #[must_use]
    pub fn lookup(mut self, strength: LookupStrength) -> Self {
        self.lookup = strength;
        self
    }
}

fn wanted(method: &str, path: &str, effect: RequestEffect, purpose: &str) -> WantedRequest {
    WantedRequest {
        origin: API.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        effect,
        refusals: Vec::new(),
        purpose: purpose.to_owned(),
    }
}

impl Authorization {
    /// A header that all requests to [`API`] carry, until the PSA refuses it.
    #[must_use]
    pub fn header(name: &str, value: String) -> Self {
        Self {
            placements: vec![Placement {
                origin: API.to_owned(),
                place: Place::Header(name.to_owned()),
                value,
            }],
            endpoint: None,
            expires_in_s: None,
            identity: None,
        }
    }
}

impl Ticket {
    /// A ticket whose number is its id.
    #[must_use]
    pub fn numbered(id: String, url: Option<String>) -> Self {
        Self {
            number: id.clone(),
            id,
            url,
        }
    }
}

impl Created {
    /// A ticket that was filed as it was asked for.
    #[must_use]
    pub fn as_asked(ticket: Ticket) -> Self {
        Self {
            ticket,
            corrections: Vec::new(),
        }
    }
}
