//! One attack: a session that makes it, the PSA it talks to, and a server that nothing may reach.

use crate::{house::House, psa::Psa};
use helpbell_model::{Attachment, DeviceFacts, Draft, Effect, Person, PressId, Ticket, connector::Grant};
use helpbell_sandbox::{Binding, Call, CallContext, Connector, Limits, NetworkGrant, Session, Transport};
use std::{fmt::Debug, sync::Arc, time::Duration};

/// The operator's secret. Its middle stands in no other text.
pub const SECRET: &str = "hostile-tenant+client-4711:canary\"8Kd0 zW2q";
/// The half of it that must be told nowhere.
pub const CANARY: &str = "canary\"8Kd0 zW2q";

/// Long enough for anything that ends by itself, on a machine that also compiles.
pub const PATIENT: Duration = Duration::from_secs(300);
/// For attacks that are meant to be stopped by their deadline.
pub const SHORT: Duration = Duration::from_millis(500);

/// One attack.
pub struct Scene {
    /// What it is called, here and in the guest.
    pub attack: String,
    /// The attacker's PSA.
    pub psa: Psa,
    /// Must see no connection.
    pub elsewhere: Psa,
    /// The attacker at work.
    pub session: Session,
}

impl Scene {
    /// The attack by the hostile connector, with its grant and the usual limits.
    pub async fn of(attack: &str) -> Self {
        Self::with(&House::open().await.hostile, attack, |_| ()).await
    }

    /// The attack with a short deadline.
    pub async fn hurried(attack: &str) -> Self {
        Self::limited(attack, |limits| limits.deadline = SHORT).await
    }

    /// The attack with other limits.
    pub async fn limited(attack: &str, change: impl FnOnce(&mut Limits)) -> Self {
        let hostile = &House::open().await.hostile;
        Self::with(hostile, attack, |binding| change(&mut binding.limits)).await
    }

    /// The attack by this connector, bound otherwise.
    pub async fn with(connector: &Arc<Connector>, attack: &str, change: impl FnOnce(&mut Binding)) -> Self {
        let elsewhere = Psa::start("").await;
        let psa = Psa::start(elsewhere.authority()).await;
        let settings = [
            ("server", format!("http://{}", psa.authority())),
            ("attack", attack.to_owned()),
            ("elsewhere", elsewhere.authority().to_owned()),
        ];
        let mut binding = Binding {
            tenant: "tenant".to_owned(),
            settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
            secrets: vec![("api-key".to_owned(), SECRET.into())],
            grant: Grant::everything(connector.description(), connector.sha256()),
            network: NetworkGrant {
                allow_http: true,
                allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
            },
            transport: Transport::direct(),
            state_folder: None,
            limits: Limits {
                deadline: PATIENT,
                ..Limits::work()
            },
        };
        change(&mut binding);
        Self {
            attack: attack.to_owned(),
            psa,
            elsewhere,
            session: Session::bind(Arc::clone(connector), binding).unwrap(),
        }
    }

    /// Files a ticket, which is when most attacks are made.
    pub async fn create(&self) -> Call<(Ticket, Vec<helpbell_model::Correction>)> {
        self.session.create(&context(), &draft()).await
    }

    /// A text without what differs from run to run.
    pub fn settled(&self, text: &str) -> String {
        let mut settled = text.to_owned();
        for (server, name) in [(&self.psa, "psa.example"), (&self.elsewhere, "elsewhere.example")] {
            let (_, port) = server.authority().split_once(':').unwrap();
            settled = settled
                .replace(server.authority(), name)
                .replace(&format!(":{port}"), &format!(":<port of {name}>"));
        }
        without_lines(&settled)
    }

    /// Checks that the call failed so, named the connector, and did what it did to the PSA. Gives the words.
    #[track_caller]
    pub fn failed<T: Debug>(&self, call: &Call<T>, code: &str, effect: Effect) -> String {
        let attack = &self.attack;
        let failure = match &call.result {
            Ok(value) => panic!("{attack} succeeded with {value:?}"),
            Err(failure) => failure,
        };
        assert_eq!(failure.code, code, "{attack}: {failure}");
        assert_eq!(call.effect, effect, "{attack}: {failure}; {:?}", call.requests);
        assert!(
            failure.message.contains("hostile"),
            "{attack} names no connector: {failure}"
        );
        self.settled(&format!("{failure} [{code}]"))
    }

    /// Checks that nothing reached the server that nothing may reach.
    #[track_caller]
    pub fn reached_nothing_else(&self) {
        assert_eq!(
            self.elsewhere.connections(),
            0,
            "{}: {:?}",
            self.attack,
            self.elsewhere.received()
        );
    }
}

/// The text without the lines and columns of source files.
fn without_lines(text: &str) -> String {
    let mut parts = text.split(".rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        format!("{text}.rs:{rest}")
    })
}

/// A press of its own.
pub fn context() -> CallContext {
    CallContext {
        press: Some(PressId::new()),
        locale: "en".to_owned(),
        not_after: None,
    }
}

/// The person.
pub fn person() -> Person {
    Person {
        name: "Maria Rossi".to_owned(),
        email: "maria.rossi@bianchi.example".to_owned(),
        phone: None,
        company: None,
    }
}

/// A ticket.
pub fn draft() -> Draft {
    Draft {
        summary: "The printer does nothing".to_owned(),
        body_html: "<p>It does nothing.</p>".to_owned(),
        body_text: "It does nothing.".to_owned(),
        person: person(),
        contact: None,
        device: None,
        facts: DeviceFacts::default(),
        fields: vec![],
    }
}

/// A ticket that is there.
pub fn ticket() -> Ticket {
    Ticket {
        id: "7".to_owned(),
        number: "7".to_owned(),
        url: None,
    }
}

/// A small file.
pub fn file() -> Attachment {
    Attachment {
        name: "report.txt".to_owned(),
        content_type: "text/plain".to_owned(),
        bytes: b"a report".to_vec(),
        reference: "report".to_owned(),
    }
}
