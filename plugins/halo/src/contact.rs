//! Who asks: the Halo user with this very e-mail address, else the catch-all contact.

use helpbell_connector::json::{self, Value, json};
use helpbell_connector::pick_list::hash;
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Contact, Failure, FoundContact, Pairs, Person};

use crate::api::{self, Api};
use crate::describe::{UNREGISTERED_CONTACT, UNREGISTERED_DEFAULT};
use crate::errors;

/// Seconds for which a contact is remembered. People change their client rarely; a day bounds the harm.
const CONTACT_TTL_S: u32 = 24 * 60 * 60;

/// Seconds for which "Halo does not know this address" is remembered: long enough for the tries of one
/// press, short because the MSP creates the missing user right after the first ticket.
const UNKNOWN_TTL_S: u32 = 5 * 60;

/// Users asked for at once. Every version seen takes 50.
const PAGE_SIZE: usize = 50;

/// Pages looked through for the exact address. The search is fuzzy, and near matches may come first.
const MAX_PAGES: usize = 5;

/// Name in `contact.extra` for other clients that have a user with the same address.
const ALSO_AT: &str = "also-at";

pub(crate) fn find(call: &Call<'_>, person: &Person) -> Result<Option<FoundContact>, Failure> {
    let api = Api::new(call)?;
    let found = |contact, matched_by: &str| FoundContact {
        contact,
        matched_by: matched_by.to_owned(),
    };
    if let Some(contact) = by_email(&api, &person.email)? {
        return Ok(Some(found(contact, "email")));
    }
    let catch_all = call.setting(UNREGISTERED_CONTACT).unwrap_or(UNREGISTERED_DEFAULT);
    // Not nobody: something is missing that the guide asks for, and the technician who reads the note can add it.
    match by_email(&api, catch_all)? {
        Some(contact) => Ok(Some(found(contact, "catch-all"))),
        None => Err(Failure::not_found(
            "halo.no-unregistered-contact",
            format!("Halo has no active contact {catch_all} for people whom it does not know; this ticket has none"),
        )
        .field(UNREGISTERED_CONTACT)
        .help(format!(
            "In Halo, create an 'Unregistered' contact with the email address {catch_all}, for example at the default \
             Unknown client and site, or uncheck Inactive where there is one."
        ))),
    }
}

/// Drops what is remembered about a person: Halo refused a ticket for them.
pub(crate) fn forget(call: &Call<'_>, email: &str) {
    call.forget(&key_of(&normalised(email)));
}

fn by_email(api: &Api<'_>, email: &str) -> Result<Option<Contact>, Failure> {
    let email = normalised(email);
    if !email.contains('@') {
        return Ok(None);
    }
    let key = key_of(&email);
    // The key is a hash; the address kept with it proves that this is the same person.
    if let Some(kept) = api
        .call
        .cached_json(&key)
        .filter(|kept| json::text(kept, "for").as_deref() == Some(&email))
    {
        return Ok(json::member(&kept, "user").and_then(contact_of));
    }
    let user = search(api, &email)?;
    let ttl = if user.is_some() {
        CONTACT_TTL_S
    } else {
        UNKNOWN_TTL_S
    };
    api.call
        .cache_json(&key, &json!({"for": email, "user": user}), ttl);
    Ok(user.as_ref().and_then(contact_of))
}

/// The user with exactly this address, reduced to what is needed.
fn search(api: &Api<'_>, email: &str) -> Result<Option<Value>, Failure> {
    let mut seen = 0;
    for page in 1..=MAX_PAGES {
        let (size, number) = (PAGE_SIZE.to_string(), page.to_string());
        let query = [
            ("search", email),
            ("pageinate", "true"),
            ("page_size", &size),
            ("page_no", &number),
        ];
        let answer = api.get(&api::USERS, &query)?;
        let users = json::list(&answer, &["users"]).ok_or_else(|| {
            errors::unreadable(
                "halo.users-unreadable",
                "Halo's answer to a search for users holds no list of users",
            )
        })?;
        if let Some(user) = choose(users, email) {
            return Ok(Some(user));
        }
        seen += users.len();
        let total = json::id(&answer, "record_count")
            .and_then(|count| count.parse::<usize>().ok())
            .unwrap_or(0);
        if users.is_empty() || (users.len() < PAGE_SIZE && total <= seen) {
            break;
        }
    }
    Ok(None)
}

/// Of the active users with exactly this address the one with the lowest id, so that every press of the
/// same person goes to the same client.
fn choose(users: &[Value], email: &str) -> Option<Value> {
    let exact = |user: &&Value| {
        json::text(user, "emailaddress").is_some_and(|address| normalised(&address) == email)
            && !json::flag(user, "inactive")
    };
    let numbered = |user| Some((json::id(user, "id")?.parse::<i64>().ok()?, user));
    let matches: Vec<(i64, &Value)> = users.iter().filter(exact).filter_map(numbered).collect();
    let (id, user) = matches.iter().min_by_key(|(id, _)| *id)?;
    let others = matches.iter().filter(|(other, _)| other != id);
    let others: Vec<String> = others
        .filter_map(|(_, other)| json::text(other, "client_name"))
        .collect();
    Some(json!({
        "id": id.to_string(),
        "name": json::text(user, "name"),
        "email": json::text(user, "emailaddress"),
        "client_id": json::id(user, "client_id"),
        "client_name": json::text(user, "client_name"),
        "site_id": json::id(user, "site_id").or_else(|| json::id(user, "site_id_int")),
        "site_name": json::text(user, "site_name"),
        ALSO_AT: others.join(", "),
    }))
}

fn contact_of(user: &Value) -> Option<Contact> {
    let pair = |id: &str, name: &str| {
        let id = json::id(user, id)?;
        Some((id, json::text(user, name).unwrap_or_default()))
    };
    let also = json::text(user, ALSO_AT).map(|others| (ALSO_AT.to_owned(), others));
    Some(Contact {
        id: json::id(user, "id")?,
        name: json::text(user, "name").unwrap_or_default(),
        email: json::text(user, "email"),
        organisation: pair("client_id", "client_name"),
        site: pair("site_id", "site_name"),
        extra: also.into_iter().collect(),
    })
}

/// Other clients where the same address was found, for the log and the ticket's reader.
pub(crate) fn also_at(contact: &Contact) -> Option<&str> {
    contact.extra.as_slice().value(ALSO_AT)
}

fn normalised(email: &str) -> String {
    lower_case(email.trim())
}

/// A cache key without the address in it.
fn key_of(normalised: &str) -> String {
    format!("contact/{:016x}", hash(normalised))
}

#[cfg(test)]
#[path = "contact_tests.rs"]
mod tests;
