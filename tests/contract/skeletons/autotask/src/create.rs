//! `POST /V1.0/Tickets`.

use serde_json::{Map, Value, json};

use crate::auth::is_autotask;
use crate::bindings::exports::helpbell::psa::tickets::Created;
use crate::bindings::helpbell::psa::cache;
use crate::bindings::helpbell::psa::types::{Context, Correction, Draft, Failure, FailureKind, Ticket};
use crate::describe::{ZONE_INFORMATION, ZONES_ADDRESS};
use crate::glue::{Answer, Base, Request, refused, required_setting, send};
use crate::numbers::number;

/// Name, kind and meaning of what rules can set.
pub(crate) const VARIABLES: &[(&str, &str, &str)] = &[
    ("priority", "integer", "Priority, by its number"),
    ("ticketStatus", "integer", "Status, by its number"),
    ("queue", "integer", "Queue, by its number"),
    ("type", "integer", "Ticket type, by its number"),
    ("source", "integer", "Source, by its number"),
    ("issue", "integer", "Issue type, by its number"),
    (
        "subIssue",
        "integer",
        "Sub-issue type, by its number; it belongs to the issue type",
    ),
    ("worktype", "integer", "Work type (billing code), by its number"),
    ("category", "integer", "Ticket category, by its number"),
];
/// Variable and field of the ticket.
const FIELDS: [(&str, &str); 9] = [
    ("priority", "priority"),
    ("ticketStatus", "status"),
    ("queue", "queueID"),
    ("type", "ticketType"),
    ("source", "source"),
    ("issue", "issueType"),
    ("subIssue", "subIssueType"),
    ("worktype", "billingCodeID"),
    ("category", "ticketCategory"),
];
/// Setting and field of the ticket: what Autotask does not do without.
const DEFAULTS: [(&str, &str); 3] = [
    ("status-id", "status"),
    ("priority-id", "priority"),
    ("queue-id", "queueID"),
];

/// The page that opens a ticket by its id, below the zone's `webUrl`.
const TICKET_PAGE: &str = "/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=";
/// Seconds that `webUrl` is kept: a day. A zone's addresses do not change, and a database that moves
/// to another zone has another key.
const WEB_TTL_S: u32 = 24 * 3600;

/// Files the ticket.
pub(crate) fn create(context: &Context, draft: &Draft) -> Result<Created, Failure> {
    let Some(zone) = &context.endpoint else {
        return Err(Failure::new(
            FailureKind::Internal,
            "zone-missing",
            "the host gave no zone to talk to",
        ));
    };
    let (request, corrections) = build_request(context, draft)?;
    // Before the ticket: while waiting for this answer afterwards, the call might end, and with it
    // the knowledge that there is a ticket.
    let web = web_address(zone);
    let mut ticket = read_answer(&send(&Base::parse(zone)?, &request)?)?;
    ticket.url = web.map(|web| format!("{web}{TICKET_PAGE}{}", ticket.id));
    Ok(Created { ticket, corrections })
}

/// Where the zone shows tickets, from the cache or Autotask. A ticket without a link is a ticket too.
fn web_address(zone: &str) -> Option<Base> {
    let key = format!("web address of {zone}");
    if let Some(kept) = cache::get(&key) {
        return String::from_utf8(kept)
            .ok()
            .and_then(|text| Base::parse(&text).ok());
    }
    let answer = Base::parse(ZONES_ADDRESS).and_then(|zones| send(&zones, &web_request()));
    let web = read_web_address(&answer.ok()?)?;
    cache::put(&key, web.to_string().as_bytes(), WEB_TTL_S);
    Some(web)
}

/// The host adds whose zone it is.
fn web_request() -> Request {
    Request {
        method: "GET",
        path: ZONE_INFORMATION.to_owned(),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        body: Vec::new(),
    }
}

fn read_web_address(answer: &Answer) -> Option<Base> {
    let zone = answer.json().filter(|_| answer.status == 200)?;
    let named = zone.get("webUrl").and_then(Value::as_str)?;
    Base::parse(named).ok().filter(is_autotask)
}

fn build_request(context: &Context, draft: &Draft) -> Result<(Request, Vec<Correction>), Failure> {
    let mut corrections = Vec::new();
    let mut ticket = Map::new();
    ticket.insert("title".to_owned(), json!(draft.summary));
    // Plain text: Autotask loses markup.
    ticket.insert("description".to_owned(), json!(draft.body_text));
    ticket.insert("externalID".to_owned(), json!(context.reference));

    let organisation = draft
        .contact
        .as_ref()
        .and_then(|contact| contact.organisation.as_ref());
    let company = match organisation.and_then(|(id, _)| id.parse::<u64>().ok()) {
        Some(id) => id,
        None => setting_number(context, "company-id")?,
    };
    ticket.insert("companyID".to_owned(), json!(company));
    if let Some(id) = draft
        .contact
        .as_ref()
        .and_then(|contact| contact.id.parse::<u64>().ok())
    {
        ticket.insert("contactID".to_owned(), json!(id));
    }
    if let Some(id) = draft
        .device
        .as_ref()
        .and_then(|device| device.id.parse::<u64>().ok())
    {
        ticket.insert("configurationItemID".to_owned(), json!(id));
    }
    for (setting, field) in DEFAULTS {
        ticket.insert(field.to_owned(), json!(setting_number(context, setting)?));
    }
    for (variable, field) in FIELDS {
        if let Some(id) = number(draft, variable, &mut corrections) {
            ticket.insert(field.to_owned(), json!(id));
        }
    }
    let request = Request {
        method: "POST",
        path: "/V1.0/Tickets".to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ],
        body: Value::Object(ticket).to_string().into_bytes(),
    };
    Ok((request, corrections))
}

fn setting_number(context: &Context, name: &str) -> Result<u64, Failure> {
    let text = required_setting(context, name)?;
    text.parse().map_err(|_| {
        Failure::new(
            FailureKind::InvalidInput,
            "setting-no-number",
            format!("{name} is “{text}”, not a number"),
        )
        .at(name)
        .cure(format!("Write the number that Autotask shows for {name}."))
    })
}

fn read_answer(answer: &Answer) -> Result<Ticket, Failure> {
    let said = answer.json().unwrap_or(Value::Null);
    if !(200..300).contains(&answer.status) {
        return Err(refused_ticket(answer, &said));
    }
    let id = said
        .get("itemId")
        .and_then(Value::as_u64)
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                "answer-unreadable",
                "the new ticket has no itemId",
            )
        })?
        .to_string();
    // People call it T20261123.0001, which only a second request would tell.
    Ok(Ticket {
        number: id.clone(),
        id,
        url: None,
    })
}

/// `{"errors": ["…"]}`. As 500 it is a validation error, not an outage.
fn refused_ticket(answer: &Answer, said: &Value) -> Failure {
    let errors = said.get("errors").and_then(Value::as_array);
    let text = errors
        .map(|errors| {
            errors
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|text| !text.is_empty());
    let mut failure = refused(answer, text);
    if answer.status == 500 && errors.is_some() {
        failure.kind = FailureKind::InvalidInput;
        failure.code = Failure::new(FailureKind::InvalidInput, "invalid-input", "").code;
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::describe::RequestEffect;
    use crate::bindings::helpbell::psa::types::Device;
    use crate::describe::{ZONE, ZONES};
    use crate::glue::check::{REFERENCE, answer, assert_declared, body, context, draft, proves_refusal};

    const SETTINGS: [(&str, &str); 4] = [
        ("company-id", "0"),
        ("status-id", "1"),
        ("priority-id", "2"),
        ("queue-id", "8"),
    ];
    const ZONE_5: Option<&str> = Some("https://webservices5.autotask.net/atservicesrest");

    #[test]
    fn a_ticket_is_a_declared_effect_that_carries_the_press() {
        let device = Device {
            id: "77".to_owned(),
            name: "PC-7".to_owned(),
            matched_by: "hostname".to_owned(),
            extra: vec![],
        };
        let draft = Draft {
            device: Some(device),
            ..draft(&[])
        };
        let (request, _) = build_request(&context(&SETTINGS, ZONE_5), &draft).unwrap();
        assert_declared(ZONE, request.method, &request.path, RequestEffect::Effect);
        let ticket = body(&request);
        assert_eq!(ticket["externalID"], REFERENCE);
        assert_eq!(
            [
                &ticket["companyID"],
                &ticket["contactID"],
                &ticket["configurationItemID"]
            ],
            [&json!(19), &json!(31), &json!(77)]
        );
    }

    #[test]
    fn a_search_by_post_is_a_read() {
        assert_declared(ZONE, "POST", "/V1.0/Tickets/query", RequestEffect::Read);
        assert_declared(ZONE, "POST", "/V1.0/Contacts/query", RequestEffect::Read);
    }

    #[test]
    fn only_a_500_with_errors_proves_that_there_is_no_ticket() {
        let proves = |body: &str| proves_refusal(ZONE, "POST", "/V1.0/Tickets", &answer(500, body));
        assert!(proves(r#"{"errors":["Missing Required Field: queueID"]}"#));
        assert!(!proves("<html>") && !proves(r#"{"message":"errors"}"#));
    }

    #[test]
    fn the_zones_addresses_are_read_without_knowing_the_user() {
        let request = web_request();
        assert_declared(ZONES, request.method, &request.path, RequestEffect::Read);
        let web = read_web_address(&answer(
            200,
            r#"{"zoneName":"Pre-release","url":"https://webservices12.autotask.net/atservicesrest/",
            "webUrl":"https://ww12.autotask.net/","ci":1}"#,
        ));
        assert_eq!(web.unwrap().to_string(), "https://ww12.autotask.net");
    }

    #[test]
    fn a_link_to_anywhere_but_autotask_is_left_out() {
        for (status, web) in [
            (200, "https://ww12.autotask.net.evil.example/"),
            (200, "javascript:alert(1)"),
            (200, ""),
            (500, "https://ww12.autotask.net/"),
        ] {
            let said = format!(r#"{{"webUrl":"{web}"}}"#);
            assert!(
                read_web_address(&answer(status, &said)).is_none(),
                "{status} {web}"
            );
        }
    }

    #[test]
    fn rules_override_the_settings_and_names_fall_back_to_them() {
        let draft = draft(&[("queue", "9"), ("priority", "High"), ("ticketStatus", "")]);
        let (request, corrections) = build_request(&context(&SETTINGS, ZONE_5), &draft).unwrap();
        let ticket = body(&request);
        assert_eq!(
            [&ticket["queueID"], &ticket["priority"], &ticket["status"]],
            [&json!(9), &json!(2), &json!(1)]
        );
        assert_eq!(corrections.len(), 1);
        assert_eq!(
            (corrections[0].field.as_str(), corrections[0].given.as_str()),
            ("priority", "High")
        );
    }

    #[test]
    fn a_setting_that_is_no_number_is_blamed_by_name() {
        let settings = [
            ("company-id", "0"),
            ("status-id", "New"),
            ("priority-id", "2"),
            ("queue-id", "8"),
        ];
        let failure = build_request(&context(&settings, ZONE_5), &draft(&[]))
            .err()
            .unwrap();
        assert_eq!(failure.field.as_deref(), Some("status-id"));
    }

    #[test]
    fn a_created_ticket_is_read() {
        assert_eq!(
            read_answer(&answer(200, r#"{"itemId":8123}"#)).unwrap().id,
            "8123"
        );
    }

    #[test]
    fn a_500_with_errors_is_invalid_input_in_autotasks_words() {
        let failure =
            read_answer(&answer(500, r#"{"errors":["Missing Required Field: queueID"]}"#)).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::InvalidInput, "autotask.invalid-input")
        );
        assert!(failure.message.contains("queueID"));
    }

    #[test]
    fn a_500_without_errors_stays_a_fault() {
        assert_eq!(
            read_answer(&answer(500, "<html>")).unwrap_err().kind,
            FailureKind::Unavailable
        );
    }

    #[test]
    fn a_null_item_is_not_taken_for_a_ticket() {
        assert_eq!(
            read_answer(&answer(200, r#"{"itemId":null}"#)).unwrap_err().kind,
            FailureKind::Internal
        );
    }
}
