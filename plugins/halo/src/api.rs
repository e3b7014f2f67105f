//! Halo's API: addresses, headers, answers, and what a refusal means at which place.

use helpbell_connector::http::{Part, Request, Response, address, path_of};
use helpbell_connector::json::{self, Value};
use helpbell_connector::{Call, Failure, FailureKind};

use crate::describe::{self, API_PREFIX, API_SCREEN, APPLICATIONS_SCREEN, RESOURCE_SERVER, WEB_ADDRESS};
use crate::errors;

/// Header by which an integration names itself; known from Halo's own web page.
pub(crate) const APP_NAME_HEADER: &str = "halo-app-name";
/// Our name in it.
pub(crate) const APP_NAME: &str = "helpbell";

/// A place of the API.
pub(crate) struct Place {
    /// Path below the API.
    pub(crate) path: &'static str,
    /// Reads after "while".
    pub(crate) doing: &'static str,
    /// The application's permission that it takes, as the guide names it.
    pub(crate) permission: &'static str,
}

impl Place {
    /// Whether it names one ticket, which may be gone.
    fn is_about_a_ticket(&self) -> bool {
        [
            TICKETS.doing,
            CLOSING.doing,
            NOTES.doing,
            NOTING.doing,
            ATTACHING.doing,
        ]
        .contains(&self.doing)
    }
}

/// Searching people.
pub(crate) const USERS: Place = Place {
    path: "/Users",
    doing: "searching users",
    permission: "read:customers (some instances want read:crm as well)",
};
/// Searching machines.
pub(crate) const ASSETS: Place = Place {
    path: "/Asset",
    doing: "searching assets",
    permission: "read:assets",
};
/// Listing a client's machines.
pub(crate) const LISTED_ASSETS: Place = Place {
    path: "/Asset",
    doing: "listing the client's assets",
    permission: "read:assets",
};
/// Reading tickets.
pub(crate) const TICKETS: Place = Place {
    path: "/Tickets",
    doing: "reading tickets",
    permission: "read:tickets",
};
/// Filing and changing tickets.
pub(crate) const FILING: Place = Place {
    path: "/Tickets",
    doing: "filing the ticket",
    permission: "edit:tickets",
};
/// Changing a ticket.
pub(crate) const CLOSING: Place = Place {
    path: "/Tickets",
    doing: "closing the ticket",
    permission: "edit:tickets",
};
/// Reading notes.
pub(crate) const NOTES: Place = Place {
    path: "/Actions",
    doing: "reading notes",
    permission: "read:tickets",
};
/// Writing notes.
pub(crate) const NOTING: Place = Place {
    path: "/Actions",
    doing: "adding the note",
    permission: "edit:tickets",
};
/// Adding files.
pub(crate) const ATTACHING: Place = Place {
    path: "/Attachment",
    doing: "attaching a file",
    permission: "edit:tickets",
};

/// Where tokens come from; answered without a permission.
pub(crate) const AUTHINFO: Place = Place {
    path: describe::AUTHINFO,
    doing: "asking where tokens come from",
    permission: "",
};
/// Reading clients. Which calls `read:crm` guards is not public; this one belongs to it by its name.
pub(crate) const CLIENTS: Place = Place {
    path: "/Client",
    doing: "reading clients",
    permission: "read:crm",
};
/// Reading webhooks, for which the guide asks no permission.
pub(crate) const WEBHOOKS: Place = Place {
    path: "/Webhook",
    doing: "reading webhooks",
    permission: "",
};

/// The API at the operator's Resource Server.
pub(crate) struct Api<'a> {
    /// The call it works for.
    pub(crate) call: &'a Call<'a>,
    base: &'a str,
    prefix: &'static str,
}

impl<'a> Api<'a> {
    /// The API of this call's settings.
    pub(crate) fn new(call: &'a Call<'a>) -> Result<Self, Failure> {
        let base = call.required(RESOURCE_SERVER)?;
        // The vendor's schema puts the API under /api; a Resource Server with a path already says where.
        let prefix = if path_of(base).is_empty() { API_PREFIX } else { "" };
        Ok(Self { call, base, prefix })
    }

    /// Reads JSON from a place.
    pub(crate) fn get(&self, place: &Place, query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.get_below(place, "", query)
    }

    /// Reads JSON from below a place: `/5`.
    pub(crate) fn get_below(
        &self,
        place: &Place,
        below: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let path = format!("{}{}{below}", self.prefix, place.path);
        self.exchange(Request::get(address(self.base, &path, query)), place)
    }

    /// Reads the answer of a place, whatever its status, for those who need its headers too.
    pub(crate) fn answer(&self, place: &Place) -> Result<Response, Failure> {
        self.send(Request::get(address(
            self.base,
            &format!("{}{}", self.prefix, place.path),
            &[],
        )))
    }

    /// Posts one object in an array, as Halo wants it, and gives the object that comes back.
    pub(crate) fn post(&self, place: &Place, object: &Value) -> Result<Value, Failure> {
        self.post_parts(
            place,
            vec![Part::Bytes(format!("[{}]", json::write(object)).into_bytes())],
        )
    }

    /// The same with a body in pieces.
    pub(crate) fn post_parts(&self, place: &Place, body: Vec<Part>) -> Result<Value, Failure> {
        let path = format!("{}{}", self.prefix, place.path);
        let request = Request::post(address(self.base, &path, &[]), "application/json", body);
        let answer = self.exchange(request, place)?;
        json::object(answer).ok_or_else(|| {
            errors::unreadable(
                "halo.answer-unreadable",
                format!("Halo's answer while {} names nothing", place.doing),
            )
        })
    }

    /// Where an agent opens a ticket.
    pub(crate) fn web_address(&self, ticket: &str) -> String {
        let base = self.base.trim_end_matches('/');
        let without = base
            .len()
            .checked_sub(API_PREFIX.len())
            .and_then(|end| base.split_at_checked(end));
        let default = match without {
            Some((before, path)) if path.eq_ignore_ascii_case(API_PREFIX) => before,
            _ => base,
        };
        address(
            self.call.setting(WEB_ADDRESS).unwrap_or(default),
            "/ticket",
            &[("id", ticket)],
        )
    }

    fn send(&self, request: Request) -> Result<Response, Failure> {
        self.call.send(
            request
                .header("accept", "application/json")
                .header(APP_NAME_HEADER, APP_NAME),
        )
    }

    fn exchange(&self, request: Request, place: &Place) -> Result<Value, Failure> {
        self.read(&self.send(request)?, place)
    }

    /// The JSON of an answer, or the failure that it is.
    pub(crate) fn read(&self, answer: &Response, place: &Place) -> Result<Value, Failure> {
        if !answer.is_success() {
            return Err(self.failure(answer, place));
        }
        if answer.is_web_page() {
            return Err(errors::not_halo(answer, place.doing));
        }
        json::parse(&answer.body, &format!("Halo's answer while {}", place.doing))
            .map_err(|failure| errors::unreadable("halo.answer-unreadable", failure.message))
    }

    fn failure(&self, answer: &Response, place: &Place) -> Failure {
        let failure = errors::of_status(answer, place.doing, self.call.now_unix())
            .fact("status", answer.status.to_string())
            .fact("permission", place.permission);
        let failure = permitted_elsewhere(failure, place);
        let failure = match errors::words(answer) {
            Some(words) => failure.fact("words", words),
            None => failure,
        };
        if failure.help.is_some() {
            return failure;
        }
        match failure.kind {
            FailureKind::Auth | FailureKind::Forbidden => failure.help(format!(
                "Look at the application under {APPLICATIONS_SCREEN}: it must be active, have the permission {}, its \
                 Login Type must be Agent, and an agent must be selected who may do this too. Permissions \
                 take effect with the next token.",
                place.permission
            )),
            FailureKind::NotFound => {
                let gone = if place.is_about_a_ticket() {
                    "Check that the ticket still exists in Halo, and that"
                } else {
                    "Check that"
                };
                failure.help(format!("{gone} the Resource Server is pasted as it is shown under {API_SCREEN}."))
            }
            // A ticket or note that is refused gets its cure where it was written.
            FailureKind::InvalidInput if place.permission.starts_with("read") => failure.help(format!(
                "Halo does not understand the question. Check that the Resource Server is pasted as it is shown under \
                 {API_SCREEN}, and report this with the version of your Halo."
            )),
            _ => failure,
        }
    }
}

/// Halo answers 401 to a token that lacks a permission, as it does to one that has ended. A token that had ended was
/// renewed by the host before anybody heard of it, so that what is refused here is this call, not the application.
fn permitted_elsewhere(failure: Failure, place: &Place) -> Failure {
    let kind = match failure.kind {
        FailureKind::Auth if !place.permission.is_empty() => FailureKind::Forbidden,
        kind => kind,
    };
    Failure { kind, ..failure }
}

/// Halo's own words, as [`Api`] kept them with a failure.
pub(crate) fn words_of(failure: &Failure) -> &str {
    helpbell_connector::Pairs::value(failure.extra.as_slice(), "words").unwrap_or("")
}
