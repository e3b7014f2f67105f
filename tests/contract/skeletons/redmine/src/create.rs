//! `POST /issues.json`.

use serde_json::{Map, Value, json};

use crate::bindings::exports::helpbell::psa::tickets::Created;
use crate::bindings::helpbell::psa::types::{Context, Correction, Draft, Failure, FailureKind, Ticket};
use crate::glue::{Answer, Base, Request, refused, required_setting, send, setting_value};
use crate::numbers::number;

/// Name, kind and meaning of what rules can set.
pub(crate) const VARIABLES: &[(&str, &str, &str)] = &[
    ("tracker", "integer", "Tracker, by its number"),
    ("state", "integer", "Status, by its number"),
    ("priority", "integer", "Priority, by its number"),
    ("assignee", "integer", "Assignee, by the user's number"),
    ("category", "integer", "Issue category, by its number"),
];
/// Variable and member of the issue.
const FIELDS: [(&str, &str); 5] = [
    ("tracker", "tracker_id"),
    ("state", "status_id"),
    ("priority", "priority_id"),
    ("assignee", "assigned_to_id"),
    ("category", "category_id"),
];

/// Files the issue.
pub(crate) fn create(context: &Context, draft: &Draft) -> Result<Created, Failure> {
    let server = Base::parse(required_setting(context, "server")?)?;
    let (request, corrections) = build_request(context, draft)?;
    let ticket = read_answer(&server, &send(&server, &request)?)?;
    Ok(Created { ticket, corrections })
}

fn build_request(context: &Context, draft: &Draft) -> Result<(Request, Vec<Correction>), Failure> {
    let mut corrections = Vec::new();
    let reference_field: u64 = parse_setting(
        "reference-field-id",
        required_setting(context, "reference-field-id")?,
    )?;
    let mut issue = Map::new();
    issue.insert(
        "project_id".to_owned(),
        json!(required_setting(context, "project")?),
    );
    issue.insert("subject".to_owned(), json!(draft.summary));
    issue.insert("description".to_owned(), json!(preformatted(&draft.body_text)));
    issue.insert(
        "custom_fields".to_owned(),
        json!([{ "id": reference_field, "value": context.reference }]),
    );
    if let Some(tracker) = setting_value(context, "tracker-id") {
        issue.insert(
            "tracker_id".to_owned(),
            json!(parse_setting("tracker-id", tracker)?),
        );
    }
    for (variable, member) in FIELDS {
        if let Some(id) = number(draft, variable, &mut corrections) {
            issue.insert(member.to_owned(), json!(id));
        }
    }
    let request = Request {
        method: "POST",
        path: "/issues.json".to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: json!({ "issue": issue }).to_string().into_bytes(),
    };
    Ok((request, corrections))
}

fn parse_setting(name: &str, text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| {
        Failure::new(
            FailureKind::InvalidInput,
            "setting-no-number",
            format!("{name} is “{text}”, not a number"),
        )
        .at(name)
        .cure(format!(
            "Write the number that Redmine shows in its address for {name}."
        ))
    })
}

/// Redmine's markup can fetch pictures and include pages; both its dialects leave `<pre>` alone.
fn preformatted(text: &str) -> String {
    // Only a closing tag could end it early; a blank takes it its meaning in any letter case.
    format!("<pre>\n{}\n</pre>", text.replace("</", "< /"))
}

fn read_answer(server: &Base, answer: &Answer) -> Result<Ticket, Failure> {
    let said = answer.json().unwrap_or(Value::Null);
    if !(200..300).contains(&answer.status) {
        let errors = said.get("errors").and_then(Value::as_array);
        let text = errors.map(|errors| {
            errors
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join("; ")
        });
        return Err(refused(answer, text));
    }
    let id = said
        .pointer("/issue/id")
        .and_then(Value::as_u64)
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                "answer-unreadable",
                "the new issue has no id",
            )
        })?
        .to_string();
    let url = Some(format!("{server}/issues/{id}"));
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
        ("server", "https://redmine.example.com"),
        ("project", "help-desk"),
        ("reference-field-id", "5"),
    ];

    fn server() -> Base {
        Base::parse("https://redmine.example.com").unwrap()
    }

    #[test]
    fn an_issue_is_a_declared_effect_that_carries_the_press() {
        let (request, _) = build_request(&context(&SETTINGS, None), &draft(&[])).unwrap();
        assert_declared(SERVER, request.method, &request.path, RequestEffect::Effect);
        let issue = &body(&request)["issue"];
        assert_eq!(issue["custom_fields"], json!([{ "id": 5, "value": REFERENCE }]));
        assert_eq!(issue["project_id"], "help-desk");
        assert!(issue.get("tracker_id").is_none());
    }

    #[test]
    fn a_path_with_an_ending_is_covered_by_its_template() {
        assert_declared(SERVER, "PUT", "/issues/17.json", RequestEffect::Effect);
        assert_declared(
            SERVER,
            "GET",
            "/issues/17.json?include=journals",
            RequestEffect::Read,
        );
    }

    #[test]
    fn text_cannot_leave_its_preformatted_block() {
        let (request, _) = build_request(&context(&SETTINGS, None), &draft(&[])).unwrap();
        let description = body(&request)["issue"]["description"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(description.matches("</pre>").count(), 1);
        assert!(description.ends_with("\n</pre>"), "{description}");
        assert_eq!(preformatted("</PRE >!x!").matches("</").count(), 1);
    }

    #[test]
    fn a_rule_overrides_the_tracker_of_the_settings() {
        let settings = [
            ("project", "help-desk"),
            ("reference-field-id", "5"),
            ("tracker-id", "3"),
        ];
        let (request, corrections) = build_request(
            &context(&settings, None),
            &draft(&[("tracker", "4"), ("priority", "Urgent")]),
        )
        .unwrap();
        assert_eq!(body(&request)["issue"]["tracker_id"], 4);
        assert_eq!(corrections[0].field, "priority");
    }

    #[test]
    fn a_reference_field_that_is_no_number_is_blamed_by_name() {
        let settings = [("project", "help-desk"), ("reference-field-id", "Press")];
        let failure = build_request(&context(&settings, None), &draft(&[]))
            .err()
            .unwrap();
        assert_eq!(failure.field.as_deref(), Some("reference-field-id"));
    }

    #[test]
    fn a_created_issue_is_read_from_its_wrapper() {
        let ticket = read_answer(&server(), &answer(201, r#"{"issue":{"id":17,"subject":"x"}}"#)).unwrap();
        assert_eq!(ticket.id, "17");
        assert_eq!(ticket.url.unwrap(), "https://redmine.example.com/issues/17");
    }

    #[test]
    fn a_refusal_quotes_every_error() {
        let failure = read_answer(
            &server(),
            &answer(
                422,
                r#"{"errors":["Subject cannot be blank","Tracker is not included in the list"]}"#,
            ),
        )
        .unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidInput);
        assert!(
            failure.message.contains("Subject cannot be blank; Tracker"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn an_upload_that_was_not_taken_is_proven_by_its_status_alone() {
        let answer = answer(406, "");
        assert!(proves_refusal(SERVER, "POST", "/uploads.json", &answer));
        assert!(!proves_refusal(SERVER, "POST", "/issues.json", &answer));
    }

    #[test]
    fn an_empty_body_is_not_taken_for_an_issue() {
        assert_eq!(
            read_answer(&server(), &answer(204, "")).unwrap_err().kind,
            FailureKind::Internal
        );
    }
}
