//! Sites that do not answer, certificates, inspection, and the clock by which certificates are judged.

use super::{info, listed, problem, warning};
use crate::{findings::finding, units::duration};
use helpbell_model::report::{Area, Finding, Internet, Severity, Site};

/// Seconds by which a clock may be wrong before sign-ins fail: Kerberos and many one-time codes allow five minutes.
const SIGN_INS_FAIL: u64 = 5 * 60;
/// Seconds by which a clock that is set by others is never wrong.
const WORTH_KNOWING: u64 = 90;

pub(super) fn findings(internet: Option<&Internet>, names_fail: bool) -> Vec<Finding> {
    let Some(internet) = internet else {
        return Vec::new();
    };
    let clock = internet.clock_skew_seconds.and_then(clock);
    let mut found = Vec::new();
    found.extend(silent(&internet.sites, internet.proxy.as_deref(), names_fail));
    found.extend(doubted(&internet.sites, clock.is_some()));
    found.extend(inspected(&internet.sites));
    found.extend(clock);
    found
}

fn clock(ahead: i64) -> Option<Finding> {
    let off = ahead.unsigned_abs();
    let severity = match off {
        0..WORTH_KNOWING => return None,
        WORTH_KNOWING..SIGN_INS_FAIL => Severity::Warning,
        _ => Severity::Problem,
    };
    let way = if ahead > 0 { "ahead" } else { "behind" };
    let title = format!("The clock is {} {way}", duration(off));
    let detail = if severity == Severity::Problem {
        "Sign-ins fail and certificates are refused. Let the computer set its time by the network."
    } else {
        "From five minutes on, sign-ins fail. Let the computer set its time by the network."
    };
    Some(finding(Area::Software, severity, title, detail))
}

/// Sites that do not answer although the internet does. Those whose name is not found are told of by the names.
fn silent(sites: &[Site], proxy: Option<&str>, names_fail: bool) -> Option<Finding> {
    let is_name = |site: &&Site| site.note.starts_with("its name is not found");
    let silent: Vec<&Site> = sites
        .iter()
        .filter(|site| !site.answered)
        .filter(|site| !(names_fail && is_name(site)))
        .collect();
    let first = silent.first()?;
    let hosts: Vec<&str> = silent.iter().map(|site| site.host.as_str()).collect();
    if first.note.ends_with("the proxy wants a sign-in") {
        let title = format!("The proxy {} wants a sign-in", proxy.unwrap_or_default());
        let detail = "Programs that do not know user and password for it reach nothing.";
        return Some(warning(title, detail));
    }
    let title = if hosts.len() == 1 {
        format!("{} {}", first.host, first.note)
    } else {
        format!("{} do not answer", listed(&hosts))
    };
    let detail = "Other hosts on the internet do answer: a firewall, a filter or the provider keeps these away, or they are down.";
    if hosts.len() == sites.len() {
        Some(problem(title, detail))
    } else {
        Some(warning(title, detail))
    }
}

/// Certificates this machine does not believe. A wrong clock explains those that are out of date.
fn doubted(sites: &[Site], clock_is_wrong: bool) -> Option<Finding> {
    let doubted: Vec<&Site> = sites
        .iter()
        .filter(|site| site.answered && site.note.contains("certificate"))
        .filter(|site| !(clock_is_wrong && site.note.contains("clock")))
        .collect();
    let first = doubted.first()?;
    let title = format!("{} {}", first.host, first.note);
    let signer = first
        .issuer
        .as_deref()
        .map(|issuer| format!(" It was signed by “{issuer}”."))
        .unwrap_or_default();
    let others = match doubted.len() - 1 {
        0 => String::new(),
        more => format!(" The same goes for {more} more."),
    };
    let detail = format!("Browsers and programs refuse the connection.{signer}{others}");
    Some(problem(title, detail))
}

fn inspected(sites: &[Site]) -> Option<Finding> {
    let site = sites.iter().find(|site| site.inspected == Some(true))?;
    let by = site.issuer.as_deref().unwrap_or("somebody without a name");
    let title = format!("Secure connections are opened and inspected by {by}");
    let detail = "A filter or virus scanner signs in the sites' place. Programs that bring their own list of authorities refuse that.";
    Some(info(title, detail))
}
