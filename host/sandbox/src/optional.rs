//! The calls of the optional worlds: being examined, understanding webhooks, being asked what changed.

use crate::{
    authenticate::scrub,
    call::{Call, Frame},
    contract::{
        bindings::{
            change_poller::ChangePoller,
            examiner::{Examiner, exports::helpbell::psa::doctor as wit_doctor},
            helpbell::psa::types as wit,
            webhook_receiver::{WebhookReceiver, exports::helpbell::psa::webhooks as wit_webhooks},
        },
        from_guest,
    },
    egress::hook::Egress,
    guest::{Guest, Role},
    run::{self, Instance},
    secret_forms::SecretForms,
    session::{CallContext, Session, Task, wit_context},
};
use helpbell_model::{
    Failure, FailureKind,
    doctor::{Check, Finding},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use wasmtime::Store;
use zeroize::Zeroizing;

/// A webhook as it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// HTTP method.
    pub method: String,
    /// Path below the secret part.
    pub path: String,
    /// Query parameters in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// Raw body.
    pub body: Vec<u8>,
}

/// What a webhook says: only ids are taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Tickets that changed.
    pub ticket_ids: Vec<String>,
    /// Status, media type and body of the answer; none for an empty 204.
    pub reply: Option<(u16, String, String)>,
}

/// What changed at the PSA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Tickets that changed, perhaps some more than once.
    pub ticket_ids: Vec<String>,
    /// Where the next call goes on. The connector's own affair: to be kept and given back as it is.
    pub cursor: String,
    /// There is more at once.
    pub more: bool,
}

/// What an examination is told besides the connector's own settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Configured<'a> {
    /// The operator's integration defaults.
    pub defaults: &'a [(String, String)],
    /// Where the PSA's webhook has to call.
    pub webhook_url: Option<&'a str>,
}

impl Configured<'_> {
    /// As settings that no connector can have declared: their names hold a colon.
    fn settings(&self) -> impl Iterator<Item = (String, String)> {
        let defaults = self
            .defaults
            .iter()
            .map(|(field, value)| (format!("default:{field}"), value.clone()));
        let webhook = self
            .webhook_url
            .map(|url| ("webhook:url".to_owned(), url.to_owned()));
        defaults.chain(webhook)
    }
}

fn lacking<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::new(
        FailureKind::Unsupported,
        "host.world-lacking",
        format!("this connector {what}"),
    ))
}

impl Session {
    /// What can be examined, in the order in which it makes sense. Without `examiner`, nothing.
    pub async fn checks(&self, context: &CallContext) -> Call<Vec<Check>> {
        let Some(examiner) = &self.connector.examiner else {
            return self.without_instance(Ok(vec![]), Duration::ZERO);
        };
        let instantiate = async |store: &mut Store<Guest>| examiner.instantiate_async(store).await;
        let body = async |instance: &mut Instance<Examiner>, context| {
            let checks = instance
                .exports
                .helpbell_psa_doctor()
                .call_checks(&mut instance.store, &context)
                .await?;
            Ok(Ok(from_guest::checks(checks)))
        };
        self.work_in(context, &self.settings, Task::Examine, instantiate, body)
            .await
    }

    /// Examines one thing. The connector sees what the operator configured among its settings, as
    /// `default:<field>` and `webhook:url`, and what `authenticate` called its identity as
    /// `token:identity`. The call may send reads only, and leaves nothing in the cache.
    pub async fn examine(
        &self,
        context: &CallContext,
        check: &str,
        configured: Configured<'_>,
    ) -> Call<Vec<Finding>> {
        let Some(examiner) = &self.connector.examiner else {
            return self.without_instance(lacking("cannot examine its integration"), Duration::ZERO);
        };
        let mut settings = self.settings.clone();
        settings.extend(
            self.identity()
                .await
                .map(|identity| ("token:identity".to_owned(), identity)),
        );
        settings.extend(configured.settings());
        let instantiate = async |store: &mut Store<Guest>| examiner.instantiate_async(store).await;
        let body = async |instance: &mut Instance<Examiner>, context: wit::Context| {
            let doctor = instance.exports.helpbell_psa_doctor();
            let found: Result<Vec<wit_doctor::Finding>, _> =
                doctor.call_examine(&mut instance.store, &context, check).await?;
            Ok(found.map(|found| from_guest::doctor_findings(check, found)))
        };
        self.work_in(context, &settings, Task::Examine, instantiate, body)
            .await
    }

    /// What changed since the cursor; without one, from now on. The call may send reads only. An answer that is too large
    /// to be taken whole is a failure, and the cursor stays where it was.
    pub async fn changes(&self, context: &CallContext, cursor: Option<&str>) -> Call<Changes> {
        let Some(poller) = &self.connector.poller else {
            return self.without_instance(lacking("cannot be asked what changed"), Duration::ZERO);
        };
        let instantiate = async |store: &mut Store<Guest>| poller.instantiate_async(store).await;
        let body = async |instance: &mut Instance<ChangePoller>, context: wit::Context| {
            let poller = instance.exports.helpbell_psa_poller();
            let changes = poller
                .call_changes_since(&mut instance.store, &context, cursor)
                .await?;
            Ok(changes.map(from_guest::changes))
        };
        let call = self
            .work_in(context, &self.settings, Task::Ask, instantiate, body)
            .await;
        let too_many = || {
            run::host_failure(
                "host.too-many-changes",
                format!("{} named more changes at once than are taken", self.who()),
            )
        };
        Call {
            result: call.result.and_then(|changes| changes.ok_or_else(too_many)),
            effect: call.effect,
            requests: call.requests,
            log: call.log,
            took: call.took,
            memory_bytes: call.memory_bytes,
        }
    }

    /// Verifies and reads a webhook, in an instance that reaches no network. `secret` is what the operator
    /// and the PSA agreed upon.
    pub async fn read_webhook(&self, delivery: WebhookDelivery, secret: Option<&SecretString>) -> Call<Hook> {
        let Some(webhooks) = &self.connector.webhooks else {
            return self.without_instance(lacking("does not understand webhooks"), Duration::ZERO);
        };
        let frame = Frame::begin(self.limits.shortened());
        let guest = Guest::new(Role::Alone, Egress::closed(frame.clone()), &frame);
        let nobody = CallContext {
            press: None,
            locale: "en".into(),
            not_after: None,
        };
        let context = wit_context(&self.settings, None, &nobody, &frame);
        let forms = secret.map(|secret| {
            let named = vec![("webhook".to_owned(), secret.clone())];
            SecretForms::with_parts(&named)
        });
        let secret = secret.map(|secret| Zeroizing::new(secret.expose_secret().to_owned()));
        let delivery = wit_webhooks::Delivery {
            method: delivery.method,
            path: delivery.path,
            query: delivery.query,
            headers: delivery.headers,
            body: delivery.body,
        };
        let instantiate = async |store: &mut Store<Guest>| webhooks.instantiate_async(store).await;
        let body = async |instance: &mut Instance<WebhookReceiver>| {
            let receiver = instance.exports.helpbell_psa_webhooks();
            let hook = receiver
                .call_verify_and_parse(
                    &mut instance.store,
                    &context,
                    &delivery,
                    secret.as_deref().map(String::as_str),
                    None,
                )
                .await?;
            Ok(hook.map(from_guest::hook))
        };
        let mut call = run::call(
            &self.who(),
            &self.connector.engine,
            frame,
            guest,
            instantiate,
            body,
        )
        .await;
        if let Some(forms) = forms {
            call.result = call.result.map_err(|failure| scrub(failure, &forms));
        }
        call
    }
}
