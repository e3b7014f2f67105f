//! One mail: `Email/set` and `EmailSubmission/set` in one call (RFC 8621, sections 4.6 and 7.5).

use serde_json::{Value, json};

use crate::auth::{Session, fetch_session};
use crate::bindings::exports::helpbell::psa::tickets::Created;
use crate::bindings::helpbell::psa::cache;
use crate::bindings::helpbell::psa::types::{Context, Correction, Draft, Failure, FailureKind, Ticket};
use crate::describe::{API_PATHS, MAIL, SUBMISSION};
use crate::discovery::{endpoint, setting_origin};
use crate::glue::{Answer, Base, Request, refused, required_setting, send};

/// Capabilities that the calls use.
const USING: [&str; 3] = [
    "urn:ietf:params:jmap:core",
    "urn:ietf:params:jmap:mail",
    "urn:ietf:params:jmap:submission",
];
/// Ids of the two calls that look up the sender, by which their answers are found.
const MAILBOXES: &str = "mailboxes";
const IDENTITIES: &str = "identities";
/// Seconds that a sender is kept: a day. It belongs to the account and hardly ever changes; if it
/// does, the first refusal makes it forgotten.
const SENDER_TTL_S: u32 = 24 * 3600;
/// Seconds that make the cache forget at once.
const FORGET_S: u32 = 0;

/// Name, kind and meaning of what rules can set.
pub(crate) const VARIABLES: &[(&str, &str, &str)] = &[(
    "email_disclaimer",
    "text",
    "A paragraph of plain text above the message",
)];

/// What must be known before a mail can be sent.
#[derive(Debug, PartialEq, Eq)]
struct Sender {
    api_path: &'static str,
    account: String,
    drafts: String,
    sent: String,
    identity: String,
}

/// Sends the mail.
pub(crate) fn create(context: &Context, draft: &Draft) -> Result<Created, Failure> {
    let api = endpoint(context)?;
    let from = required_setting(context, "from")?;
    let key = format!("sender {from} at {api}");
    let sender = match cache::get(&key).and_then(|kept| Sender::from_bytes(&kept)) {
        Some(sender) => sender,
        None => {
            let sender = find_sender(context, &api, from)?;
            cache::put(&key, &sender.to_bytes(), SENDER_TTL_S);
            sender
        }
    };
    let (request, corrections) = build_request(context, draft, &sender)?;
    let ticket = send(&api, &request).and_then(|answer| read_answer(&context.reference, from, &answer));
    if ticket.is_err() {
        // Perhaps for an id that holds no longer.
        cache::put(&key, &[], FORGET_S);
    }
    Ok(Created {
        ticket: ticket?,
        corrections,
    })
}

/// Asks for the session and the sender once more than `authenticate` did: nothing but the
/// authorisation comes from there.
fn find_sender(context: &Context, api: &Base, from: &str) -> Result<Sender, Failure> {
    let session = fetch_session(&setting_origin(context, "server")?, None)?;
    if session.api.to_string() != api.to_string() {
        // The host would refuse the request; its authorisation would not be sent either.
        return Err(Failure::new(
            FailureKind::Auth,
            "api-moved",
            "the API is no longer where it was found",
        )
        .cure("Authenticate again: the provider moved its API."));
    }
    let answer = send(api, &sender_request(&session))?;
    read_sender(&session, from, &answer)
}

impl Sender {
    fn to_bytes(&self) -> Vec<u8> {
        json!([self.api_path, self.account, self.drafts, self.sent, self.identity])
            .to_string()
            .into_bytes()
    }

    fn from_bytes(kept: &[u8]) -> Option<Self> {
        let kept: Value = serde_json::from_slice(kept).ok()?;
        let text = |index: usize| kept.get(index).and_then(Value::as_str).map(ToOwned::to_owned);
        Some(Self {
            api_path: API_PATHS
                .into_iter()
                .find(|path| Some(*path) == kept.get(0).and_then(Value::as_str))?,
            account: text(1)?,
            drafts: text(2)?,
            sent: text(3)?,
            identity: text(4)?,
        })
    }
}

fn sender_request(session: &Session) -> Request {
    let account = &session.account;
    call(
        session.api_path,
        &json!([
            ["Mailbox/get", { "accountId": account, "ids": null, "properties": ["role"] }, MAILBOXES],
            ["Identity/get", { "accountId": account, "ids": null }, IDENTITIES],
        ]),
    )
}

fn read_sender(session: &Session, from: &str, answer: &Answer) -> Result<Sender, Failure> {
    let responses = responses(answer)?;
    let mailboxes = list(&responses, "Mailbox/get", MAILBOXES)?;
    let identities = list(&responses, "Identity/get", IDENTITIES)?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let mailbox = |role: &str| {
        let found = mailboxes
            .iter()
            .find(|mailbox| text(mailbox, "role").as_deref() == Some(role));
        found.and_then(|mailbox| text(mailbox, "id")).ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                "mailbox-missing",
                format!("the account has no mailbox for {role}"),
            )
            .cure(format!(
                "Mark a folder of the sender's mailbox as the one for {role}."
            ))
        })
    };
    let identity = identities
        .iter()
        .find(|identity| text(identity, "email").is_some_and(|email| email.eq_ignore_ascii_case(from)))
        .and_then(|identity| text(identity, "id"))
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Forbidden,
                "identity-missing",
                format!("the account may not send as {from}"),
            )
            .at("from")
            .cure("Add the sender to the identities of the mailbox, or set one that is there.")
        })?;
    Ok(Sender {
        api_path: session.api_path,
        account: session.account.clone(),
        drafts: mailbox("drafts")?,
        sent: mailbox("sent")?,
        identity,
    })
}

fn build_request(
    context: &Context,
    draft: &Draft,
    sender: &Sender,
) -> Result<(Request, Vec<Correction>), Failure> {
    let mut corrections = Vec::new();
    let from = required_setting(context, "from")?;
    let to = required_setting(context, "to")?;
    let (mut text, mut html) = (draft.body_text.clone(), draft.body_html.clone());
    if let Some((_, disclaimer)) = draft.fields.iter().find(|(name, _)| name == "email_disclaimer") {
        text = format!("{disclaimer}\n\n{text}");
        html = format!("<p>{}</p>{html}", escape(disclaimer));
    }

    let mut mail = json!({
        "mailboxIds": { &sender.drafts: true },
        "keywords": { "$draft": true, "$seen": true },
        // Never the person's own address: their domain would disown the mail.
        "from": [{ "email": from }],
        "to": [{ "email": to }],
        "subject": one_line(&draft.summary),
        "messageId": [message_id(&context.reference, from)],
        "header:X-Helpbell-Reference:asText": context.reference,
        "textBody": [{ "partId": "text", "type": "text/plain" }],
        "htmlBody": [{ "partId": "html", "type": "text/html" }],
        "bodyValues": { "text": { "value": text }, "html": { "value": html } },
    });
    let email = draft.person.email.trim();
    if email.contains('@') && !email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let reply_to = json!([{ "name": one_line(&draft.person.name), "email": email }]);
        mail.as_object_mut()
            .map(|mail| mail.insert("replyTo".to_owned(), reply_to));
    } else {
        corrections.push(Correction {
            field: "email".to_owned(),
            given: email.to_owned(),
            used: Some(from.to_owned()),
            reason: "this is no address that could be answered".to_owned(),
            nearest: Vec::new(),
        });
    }

    let account = &sender.account;
    let moved = json!({
        format!("mailboxIds/{}", sender.drafts): null,
        format!("mailboxIds/{}", sender.sent): true,
        "keywords/$draft": null,
    });
    let calls = json!([
        ["Email/set", { "accountId": account, "create": { MAIL: mail } }, MAIL],
        ["EmailSubmission/set", {
            "accountId": account,
            "create": { SUBMISSION: { "identityId": sender.identity, "emailId": format!("#{MAIL}") } },
            "onSuccessUpdateEmail": { format!("#{SUBMISSION}"): moved },
        }, SUBMISSION],
    ]);
    Ok((call(sender.api_path, &calls), corrections))
}

/// Made from the press, so that a mail sent twice is recognised by whoever receives it.
fn message_id(reference: &str, from: &str) -> String {
    let domain = from
        .rsplit_once('@')
        .map_or("helpbell.invalid", |(_, domain)| domain);
    format!("{reference}@{domain}")
}

fn read_answer(reference: &str, from: &str, answer: &Answer) -> Result<Ticket, Failure> {
    let responses = responses(answer)?;
    created(&responses, "Email/set", MAIL)?;
    created(&responses, "EmailSubmission/set", SUBMISSION)?;
    // The help desk's own number comes with its answer, to the person.
    let id = message_id(reference, from);
    Ok(Ticket {
        number: id.clone(),
        id,
        url: None,
    })
}

fn call(path: &str, calls: &Value) -> Request {
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
    ];
    Request {
        method: "POST",
        path: path.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: json!({ "using": USING, "methodCalls": calls })
            .to_string()
            .into_bytes(),
    }
}

/// The answers of the single calls. The request as a whole was refused if there are none.
fn responses(answer: &Answer) -> Result<Vec<Value>, Failure> {
    let said = answer.json().unwrap_or(Value::Null);
    if answer.status != 200 {
        return Err(refused(
            answer,
            said.get("detail").and_then(Value::as_str).map(ToOwned::to_owned),
        ));
    }
    match said.get("methodResponses") {
        Some(Value::Array(responses)) => Ok(responses.clone()),
        _ => Err(unreadable("there are no method responses")),
    }
}

/// The arguments of one call's answer. Several answers may carry one call's id: the name tells them apart.
fn arguments<'a>(responses: &'a [Value], name: &str, id: &str) -> Result<&'a Value, Failure> {
    let answers_to = |response: &&Value| response.get(2).and_then(Value::as_str) == Some(id);
    let named = |response: &&Value, name: &str| response.get(0).and_then(Value::as_str) == Some(name);
    let own: Vec<_> = responses.iter().filter(answers_to).collect();
    if let Some(error) = own.iter().find(|response| named(response, "error")) {
        return Err(set_error(error.get(1).unwrap_or(&Value::Null)));
    }
    own.iter()
        .find(|response| named(response, name))
        .and_then(|response| response.get(1))
        .ok_or_else(|| unreadable(&format!("{name} was not answered")))
}

fn list<'a>(responses: &'a [Value], name: &str, id: &str) -> Result<&'a Vec<Value>, Failure> {
    let list = arguments(responses, name, id)?
        .get("list")
        .and_then(Value::as_array);
    list.ok_or_else(|| unreadable(&format!("{name} answered without a list")))
}

/// Asserts that the object was created: its creation id is the call's id.
fn created(responses: &[Value], name: &str, id: &str) -> Result<(), Failure> {
    let arguments = arguments(responses, name, id)?;
    if let Some(error) = arguments.get("notCreated").and_then(|refused| refused.get(id)) {
        return Err(set_error(error));
    }
    match arguments.get("created").and_then(|created| created.get(id)) {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(unreadable(&format!("{name} neither created nor refused"))),
    }
}

/// A method-level error or a `SetError` (RFC 8620, sections 3.6.2 and 5.3).
fn set_error(error: &Value) -> Failure {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let vendor_code = text("type").unwrap_or("unknown");
    let kind = match vendor_code {
        "forbidden" | "forbiddenFrom" | "forbiddenToSend" | "forbiddenMailFrom" | "accountReadOnly" => {
            FailureKind::Forbidden
        }
        "rateLimit" => FailureKind::RateLimited,
        "serverUnavailable" | "serverFail" | "serverPartialFail" => FailureKind::Unavailable,
        _ => FailureKind::InvalidInput,
    };
    let description = text("description")
        .map(|said| format!(": “{said}”"))
        .unwrap_or_default();
    let mut failure = Failure::new(
        kind,
        "not-sent",
        format!("the server answered {vendor_code} to the mail{description}"),
    );
    failure.extra = vec![("vendor-code".to_owned(), vendor_code.to_owned())];
    failure
}

fn unreadable(message: &str) -> Failure {
    Failure::new(FailureKind::Internal, "answer-unreadable", message)
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
