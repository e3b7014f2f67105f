//! A process that accepts presses and delivers them, made to be killed.
//!
//! It is the product's outbox, rules, sandbox and Halo connector; only the clock runs faster, so that a
//! minute of waiting costs the test no minute.

use crate::crashing::Crashing;
use anyhow::{Context as _, Result, bail};
use helpbell_delivery::{
    Clock, Custodian, Delivery, LOOK_EVERY, Pace, Stop, Store as _, Submission, Worker,
    store::{Measured, Sqlite},
};
use helpbell_model::{Attachment, DeviceFacts, Person, Press, PressId, connector::Grant};
use helpbell_sandbox::{Binding, Limits, NetworkGrant, Sandbox, Session, Transport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Presses delivered at a time.
const HANDS: usize = 4;
/// Bytes of each of a press's two files.
const FILE_BYTES: usize = 2_000;

/// What a worker is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Orders {
    /// The state folder.
    pub state: PathBuf,
    /// Where compiled code is, shared by all workers of a test.
    pub compiled: PathBuf,
    /// `halo.wasm`.
    pub connector: PathBuf,
    /// Halo's Resource Server.
    pub resource_server: String,
    /// Halo's Authorisation Server.
    pub authorisation_server: String,
    /// Halo's key.
    pub api_key: String,
    /// When the clock ran at its ordinary speed for the last time.
    pub clock_from: Timestamp,
    /// How many seconds of its clock pass in one second.
    pub speed: u32,
    /// Presses to accept at first.
    pub accept: u32,
    /// Milliseconds between two of them.
    pub every_ms: u64,
    /// At which edge of the store to die; 0 is nowhere.
    pub die_at: u32,
}

/// Does what it is told, prints `accepted ID` for each press that is safe, and ends when all is settled.
///
/// # Errors
/// If the surroundings are not there.
pub async fn work(orders: &Orders) -> Result<()> {
    let clock = Clock::hurried(orders.clock_from, orders.speed);
    let sqlite = Sqlite::open(&orders.state.join("outbox")).await?;
    let session = session(orders).await?;
    let measured = Measured {
        found_after_ms: 1_000,
        at: clock.now(),
    };
    sqlite.remember_lookup(session.scope(), measured).await?;
    let store = Crashing::at(sqlite, orders.die_at);
    let (delivery, me) = (Delivery::new(session, vec![]), Custodian::new());
    let worker = Worker {
        store: &store,
        delivery: &delivery,
        clock,
        me: &me,
        pace: &Pace::new(clock.now()),
        look_every: LOOK_EVERY,
        observer: &|_| (),
    };
    let accepting = async {
        for _ in 0..orders.accept {
            let submission = submission(clock.now());
            store.accept(&submission, &me, clock.now(), vec![]).await?;
            tell(submission.press.id);
            tokio::time::sleep(Duration::from_millis(orders.every_ms)).await;
        }
        anyhow::Ok(())
    };
    let working = async { anyhow::Ok(worker.work(HANDS, Stop::WhenAllIsSettled, &|_| ()).await?) };
    tokio::try_join!(accepting, working)?;
    // Whatever was accepted after the hands had gone home.
    worker.work(HANDS, Stop::WhenAllIsSettled, &|_| ()).await?;
    Ok(())
}

/// The oracle reads this: from here on the press is owed a ticket.
fn tell(press: PressId) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "accepted {press}").and_then(|()| out.flush());
}

async fn session(orders: &Orders) -> Result<Session> {
    let sandbox = Sandbox::new(Some(orders.compiled.clone()))?;
    let connector = sandbox.load(&orders.connector).await?;
    let description = connector.description();
    let Some(secret) = description.secrets.first() else {
        bail!("the connector takes no secret");
    };
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let binding = Binding {
        tenant: "faults".to_owned(),
        settings: vec![
            setting("resource-server", &orders.resource_server),
            setting("authorisation-server", &orders.authorisation_server),
        ],
        secrets: vec![(secret.name.clone(), orders.api_key.clone().into())],
        grant: Grant::everything(description, connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec![std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST).into()],
        },
        transport: Transport::direct(),
        state_folder: Some(orders.state.clone()),
        limits: Limits::work(),
    };
    Session::bind(connector, binding).context("failed to bind the connector")
}

/// A press of Maria Rossi whose message is its own id, so that its ticket is known by its summary.
fn submission(now: Timestamp) -> Submission {
    let id = PressId::new();
    Submission {
        press: Press {
            id,
            pressed_at: now,
            person: Person {
                name: "Maria Rossi".into(),
                email: "maria.rossi@bianchi.example".into(),
                ..Person::default()
            },
            message: id.to_string(),
            selections: vec![],
            device: DeviceFacts {
                hostname: "PC-7".into(),
                ..DeviceFacts::default()
            },
            locale: "en".into(),
        },
        findings: vec![],
        attachments: (0..2).map(|index| file(id, index)).collect(),
    }
}

/// One of a press's two files. Its bytes follow from the press, so that the oracle can tell them.
#[must_use]
pub fn file(press: PressId, index: u8) -> Attachment {
    let pattern = format!("{press}-{index} ");
    Attachment {
        name: format!("file-{index}.txt"),
        content_type: "text/plain".into(),
        bytes: pattern.bytes().cycle().take(FILE_BYTES).collect(),
        reference: format!("{press}/file-{index}"),
    }
}

/// Reads orders from a file.
///
/// # Errors
/// If they are not there.
pub fn orders(file: &Path) -> Result<Orders> {
    let text = std::fs::read(file).with_context(|| format!("failed to read {}", file.display()))?;
    Ok(serde_json::from_slice(&text)?)
}
