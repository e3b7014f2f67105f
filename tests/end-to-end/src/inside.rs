//! A delivery within this process: for so many presses that a process each would take an hour, and for people at
//! machines that are not this one.

use crate::{Setup, built};
use helpbell_delivery::{
    Clock, Custodian, Delivery, LOOK_EVERY, Pace, Stand, Store as _, Submission, Worker, journal::Event,
    store::Memory,
};
use helpbell_model::{
    Attachment, DeviceFacts, Effect, Failure, Person, Press, PressId, Receipt, connector::Grant,
};
use helpbell_sandbox::{Binding, Connector, Limits, NetworkGrant, Sandbox, Session, Transport};
use std::{path::Path, sync::Arc};
use tokio::sync::OnceCell;

/// The connector for HaloPSA, loaded once per test process.
///
/// # Panics
/// If it cannot be built or loaded.
pub async fn connector() -> Arc<Connector> {
    static LOADED: OnceCell<Arc<Connector>> = OnceCell::const_new();
    let load = || async {
        Sandbox::new(None)
            .unwrap()
            .load(&built::connector("halo"))
            .await
            .unwrap()
    };
    Arc::clone(LOADED.get_or_init(load).await)
}

/// All that the connector wants, and the networks of a local server; nothing is kept.
///
/// # Panics
/// If the connector cannot be built or loaded.
pub async fn binding(setup: &Setup) -> Binding {
    let connector = connector().await;
    let settings = [
        ("hosting", &setup.hosting),
        ("resource-server", &setup.resource_server),
        ("authorisation-server", &setup.authorisation_server),
    ];
    Binding {
        tenant: "test".to_owned(),
        settings: settings
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into_iter()
            .chain(setup.settings.clone())
            .collect(),
        secrets: vec![("api-key".to_owned(), setup.key.clone().into())],
        grant: Grant::everything(connector.description(), connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        },
        transport: Transport::direct(),
        state_folder: None,
        limits: Limits::work(),
    }
}

/// What a new process makes of a setup before it delivers. It remembers what lies in `state`, and nothing without.
///
/// # Panics
/// If the connector cannot be built or loaded.
pub async fn delivery(setup: &Setup, limits: Limits, state: Option<&Path>) -> Inside {
    let binding = Binding {
        state_folder: state.map(Path::to_owned),
        limits,
        ..binding(setup).await
    };
    let session = Session::bind(connector().await, binding).unwrap();
    Inside {
        delivery: Delivery::new(session, setup.defaults.clone()),
        me: Custodian::new(),
    }
}

/// A process that delivers.
pub struct Inside {
    delivery: Delivery,
    me: Custodian,
}

/// A press that has its ticket.
#[derive(Debug)]
pub struct Delivered {
    /// What the person is told.
    pub receipt: Receipt,
}

/// A press that has no ticket yet.
#[derive(Debug)]
pub struct NotDelivered {
    /// Why.
    pub failure: Failure,
    /// Whether there may be a ticket all the same.
    pub effect: Effect,
}

impl Inside {
    /// Takes a press as far as it goes at once. With `seen_before` it comes from elsewhere, where it may have been sent.
    ///
    /// # Errors
    /// Why it has no ticket yet.
    ///
    /// # Panics
    /// If the outbox fails, which is one in memory.
    pub async fn deliver(
        &self,
        submission: &Submission,
        seen_before: bool,
    ) -> Result<Delivered, Box<NotDelivered>> {
        let (store, clock) = (Memory::default(), Clock::system());
        let imported = Event::Imported {
            from: "another process".to_owned(),
        };
        let story = if seen_before { vec![imported] } else { vec![] };
        store
            .accept(submission, &self.me, clock.now(), story)
            .await
            .unwrap();
        let worker = Worker {
            store: &store,
            delivery: &self.delivery,
            clock,
            me: &self.me,
            pace: &Pace::new(clock.now()),
            look_every: LOOK_EVERY,
            observer: &|_| (),
        };
        let outcome = worker.deliver_now(submission.press.id).await.unwrap();
        match (outcome.receipt, outcome.stand) {
            (Some(receipt), _) => Ok(Delivered { receipt }),
            (None, Stand::Waiting { failure, .. } | Stand::Attention { failure, .. }) => {
                let (failure, effect) = failure.unwrap();
                Err(Box::new(NotDelivered { failure, effect }))
            }
            (None, Stand::Delivered | Stand::Reporting { .. } | Stand::Refused { .. }) => {
                panic!("a press is over, or reports, without a ticket")
            }
        }
    }
}

/// A press of this person at this machine, with a small report.
///
/// # Panics
/// If the address is none.
#[must_use]
pub fn submission(name: &str, email: &str, hostname: &str) -> Submission {
    let id = PressId::new();
    let press = Press {
        id,
        pressed_at: jiff::Timestamp::now(),
        person: Person {
            name: name.to_owned(),
            email: email.to_owned(),
            phone: None,
            company: None,
        },
        message: format!("The printer does nothing, says {name} at {hostname}"),
        selections: vec![],
        append: None,
        device: DeviceFacts {
            hostname: hostname.to_owned(),
            serial: Some(format!("SN-{hostname}")),
            ..DeviceFacts::default()
        },
        locale: "en".to_owned(),
    };
    let report = Attachment {
        name: "helpbell-report.html".to_owned(),
        content_type: "text/html; charset=utf-8".to_owned(),
        bytes: b"<!doctype html><title>Report</title><p>All is well but the printer.</p>".to_vec(),
        reference: format!("{id}/report.html"),
    };
    Submission::new(press, vec![], vec![report]).unwrap()
}
