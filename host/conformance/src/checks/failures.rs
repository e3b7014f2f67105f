//! Whether failures are told as what they are. The server seems to fail; the connector does not know better.

use crate::{
    Verdict,
    scenario::{Broken, Scenario, of, told},
    wire::{Fault, Meets},
};
use helpbell_model::{Effect, Failure, FailureKind};
use http::{StatusCode, header};

/// What an overloaded server asks for, in seconds.
const WAIT: &str = "7";
/// The same in milliseconds, and how much longer is still the same.
const WAIT_MS: std::ops::RangeInclusive<u64> = 6_000..=8_000;

/// Files a ticket at a server that seems to fail. A session of its own: nothing that an earlier check left in the
/// cache hides the fault.
async fn create_at(scenario: &mut Scenario, fault: Fault) -> Result<(Failure, Effect), String> {
    let session = scenario
        .subject
        .session(&scenario.line, None)
        .map_err(|error| error.to_string())?;
    // Signs in while the server still works.
    if let Err(failure) = session.authenticate().await.result {
        return Err(format!("signing in failed: {}", told(&failure)));
    }
    let press = scenario.next_press();
    let draft = scenario.draft("Helpbell conformance: a server that fails");
    scenario.line.seems(Some(fault));
    let call = session.create(&of(press), &draft).await;
    scenario.line.seems(None);
    let effect = call.effect;
    match scenario.took("tickets.create", call) {
        Err(failure) => Ok((failure, effect)),
        Ok((ticket, _)) => Err(format!("it says that it filed ticket {}", ticket.number)),
    }
}

/// One of these kinds, with words that help.
async fn told_as(
    scenario: &mut Scenario,
    fault: Fault,
    kinds: &[FailureKind],
    what: &str,
    broken: &mut Broken,
) -> Option<(Failure, Effect)> {
    match create_at(scenario, fault).await {
        Err(said) => {
            broken.unless(false, || format!("{what}: {said}"));
            None
        }
        Ok((failure, effect)) => {
            broken.unless(kinds.contains(&failure.kind), || {
                let expected: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
                format!(
                    "{what} was told as: {}; expected {}",
                    told(&failure),
                    expected.join(" or ")
                )
            });
            broken.unless(
                !failure.message.trim().is_empty() && !failure.code.trim().is_empty(),
                || format!("{what}: the failure has no words or no code: {failure:?}"),
            );
            Some((failure, effect))
        }
    }
}

fn quoted(failures: &[Failure]) -> String {
    let words: Vec<String> = failures
        .iter()
        .map(|failure| format!("“{}”", failure.message))
        .collect();
    words.join("; ")
}

async fn with_help(scenario: &mut Scenario, fault: Fault, kinds: &[FailureKind], what: &str) -> Verdict {
    let mut broken = Broken::default();
    let Some((failure, _)) = told_as(scenario, fault, kinds, what, &mut broken).await else {
        return broken.verdict("");
    };
    broken.unless(
        failure.help.as_ref().is_some_and(|help| !help.trim().is_empty()),
        || {
            format!(
                "{what} was told without help, and somebody has to cure it: {}",
                told(&failure)
            )
        },
    );
    broken.verdict(quoted(&[failure]))
}

/// Where signing in sends something, it is refused there: while working, a 401 comes after the host has signed in anew,
/// and some PSAs mean a missing permission by it. Where nothing is sent, the first request of the work is refused.
pub(super) async fn auth(scenario: &mut Scenario) -> Verdict {
    if scenario
        .session
        .connector()
        .description()
        .auth_requests
        .is_empty()
    {
        let fault = Fault::answers(Meets::Work, StatusCode::UNAUTHORIZED, "{}");
        return with_help(scenario, fault, &[FailureKind::Auth], "401").await;
    }
    let session = match scenario.subject.session(&scenario.line, None) {
        Ok(session) => session,
        Err(error) => return Verdict::Failed(vec![error.to_string()]),
    };
    let refusal = "{\"error\":\"invalid_client\"}";
    scenario.line.seems(Some(Fault::answers(
        Meets::SigningIn,
        StatusCode::UNAUTHORIZED,
        refusal,
    )));
    let result = session.authenticate().await.result;
    scenario.line.seems(None);
    let mut broken = Broken::default();
    match result {
        Ok(()) => broken.unless(false, || {
            "signing in was refused, and it says that it succeeded".into()
        }),
        Err(failure) => {
            broken.unless(failure.kind == FailureKind::Auth, || {
                format!(
                    "signing in was refused with 401; that was told as: {}",
                    told(&failure)
                )
            });
            broken.unless(failure.help.is_some(), || {
                "a wrong key was told without help".into()
            });
            return broken.verdict(quoted(&[failure]));
        }
    }
    broken.verdict("")
}

pub(super) async fn forbidden(scenario: &mut Scenario) -> Verdict {
    let fault = Fault::answers(Meets::Effects, StatusCode::FORBIDDEN, "{}");
    with_help(scenario, fault, &[FailureKind::Forbidden], "403 for the ticket").await
}

pub(super) async fn invalid_input(scenario: &mut Scenario) -> Verdict {
    let fault = Fault::answers(
        Meets::Effects,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{\"message\":\"the moon is full\"}",
    );
    let mut broken = Broken::default();
    let kinds = [FailureKind::InvalidInput];
    let told = told_as(scenario, fault, &kinds, "422 for the ticket", &mut broken).await;
    broken.verdict(told.map(|(failure, _)| quoted(&[failure])).unwrap_or_default())
}

pub(super) async fn conflict(scenario: &mut Scenario) -> Verdict {
    let fault = Fault::answers(
        Meets::Effects,
        StatusCode::CONFLICT,
        "{\"message\":\"it changed meanwhile\"}",
    );
    let mut broken = Broken::default();
    let kinds = [FailureKind::Conflict];
    let told = told_as(scenario, fault, &kinds, "409 for the ticket", &mut broken).await;
    broken.verdict(told.map(|(failure, _)| quoted(&[failure])).unwrap_or_default())
}

/// An id that has the form of one and belongs to nothing: the last ticket's, with digits put before it.
pub(super) async fn not_found(scenario: &mut Scenario) -> Verdict {
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    let id = format!("9{:0>8}", ticket.id);
    let call = scenario.session.get(&of(press), &id).await;
    let mut broken = Broken::default();
    match scenario.took("tickets.get", call) {
        Ok(state) => broken.unless(false, || {
            format!("ticket {id} does not exist, and was shown: {state:?}")
        }),
        Err(failure) => {
            broken.unless(failure.kind == FailureKind::NotFound, || {
                format!("ticket {id} does not exist; that was told as: {}", told(&failure))
            });
            return broken.verdict(quoted(&[failure]));
        }
    }
    broken.verdict("")
}

pub(super) async fn rate_limited(scenario: &mut Scenario) -> Verdict {
    let fault =
        Fault::answers(Meets::Work, StatusCode::TOO_MANY_REQUESTS, "{}").with(header::RETRY_AFTER, WAIT);
    let mut broken = Broken::default();
    let kinds = [FailureKind::RateLimited];
    let Some((failure, _)) = told_as(scenario, fault, &kinds, "429", &mut broken).await else {
        return broken.verdict("");
    };
    let wait = failure.retry_after_ms;
    broken.unless(wait.is_some_and(|wait| WAIT_MS.contains(&wait)), || {
        format!("the server asked for {WAIT} s, the failure says {wait:?} ms")
    });
    broken.verdict(quoted(&[failure]))
}

pub(super) async fn unavailable(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let kinds = [FailureKind::Unavailable];
    let down = Fault::answers(Meets::Work, StatusCode::SERVICE_UNAVAILABLE, "upstream is down");
    let mut failures = vec![];
    for (fault, what) in [
        (down, "503"),
        (Fault::refuses(Meets::Work), "a refused connection"),
    ] {
        failures.extend(
            told_as(scenario, fault, &kinds, what, &mut broken)
                .await
                .map(|(failure, _)| failure),
        );
    }
    broken.verdict(quoted(&failures))
}

pub(super) async fn timeout(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let silent = Fault::silent(Meets::Effects);
    let kinds = [FailureKind::Timeout];
    let mut failures = vec![];
    let lost = Fault::breaks(Meets::Effects);
    let either = [FailureKind::Unavailable, FailureKind::Timeout];
    for (fault, kinds, what) in [
        (silent, &kinds[..], "silence after the ticket was sent"),
        (
            lost,
            &either[..],
            "a connection that ended after the ticket was sent",
        ),
    ] {
        if let Some((failure, effect)) = told_as(scenario, fault, kinds, what, &mut broken).await {
            broken.unless(effect == Effect::Unknown, || {
                format!("{what} leaves it unknown whether there is a ticket; the host reads {effect:?}")
            });
            failures.push(failure);
        }
    }
    broken.verdict(quoted(&failures))
}

pub(super) async fn internal(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let any = [
        FailureKind::Internal,
        FailureKind::Unavailable,
        FailureKind::Auth,
        FailureKind::Forbidden,
        FailureKind::InvalidInput,
        FailureKind::NotFound,
    ];
    let unreadable = Fault::answers(Meets::Effects, StatusCode::OK, "{\"id\": 5");
    let empty = Fault::answers(Meets::Effects, StatusCode::OK, "{}");
    let page = Fault::page(Meets::Effects);
    let mut failures = vec![];
    for (fault, kinds, what) in [
        (
            unreadable,
            &[FailureKind::Internal][..],
            "an answer that breaks off",
        ),
        (empty, &[FailureKind::Internal][..], "an answer without a ticket"),
        (page, &any[..], "a web page instead of an answer"),
    ] {
        failures.extend(
            told_as(scenario, fault, kinds, what, &mut broken)
                .await
                .map(|(failure, _)| failure),
        );
    }
    broken.verdict(quoted(&failures))
}

/// Functions that belong to a capability it does not claim.
pub(super) async fn unsupported(scenario: &mut Scenario) -> Verdict {
    let Some((press, ticket)) = scenario.filed.clone() else {
        return Verdict::Skipped("no ticket was filed".into());
    };
    if scenario.has("close") {
        return Verdict::Skipped("it claims all that could be unsupported".into());
    }
    let call = scenario.session.close(&of(press), &ticket.id, "no reason").await;
    let mut broken = Broken::default();
    match scenario.took("tickets.close", call) {
        Ok(()) => broken.unless(false, || "it closes tickets and does not claim to".into()),
        Err(failure) => broken.unless(failure.kind == FailureKind::Unsupported, || {
            format!("closing is not claimed; that was told as: {}", told(&failure))
        }),
    }
    broken.verdict("closing a ticket")
}
