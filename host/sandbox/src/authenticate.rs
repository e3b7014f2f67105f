//! `authenticate`, called alone: its own instance, its own requests, and nothing of it shown unscrubbed.

use crate::{
    authorized,
    call::Frame,
    contract::bindings::Connector as Exports,
    egress::{client::Client, hook::Egress, policy::Policy},
    guest::{Guest, Role},
    limits::Limits,
    load::Connector,
    run::{self, Instance},
    secret_forms::SecretForms,
    session::{CallContext, wit_context},
    token::{self, Secrets},
};
use helpbell_model::Failure;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use wasmtime::Store;
use zeroize::Zeroizing;

/// `authenticate` in an instance of its own, with its own requests and without injection.
pub(crate) fn authenticate(
    connector: Arc<Connector>,
    settings: Vec<(String, String)>,
    secrets: Arc<Secrets>,
    policy: Policy,
    client: Client,
    limits: Limits,
) -> token::Authenticate {
    let (policy, settings) = (Arc::new(policy), Arc::new(settings));
    Box::new(move || {
        let (connector, policy, client) = (Arc::clone(&connector), Arc::clone(&policy), client.clone());
        let (secrets, settings) = (Arc::clone(&secrets), Arc::clone(&settings));
        Box::pin(async move {
            let frame = Frame::begin(limits);
            let egress = Egress::new(policy, client, None, frame.clone());
            let guest = Guest::new(Role::Alone, egress, &frame);
            let nobody = CallContext {
                press: None,
                locale: "en".into(),
                not_after: None,
            };
            let context = wit_context(&settings, None, &nobody, &frame);
            let who = format!("the connector {}", connector.description().id);
            // Wiped even if this call is given up half-way. The connector's own copy ends with its instance.
            let opened: Zeroizing<Vec<(String, String)>> = secrets
                .iter()
                .map(|(slot, secret)| (slot.clone(), secret.expose_secret().to_owned()))
                .collect::<Vec<_>>()
                .into();
            let call = run::call(
                &who,
                &connector.engine,
                frame,
                guest,
                async |store: &mut Store<Guest>| connector.pre.instantiate_async(store).await,
                async |instance: &mut Instance<Exports>| {
                    instance
                        .exports
                        .helpbell_psa_auth()
                        .call_authenticate(&mut instance.store, &context, &opened)
                        .await
                },
            )
            .await;
            let result = match call.result {
                Ok(given) => {
                    let secrets = SecretForms::innermost(&secrets);
                    authorized::take(given, connector.description(), &secrets, &who)
                }
                Err(failure) => Err(scrub(failure, &SecretForms::with_parts(&secrets))),
            };
            (result, call.requests)
        })
    })
}

/// A failure of `authenticate` is shown to the operator: whatever it quotes of the secret goes.
pub(crate) fn scrub(failure: Failure, secrets: &SecretForms) -> Failure {
    Failure {
        message: secrets.scrub(&failure.message),
        code: secrets.scrub(&failure.code),
        help: failure.help.map(|help| secrets.scrub(&help)),
        field: failure.field.map(|field| secrets.scrub(&field)),
        ..failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::FailureKind;
    use secrecy::SecretString;

    #[test]
    fn a_failure_never_quotes_the_secret_or_its_parts() {
        let secrets = vec![(
            "api-key".to_owned(),
            SecretString::from("acme+client-id-1:topsecret9"),
        )];
        let failure = Failure::new(
            FailureKind::Auth,
            "x",
            "wrong: topsecret9 of client-id-1 (acme+client-id-1:topsecret9)",
        );
        let scrubbed = scrub(failure, &SecretForms::with_parts(&secrets));
        assert_eq!(scrubbed.message, "wrong: [secret] of [secret] ([secret])");
    }
}
