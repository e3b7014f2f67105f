//! What a run begins with.

use helpbell_delivery::rules::COMMON;
use helpbell_model::{
    rules::{Circumstances, Input, Value, Variable},
    ticket::Access,
};

/// Monday 2 March 2026, 08:15:30.25 UTC, in milliseconds.
const CLOCK_MS: u64 = 1_772_439_330_250;
/// An hour ahead of UTC, in minutes.
const OFFSET_MINUTES: i16 = 60;
/// Any number does.
const SEED: u64 = 20_260_302;

/// The PSA's variables, as [`Given::usual`] has them: names of Halo's, and defaults that an operator might choose.
const PSA: [(&str, &str); 7] = [
    ("priority", "\"Low\""),
    ("team", "\"\""),
    ("state", "\"New\""),
    ("ticketType", "\"Incident\""),
    ("agent", "\"\""),
    ("impact", "3"),
    ("urgency", "3"),
];

/// Variables, clock and chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// All variables.
    pub variables: Vec<Variable>,
    /// Clock and chance.
    pub circumstances: Circumstances,
}

impl Given {
    /// The common variables, all empty, and those of a PSA with some defaults, on a Monday morning.
    #[must_use]
    pub fn empty() -> Self {
        let common = COMMON.iter().map(|common| Variable {
            name: common.name.to_owned(),
            aliases: common.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            writable: common.access == Access::ReadWrite,
            value: match common.kind {
                "list" => Value::Texts(vec![]),
                _ => Value::Text(String::new()),
            },
        });
        let psa = PSA.iter().map(|(name, value)| Variable {
            name: (*name).to_owned(),
            aliases: vec![],
            writable: true,
            value: value_of(value),
        });
        Self {
            variables: common.chain(psa).collect(),
            circumstances: Circumstances {
                clock_ms: CLOCK_MS,
                offset_minutes: OFFSET_MINUTES,
                seed: SEED,
            },
        }
    }

    /// A press of Dana Marsh about a printer.
    #[must_use]
    pub fn usual() -> Self {
        Self::empty()
            .with("selections", r#"["This happens again and again", "Only me"]"#)
            .with("hostname", r#""WS-0231""#)
            .with("mac", r#""aa:bb:cc:dd:ee:ff""#)
            .with("ip", r#""192.168.10.23""#)
            .with("email", r#""Dana.Marsh@Bianchi.example""#)
            .with("name", r#""Dana Marsh""#)
            .with(
                "msg",
                r#""Hi team,\n\nthe PRINTER on floor 2 says “PC LOAD LETTER” again.\nThanks, Dana""#,
            )
            .with("subject", r#""Hi team, the PRINTER on floor 2 says""#)
    }

    /// What the examples of the guide begin with, as it says above the first of them.
    #[must_use]
    pub fn example() -> Self {
        Self::empty()
            .with("name", r#""Maria Rossi""#)
            .with("email", r#""maria.rossi@bianchi.example""#)
            .with("hostname", r#""WS-0231""#)
            .with("mac", r#""aa:bb:cc:dd:ee:ff""#)
            .with("ip", r#""192.168.10.23""#)
            .with("msg", r#""The printer does nothing""#)
            .with("subject", r#""The printer does nothing""#)
    }

    /// The same with another value, in JSON, for a variable; with one variable more if there is none of this name.
    ///
    /// # Panics
    /// If it is no JSON.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let value = value_of(value);
        match self.variables.iter_mut().find(|known| known.name == name) {
            Some(known) => known.value = value,
            None => self.variables.push(Variable {
                name: name.to_owned(),
                aliases: vec![],
                writable: true,
                value,
            }),
        }
        self
    }

    /// The same at another time.
    #[must_use]
    pub const fn at(mut self, circumstances: Circumstances) -> Self {
        self.circumstances = circumstances;
        self
    }

    /// The value of a variable before the first rule.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        let variable = self.variables.iter().find(|variable| variable.name == name);
        variable.map(|variable| &variable.value)
    }

    /// A run of these rules.
    #[must_use]
    pub fn input(&self, source: &str) -> Input {
        Input {
            source: source.to_owned(),
            variables: self.variables.clone(),
            circumstances: self.circumstances,
        }
    }
}

/// A value written in JSON.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn value_of(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}
