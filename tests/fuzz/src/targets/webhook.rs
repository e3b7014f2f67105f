//! Webhook bodies, read by the real Halo connector.

use crate::{
    promises::can_be_shown,
    surroundings::{Psa, wait},
};
use helpbell_sandbox::WebhookDelivery;

/// Delivers the input as a body, with the secret that was agreed upon.
///
/// # Panics
/// If the call does not end with ids or a failure that can be shown.
pub fn webhook(input: &[u8]) {
    let psa = Psa::answering(Vec::new());
    let delivery = WebhookDelivery {
        method: "POST".to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (
                "authorization".to_owned(),
                "Basic aGVscGJlbGw6aG9vay1zZWNyZXQ=".to_owned(),
            ),
        ],
        body: input.to_vec(),
        ..WebhookDelivery::default()
    };
    let secret = "helpbell:hook-secret".to_owned().into();
    match wait(psa.session.read_webhook(delivery, Some(&secret))).result {
        Ok(hook) => hook.ticket_ids.iter().for_each(|id| can_be_shown(id)),
        Err(failure) => {
            can_be_shown(&failure.message);
            assert!(failure.code != "host.trap", "the connector crashed: {failure}");
        }
    }
}
