//! The switches of the local HaloPSA: how this instance is configured, and how it errs.
//!
//! Every value can be changed while the server runs, in-process through
//! [`Halo::set`](super::Halo::set) and over HTTP through `POST /_sandbox/behaviour`, which takes
//! any subset of the fields as a JSON object, such as
//! `{"success_status": 200, "index_lag": {"searches": 2}, "default_site_rule": "accept-but-drop"}`. Defaults are what public evidence says of a stock
//! hosted instance; where the evidence is silent the switch says so.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HaloError;
use super::rights::{AgentPermissions, AgentlessLookups, Login};

/// Requests one application may make per window: text of recorded 429 answers.
pub const RATE_LIMIT_REQUESTS: u32 = 300;
/// Length of the rolling rate window in seconds: text of recorded 429 answers.
pub const RATE_LIMIT_WINDOW_SECONDS: u32 = 300;
/// Token lifetime in seconds, as `expires_in` says on hosted instances.
pub const TOKEN_LIFETIME_SECONDS: u32 = 3600;
/// Rows per page. The vendor's cap is unknown; one client in production asks for no more than 100.
pub const PAGE_CAP: u32 = 100;

/// How the server behaves. `Default` is a stock hosted instance with nothing made harder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Status of a successful POST: 201 (newest vendor schema) or 200 (older ones).
    pub success_status: u16,
    /// A note without an outcome is refused with 400 and a serialised exception.
    pub outcome_required: bool,
    /// `GET /Agent` answers a bare array or an envelope; clients in the field disagree.
    pub agent_list: AgentList,
    /// How long `GET /Tickets` does not see a new ticket. `GET /Tickets/{id}` sees it at once.
    pub index_lag: Lag,
    /// How long `GET /Actions` does not see a new note. `GET /Actions/{id}` sees it at once.
    pub action_lag: Lag,
    /// Most rows any list answers, whatever the client asks.
    pub page_cap: u32,
    /// Fields a new ticket must carry, per ticket type; the first rule whose type matches counts.
    pub mandatory_fields: Vec<MandatoryFields>,
    /// The setting "Tickets with the default Client/Site must be moved before working on the Ticket".
    pub default_site_rule: DefaultSiteRule,
    /// Status of the refusal under [`DefaultSiteRule::Reject`]: 400 or 403. No public evidence says which.
    pub default_site_refusal: u16,
    /// Lifetime of newly issued tokens in seconds.
    pub token_lifetime_seconds: u32,
    /// Requests per rolling window and application; absent = no limit.
    pub rate_limit: Option<RateLimit>,
    /// Fields the schema does not know: refused with 400 (`true`), or recorded and ignored (`false`).
    pub refuse_unknown_fields: bool,
    /// `site_id` must be sent (0 counts) when a particular `user_id` is set.
    pub site_required_with_user: bool,
    /// A new ticket gets an opening system action, so that a client's first note has id 2. Inferred.
    pub opening_action: bool,
    /// Status of a call whose token lacks the scope: 401 (seen by a client) or 403.
    pub under_scoped_status: u16,
    /// The "Method" of every application is "Client ID and Secret"; with another one Halo gives no such token.
    pub client_credentials: bool,
    /// Scopes ticked for every application, in place of the seed's; absent = as seeded. Tokens issued before keep theirs.
    pub application_scopes: Option<Vec<String>>,
    /// Scopes taken from the application after its tokens were issued: calls that need them get 403.
    pub withdrawn_scopes: Vec<String>,
    /// Login type and agent of every application, in place of the seed's; absent = as seeded. Counts at once.
    pub login: Option<Login>,
    /// How pick-lists answer an application without an agent.
    pub agentless_lookups: AgentlessLookups,
    /// What the agent behind the application may do, whatever its scopes say. Counts at once.
    pub agent_permissions: AgentPermissions,
    /// Clients, sites and users need `read:crm` beside `read:customers`. Which calls that scope guards is not public.
    pub customers_need_crm: bool,
    /// A hosted token request may leave the tenant out, as where the host name already tells it.
    pub tenant_from_host: bool,
}

/// The two shapes clients have met for `GET /Agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentList {
    /// `[{...}]`
    Array,
    /// `{"record_count": n, "agents": [...]}`
    Envelope,
}

/// When a write becomes visible to list calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lag {
    /// At once.
    None,
    /// After so many seconds of the server's clock.
    Seconds(u32),
    /// After so many list calls have missed it; exact without any waiting.
    Searches(u32),
}

/// Fields that a new ticket of one type (or of every type) must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandatoryFields {
    /// The ticket type's id; absent = every type.
    #[serde(default)]
    pub ticket_type_id: Option<i64>,
    /// Names of ticket fields, such as `impact`, `urgency`, `category_1`.
    pub fields: Vec<String>,
}

/// What happens to a note on a ticket that still stands under the default client and site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultSiteRule {
    /// It is stored (setting off).
    Allow,
    /// It is refused.
    Reject,
    /// It is answered as a success and not stored.
    AcceptButDrop,
}

/// A rolling request budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests allowed in any window.
    pub requests: u32,
    /// Length of the window in seconds.
    pub window_seconds: u32,
    /// Value of a `Retry-After` header in seconds. The vendor documents none, so it is absent by default.
    #[serde(default)]
    pub retry_after_seconds: Option<u32>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            success_status: 201,
            outcome_required: true,
            agent_list: AgentList::Array,
            index_lag: Lag::None,
            action_lag: Lag::None,
            page_cap: PAGE_CAP,
            mandatory_fields: Vec::new(),
            default_site_rule: DefaultSiteRule::Allow,
            default_site_refusal: 400,
            token_lifetime_seconds: TOKEN_LIFETIME_SECONDS,
            rate_limit: Some(RateLimit {
                requests: RATE_LIMIT_REQUESTS,
                window_seconds: RATE_LIMIT_WINDOW_SECONDS,
                retry_after_seconds: None,
            }),
            refuse_unknown_fields: true,
            site_required_with_user: true,
            opening_action: true,
            under_scoped_status: 401,
            client_credentials: true,
            application_scopes: None,
            withdrawn_scopes: Vec::new(),
            login: None,
            agentless_lookups: AgentlessLookups::Refused,
            agent_permissions: AgentPermissions::default(),
            customers_need_crm: false,
            tenant_from_host: false,
        }
    }
}

impl Behaviour {
    /// This behaviour with the given fields replaced.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when `patch` is no object, names an unknown switch, or holds a value out of range.
    pub fn patched(&self, patch: &Value) -> Result<Self, HaloError> {
        let refuse = |reason: String| HaloError::Behaviour { reason };
        let Value::Object(patch) = patch else {
            return Err(refuse("expected a JSON object of switches".to_owned()));
        };
        let mut whole = serde_json::to_value(self).map_err(|error| refuse(error.to_string()))?;
        if let Value::Object(fields) = &mut whole {
            for (name, value) in patch {
                fields.insert(name.clone(), value.clone());
            }
        }
        let next: Self = serde_json::from_value(whole).map_err(|error| refuse(error.to_string()))?;
        next.checked()
    }

    /// The same behaviour when every value is in range.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] naming the first switch out of range.
    pub fn checked(self) -> Result<Self, HaloError> {
        let one_of = |name: &str, value: u16, allowed: [u16; 2]| {
            if allowed.contains(&value) {
                return Ok(());
            }
            let [a, b] = allowed;
            Err(HaloError::Behaviour {
                reason: format!("{name} is {a} or {b}, not {value}"),
            })
        };
        one_of("success_status", self.success_status, [200, 201])?;
        one_of("default_site_refusal", self.default_site_refusal, [400, 403])?;
        one_of("under_scoped_status", self.under_scoped_status, [401, 403])?;
        if self.page_cap == 0 {
            return Err(HaloError::Behaviour {
                reason: "page_cap is at least 1".to_owned(),
            });
        }
        Ok(self)
    }

    /// The fields a new ticket of this type must carry.
    pub(crate) fn mandatory_for(&self, ticket_type: i64) -> &[String] {
        self.mandatory_fields
            .iter()
            .find(|rule| rule.ticket_type_id.is_none_or(|id| id == ticket_type))
            .map_or(&[], |rule| rule.fields.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let next = Behaviour::default()
            .patched(&json!({"success_status": 200, "index_lag": {"searches": 2}}))
            .unwrap();
        assert_eq!(next.success_status, 200);
        assert_eq!(next.index_lag, Lag::Searches(2));
        assert!(next.outcome_required);
    }

    #[test]
    fn an_unknown_switch_or_a_value_out_of_range_is_refused() {
        for patch in [
            json!({"succes_status": 200}),
            json!({"success_status": 204}),
            json!({"page_cap": 0}),
            json!({"default_site_rule": "perhaps"}),
            json!([1]),
        ] {
            assert!(
                Behaviour::default().patched(&patch).is_err(),
                "{patch} was accepted"
            );
        }
    }

    #[test]
    fn mandatory_fields_follow_the_ticket_type() {
        let behaviour = Behaviour::default()
            .patched(&json!({"mandatory_fields": [{"ticket_type_id": 3, "fields": ["impact"]}, {"fields": ["urgency"]}]}))
            .unwrap();
        assert_eq!(behaviour.mandatory_for(3), ["impact"]);
        assert_eq!(behaviour.mandatory_for(1), ["urgency"]);
    }
}
