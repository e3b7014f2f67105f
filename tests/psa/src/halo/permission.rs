//! Who may call what: the token's scopes, the agent behind it, and the rate budget.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::reply::Refusal;
use super::store::Store;
use super::token::Grant;

/// What a call needs beyond a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// `read:tickets`
    ReadTickets,
    /// `edit:tickets`
    EditTickets,
    /// `read:customers`, and `read:crm` under the switch
    /// [`customers_need_crm`](super::behaviour::Behaviour::customers_need_crm).
    ReadCustomers,
    /// `read:assets`
    ReadAssets,
    /// An agent, and no particular scope: pick-lists.
    Agent,
}

impl Need {
    fn scopes(self, store: &Store) -> &'static [&'static str] {
        match self {
            Self::ReadTickets => &["read:tickets"],
            Self::EditTickets => &["edit:tickets"],
            Self::ReadCustomers if store.behaviour.customers_need_crm => &["read:customers", "read:crm"],
            Self::ReadCustomers => &["read:customers"],
            Self::ReadAssets => &["read:assets"],
            Self::Agent => &[],
        }
    }
}

/// Checks the token: 401 when it is absent, unknown, revoked or expired.
pub(crate) fn authenticate(store: &Store, authorization: Option<&str>) -> Result<Grant, Refusal> {
    let token = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let grant = token.and_then(|token| store.tokens.grant(token, store.now()));
    grant.cloned().ok_or(Refusal::Bare(StatusCode::UNAUTHORIZED))
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

/// Checks scopes and agent. A scope taken away after the token was issued is a 403; so is an application without an
/// agent, which may only look at customers.
pub(crate) fn permit(store: &Store, grant: &Grant, need: Need) -> Result<(), Refusal> {
    if grant.agent_id.is_none() && need != Need::ReadCustomers {
        return Err(Refusal::Bare(StatusCode::FORBIDDEN));
    }
    for scope in need.scopes(store) {
        if !grant.scopes.contains(*scope) {
            let status = StatusCode::from_u16(store.behaviour.under_scoped_status);
            return Err(Refusal::Bare(status.unwrap_or(StatusCode::UNAUTHORIZED)));
        }
        if store
            .behaviour
            .withdrawn_scopes
            .iter()
            .any(|withdrawn| withdrawn == scope)
        {
            return Err(Refusal::Bare(StatusCode::FORBIDDEN));
        }
    }
    Ok(())
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
