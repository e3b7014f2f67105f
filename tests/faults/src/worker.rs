//! A process that accepts presses and delivers them, made to be killed.
//!
//! It is the product's outbox, rules, sandbox and Halo connector; only the clock runs faster, so that a
//! minute of waiting costs the test no minute.

use crate::{
    points::{Pointed, Points},
    through::Through,
};
use anyhow::{Context as _, Result, bail};
use helpbell_delivery::{
    Amendment, Clock, Custodian, Delivery, LOOK_EVERY, Pace, Stop, Store as _, StoreError, Submission,
    Worker, clock,
    saga::LONGEST_AWAIT,
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

/// Presses delivered at a time, where waiting is as in the product.
pub const HANDS: usize = 4;
/// Bytes of each of a press's two files.
const FILE_BYTES: usize = 2_000;
/// A skipped wait ends so much later than it must: what a press waits for counts from when it was written
/// down, which is a little after the wait was decided upon.
const SKIP_BEYOND: Duration = Duration::from_secs(10);

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
    /// Presses to accept.
    pub accept: u32,
    /// Whether each is accepted before its report is complete, and completed once there is nothing else to do.
    #[serde(default)]
    pub late: bool,
    /// How it works.
    pub manner: Manner,
    /// The name of the point at which to die.
    pub die_at: Option<String>,
}

/// How a worker works.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Manner {
    /// Accepts and delivers at the same time, and waits as the product does.
    Product {
        /// Milliseconds between two presses.
        every_ms: u64,
    },
    /// Accepts a handful, delivers it, and so on. It is alone at work: instead of waiting it moves its
    /// clock on, and tells the points it reaches.
    Alone {
        /// Presses delivered at a time.
        hands: usize,
        /// Presses of a handful.
        handful: u32,
    },
    /// Accepts all presses and delivers them as the product does, but forgets again and again how the PSA
    /// fared: for a control.
    Reckless,
}

impl Default for Manner {
    fn default() -> Self {
        Self::Alone {
            hands: HANDS,
            handful: u32::MAX,
        }
    }
}

/// A worker at work.
struct Works<'a> {
    orders: &'a Orders,
    store: Through<Sqlite, Points>,
    delivery: Delivery<Pointed<Session>>,
    me: Custodian,
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
    let is_alone = matches!(orders.manner, Manner::Alone { .. });
    let points = Points::new(orders.die_at.clone(), is_alone);
    let works = Works {
        orders,
        store: Through::new(sqlite, points.clone()),
        delivery: Delivery::new(Pointed::new(session, points), vec![]),
        me: Custodian::new(),
    };
    match orders.manner {
        Manner::Product { every_ms } => works.like_the_product(clock, every_ms).await,
        Manner::Alone { hands, handful } => works.alone(hands, handful).await,
        Manner::Reckless => works.recklessly(clock).await,
    }
}

impl Works<'_> {
    fn worker<'a>(
        &'a self,
        clock: Clock,
        pace: &'a Pace,
    ) -> Worker<'a, Through<Sqlite, Points>, Pointed<Session>> {
        Worker {
            store: &self.store,
            delivery: &self.delivery,
            clock,
            me: &self.me,
            pace,
            look_every: LOOK_EVERY,
            observer: &|_| (),
        }
    }

    async fn accept(&self, clock: Clock, presses: u32, every: Duration) -> Result<()> {
        for _ in 0..presses {
            self.accept_one(clock).await?;
            tokio::time::sleep(every).await;
        }
        Ok(())
    }

    async fn accept_one(&self, clock: Clock) -> Result<PressId> {
        let now = clock.now();
        let submission = if self.orders.late {
            submission(now).awaiting(clock::after(now, LONGEST_AWAIT))
        } else {
            submission(now)
        };
        self.store.accept(&submission, &self.me, now, vec![]).await?;
        tell("accepted", submission.press.id);
        Ok(submission.press.id)
    }

    /// Completes a report, unless that is too late: then the note has the first one.
    async fn complete(&self, clock: Clock, press: PressId) -> Result<()> {
        let amendment = Amendment {
            findings: vec![],
            attachments: vec![completed_file(press)],
        };
        match self.store.amend(press, amendment, clock.now()).await {
            Ok(()) => tell("completed", press),
            Err(StoreError::TooLate(_) | StoreError::Over { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn like_the_product(&self, clock: Clock, every_ms: u64) -> Result<()> {
        let pace = Pace::new(clock.now());
        let worker = self.worker(clock, &pace);
        let work = async || anyhow::Ok(worker.work(HANDS, Stop::WhenAllIsSettled, &|_| ()).await?);
        let accepting = self.accept(clock, self.orders.accept, Duration::from_millis(every_ms));
        tokio::try_join!(accepting, work())?;
        // Whatever was accepted after the hands had gone home.
        work().await
    }

    async fn alone(&self, hands: usize, handful: u32) -> Result<()> {
        let (mut from, speed) = (self.orders.clock_from, self.orders.speed);
        let pace = Pace::new(Clock::hurried(from, speed).now());
        let mut left = self.orders.accept;
        loop {
            let clock = Clock::hurried(from, speed);
            let now = left.min(handful);
            let mut presses = Vec::new();
            for _ in 0..now {
                presses.push(self.accept_one(clock).await?);
            }
            left -= now;
            if self.orders.late {
                self.work_off(hands, clock, &pace).await?;
                for press in presses {
                    self.complete(clock, press).await?;
                }
            }
            while let Some(due) = self.work_off(hands, Clock::hurried(from, speed), &pace).await? {
                from = skipped(from, speed, due);
            }
            if left == 0 {
                return Ok(());
            }
        }
    }

    /// Works until nothing is due, and gives when something is again.
    async fn work_off(&self, hands: usize, clock: Clock, pace: &Pace) -> Result<Option<Timestamp>> {
        self.worker(clock, pace)
            .work(hands, Stop::WhenNothingIsDue, &|_| ())
            .await?;
        let Some(due) = self.store.next_due().await? else {
            return Ok(None);
        };
        let opens = pace.opens_at(clock.now());
        Ok(Some(opens.map_or(due, |opens| opens.max(due))))
    }

    async fn recklessly(&self, clock: Clock) -> Result<()> {
        self.accept(clock, self.orders.accept, Duration::ZERO).await?;
        loop {
            let pace = Pace::new(clock.now());
            self.worker(clock, &pace)
                .work(HANDS, Stop::WhenNothingIsDue, &|_| ())
                .await?;
            let Some(due) = self.store.next_due().await? else {
                return Ok(());
            };
            clock.wait_until(due).await;
        }
    }
}

/// From when a clock must have been hurried to show a time that it does not show yet.
fn skipped(from: Timestamp, speed: u32, then: Timestamp) -> Timestamp {
    let wait = clock::until(Clock::hurried(from, speed).now(), then) + SKIP_BEYOND;
    // A clock that begins to hurry a second earlier is `speed` seconds ahead, less that second.
    let earlier = wait / speed.saturating_sub(1).max(1);
    clock::before(from, earlier)
}

/// The oracle reads this: from here on the press is owed a ticket, or its note the completed report.
fn tell(what: &str, press: PressId) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{what} {press}").and_then(|()| out.flush());
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
            append: None,
            device: DeviceFacts {
                hostname: "PC-7".into(),
                ..DeviceFacts::default()
            },
            locale: "en".into(),
        },
        findings: vec![],
        attachments: (0..2).map(|index| file(id, index)).collect(),
        awaits: None,
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

/// What takes the place of a press's first file when its report is completed.
#[must_use]
pub fn completed_file(press: PressId) -> Attachment {
    let first = file(press, 0);
    Attachment {
        bytes: first.bytes.iter().rev().copied().collect(),
        ..first
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_wait_is_over_and_not_by_much() {
        let (from, speed) = (Timestamp::now(), 90);
        let then = clock::after(Clock::hurried(from, speed).now(), Duration::from_secs(28 * 60));
        let late = clock::until(then, Clock::hurried(skipped(from, speed, then), speed).now());
        assert!(
            late > Duration::ZERO && late < Duration::from_secs(60),
            "{late:?}"
        );
    }
}
