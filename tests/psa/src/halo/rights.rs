//! What the instance grants at run time: the application's scopes, its login, and the agent's own permissions.
//!
//! Effective rights are the application's scopes intersected with the agent's permissions. Scopes live in a token:
//! ticking one off changes the tokens issued afterwards. Login and agent permissions belong to the instance and count
//! at once.

use serde::{Deserialize, Serialize};

use super::seed::LoginType;

/// Scopes an MSP is told to tick for this integration.
pub const INTEGRATION_SCOPES: [&str; 5] = [
    "read:tickets",
    "edit:tickets",
    "read:customers",
    "read:crm",
    "read:assets",
];

/// What the agent behind an application may do. The default is everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentPermissions {
    /// See tickets, their notes and files.
    pub read_tickets: bool,
    /// Create, change and delete tickets, and attach files to them.
    pub edit_tickets: bool,
    /// Write notes; without it they are refused with the recorded "You do not have access to this Action".
    pub add_actions: bool,
    /// See clients, sites and users.
    pub read_customers: bool,
    /// See devices.
    pub read_assets: bool,
}

impl Default for AgentPermissions {
    fn default() -> Self {
        Self {
            read_tickets: true,
            edit_tickets: true,
            add_actions: true,
            read_customers: true,
            read_assets: true,
        }
    }
}

/// The "Login Type" and agent of every application, in place of the seed's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Whom applications act as.
    pub login_type: LoginType,
    /// The agent under [`LoginType::Agent`]; absent, unknown and disabled agents all count as none.
    #[serde(default)]
    pub agent_id: Option<i64>,
}

/// How pick-lists answer an application without an agent. Public evidence only says that they "fail".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentlessLookups {
    /// 403 without a body, as `/Tickets` answers.
    Refused,
    /// 200 with an empty list.
    Empty,
}
