//! Where requests go: the two servers as they were pasted, what Halo says of itself, and its clock.

use helpbell_connector::http::{path_of, split};
use helpbell_connector::{Failure, FailureKind, Finding};

use super::{Findings, IDENTITY, NOTE, OK, PROBLEM, WARNING, cured, finding, suggesting};
use crate::api::{AUTHINFO, Api};
use crate::describe::{
    API_KEY, API_PREFIX, API_SCREEN, AUTHORISATION_SERVER, HOSTED, HOSTING, ON_PREM, RESOURCE_SERVER,
};
use crate::discovery::{AUTH_PATH, AuthInfo, TOKEN_PATH, is_same_server};

/// Seconds that two clocks may differ before tokens and certificates are judged wrongly; the usual
/// tolerance of token checks.
pub(super) const SKEW_S: u64 = 300;

const WHY: &str = "Without the right servers no press reaches Halo.";

pub(super) fn examine(api: &Api<'_>) -> Findings {
    let resource = api.call.required(RESOURCE_SERVER)?;
    let authorisation = api.call.setting(AUTHORISATION_SERVER).unwrap_or_default();
    let suspicions = misplaced(api, resource, authorisation);
    let answer = match api.answer(&AUTHINFO) {
        Ok(answer) => answer,
        // No token or no answer: what is wrong with the settings explains it better.
        Err(failure) if suspicions.is_empty() => return Err(failure),
        Err(_) => return Ok(suspicions),
    };
    let info = match api.read(&answer, &AUTHINFO) {
        Ok(info) => info,
        Err(failure) if suspicions.is_empty() => return unanswered(resource, failure),
        Err(_) => return Ok(suspicions),
    };
    // Signed in and answered: both servers work as they are, whatever they look like.
    let mut findings = Vec::new();
    let info = AuthInfo::of(&info);
    if let Some(real) = info.server.filter(|real| !is_same_server(real, authorisation)) {
        let summary =
            format!("Halo names {real} as its Authorisation Server, the setting says {authorisation}");
        findings.push(suggesting(at_fault(WARNING, summary), AUTHORISATION_SERVER, real));
    }
    let hosting = api.call.setting(HOSTING).unwrap_or(HOSTED);
    let known = identity_part(api, "tenant ");
    match (info.tenant.as_deref(), hosting, known) {
        (Some(""), HOSTED, _) => findings.push(suggesting(
            at_fault(WARNING, "this Halo has no tenant, but Cloud Hosted is chosen"),
            HOSTING,
            ON_PREM,
        )),
        (Some("") | None, ..) => {}
        (Some(tenant), ON_PREM, _) => findings.push(suggesting(
            at_fault(
                NOTE,
                format!("this Halo has the tenant {tenant}, but On-Prem is chosen"),
            ),
            HOSTING,
            HOSTED,
        )),
        (Some(tenant), _, Some(known)) if !tenant.eq_ignore_ascii_case(&known) => {
            let summary = format!("this Halo has the tenant {tenant}, the API key begins with {known}");
            findings.push(Finding {
                guide: Some("docs/halo.md#key".to_owned()),
                ..suggesting(
                    at_fault(WARNING, summary),
                    API_KEY,
                    format!("{tenant}+client_id:client_secret"),
                )
            });
        }
        _ => {}
    }
    if findings.is_empty() {
        findings.push(finding(OK, "both servers are Halo's", "servers"));
    }
    Ok(findings)
}

/// Halo's time against ours.
pub(super) fn clock(api: &Api<'_>) -> Findings {
    let answer = api.answer(&AUTHINFO)?;
    let now = api.call.now_unix();
    let Some(theirs) = answer.date_unix() else {
        return Ok(vec![finding(
            NOTE,
            "Halo's answer does not tell its time",
            "servers",
        )]);
    };
    let skew = now.abs_diff(theirs);
    if skew <= SKEW_S {
        return Ok(vec![finding(
            OK,
            format!("the clocks agree within {skew} s"),
            "servers",
        )]);
    }
    let order = if now > theirs { "ahead of" } else { "behind" };
    Ok(vec![cured(
        finding(
            WARNING,
            format!("this machine's clock is {skew} s {order} Halo's"),
            "servers",
        ),
        "Tokens and certificates look expired, or not yet valid, to a wrong clock.",
        &["Set this machine's clock, or let it follow a time server."],
    )])
}

/// What the pasted addresses alone give away.
fn misplaced(api: &Api<'_>, resource: &str, authorisation: &str) -> Vec<Finding> {
    let (at, tokens) = (
        path_of(resource).to_ascii_lowercase(),
        path_of(authorisation).to_ascii_lowercase(),
    );
    let mut findings = Vec::new();
    let mut wrong = |summary: &str, setting: &str, value: String| {
        findings.push(suggesting(at_fault(PROBLEM, summary), setting, value));
    };
    let swapped = at.ends_with(AUTH_PATH) && tokens.ends_with(API_PREFIX);
    if swapped {
        wrong(
            "Resource Server and Authorisation Server are swapped",
            RESOURCE_SERVER,
            authorisation.to_owned(),
        );
        wrong(
            "Authorisation Server and Resource Server are swapped",
            AUTHORISATION_SERVER,
            resource.to_owned(),
        );
        return findings;
    }
    if at.ends_with(AUTH_PATH) {
        let value = format!("{}{API_PREFIX}", origin_of(resource));
        wrong(
            "the Resource Server is the address of the Authorisation Server",
            RESOURCE_SERVER,
            value,
        );
    }
    if tokens.ends_with(API_PREFIX) {
        let value = format!("{}{AUTH_PATH}", origin_of(authorisation));
        wrong(
            "the Authorisation Server is the address of the Resource Server",
            AUTHORISATION_SERVER,
            value,
        );
    } else if let Some(length) = tokens
        .strip_suffix(TOKEN_PATH)
        .map(|_| authorisation.trim_end_matches('/').len())
    {
        let value = authorisation.get(..length - TOKEN_PATH.len()).unwrap_or_default();
        wrong(
            "the Authorisation Server has /token behind it, which is added anyway",
            AUTHORISATION_SERVER,
            value.to_owned(),
        );
    } else if tokens.is_empty()
        && api.call.setting(HOSTING) != Some(ON_PREM)
        && origin_of(authorisation).eq_ignore_ascii_case(origin_of(resource))
    {
        let value = format!("{}{AUTH_PATH}", origin_of(authorisation));
        wrong(
            "the Authorisation Server lacks its /auth",
            AUTHORISATION_SERVER,
            value,
        );
    }
    findings
}

/// The Resource Server did not say where tokens are.
fn unanswered(resource: &str, failure: Failure) -> Findings {
    let path = path_of(resource).to_ascii_lowercase();
    let usual = path.is_empty() || path.ends_with(API_PREFIX);
    match failure.kind {
        FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout => Err(failure),
        _ if !usual => Ok(vec![suggesting(
            at_fault(
                PROBLEM,
                format!("the Resource Server is not Halo's API: {}", failure.message),
            ),
            RESOURCE_SERVER,
            format!("{}{API_PREFIX}", origin_of(resource)),
        )]),
        FailureKind::Internal => Ok(vec![at_fault(PROBLEM, failure.message)]),
        _ => Ok(vec![at_fault(
            NOTE,
            format!(
                "this Halo does not say where its tokens come from, so the servers were not compared: {}",
                failure.message
            ),
        )]),
    }
}

fn at_fault(severity: &str, summary: impl Into<String>) -> Finding {
    cured(
        finding(severity, summary, "servers"),
        WHY,
        &[
            &format!("In Halo, open {API_SCREEN}."),
            "Copy Resource Server, Authorisation Server and Tenant exactly as they are shown there.",
        ],
    )
}

/// Scheme, host and port of an address.
fn origin_of(address: &str) -> &str {
    let rest = split(address).map_or(0, |(_, authority, _)| authority.len());
    let scheme = address.find("://").map_or(0, |end| end + 3);
    address.get(..scheme + rest).unwrap_or(address)
}

/// A part of what the host knows of the token: `tenant acme`, `scopes read:tickets …`.
pub(super) fn identity_part(api: &Api<'_>, name: &str) -> Option<String> {
    let identity = api.call.setting(IDENTITY)?;
    let part = identity.split(", ").find_map(|part| part.strip_prefix(name))?;
    Some(part.trim().to_owned()).filter(|part| !part.is_empty())
}
