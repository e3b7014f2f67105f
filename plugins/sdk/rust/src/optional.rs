//! What only some PSAs can do: a trait for each optional world, and its way to the exports.

use crate::bindings::change_poller::exports::helpbell::psa::poller;
use crate::bindings::examiner::exports::helpbell::psa::doctor;
use crate::bindings::webhook_receiver::exports::helpbell::psa::webhooks;
use crate::{Adapter, Call, Changes, Check, Connector, Context, Delivery, Failure, Finding, Hook, WasiHost};

/// Examines the integration and says what cures it. Exported by naming `examiner` in
/// [`export_connector!`](crate::export_connector).
pub trait Examiner: Connector {
    /// What can be examined, in the order in which it makes sense. Sends nothing.
    fn checks(call: &Call<'_>) -> Vec<Check>;

    /// Examines one thing of [`Self::checks`] by its id. Sends reads only.
    fn examine(call: &Call<'_>, check: &str) -> Result<Vec<Finding>, Failure>;
}

/// Understands the PSA's webhooks. Exported by naming `webhook_receiver` in
/// [`export_connector!`](crate::export_connector). Runs without network: the [`Call`] cannot send.
pub trait WebhookReceiver: Connector {
    /// The address of the key that signs this delivery; most PSAs name none.
    fn key_url(_call: &Call<'_>, _delivery: &Delivery) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Verifies a delivery and reads which tickets changed. `secret` is what the operator and the PSA
    /// agreed upon, `key` what was fetched from [`Self::key_url`].
    fn verify_and_parse(
        call: &Call<'_>,
        delivery: &Delivery,
        secret: Option<&str>,
        key: Option<&[u8]>,
    ) -> Result<Hook, Failure>;
}

/// Is asked what changed, for PSAs without webhooks. Exported by naming `change_poller` in
/// [`export_connector!`](crate::export_connector).
pub trait Poller: Connector {
    /// What changed since the cursor of an earlier call; without one, from now on. Sends reads only. A ticket may be
    /// named again, but none may be missed, not even where many change at once.
    fn changes_since(call: &Call<'_>, cursor: Option<&str>) -> Result<Changes, Failure>;
}

/// Lets native builds notice, too, that a connector names `examiner` without being one.
#[doc(hidden)]
pub const fn examines<C: Examiner>() {}

/// Lets native builds notice, too, that a connector names `webhook_receiver` without being one.
#[doc(hidden)]
pub const fn receives_webhooks<C: WebhookReceiver>() {}

/// Lets native builds notice, too, that a connector names `change_poller` without being one.
#[doc(hidden)]
pub const fn polls<C: Poller>() {}

impl<C: Poller> poller::Guest for Adapter<C> {
    fn changes_since(context: Context, cursor: Option<String>) -> Result<Changes, Failure> {
        C::changes_since(&Call::new(context, &WasiHost), cursor.as_deref())
    }
}

impl<C: Examiner> doctor::Guest for Adapter<C> {
    fn checks(context: Context) -> Vec<Check> {
        C::checks(&Call::new(context, &WasiHost))
    }

    fn examine(context: Context, check: String) -> Result<Vec<Finding>, Failure> {
        C::examine(&Call::new(context, &WasiHost), &check)
    }
}

impl<C: WebhookReceiver> webhooks::Guest for Adapter<C> {
    fn key_url(context: Context, delivery: Delivery) -> Result<Option<String>, Failure> {
        C::key_url(&Call::new(context, &WasiHost), &delivery)
    }

    fn verify_and_parse(
        context: Context,
        delivery: Delivery,
        secret: Option<String>,
        key: Option<Vec<u8>>,
    ) -> Result<Hook, Failure> {
        C::verify_and_parse(
            &Call::new(context, &WasiHost),
            &delivery,
            secret.as_deref(),
            key.as_deref(),
        )
    }
}

/// A finding. `guide` is where the connector's guide tells of it: `docs/my-desk.md#queue`.
pub fn finding(severity: &str, summary: impl Into<String>, guide: String) -> Finding {
    Finding {
        severity: severity.to_owned(),
        summary: summary.into(),
        why: String::new(),
        cure: Vec::new(),
        suggestion: None,
        guide: Some(guide),
    }
}

/// Adds why it matters to a press, and the clicks that cure it.
pub fn cured(finding: Finding, why: &str, cure: &[&str]) -> Finding {
    Finding {
        why: why.to_owned(),
        cure: cure.iter().map(|step| (*step).to_owned()).collect(),
        ..finding
    }
}
