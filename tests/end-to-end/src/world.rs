//! Variants of the local Halo's world.

use psa_sandbox::halo::{
    Behaviour, Deployment, Halo, HaloConfig,
    seed::{Asset, Seed},
};

/// Id of the asset that stands for the machine that runs the tests.
pub const THIS_MACHINE: i64 = 900;
/// Client of Maria Rossi and of the site below.
pub const MARIAS_CLIENT: i64 = 12;
/// Site of Maria Rossi.
pub const MARIAS_SITE: i64 = 101;
/// Maria Rossi.
pub const MARIA: i64 = 55;

/// Host name of the machine that runs the tests, without its domain.
///
/// # Panics
/// If the system does not tell it.
#[must_use]
pub fn hostname() -> String {
    let name = sysinfo::System::host_name().expect("this machine has a host name");
    name.split('.').next().unwrap_or_default().to_owned()
}

/// The built-in world, in which the machine that runs the tests is an asset of this site.
#[must_use]
pub fn with_this_machine(site: i64) -> Seed {
    with_machine(site, &hostname())
}

/// The same with a machine of this name.
#[must_use]
pub fn with_machine(site: i64, hostname: &str) -> Seed {
    let mut seed = Seed::default();
    seed.assets.push(Asset {
        id: THIS_MACHINE,
        site_id: site,
        hostname: hostname.to_owned(),
        inventory_number: "MI-PC-900".to_owned(),
        type_id: 131,
        type_name: "Desktop".to_owned(),
        serial: "TEST0900".to_owned(),
        mac: String::new(),
        inactive: false,
    });
    seed
}

/// A hosted Halo with this world.
pub async fn halo(seed: Seed) -> Halo {
    start(seed, Deployment::Hosted, Behaviour::default()).await
}

/// A Halo with this world, deployment and behaviour, on a free port.
///
/// # Panics
/// If it cannot start.
pub async fn start(seed: Seed, deployment: Deployment, behaviour: Behaviour) -> Halo {
    Halo::start(HaloConfig {
        port: 0,
        deployment,
        seed,
        behaviour,
    })
    .await
    .unwrap()
}
