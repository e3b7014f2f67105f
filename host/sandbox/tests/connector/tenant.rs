//! The connector, loaded once, and sessions for a local Halo.

use helpbell_end_to_end::{Setup, built};
use helpbell_model::{DeviceFacts, Draft, Person, PressId, connector::Grant};
use helpbell_sandbox::{Binding, CallContext, Connector, Limits, NetworkGrant, Sandbox, Session, Transport};
use std::{sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// So long may a call take that is meant to run out of time. Much longer than the connector computes before
/// it asks, even on a busy machine.
pub(crate) const SHORT: Duration = Duration::from_secs(3);

/// The connector for HaloPSA.
pub(crate) async fn halo_connector() -> Arc<Connector> {
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

/// All that this file wants, and the networks of a local server; nothing is kept.
pub(crate) async fn binding(setup: &Setup) -> Binding {
    let connector = halo_connector().await;
    let settings = [
        ("hosting", &setup.hosting),
        ("resource-server", &setup.resource_server),
        ("authorisation-server", &setup.authorisation_server),
    ];
    Binding {
        tenant: "test".to_owned(),
        settings: settings
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into(),
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

/// A session of this binding.
pub(crate) async fn session(binding: Binding) -> Session {
    Session::bind(halo_connector().await, binding).unwrap()
}

/// A press of its own.
pub(crate) fn context() -> CallContext {
    CallContext {
        press: Some(PressId::new()),
        locale: "en".to_owned(),
        not_after: None,
    }
}

pub(crate) fn maria() -> Person {
    Person {
        name: "Maria Rossi".to_owned(),
        email: "maria.rossi@bianchi.example".to_owned(),
        phone: None,
        company: None,
    }
}

/// A ticket without anything to look up.
pub(crate) fn draft(summary: &str) -> Draft {
    Draft {
        summary: summary.to_owned(),
        body_html: format!("<p>{summary}</p>"),
        body_text: summary.to_owned(),
        person: maria(),
        contact: None,
        device: None,
        facts: DeviceFacts::default(),
        fields: vec![],
    }
}
