//! `POST /REST/2.0/ticket`.

use serde_json::{Map, Value, json};

use crate::bindings::exports::helpbell::psa::tickets::Created;
use crate::bindings::helpbell::psa::types::{Context, Correction, Draft, Failure, FailureKind, Ticket};
use crate::glue::{Answer, Base, Request, refused, required_setting, send};
use crate::numbers::{dropped, field, number};

/// Name, kind and meaning of what rules can set.
pub(crate) const VARIABLES: &[(&str, &str, &str)] = &[
    ("queue", "text", "Queue, as RT shows it"),
    ("state", "text", "Status, one of the queue's lifecycle"),
    ("owner", "text", "Owner, by user name"),
    ("priority", "integer", "Priority, higher is more urgent"),
];

/// Files the ticket.
pub(crate) fn create(context: &Context, draft: &Draft) -> Result<Created, Failure> {
    let server = Base::parse(required_setting(context, "server")?)?;
    let (request, corrections) = build_request(context, draft)?;
    let ticket = read_answer(&server, &send(&server, &request)?)?;
    Ok(Created { ticket, corrections })
}

fn build_request(context: &Context, draft: &Draft) -> Result<(Request, Vec<Correction>), Failure> {
    let mut corrections = Vec::new();
    let queue = match field(draft, "queue") {
        Some(queue) => queue,
        None => required_setting(context, "queue")?,
    };
    let mut ticket = Map::new();
    ticket.insert("Queue".to_owned(), json!(queue));
    ticket.insert("Subject".to_owned(), json!(draft.summary));
    // RT refuses content without its type.
    ticket.insert("Content".to_owned(), json!(draft.body_html));
    ticket.insert("ContentType".to_owned(), json!("text/html"));
    let reference = Map::from_iter([(
        required_setting(context, "reference-field")?.to_owned(),
        json!(context.reference),
    )]);
    ticket.insert("CustomFields".to_owned(), Value::Object(reference));

    // RT makes a user of whatever it is given here.
    let email = draft.person.email.trim();
    if is_address(email) {
        ticket.insert("Requestor".to_owned(), json!(email));
    } else {
        corrections.push(dropped("email", email, "this is no address that RT could answer"));
    }
    for (variable, member) in [("state", "Status"), ("owner", "Owner")] {
        if let Some(value) = field(draft, variable) {
            ticket.insert(member.to_owned(), json!(value));
        }
    }
    if let Some(priority) = number(draft, "priority", &mut corrections) {
        ticket.insert("Priority".to_owned(), json!(priority));
    }
    let request = Request {
        method: "POST",
        path: "/REST/2.0/ticket".to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
        ],
        body: Value::Object(ticket).to_string().into_bytes(),
    };
    Ok((request, corrections))
}

/// One address and nothing that RT would read as a list of them.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, ',' | ';' | '<' | '>' | '"');
    text.chars().all(plain)
        && text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

fn read_answer(server: &Base, answer: &Answer) -> Result<Ticket, Failure> {
    let said = answer.json().unwrap_or(Value::Null);
    if !(200..300).contains(&answer.status) {
        return Err(refused(
            answer,
            said.get("message").and_then(Value::as_str).map(ToOwned::to_owned),
        ));
    }
    // Documented as a string; other versions of RT count.
    let id = match said.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_digit()) {
        return Err(Failure::new(
            FailureKind::Internal,
            "answer-unreadable",
            "the new ticket has no id",
        ));
    }
    let url = Some(format!("{server}/Ticket/Display.html?id={id}"));
    Ok(Ticket {
        number: id.clone(),
        id,
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::describe::RequestEffect;
    use crate::describe::SERVER;
    use crate::glue::check::{REFERENCE, answer, assert_declared, body, context, draft, proves_refusal};

    const SETTINGS: [(&str, &str); 3] = [
        ("server", "https://rt.example.com/rt"),
        ("queue", "General"),
        ("reference-field", "Helpbell Reference"),
    ];

    fn server() -> Base {
        Base::parse("https://rt.example.com/rt").unwrap()
    }

    #[test]
    fn a_ticket_is_a_declared_effect_that_carries_the_press() {
        let (request, corrections) = build_request(&context(&SETTINGS, None), &draft(&[])).unwrap();
        assert_declared(SERVER, request.method, &request.path, RequestEffect::Effect);
        let ticket = body(&request);
        assert_eq!(ticket["CustomFields"], json!({ "Helpbell Reference": REFERENCE }));
        assert_eq!(ticket["Requestor"], "ada@example.com");
        assert_eq!(ticket["ContentType"], "text/html");
        assert!(corrections.is_empty());
    }

    #[test]
    fn a_search_for_users_by_post_is_a_read() {
        assert_declared(SERVER, "POST", "/REST/2.0/users", RequestEffect::Read);
    }

    #[test]
    fn rules_choose_queue_status_owner_and_priority() {
        let draft = draft(&[
            ("queue", "VIP"),
            ("state", "open"),
            ("owner", "root"),
            ("priority", "90"),
        ]);
        let (request, _) = build_request(&context(&SETTINGS, None), &draft).unwrap();
        let ticket = body(&request);
        assert_eq!(
            (&ticket["Queue"], &ticket["Status"]),
            (&json!("VIP"), &json!("open"))
        );
        assert_eq!(
            (&ticket["Owner"], &ticket["Priority"]),
            (&json!("root"), &json!(90))
        );
    }

    #[test]
    fn what_is_no_single_address_makes_no_requestor() {
        for email in ["", "ada", "a@b,c@d", "Ada <a@b>", "a@b\nBcc: c@d", "a@b@c"] {
            let mut draft = draft(&[]);
            draft.person.email = email.to_owned();
            let (request, corrections) = build_request(&context(&SETTINGS, None), &draft).unwrap();
            assert!(body(&request).get("Requestor").is_none(), "{email}");
            assert_eq!(corrections[0].field, "email");
        }
    }

    #[test]
    fn a_created_ticket_is_read_whether_its_id_is_text_or_number() {
        for text in [
            r#"{"_url":"https://x","type":"ticket","id":"20"}"#,
            r#"{"type":"ticket","id":20}"#,
        ] {
            let ticket = read_answer(&server(), &answer(201, text)).unwrap();
            assert_eq!(ticket.id, "20");
            assert_eq!(
                ticket.url.unwrap(),
                "https://rt.example.com/rt/Ticket/Display.html?id=20"
            );
        }
    }

    #[test]
    fn an_id_that_is_no_number_is_not_taken_for_a_ticket() {
        for text in [r#"{"id":"20&x=1"}"#, r#"{"id":""}"#, r#"{"id":null}"#, "[]", ""] {
            assert!(read_answer(&server(), &answer(201, text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_400_proves_a_refusal_only_in_rts_own_words() {
        let proves = |path: &str, body: &str| proves_refusal(SERVER, "POST", path, &answer(400, body));
        for path in ["/REST/2.0/ticket", "/REST/2.0/ticket/20/comment"] {
            assert!(proves(path, r#"{"message":"Unable to find queue"}"#), "{path}");
            assert!(!proves(path, "<html>"), "{path}");
        }
    }

    #[test]
    fn a_refusal_quotes_rt() {
        let failure =
            read_answer(&server(), &answer(400, r#"{"message":"Unable to find queue"}"#)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        assert!(failure.message.contains("Unable to find queue"));
    }
}
