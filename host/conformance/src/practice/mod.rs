//! The practice desk: a small PSA on this machine, for authors who begin.
//!
//! A new project files its tickets here, so that it is green before its author has changed a line, and red as soon as
//! they break something. It holds everything in memory and listens on the loopback interface only.
//!
//! | request | answer |
//! |---|---|
//! | `GET /queues` | `[{"id": 1, "name": "Support"}, …]` |
//! | `POST /tickets` `{"title", "html", "from": {"name", "email"}, "queue"}` | 201 `{"id"}`; 422 `{"error"}` |
//! | `GET /tickets?contains=TEXT` | the tickets whose text contains exactly this, at once |
//! | `GET /tickets/ID` | `{"id", "title", "html", "state", "queue", "notes": […]}`: public notes only; 404 `{"error"}` |
//! | `PATCH /tickets/ID` `{"state": "open" or "closed"}` | the ticket |
//! | `POST /tickets/ID/notes` `{"html", "private", "files": [{"name", "type", "description", "base64"}]}` | 201 `{"id"}` |
//! | `GET /tickets/ID/notes` | `[{"id", "html", "private", "files": [{"name", "type", "description", "size"}]}]` |
//!
//! Every request carries `Authorization: Bearer practice-key`; without it the answer is 401. `queue` is an id and may be
//! left out: then it is the first one.

mod desk;

use crate::witness::{Seen, Witness};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use desk::{Desk, NewNote, NewTicket, Refused};
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::task::JoinHandle;

/// The key that the desk takes.
pub const KEY: &str = "practice-key";
/// Bytes of a request: a note with its files, in base64.
const REQUEST_BYTES: usize = 32 << 20;

/// A practice desk that runs.
#[derive(Debug)]
pub struct Practice {
    address: SocketAddr,
    desk: Shared,
    serving: JoinHandle<()>,
}

type Shared = Arc<Mutex<Desk>>;

impl Practice {
    /// Starts a desk on this port of the loopback interface; 0 takes any free one.
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(port: u16) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let desk = Shared::default();
        let routes = Router::new()
            .route("/queues", get(queues))
            .route("/tickets", post(create).get(search))
            .route("/tickets/{id}", get(show).patch(change))
            .route("/tickets/{id}/notes", post(add_note).get(notes))
            .fallback(async || refused(StatusCode::NOT_FOUND, "there is no such address"))
            .layer(middleware::from_fn(key_only))
            .layer(DefaultBodyLimit::max(REQUEST_BYTES))
            .with_state(Arc::clone(&desk));
        let serving = tokio::spawn(async move {
            // Ends only with its listener.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self {
            address,
            desk,
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the desk ends, which it does with its process.
    pub async fn serve(mut self) {
        let _ = (&mut self.serving).await;
    }

    /// Who looks at the desk's tickets.
    #[must_use]
    pub fn witness(&self) -> Arc<dyn Witness> {
        Arc::new(Inside(Arc::clone(&self.desk)))
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Looks at what the desk holds, past its API.
struct Inside(Shared);

impl Witness for Inside {
    fn see<'a>(&'a self, ticket: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        Box::pin(async move {
            let id = ticket
                .parse()
                .map_err(|_| format!("{ticket} is no id of this desk"))?;
            lock(&self.0)
                .seen(id)
                .ok_or_else(|| format!("the desk has no ticket {ticket}"))
        })
    }
}

/// A panic while this was locked leaves nothing half done that matters.
fn lock(desk: &Shared) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn key_only(request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    if given.is_some_and(|given| given.as_bytes() == format!("Bearer {KEY}").as_bytes()) {
        return next.run(request).await;
    }
    refused(StatusCode::UNAUTHORIZED, "the key is wrong or missing")
}

fn refused(status: StatusCode, why: impl Into<String>) -> Response {
    (status, Json(json!({"error": why.into()}))).into_response()
}

fn answer(status: StatusCode, result: Result<Value, Refused>) -> Response {
    match result {
        Ok(value) => (status, Json(value)).into_response(),
        Err(Refused::Absent) => refused(StatusCode::NOT_FOUND, "there is no such ticket"),
        Err(Refused::Because(why)) => refused(StatusCode::UNPROCESSABLE_ENTITY, why),
    }
}

async fn queues() -> Response {
    let queues = desk::QUEUES
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name}));
    Json(queues.collect::<Value>()).into_response()
}

async fn create(State(desk): State<Shared>, Json(ticket): Json<NewTicket>) -> Response {
    answer(StatusCode::CREATED, lock(&desk).create(ticket))
}

#[derive(Deserialize)]
struct Search {
    contains: String,
}

async fn search(State(desk): State<Shared>, Query(search): Query<Search>) -> Response {
    Json(lock(&desk).search(&search.contains)).into_response()
}

async fn show(State(desk): State<Shared>, Path(id): Path<u64>) -> Response {
    answer(StatusCode::OK, lock(&desk).show(id))
}

#[derive(Deserialize)]
struct Change {
    state: String,
}

async fn change(State(desk): State<Shared>, Path(id): Path<u64>, Json(change): Json<Change>) -> Response {
    answer(StatusCode::OK, lock(&desk).change(id, &change.state))
}

async fn add_note(State(desk): State<Shared>, Path(id): Path<u64>, Json(note): Json<NewNote>) -> Response {
    answer(StatusCode::CREATED, lock(&desk).add_note(id, note))
}

async fn notes(State(desk): State<Shared>, Path(id): Path<u64>) -> Response {
    answer(StatusCode::OK, lock(&desk).notes(id))
}
