//! The floor: the requests of a press, by a client that knows them all beforehand.

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use helpbell_model::Attachment;
use psa_sandbox::halo::{Ledger, RequestKind, Settings};
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// One request.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Exchange the key for a token; path and query.
    SignIn(String),
    /// Ask for something. `of_ticket` is the ticket's id in the query, which the next ticket replaces.
    Get {
        target: String,
        of_ticket: Option<String>,
    },
    /// File the ticket with this body.
    Create {
        target: String,
        body: Map<String, Value>,
    },
    /// Add the note with this body; the files' bytes are put in when it is sent.
    Note {
        target: String,
        body: Map<String, Value>,
    },
}

/// The requests of one press, in their order.
#[derive(Debug, Clone)]
pub(super) struct Script(Vec<Step>);

impl Script {
    /// Reads from the ledger what a press sent.
    pub(super) fn of(ledger: &Ledger) -> Result<Self> {
        let ticket = ledger.tickets.first().context("the press left no ticket")?;
        let note = ledger.actions.first().context("the press left no note")?;
        let id = ticket.id.to_string();
        let steps = ledger.requests.iter().map(|request| {
            let target = match request.query.as_str() {
                "" => request.path.clone(),
                query => format!("{}?{query}", request.path),
            };
            let path = request.path.to_ascii_lowercase();
            Ok(match (request.method.as_str(), request.counted_as) {
                ("POST", RequestKind::Token) => Step::SignIn(target),
                ("GET", RequestKind::Api) => Step::Get {
                    of_ticket: target.contains(&format!("ticket_id={id}")).then(|| id.clone()),
                    target,
                },
                ("POST", RequestKind::Api) if path.ends_with("/tickets") => Step::Create {
                    target,
                    body: ticket.sent.clone(),
                },
                ("POST", RequestKind::Api) if path.ends_with("/actions") => Step::Note {
                    target,
                    body: note.sent.clone(),
                },
                (method, _) => bail!("the press sent {method} {target}, which the floor does not know"),
            })
        });
        Ok(Self(steps.collect::<Result<_>>()?))
    }

    /// How many requests there are to the API: those for a token are no part of the promise.
    pub(super) fn len(&self) -> usize {
        self.0
            .iter()
            .filter(|step| !matches!(step, Step::SignIn(_)))
            .count()
    }

    /// The requests, for an error.
    pub(super) fn lines(&self) -> String {
        let line = |step: &Step| match step {
            Step::Get { target, .. } => format!("GET {target}"),
            Step::SignIn(target) | Step::Create { target, .. } | Step::Note { target, .. } => {
                format!("POST {target}")
            }
        };
        self.0.iter().map(line).collect::<Vec<_>>().join(", ")
    }

    /// Sends them all and parses the answers.
    pub(super) async fn play(&self, client: &Client, files: &[Attachment]) -> Result<()> {
        let mut ticket = None;
        for step in &self.0 {
            match step {
                Step::SignIn(_) => client.sign_in().await?,
                Step::Get {
                    target,
                    of_ticket: None,
                } => drop(client.get(target).await?),
                Step::Get {
                    target,
                    of_ticket: Some(old),
                } => {
                    let id: i64 = ticket.context("the press asked about its ticket before it had one")?;
                    let target = target.replace(&format!("ticket_id={old}"), &format!("ticket_id={id}"));
                    drop(client.get(&target).await?);
                }
                Step::Create { target, body } => {
                    let answer = client.post(target, body.clone()).await?;
                    ticket = answer.get("id").and_then(Value::as_i64);
                }
                Step::Note { target, body } => {
                    let id = ticket.context("the press added its note before it had a ticket")?;
                    let mut body = body.clone();
                    body.insert("ticket_id".to_owned(), Value::from(id));
                    fill(&mut body, files)?;
                    drop(client.post(target, body).await?);
                }
            }
        }
        Ok(())
    }
}

/// Puts the files' bytes where the ledger left them out.
fn fill(note: &mut Map<String, Value>, files: &[Attachment]) -> Result<()> {
    let places = note.get_mut("attachments").and_then(Value::as_array_mut);
    let places = places.map_or(&mut [][..], Vec::as_mut_slice);
    ensure!(
        places.len() == files.len(),
        "the press attached {} files, not {}",
        places.len(),
        files.len()
    );
    for (place, file) in places.iter_mut().zip(files) {
        let place = place
            .as_object_mut()
            .context("an attachment of the press is no object")?;
        place.insert(
            "data_base64".to_owned(),
            Value::from(STANDARD.encode(&file.bytes)),
        );
    }
    Ok(())
}

/// Whether two ledgers hold the same ticket, note and files, ids and dates aside: then the requests had the same
/// bodies, and the floor is one.
pub(super) fn ensure_same(press: &Ledger, floor: &Ledger) -> Result<()> {
    ensure!(
        press.violations.is_empty() && floor.violations.is_empty(),
        "a request does not fit the vendor's schema"
    );
    let tickets = |ledger: &Ledger| {
        ledger
            .tickets
            .iter()
            .map(|ticket| ticket.sent.clone())
            .collect::<Vec<_>>()
    };
    ensure!(tickets(press) == tickets(floor), "the floor files another ticket");
    let notes = |ledger: &Ledger| {
        let notes = ledger.actions.iter().map(|action| {
            let mut sent = action.sent.clone();
            sent.remove("ticket_id");
            sent
        });
        notes.collect::<Vec<_>>()
    };
    ensure!(notes(press) == notes(floor), "the floor adds another note");
    let files = |ledger: &Ledger| {
        let files = ledger.attachments.iter();
        files
            .map(|file| (file.filename.clone(), file.sha256.clone()))
            .collect::<Vec<_>>()
    };
    ensure!(files(press) == files(floor), "the floor attaches other files");
    Ok(())
}

/// A plain client.
pub(super) struct Client {
    http: reqwest::Client,
    server: Url,
    sign_in: (Url, String),
    token: Mutex<String>,
}

impl Client {
    /// A client without a connection and without a token.
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        // Once per process; whoever comes later is told so and finds it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .context("failed to set up HTTP")?;
        let server = Url::parse(&settings.resource_server).context("the resource server is no address")?;
        Ok(Self {
            http,
            server,
            sign_in: sign_in(settings)?,
            token: Mutex::default(),
        })
    }

    /// Goes on with the token of another client, if it has one.
    pub(super) fn use_token_of(&self, other: &Self) {
        self.keep(other.bearer());
    }

    fn keep(&self, bearer: String) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = bearer;
    }

    fn bearer(&self) -> String {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for a token and keeps it.
    pub(super) async fn sign_in(&self) -> Result<()> {
        let (address, form) = &self.sign_in;
        let request = self
            .http
            .post(address.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.clone());
        let answer = self.send(request).await?;
        let token = answer.get("access_token").and_then(Value::as_str);
        self.keep(format!(
            "Bearer {}",
            token.context("the local Halo gave no token")?
        ));
        Ok(())
    }

    async fn get(&self, target: &str) -> Result<Value> {
        let request = self.http.get(self.address(target)?);
        self.send(request.header("authorization", self.bearer())).await
    }

    async fn post(&self, target: &str, body: Map<String, Value>) -> Result<Value> {
        let body = serde_json::to_vec(&[body]).context("failed to write a body")?;
        let request = self
            .http
            .post(self.address(target)?)
            .header("authorization", self.bearer())
            .header("content-type", "application/json")
            .body(body);
        self.send(request).await
    }

    fn address(&self, target: &str) -> Result<Url> {
        self.server
            .join(target)
            .with_context(|| format!("{target:?} is no path"))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let request = request
            .header("accept", "application/json")
            .header("halo-app-name", "helpbell-bench");
        let answer = request.send().await.context("failed to reach the local Halo")?;
        let (status, address) = (answer.status(), answer.url().clone());
        let body = answer.bytes().await.context("failed to read an answer")?;
        ensure!(
            status.is_success(),
            "{address} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).with_context(|| format!("{address} did not answer with JSON"))
    }
}

/// Where a hosted Halo gives tokens, and the form that asks for one.
fn sign_in(settings: &Settings) -> Result<(Url, String)> {
    let mut address = Url::parse(&format!("{}/token", settings.authorisation_server))
        .context("the authorisation server is no address")?;
    let (tenant, pair) = settings
        .api_key
        .split_once('+')
        .context("the key of the local Halo names no tenant")?;
    let (id, secret) = pair
        .split_once(':')
        .context("the key of the local Halo has no secret")?;
    address.query_pairs_mut().append_pair("tenant", tenant);
    let mut form = Url::parse("form:").context("failed to write a form")?;
    form.query_pairs_mut()
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", id)
        .append_pair("client_secret", secret)
        .append_pair("scope", "all");
    Ok((address, form.query().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ledger(requests: Value) -> Ledger {
        serde_json::from_value(json!({
            "tickets": [{
                "id": 20417, "summary": "s", "user_id": 1, "user_name": "", "client_id": 1, "client_name": "",
                "site_id": 1, "site_name": "", "status_id": 1, "ticket_type_id": 1, "priority_id": 1, "team": "",
                "agent_id": 1, "asset_ids": [], "created": "", "updated": "", "sent": {"summary": "s"},
            }],
            "actions": [{
                "ticket_id": 20417, "id": 2, "hidden_from_user": true, "outcome": "", "outcome_id": 7, "note": "",
                "note_html": "", "send_email": false, "attachment_ids": [], "created": "",
                "sent": {"ticket_id": 20417, "attachments": [{"filename": "a", "data_base64": "(4 characters)"}]},
            }],
            "attachments": [],
            "requests": requests,
            "violations": [],
            "deliveries": [],
        }))
        .unwrap()
    }

    fn request(method: &str, path: &str, query: &str, kind: &str) -> Value {
        json!({
            "number": 1, "at": "", "method": method, "path": path, "query": query, "status": 200,
            "counted_as": kind, "ignored_parameters": [], "misdeed": null, "applied": true,
        })
    }

    fn file(bytes: &[u8]) -> Attachment {
        Attachment {
            name: "a".to_owned(),
            content_type: "text/plain".to_owned(),
            bytes: bytes.to_vec(),
            reference: "r".to_owned(),
        }
    }

    #[test]
    fn the_script_is_what_the_ledger_says_and_tokens_do_not_count() {
        let script = Script::of(&ledger(json!([
            request("POST", "/auth/token", "tenant=x", "token"),
            request("POST", "/api/Tickets", "", "api"),
            request("POST", "/api/Actions", "", "api"),
            request("GET", "/api/Actions", "ticket_id=20417", "api"),
        ])))
        .unwrap();
        assert_eq!(script.len(), 3);
        assert!(
            script.lines().ends_with("GET /api/Actions?ticket_id=20417"),
            "{}",
            script.lines()
        );
    }

    #[test]
    fn a_request_that_the_floor_could_not_send_is_an_error() {
        let error = Script::of(&ledger(json!([request("PUT", "/api/Tickets", "", "api")]))).unwrap_err();
        assert!(error.to_string().contains("PUT /api/Tickets"), "{error}");
    }

    #[test]
    fn files_are_put_where_the_ledger_left_them_out() {
        let mut body = ledger(json!([])).actions[0].sent.clone();
        fill(&mut body, &[file(b"abc")]).unwrap();
        assert_eq!(body["attachments"][0]["data_base64"], "YWJj");
        fill(&mut body, &[]).unwrap_err();
    }

    #[test]
    fn another_note_is_not_the_same() {
        let press = ledger(json!([]));
        ensure_same(&press, &press).unwrap();
        let mut other = press.clone();
        other.actions[0]
            .sent
            .insert("outcome".to_owned(), Value::from("Assign"));
        ensure_same(&press, &other).unwrap_err();
        let mut elsewhere = press.clone();
        elsewhere.actions[0]
            .sent
            .insert("ticket_id".to_owned(), Value::from(1));
        ensure_same(&press, &elsewhere).unwrap();
    }
}
