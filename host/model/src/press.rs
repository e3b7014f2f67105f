//! What a person hands over by pressing the button.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The identity of one press: a UUIDv7 made by the agent, unique for ever.
///
/// It is written into the ticket as its reference, so that a ticket whose creation was never
/// confirmed can be found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PressId(Uuid);

impl PressId {
    /// A new identity, ordered by the present time.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for PressId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for PressId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The text is not the identity of a press.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the identity of a press (a UUID such as 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f)")]
pub struct NotAPressId(String);

impl FromStr for PressId {
    type Err = NotAPressId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| NotAPressId(text.chars().take(60).collect()))
    }
}

/// Who asks for help, in their own words. Nothing here is verified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// As typed or as the machine suggested it.
    pub name: String,
    /// As typed; compared without regard to case.
    pub email: String,
    /// As typed, in any country's habit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// As typed; asked only of people the PSA does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
}

/// What identifies the pressed machine to a PSA. Read at the press, never typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// Host name without domain.
    pub hostname: String,
    /// `aa:bb:cc:dd:ee:ff`, physical interfaces first; virtual and null addresses are left out.
    #[serde(default)]
    pub macs: Vec<String>,
    /// The maker's serial number, where the system tells it without extra rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Local IPv4 address of the interface with the default route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Operating system and version as people name it: `Windows 11 Pro 24H2`.
    #[serde(default)]
    pub os: String,
    /// The logged-in account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// One press of the button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// Identity, and the ticket's reference.
    pub id: PressId,
    /// When the button went down, by this machine's clock (which may be wrong).
    pub pressed_at: jiff::Timestamp,
    /// Who.
    pub person: Person,
    /// What is wrong, as typed. May be long, in any script, and contain markup: it is data.
    pub message: String,
    /// Texts of the ticked boxes and chosen radio buttons.
    #[serde(default)]
    pub selections: Vec<String>,
    /// What the provider's own scripts add to the ticket's text; dispatcher rules may change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub append: Option<String>,
    /// From which machine.
    pub device: DeviceFacts,
    /// BCP 47 language tag of the person's session, such as `de-AT`.
    pub locale: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_id_survives_its_text_form() {
        let id = PressId::new();
        assert_eq!(id.to_string().parse::<PressId>().unwrap(), id);
    }

    #[test]
    fn press_ids_sort_by_time() {
        let earlier = PressId::new();
        let later = PressId::new();
        assert!(earlier < later);
    }

    #[test]
    fn a_text_that_is_no_id_is_quoted_in_the_error_and_bounded() {
        let error = "x".repeat(500).parse::<PressId>().unwrap_err().to_string();
        assert!(error.contains("xxx") && error.len() < 200, "{error}");
    }
}
