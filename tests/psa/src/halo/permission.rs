//! Who may call what: the token's scopes, the agent behind it, and the rate budget.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::behaviour::{RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECONDS};
use super::reply::Refusal;
use super::rights::AgentlessLookups;
use super::seed::LoginType;
use super::store::Store;
use super::token::Grant;

/// What a call needs beyond a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// `read:tickets`
    ReadTickets,
    /// `edit:tickets`
    EditTickets,
    /// `edit:tickets`, and an agent who may write notes.
    AddActions,
    /// `read:customers`, and `read:crm` under the switch
    /// [`customers_need_crm`](super::behaviour::Behaviour::customers_need_crm).
    ReadCustomers,
    /// `read:assets`
    ReadAssets,
    /// An agent, and no particular scope: pick-lists.
    Agent,
    /// `admin`: the instance's own configuration. Which scope guards webhooks is not public; this one is the nearest.
    Admin,
}

/// What a permitted call sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everything.
    Full,
    /// A success without rows: pick-lists of an application without an agent.
    Nothing,
}

/// The recorded message of a note the agent may not write.
const ACTION_REFUSED: &str = "You do not have access to this Action";

impl Need {
    fn scopes(self, store: &Store) -> &'static [&'static str] {
        match self {
            Self::ReadTickets => &["read:tickets"],
            Self::EditTickets | Self::AddActions => &["edit:tickets"],
            Self::ReadCustomers if store.behaviour.customers_need_crm => &["read:customers", "read:crm"],
            Self::ReadCustomers => &["read:customers"],
            Self::ReadAssets => &["read:assets"],
            Self::Agent => &[],
            Self::Admin => &["admin"],
        }
    }

    /// Whether the agent's own permissions allow it.
    fn allowed(self, store: &Store) -> bool {
        let agent = &store.behaviour.agent_permissions;
        match self {
            Self::ReadTickets => agent.read_tickets,
            Self::EditTickets => agent.edit_tickets,
            Self::AddActions => agent.add_actions,
            Self::ReadCustomers => agent.read_customers,
            Self::ReadAssets => agent.read_assets,
            Self::Agent | Self::Admin => true,
        }
    }
}

/// Checks the token: 401 when it is absent, unknown, revoked or expired. The grant names the agent as the application's
/// login stands now.
pub(crate) fn authenticate(store: &Store, authorization: Option<&str>) -> Result<Grant, Refusal> {
    let token = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let grant = token.and_then(|token| store.tokens.grant(token, store.now()));
    let mut grant = grant.cloned().ok_or(Refusal::Bare(StatusCode::UNAUTHORIZED))?;
    if let Some(login) = store.behaviour.login {
        grant.agent_id = login.agent_id.filter(|_| login.login_type == LoginType::Agent);
    }
    let able = |id: &i64| store.seed.agent(*id).is_some_and(|agent| !agent.disabled);
    grant.agent_id = grant.agent_id.filter(able);
    Ok(grant)
}

/// Counts the call against the application's rolling window: 429 when the budget is spent.
pub(crate) fn count(store: &mut Store, grant: &Grant) -> Result<(), Refusal> {
    let now = store.now();
    let Some(limit) = store.behaviour.rate_limit else {
        return Ok(());
    };
    let window = SignedDuration::from_secs(i64::from(limit.window_seconds));
    let calls = store.recent_calls.entry(grant.client_id.clone()).or_default();
    while calls.front().is_some_and(|at| now.duration_since(*at) >= window) {
        calls.pop_front();
    }
    if calls.len() >= usize::try_from(limit.requests).unwrap_or(usize::MAX) {
        return Err(Refusal::Text {
            status: StatusCode::TOO_MANY_REQUESTS,
            text: rate_limit_text(limit.requests, limit.window_seconds),
            retry_after: limit.retry_after_seconds,
        });
    }
    calls.push_back(now);
    Ok(())
}

/// What a 429 of this instance says, whether its budget is spent or not.
pub(crate) fn rate_text(store: &Store) -> String {
    let limit = store.behaviour.rate_limit;
    let (requests, window) = limit.map_or((RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECONDS), |limit| {
        (limit.requests, limit.window_seconds)
    });
    rate_limit_text(requests, window)
}

/// The recorded text, with the numbers of this instance.
fn rate_limit_text(requests: u32, window_seconds: u32) -> String {
    const SECONDS_PER_MINUTE: u32 = 60;
    let window = match (
        window_seconds / SECONDS_PER_MINUTE,
        window_seconds % SECONDS_PER_MINUTE,
    ) {
        (minutes, 0) if minutes > 0 => format!("{minutes} minute"),
        _ => format!("{window_seconds} second"),
    };
    format!("Rate Limit Reached - {requests} Requests per rolling {window} window")
}

/// Checks scopes, then the agent. A scope taken away after the token was issued is a 403; so is what the agent may not
/// do, and every call of an application without an agent, which may only look at customers.
pub(crate) fn permit(store: &Store, grant: &Grant, need: Need) -> Result<Access, Refusal> {
    if grant.agent_id.is_none() && need != Need::ReadCustomers {
        if need == Need::Agent && store.behaviour.agentless_lookups == AgentlessLookups::Empty {
            return Ok(Access::Nothing);
        }
        return Err(Refusal::Bare(StatusCode::FORBIDDEN));
    }
    for scope in need.scopes(store) {
        if !grant.has(scope) {
            let status = StatusCode::from_u16(store.behaviour.under_scoped_status);
            return Err(Refusal::Bare(status.unwrap_or(StatusCode::UNAUTHORIZED)));
        }
        let withdrawn = &store.behaviour.withdrawn_scopes;
        if withdrawn.iter().any(|withdrawn| withdrawn == scope) {
            return Err(Refusal::Bare(StatusCode::FORBIDDEN));
        }
    }
    match need {
        need if need.allowed(store) => Ok(Access::Full),
        // The text is recorded, its status is not.
        Need::AddActions => Err(Refusal::Exception {
            status: StatusCode::FORBIDDEN,
            message: ACTION_REFUSED.to_owned(),
        }),
        _ => Err(Refusal::Bare(StatusCode::FORBIDDEN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_text_is_the_recorded_one_for_a_stock_instance() {
        assert_eq!(
            rate_limit_text(300, 300),
            "Rate Limit Reached - 300 Requests per rolling 5 minute window"
        );
        assert_eq!(
            rate_limit_text(3, 10),
            "Rate Limit Reached - 3 Requests per rolling 10 second window"
        );
    }
}
