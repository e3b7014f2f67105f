//! `helpbell doctor`: examines the integration from the configuration to the PSA, and says what cures it.
//!
//! ```text
//! configuration, rules ─► servers reachable ─► sign-in ─► the connector's own checks ─► (--write-test)
//! ```
//!
//! A stage that fails so that the next could only fail as well is the last, and what follows from a problem is not told as
//! another.

mod checks;
mod guide;
mod rules;
mod write_test;

use super::{Places, open};
use crate::{
    cli::Doctor as Args,
    config::Config,
    error::{self, AppError},
    show,
};
use helpbell_delivery::Delivery;
use helpbell_model::{
    Failure,
    doctor::{Finding, Severity},
};
use helpbell_sandbox::{Configured, Cure, Proxy, Reach};
use jiff::Timestamp;
use std::process::ExitCode;

/// A clock that is further off makes tokens and signatures fail.
const CLOCK_SKEW_S: i64 = 300;

/// The check that compares clocks, the host's and a connector's.
const CLOCK: &str = "clock";

/// Variables that send other programs through a proxy.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let progress = show::Progress::start(args.json);
    let (connector, findings) = examine(here, args.write_test, &progress).await;
    let findings = guide::completed(connector.as_deref(), findings);
    progress.finish();
    show::doctor::findings(&findings, args.json);
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(match worst {
        None | Some(Severity::Ok | Severity::Note) => ExitCode::SUCCESS,
        Some(Severity::Warning) => ExitCode::from(error::WARNING),
        Some(Severity::Problem) => ExitCode::from(error::PROBLEM),
    })
}

/// What was found, and the connector that was examined, if it came to that.
async fn examine(
    here: &Places,
    write_test: bool,
    progress: &show::Progress,
) -> (Option<String>, Vec<Finding>) {
    progress.step("reading the configuration");
    let (delivery, config) = match opened(here).await {
        Ok(opened) => opened,
        Err(error) => return (None, vec![from_error(&error)]),
    };
    let mut findings = vec![finding(
        "configuration",
        Severity::Ok,
        format!(
            "{} is complete, {}, and the connector is allowed",
            here.config.display(),
            config.key.guarded()
        ),
    )];
    progress.step("reading the rules");
    findings.extend(rules::examined(here, &delivery, &config).await);
    findings.extend(integration(here, &delivery, &config, write_test, progress).await);
    (
        Some(delivery.psa().connector().description().id.clone()),
        findings,
    )
}

async fn integration(
    here: &Places,
    delivery: &Delivery,
    config: &Config,
    write_test: bool,
    progress: &show::Progress,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = proxy(config.proxy.as_ref()).into_iter().collect();

    progress.step("reaching the servers");
    let attempts = delivery.psa().reach().await;
    let reachable = attempts.iter().all(|attempt| attempt.outcome.is_ok());
    findings.extend(attempts.iter().map(reached));
    // Servers of one PSA have one clock.
    findings.extend(attempts.iter().find_map(clock));
    if !reachable {
        return findings;
    }

    progress.step("signing in");
    let signed_in = delivery.psa().authenticate().await.result;
    let may_go_on = signed_in.is_ok();
    findings.push(match signed_in {
        Ok(()) => {
            let whom = delivery.psa().identity().await.map(|whom| format!(", as {whom}"));
            finding(
                "sign-in",
                Severity::Ok,
                format!("the API key is accepted{}", whom.unwrap_or_default()),
            )
        }
        Err(failure) => from_failure(
            "sign-in",
            "Without signing in no press becomes a ticket; presses are kept until it works.",
            failure,
        ),
    });

    // The connector's first checks say more about a sign-in that failed, so they run all the same.
    let configured = Configured {
        defaults: &config.defaults,
        webhook_url: config.webhook.as_deref(),
    };
    let found = checks::run(delivery, configured, may_go_on, &findings, progress).await;
    findings.extend(found);
    if write_test && may_go_on {
        findings.extend(write_test::run(here, delivery, &config.defaults, progress).await);
    }
    findings
}

/// The delivery and the configuration it was opened with.
async fn opened(here: &Places) -> Result<(Delivery, Config), AppError> {
    let config = Config::read(&here.config)?;
    Ok((open::delivery(here).await?, config))
}

/// A finding without cure.
fn finding(check: &str, severity: Severity, summary: impl Into<String>) -> Finding {
    Finding {
        check: check.to_owned(),
        severity,
        summary: summary.into(),
        why: String::new(),
        cure: vec![],
        suggestion: None,
        guide: None,
    }
}

fn from_error(error: &AppError) -> Finding {
    Finding {
        why: "Presses are kept on this computer until it is cured.".into(),
        cure: error.help().into_iter().collect(),
        ..finding("configuration", Severity::Problem, error.to_string())
    }
}

fn from_failure(check: &str, why: &str, failure: Failure) -> Finding {
    Finding {
        why: why.to_owned(),
        cure: failure.help.into_iter().collect(),
        ..finding(check, Severity::Problem, failure.message)
    }
}

/// Helpbell goes straight to the PSA unless its configuration names a proxy; whoever expects otherwise
/// should know, and so should whoever relies upon the check of addresses.
fn proxy(configured: Option<&Proxy>) -> Option<Finding> {
    if let Some(proxy) = configured {
        return Some(Finding {
            why: "The proxy resolves the names, so Helpbell cannot check which addresses they lead to: a name that \
                  leads into a private network is the proxy's to refuse. Origins, methods and paths are checked as ever."
                .into(),
            cure: vec![format!(
                "Let {proxy} refuse private, loopback and link-local addresses (169.254.0.0/16 holds the metadata of clouds)."
            )],
            ..finding("proxy", Severity::Note, format!("all requests go through the proxy {proxy}"))
        });
    }
    let variable = PROXY_VARIABLES
        .iter()
        .find(|variable| std::env::var_os(variable).is_some())?;
    Some(Finding {
        why: "Where a firewall lets only the proxy out, the servers below cannot be reached.".into(),
        cure: vec![
            "Allow this computer to reach the PSA's servers directly, or let helpbell.toml name the proxy:\n[network]\nproxy = \"http://…\"".into(),
        ],
        ..finding(
            "proxy",
            Severity::Note,
            format!("{variable} is set, but Helpbell heeds its own configuration only: it connects to the PSA directly"),
        )
    })
}

fn reached(attempt: &Reach) -> Finding {
    let check = format!("{}{}", guide::REACH, attempt.origin);
    match &attempt.outcome {
        Ok(answer) => finding(
            &check,
            Severity::Ok,
            format!("{} answers ({} ms)", attempt.address, answer.ms),
        ),
        Err(not) => Finding {
            why: "Presses are kept on this computer until the server can be reached.".into(),
            cure: not_reached(attempt, not.cure.as_ref()),
            ..finding(
                &check,
                Severity::Problem,
                format!("{} cannot be reached: {not}", attempt.address),
            )
        },
    }
}

/// What to do about a server that was not reached. `allow` is what would allow it where this computer refused.
fn not_reached(attempt: &Reach, allow: Option<&Cure>) -> Vec<String> {
    let (origin, address) = (&attempt.origin, &attempt.address);
    let Some(allow) = allow else {
        return vec![format!(
            "Check `{origin}` in helpbell.toml against the PSA's screen, its https:// or http:// too, and whether {address} can be opened from this computer."
        )];
    };
    let plain = matches!(allow, Cure::Line { line, .. } if line.starts_with("allow-http"));
    let secure = plain
        .then(|| format!("If the PSA's screen shows https://, write it so in `{origin}` of helpbell.toml."));
    let premises = format!("If this is a server on your premises, {allow}");
    secure.into_iter().chain([premises]).collect()
}

/// A clock that disagrees with the server's.
fn clock(attempt: &Reach) -> Option<Finding> {
    let date = attempt.outcome.as_ref().ok()?.date.as_deref()?;
    let skew = skew(date).filter(|skew| skew.abs() > CLOCK_SKEW_S)?;
    let direction = if skew > 0 { "ahead of" } else { "behind" };
    Some(Finding {
        why: "Tokens and certificates are valid for a time; with a wrong clock they fail, and presses carry a wrong time.".into(),
        cure: vec!["Switch automatic time on in the system's settings.".into()],
        ..finding(CLOCK, Severity::Warning, format!("this computer's clock is {} s {direction} the server's", skew.abs()))
    })
}

/// Seconds by which this computer's clock is ahead of a `Date` header.
fn skew(date: &str) -> Option<i64> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(Timestamp::now().as_second() - theirs.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_sandbox::{NotReached, Reached};

    fn attempt(outcome: Result<Reached, NotReached>) -> Reach {
        Reach {
            origin: "resource-server".into(),
            address: "https://halo.example.com/api".into(),
            outcome,
        }
    }

    #[test]
    fn a_server_that_answers_is_fine_and_its_clock_is_compared() {
        let now = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answers = |date: &str| {
            attempt(Ok(Reached {
                status: 401,
                ms: 12,
                date: Some(date.to_owned()),
            }))
        };
        assert_eq!(reached(&answers(&now)).severity, Severity::Ok);
        assert_eq!(clock(&answers(&now)), None);
        let late = clock(&answers("Sun, 06 Nov 1994 08:49:37 GMT")).unwrap();
        assert_eq!((late.check.as_str(), late.severity), ("clock", Severity::Warning));
        assert_eq!(
            clock(&answers("yesterday")),
            None,
            "an unreadable date is no finding"
        );
    }

    #[test]
    fn a_server_that_is_refused_here_comes_with_the_line_that_allows_it() {
        let refused = NotReached {
            reason: "10.0.0.5 is private".into(),
            cure: Some(Cure::Line {
                section: "network",
                line: "allow-addresses = [\"10.0.0.5/32\"]".into(),
            }),
        };
        let found = reached(&attempt(Err(refused)));
        assert_eq!(found.severity, Severity::Problem);
        assert!(found.cure[0].contains("allow-addresses"));
    }

    #[test]
    fn plain_http_is_told_to_become_https_before_it_is_told_how_to_be_allowed() {
        let refused = NotReached {
            reason: "plain http".into(),
            cure: Some(Cure::Line {
                section: "network",
                line: "allow-http = true".into(),
            }),
        };
        let plain = Reach {
            address: "http://halo.example.com/api".into(),
            ..attempt(Err(refused))
        };
        let cure = reached(&plain).cure;
        assert!(
            cure[0].contains("https://") && cure[1].contains("allow-http = true"),
            "{cure:?}"
        );
    }

    #[test]
    fn a_configured_proxy_is_named_with_what_it_weakens() {
        let proxy_found = proxy(Some(&Proxy::parse("http://proxy.example:3128").unwrap())).unwrap();
        assert_eq!(proxy_found.severity, Severity::Note);
        assert!(proxy_found.summary.contains("http://proxy.example:3128"));
        assert!(proxy_found.why.contains("cannot check which addresses"));
    }
}
