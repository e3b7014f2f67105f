//! `POST /service/tickets`, then `POST /service/tickets/{id}/configurations`.

use serde_json::{Map, Value, json};

use crate::bindings::exports::helpbell::psa::tickets::Created;
use crate::bindings::helpbell::psa::types::{
    Context, Correction, Device, Draft, Failure, FailureKind, Ticket,
};
use crate::discovery::endpoint;
use crate::glue::{Answer, Request, refused, required_setting, send};
use crate::numbers::{dropped, field, number};

/// The version of the API that was read; ConnectWise keeps answering it after upgrades.
const ACCEPT: &str = "application/vnd.connectwise.com+json; version=2025.1";
/// The values of `severity` and `impact`, an enumeration in the API.
const LEVELS: [&str; 3] = ["Low", "Medium", "High"];

/// Name, kind and meaning of what rules can set.
pub(crate) const VARIABLES: &[(&str, &str, &str)] = &[
    ("board", "integer", "Service board, by its id"),
    ("state", "integer", "Status, by its id; it belongs to the board"),
    ("type", "integer", "Type, by its id; it belongs to the board"),
    (
        "subType",
        "integer",
        "Subtype, by its id; it belongs to the board",
    ),
    ("team", "integer", "Team, by its id; it belongs to the board"),
    ("owner", "integer", "Ticket owner, by its id"),
    ("priority", "integer", "Priority, by its id"),
    ("source", "integer", "Source, by its id"),
    ("urgency", "text", "Severity: Low, Medium or High"),
    ("impact", "text", "Impact: Low, Medium or High"),
];
/// Variable and member of the ticket that is a reference to an object.
const REFERENCES: [(&str, &str); 8] = [
    ("board", "board"),
    ("state", "status"),
    ("type", "type"),
    ("subType", "subType"),
    ("team", "team"),
    ("owner", "owner"),
    ("priority", "priority"),
    ("source", "source"),
];

/// Files the ticket, then links the machine. A ticket without its machine is still a ticket.
pub(crate) fn create(context: &Context, draft: &Draft) -> Result<Created, Failure> {
    let api = endpoint(context)?;
    let (request, mut corrections) = build_request(context, draft)?;
    let ticket = read_answer(&send(&api, &request)?)?;
    if let Some(device) = &draft.device {
        let linked = link_request(&ticket, device)
            .and_then(|request| send(&api, &request))
            .and_then(|answer| read_link(&answer));
        corrections.extend(
            linked
                .err()
                .map(|failure| dropped("device", &device.name, &failure.message)),
        );
    }
    Ok(Created { ticket, corrections })
}

fn build_request(context: &Context, draft: &Draft) -> Result<(Request, Vec<Correction>), Failure> {
    let mut corrections = Vec::new();
    let mut ticket = Map::new();
    ticket.insert("summary".to_owned(), json!(draft.summary));
    ticket.insert("initialDescription".to_owned(), json!(draft.body_text));
    ticket.insert("externalXRef".to_owned(), json!(context.reference));
    ticket.insert("contactName".to_owned(), json!(draft.person.name));
    ticket.insert("contactEmailAddress".to_owned(), json!(draft.person.email));

    let organisation = draft
        .contact
        .as_ref()
        .and_then(|contact| contact.organisation.as_ref());
    let company = match organisation.and_then(|(id, _)| id.parse::<u64>().ok()) {
        Some(id) => json!({ "id": id }),
        None => json!({ "identifier": required_setting(context, "company")? }),
    };
    ticket.insert("company".to_owned(), company);
    if let Some(id) = draft
        .contact
        .as_ref()
        .and_then(|contact| contact.id.parse::<u64>().ok())
    {
        ticket.insert("contact".to_owned(), json!({ "id": id }));
    }
    for (variable, member) in REFERENCES {
        if let Some(id) = number(draft, variable, &mut corrections) {
            ticket.insert(member.to_owned(), json!({ "id": id }));
        }
    }
    for (variable, member) in [("urgency", "severity"), ("impact", "impact")] {
        if let Some(given) = field(draft, variable) {
            match LEVELS.iter().find(|level| level.eq_ignore_ascii_case(given)) {
                Some(level) => drop(ticket.insert(member.to_owned(), json!(level))),
                None => corrections.push(Correction {
                    nearest: LEVELS.map(ToOwned::to_owned).to_vec(),
                    ..dropped(variable, given, "ConnectWise has no such level")
                }),
            }
        }
    }
    Ok((
        post("/service/tickets".to_owned(), Value::Object(ticket)),
        corrections,
    ))
}

fn post(path: String, body: Value) -> Request {
    Request {
        method: "POST",
        path,
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), ACCEPT.to_owned()),
        ],
        body: body.to_string().into_bytes(),
    }
}

fn link_request(ticket: &Ticket, device: &Device) -> Result<Request, Failure> {
    let id: u64 = device.id.parse().map_err(|_| {
        Failure::new(
            FailureKind::Internal,
            "device-id",
            "its id is not one that ConnectWise gives",
        )
    })?;
    Ok(post(
        format!("/service/tickets/{}/configurations", ticket.id),
        json!({ "id": id }),
    ))
}

fn read_link(answer: &Answer) -> Result<(), Failure> {
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(refused_request(answer))
}

fn read_answer(answer: &Answer) -> Result<Ticket, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(refused_request(answer));
    }
    let id = answer
        .json()
        .and_then(|ticket| ticket.get("id").and_then(Value::as_u64))
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                "answer-unreadable",
                "the new ticket has no id",
            )
        })?
        .to_string();
    // Addresses of tickets need the login company, which only `authenticate` sees.
    Ok(Ticket {
        number: id.clone(),
        id,
        url: None,
    })
}

/// `{"code", "message", "errors": [{"code", "message", "field"}]}`: the inner errors say what is wrong.
fn refused_request(answer: &Answer) -> Failure {
    let error = answer.json().unwrap_or(Value::Null);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let inner = error
        .get("errors")
        .and_then(|errors| errors.get(0))
        .cloned()
        .unwrap_or(Value::Null);
    let mut failure = refused(
        answer,
        text(&inner, "message").or_else(|| text(&error, "message")),
    );
    failure.field = text(&inner, "field");
    failure.extra = text(&inner, "code")
        .map(|code| ("vendor-code".to_owned(), code))
        .into_iter()
        .collect();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::describe::RequestEffect;
    use crate::describe::API;
    use crate::glue::check::{REFERENCE, answer, assert_declared, body, context, draft, proves_refusal};

    const SETTINGS: [(&str, &str); 2] = [("site", "https://na.myconnectwise.net"), ("company", "CatchAll")];
    const ENDPOINT: Option<&str> = Some("https://api-na.myconnectwise.net/v2025_1/apis/3.0");

    #[test]
    fn a_ticket_is_a_declared_effect_that_carries_the_press() {
        let (request, corrections) = build_request(&context(&SETTINGS, ENDPOINT), &draft(&[])).unwrap();
        assert_declared(API, request.method, &request.path, RequestEffect::Effect);
        let ticket = body(&request);
        assert_eq!(ticket["externalXRef"], REFERENCE);
        assert_eq!(ticket["summary"], "Printer \"on fire\" <b>");
        assert_eq!(ticket["company"], json!({ "id": 19 }));
        assert_eq!(ticket["contact"], json!({ "id": 31 }));
        assert!(corrections.is_empty());
    }

    #[test]
    fn an_unknown_person_goes_to_the_catch_all_company() {
        let unknown = Draft {
            contact: None,
            ..draft(&[])
        };
        let (request, _) = build_request(&context(&SETTINGS, ENDPOINT), &unknown).unwrap();
        assert_eq!(body(&request)["company"], json!({ "identifier": "CatchAll" }));
        assert!(body(&request).get("contact").is_none());
    }

    #[test]
    fn fields_become_references_and_what_does_not_exist_is_reported() {
        let draft = draft(&[
            ("board", "4"),
            ("state", "New"),
            ("urgency", "high"),
            ("impact", "Huge"),
        ]);
        let (request, corrections) = build_request(&context(&SETTINGS, ENDPOINT), &draft).unwrap();
        let ticket = body(&request);
        assert_eq!(ticket["board"], json!({ "id": 4 }));
        assert_eq!(ticket["severity"], "High");
        assert!(ticket.get("status").is_none() && ticket.get("impact").is_none());
        let fields: Vec<_> = corrections.iter().map(|c| c.field.as_str()).collect();
        assert_eq!(fields, ["state", "impact"]);
        assert_eq!(corrections[1].nearest, LEVELS);
    }

    fn device(id: &str) -> Device {
        Device {
            id: id.to_owned(),
            name: "PC-7".to_owned(),
            matched_by: "hostname".to_owned(),
            extra: vec![],
        }
    }

    #[test]
    fn a_machine_is_linked_by_a_declared_effect_of_its_own() {
        let ticket = read_answer(&answer(201, r#"{"id":4711}"#)).unwrap();
        let request = link_request(&ticket, &device("7")).unwrap();
        assert_eq!(request.path, "/service/tickets/4711/configurations");
        assert_declared(API, request.method, &request.path, RequestEffect::Effect);
        assert_eq!(body(&request), json!({ "id": 7 }));
        assert!(read_link(&answer(201, r#"{"id":7}"#)).is_ok());
    }

    #[test]
    fn a_machine_that_cannot_be_linked_says_why() {
        let refusal = r#"{"code":"NotFound","message":"Configuration 7 not found"}"#;
        let failure = read_link(&answer(404, refusal)).unwrap_err();
        assert!(failure.message.contains("Configuration 7 not found"));
        let ticket = read_answer(&answer(201, r#"{"id":4711}"#)).unwrap();
        assert!(link_request(&ticket, &device("7/../8")).is_err());
    }

    #[test]
    fn a_400_with_a_code_proves_a_refusal_and_one_without_nothing() {
        let proves = |body: &str| proves_refusal(API, "POST", "/service/tickets", &answer(400, body));
        assert!(proves(
            r#"{"code":"InvalidObject","message":"ticket object is invalid"}"#
        ));
        assert!(!proves("<html>") && !proves(r#"{"message":"code"}"#));
    }

    #[test]
    fn a_created_ticket_is_read() {
        let ticket = read_answer(&answer(201, r#"{"id":4711,"summary":"x"}"#)).unwrap();
        assert_eq!((ticket.id.as_str(), ticket.number.as_str()), ("4711", "4711"));
    }

    #[test]
    fn a_refusal_names_the_field_and_quotes_connectwise() {
        let failure = read_answer(&answer(
            400,
            r#"{"code":"InvalidObject","message":"ticket object is invalid","errors":[{"code":"MissingRequiredField",
            "message":"summary is required.","resource":"ticket","field":"summary"}]}"#,
        ))
        .unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        assert_eq!(failure.field.as_deref(), Some("summary"));
        assert!(
            failure.message.contains("summary is required."),
            "{}",
            failure.message
        );
        assert_eq!(
            failure.extra,
            [("vendor-code".to_owned(), "MissingRequiredField".to_owned())]
        );
    }

    #[test]
    fn a_success_without_an_id_is_not_taken_for_a_ticket() {
        for text in ["", "{}", "<html>", r#"{"id":"x"}"#] {
            assert_eq!(
                read_answer(&answer(201, text)).unwrap_err().kind,
                FailureKind::Internal,
                "{text}"
            );
        }
    }
}
