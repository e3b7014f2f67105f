//! The connector's own checks. They come in an order in which an earlier one examines what a later one needs.

use super::{CLOCK, finding, from_failure};
use crate::show;
use helpbell_delivery::Delivery;
use helpbell_model::{
    FailureKind,
    doctor::{Check, Finding, Severity},
};
use helpbell_sandbox::{CallContext, Configured};

/// Checks that could not be made, as a finding.
pub(super) const NOT_EXAMINED: &str = "not-examined";

/// Makes the checks. `told` is what the host found before; without a sign-in only those are made that need none.
pub(super) async fn run(
    delivery: &Delivery,
    configured: Configured<'_>,
    signed_in: bool,
    told: &[Finding],
    progress: &show::Progress,
) -> Vec<Finding> {
    let context = CallContext {
        press: None,
        locale: "en".into(),
        not_after: None,
    };
    let checks = match delivery.psa().checks(&context).await.result {
        Ok(checks) => checks,
        Err(failure) => {
            return vec![from_failure(
                "connector",
                "The connector could not examine its integration.",
                failure,
            )];
        }
    };
    let mut examination = Examination {
        findings: vec![],
        signed_in,
        stopped: false,
        left_out: vec![],
    };
    for check in checks {
        if examination.stopped {
            examination.left_out.push(check);
            continue;
        }
        progress.step(&check.title);
        match delivery
            .psa()
            .examine(&context, &check.id, configured)
            .await
            .result
        {
            // The host compared this computer's own clock already.
            Ok(_) if check.id == CLOCK && told.iter().any(|finding| finding.check == CLOCK) => {}
            Ok(found) => examination.findings.extend(found),
            Err(failure) => examination.failed(check, failure),
        }
    }
    examination.over()
}

/// What has been found so far.
struct Examination {
    findings: Vec<Finding>,
    signed_in: bool,
    /// Whatever is left would fail in the same way.
    stopped: bool,
    left_out: Vec<Check>,
}

impl Examination {
    /// A check that could not be made follows from a problem that was found before it, if there is one; only
    /// without one it is told for itself.
    fn failed(&mut self, check: Check, failure: helpbell_model::Failure) {
        let explained = !self.signed_in
            || self
                .findings
                .iter()
                .any(|finding| finding.severity == Severity::Problem);
        self.stopped = !self.signed_in || meets_all(failure.kind);
        if explained {
            self.left_out.push(check);
        } else {
            self.findings
                .push(from_failure(&check.id, "This could not be examined.", failure));
        }
    }

    fn over(mut self) -> Vec<Finding> {
        let left_out: Vec<&str> = self.left_out.iter().map(|check| check.id.as_str()).collect();
        if !left_out.is_empty() {
            let what = if left_out.len() == 1 { "check" } else { "checks" };
            self.findings.push(Finding {
                why: format!("Not examined: {}.", left_out.join(", ")),
                cure: vec!["Cure that first, then run the doctor again.".into()],
                ..finding(
                    NOT_EXAMINED,
                    Severity::Note,
                    format!(
                        "{} {what} could not be made because of the problem above",
                        left_out.len()
                    ),
                )
            });
        }
        self.findings
    }
}

/// Whether a failure of this kind says something about every request, not about one check.
const fn meets_all(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Auth | FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::Failure;

    fn examination(signed_in: bool, severity: Option<Severity>) -> Examination {
        Examination {
            findings: severity
                .map(|severity| finding("servers", severity, "x"))
                .into_iter()
                .collect(),
            signed_in,
            stopped: false,
            left_out: vec![],
        }
    }

    fn check(id: &str) -> Check {
        Check {
            id: id.into(),
            title: String::new(),
        }
    }

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "x.y", "no").with_help("mend it")
    }

    #[test]
    fn a_check_that_fails_for_itself_is_told() {
        let mut alone = examination(true, Some(Severity::Warning));
        alone.failed(check("a"), failure(FailureKind::NotFound));
        assert!(!alone.stopped);
        let found = alone.over();
        assert_eq!(
            (found.len(), found[1].check.as_str(), found[1].severity),
            (2, "a", Severity::Problem)
        );
    }

    #[test]
    fn what_fails_after_a_problem_is_counted_and_not_told_again() {
        let mut after = examination(true, Some(Severity::Problem));
        after.failed(check("a"), failure(FailureKind::NotFound));
        after.failed(check("b"), failure(FailureKind::NotFound));
        let found = after.over();
        assert_eq!((found.len(), found[1].severity), (2, Severity::Note));
        assert!(
            found[1].summary.starts_with("2 checks") && found[1].why.contains("a, b"),
            "{found:?}"
        );
    }

    #[test]
    fn nothing_more_is_asked_without_a_sign_in_or_where_every_request_fails() {
        let mut without = examination(false, None);
        without.failed(check("a"), failure(FailureKind::InvalidInput));
        assert!(without.stopped && without.over()[0].check == NOT_EXAMINED);
        let mut limited = examination(true, None);
        limited.failed(check("a"), failure(FailureKind::RateLimited));
        assert!(limited.stopped && limited.over()[0].check == "a");
    }
}
