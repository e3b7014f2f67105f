//! The handle's side of webhooks.

use serde_json::Map;
use uuid::Uuid;

use super::{Webhook, flush};
use crate::halo::{Halo, HaloError};

impl Halo {
    /// Adds a webhook, or replaces the one with the same id.
    ///
    /// # Errors
    /// [`HaloError::Webhook`] when deliveries may not go there.
    pub fn add_webhook(&self, webhook: Webhook) -> Result<Uuid, HaloError> {
        let webhook = webhook.checked()?;
        let id = webhook.id;
        self.shared.lock().webhooks.keep(webhook, Map::new());
        Ok(id)
    }

    /// Removes a webhook; tells whether there was one.
    pub fn remove_webhook(&self, id: Uuid) -> bool {
        self.shared.lock().webhooks.remove(id)
    }

    /// Webhooks as they stand. What they delivered stands in [`Ledger::deliveries`](crate::halo::Ledger).
    #[must_use]
    pub fn webhooks(&self) -> Vec<Webhook> {
        let store = self.shared.lock();
        store
            .webhooks
            .webhooks()
            .map(|(webhook, _)| webhook.clone())
            .collect()
    }

    /// Sends a delivery once more, with the same body.
    ///
    /// # Errors
    /// [`HaloError::Webhook`] when there is no such delivery, or its webhook is gone.
    pub fn redeliver(&self, delivery: Uuid) -> Result<(), HaloError> {
        self.shared.lock().webhooks.repeat(delivery)
    }

    /// Sends the events that wait for their batch.
    pub fn flush_webhooks(&self) {
        flush(&mut self.shared.lock(), None);
    }

    /// Waits until no delivery is on its way.
    pub async fn until_delivered(&self) {
        let mut under_way = self.shared.lock().webhooks.under_way();
        // An error means that the instance is gone; then nothing is on its way any more.
        let _ = under_way.wait_for(|count| *count == 0).await;
    }
}
