//! The rows of a seed.

use serde::{Deserialize, Serialize};

/// [`Status::kind`] of a status that ends a ticket.
pub(crate) const CLOSED: i64 = 2;

/// The instance itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Shown on the web page.
    pub name: String,
    /// Tenant name that hosted token requests must carry.
    pub tenant: String,
    /// Id of the first ticket logged.
    pub first_ticket_id: i64,
    /// Client of tickets that name none.
    pub default_client_id: i64,
    /// Site of tickets that name none.
    pub default_site_id: i64,
}

/// An API application with the method "Client ID and Secret".
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Name, as actions record who wrote them.
    pub name: String,
    /// Client id of the token request.
    pub client_id: String,
    /// Client secret of the token request; a test value.
    pub client_secret: String,
    /// Permissions ticked, such as `read:tickets`.
    pub scopes: Vec<String>,
    /// Whom the application acts as.
    pub login_type: LoginType,
    /// The agent it acts as, under [`LoginType::Agent`].
    pub agent_id: Option<i64>,
    /// An inactive application gets no token.
    pub active: bool,
}

/// The "Login Type" of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginType {
    /// Acts as the chosen agent.
    Agent,
    /// No agent: most calls are refused with 403.
    None,
}

/// A customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Client id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// No longer a customer.
    #[serde(default)]
    pub inactive: bool,
}

/// A place of a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Site id.
    pub id: i64,
    /// The client it belongs to.
    pub client_id: i64,
    /// Name.
    pub name: String,
    /// IANA time zone.
    pub timezone: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: String,
}

/// A contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// User id.
    pub id: i64,
    /// The site, and through it the client.
    pub site_id: i64,
    /// Full name.
    pub name: String,
    /// E-mail address; not unique.
    pub email: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: String,
    /// Has left.
    #[serde(default)]
    pub inactive: bool,
    /// Marked as an important contact.
    #[serde(default)]
    pub important: bool,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Asset id.
    pub id: i64,
    /// The site, and through it the client.
    pub site_id: i64,
    /// Hostname; on the wire `key_field`. Not unique, may be empty.
    pub hostname: String,
    /// Asset tag; on the wire `inventory_number`.
    pub inventory_number: String,
    /// Asset type id.
    pub type_id: i64,
    /// Asset type name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Serial number; on the wire `key_field2` and an asset field.
    pub serial: String,
    /// Addresses of its network adapters in whatever spelling the inventory has, or empty; on the wire an asset field.
    #[serde(default)]
    pub mac: String,
    /// Retired.
    #[serde(default)]
    pub inactive: bool,
}

/// A technician.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Agent id; 1 is "Unassigned" on a stock instance.
    pub id: i64,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Default team's name, or empty.
    pub team: String,
    /// May not be given tickets.
    #[serde(default)]
    pub disabled: bool,
    /// Exists for an API application only.
    #[serde(default)]
    pub api: bool,
}

/// A group of agents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Team id.
    pub id: i64,
    /// Name: what tickets carry.
    pub name: String,
    /// May not be given tickets.
    #[serde(default)]
    pub inactive: bool,
}

/// A kind of ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketType {
    /// Ticket type id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// ITIL kind: 1 incident, 2 change, 3 request, 4 problem.
    pub itil: i64,
    /// Team of tickets that name none.
    pub team: String,
    /// Status of tickets that name none.
    pub initial_status_id: i64,
    /// Priority number of tickets that name none.
    pub priority_id: i64,
    /// Hidden from new tickets.
    #[serde(default)]
    pub inactive: bool,
}

/// A state of a ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Status id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// On the wire `type`: 0 open, 1 pending, 2 closed.
    pub kind: i64,
    /// Place in lists.
    pub sequence: i64,
    /// Colour, `#rrggbb`.
    pub colour: String,
}

/// A priority of one SLA.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// On the wire `id`: a GUID no ticket ever carries.
    pub guid: String,
    /// On the wire `slaid`.
    pub sla_id: i64,
    /// On the wire `priorityid`: what tickets carry as `priority_id`.
    pub priority_id: i64,
    /// Name.
    pub name: String,
    /// Colour, `#rrggbb`.
    pub colour: String,
    /// Hidden from new tickets.
    #[serde(default)]
    pub hidden: bool,
}

/// A kind of note.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Outcome id; 7 is the private note and 16 the e-mail to the user on a stock instance.
    pub id: i64,
    /// Name recorded on notes.
    pub outcome: String,
    /// Label of the button in the agent's screen.
    pub button: String,
    /// System action number, 0 for ordinary notes.
    pub system: i64,
    /// 1 when notes of this kind are e-mailed by default.
    pub send_email: i64,
    /// Hidden from lists unless asked for.
    #[serde(default)]
    pub hidden: bool,
}

/// A category path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Category id.
    pub id: i64,
    /// Which of the four category fields it belongs to.
    pub type_id: i64,
    /// Path such as `Hardware>Desktop`.
    pub value: String,
}

/// A ticket custom field.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// Field id.
    pub id: i64,
    /// Internal name.
    pub name: String,
    /// Label shown.
    pub label: String,
    /// Ticket types it belongs to; empty = every type.
    #[serde(default)]
    pub ticket_type_ids: Vec<i64>,
}

impl CustomField {
    /// Whether tickets of this type have the field.
    pub(crate) fn belongs_to(&self, ticket_type: i64) -> bool {
        self.ticket_type_ids.is_empty() || self.ticket_type_ids.contains(&ticket_type)
    }
}

/// A row of a general pick-list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Which list; 11 is the list of lists.
    pub lookup_id: i64,
    /// Row id.
    pub id: i64,
    /// Row name.
    pub name: String,
}

impl Asset {
    /// What people call it: the hostname, or the asset tag where there is none.
    pub(crate) fn label(&self) -> &str {
        if self.hostname.is_empty() {
            &self.inventory_number
        } else {
            &self.hostname
        }
    }
}
