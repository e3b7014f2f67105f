//! Presses on machines that the one that runs the tests is not: it may have neither a serial number nor an address of its
//! own.

use crate::Desk;
use psa_sandbox::halo::{Halo, RateLimit};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// What a machine says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine<'a> {
    /// Its name now.
    pub hostname: &'a str,
    /// The maker's serial number, or empty.
    pub serial: &'a str,
    /// The address of its network adapter, or empty.
    pub mac: &'a str,
}

impl Desk {
    /// Keeps a press of this person and machine: Halo takes nothing at that moment. `helpbell deliver` then goes on with
    /// it. What Halo saw until now is forgotten.
    ///
    /// # Panics
    /// If it was not kept.
    pub async fn kept_press_on(&self, halo: &Halo, (name, email): (&str, &str), machine: Machine<'_>) {
        let nothing = RateLimit {
            requests: 0,
            window_seconds: 1,
            retry_after_seconds: None,
        };
        halo.adjust(|behaviour| behaviour.rate_limit = Some(nothing))
            .unwrap();
        self.press().by(name, email).now().await.expect(3);
        halo.adjust(|behaviour| behaviour.rate_limit = None).unwrap();
        halo.reset();
        let press = self.kept().await.pop().expect("the press is kept");
        let folder = self.path("moved").display().to_string();
        self.run(&["outbox", "export", &press, &folder]).await.expect(0);
        let folder = format!("{folder}/{press}");
        let file = Path::new(&folder).join("press.json");
        let mut manifest: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let device = manifest
            .pointer_mut("/words/press/device")
            .expect("a press is of a device");
        let or_none = |text: &str| (!text.is_empty()).then(|| json!(text));
        let macs: Vec<Value> = or_none(machine.mac).into_iter().collect();
        for (name, value) in [
            ("hostname", json!(machine.hostname)),
            ("serial", or_none(machine.serial).unwrap_or_default()),
            ("macs", json!(macs)),
        ] {
            device.as_object_mut().unwrap().insert(name.to_owned(), value);
        }
        fs::write(&file, manifest.to_string()).unwrap();
        self.run(&["outbox", "import", &folder]).await.expect(0);
    }
}
