//! The handle's side of misbehaviour.

use super::{Misbehaviour, Random, Rule};
use crate::halo::{Halo, HaloError};

impl Halo {
    /// Makes matching requests go wrong from now on; rules are tried in the order they were added.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when the rule cannot be followed.
    pub fn misbehave(&self, rule: Rule) -> Result<(), HaloError> {
        let rule = rule.checked()?;
        self.shared.lock().misbehaviour.add(rule);
        Ok(())
    }

    /// Makes requests that no rule strikes go wrong by chance; `None` ends it.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when the rate is no chance.
    pub fn misbehave_at_random(&self, random: Option<Random>) -> Result<(), HaloError> {
        let random = random.map(Random::checked).transpose()?;
        self.shared.lock().misbehaviour.set_random(random);
        Ok(())
    }

    /// Ends all misbehaviour and releases every request that hangs.
    pub fn behave(&self) {
        self.shared.lock().misbehaviour.clear();
    }

    /// Releases every request that hangs; rules stay.
    pub fn release(&self) {
        self.shared.lock().misbehaviour.releases.release();
    }

    /// The rules with their counts, random mode and the number of requests that hang.
    #[must_use]
    pub fn misbehaviour(&self) -> Misbehaviour {
        self.shared.lock().misbehaviour.state()
    }

    /// Waits until exactly so many requests hang.
    pub async fn until_held(&self, count: usize) {
        let mut held = self.shared.lock().misbehaviour.releases.held();
        // An error means that the instance is gone; then nothing hangs any more.
        let _ = held.wait_for(|held| *held == count).await;
    }
}
