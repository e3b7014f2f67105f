//! What a caller decides before the server starts.

use super::behaviour::Behaviour;
use super::seed::Seed;

/// Where the instance is said to run; it decides the token endpoint's tenant rule and the key's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deployment {
    /// In the vendor's cloud: token requests name the tenant; key `tenant+client_id:client_secret`.
    #[default]
    Hosted,
    /// On the MSP's own server: no tenant; key `client_id:client_secret`.
    OnPremises,
}

/// Everything [`Halo::start`](super::Halo::start) needs. `Default` is a hosted instance with the built-in seed on any
/// free port.
#[derive(Debug, Clone, Default)]
pub struct HaloConfig {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Hosted or on-premises.
    pub deployment: Deployment,
    /// The world the instance starts with.
    pub seed: Seed,
    /// The switches it starts with, and returns to on reset.
    pub behaviour: Behaviour,
}
