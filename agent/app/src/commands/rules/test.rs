//! `helpbell rules test`: runs rules on values that nobody files.

use super::{
    super::Places,
    configuration, engine, examine, named,
    scope::Scope,
    values::{self, Pressed},
};
use crate::{
    cli::{ForPsa, RulesTest as Args},
    error::{self, AppError},
    show::{self, rules::Tried},
};
use helpbell_delivery::rules::{Digests, Ruling, circumstances};
use helpbell_model::rules::{Circumstances, Diagnostic, Input};
use jiff::Timestamp;
use std::process::ExitCode;

pub(super) async fn run(here: &Places, args: &Args) -> Result<ExitCode, AppError> {
    let config = configuration(here)?;
    let source = named(args.file.as_deref(), config.as_ref())?;
    let progress = show::Progress::start(args.json);
    let engine = engine(here, config.as_ref(), &progress).await?;
    let psa = ForPsa {
        connector: args.connector.clone(),
        offline: true,
    };
    let scope = Scope::open(here, config.as_ref(), &psa).await?;
    let pressed = match &args.press {
        Some(press) => Pressed::named(here, press).await?,
        None => Pressed::sample(),
    };
    let (variables, notes) = values::variables(&scope, pressed, &args.set)?;
    let notes: Vec<String> = scope.note().map(str::to_owned).into_iter().chain(notes).collect();
    let examined = examine(&engine, &source, &scope).await?;
    if examined.has_errors() {
        progress.finish();
        show::rules::unreadable(&source, &examined.diagnostics, args.json);
        return Ok(ExitCode::from(error::USAGE));
    }
    progress.step("running the rules");
    let input = Input {
        source: source.text.clone(),
        variables,
        circumstances: seen(args),
    };
    let call = engine.run(&input).await;
    progress.finish();
    let outcome = match call.result {
        Ok(outcome) => outcome,
        Err(failure) => {
            show::rules::stopped(&failure, &notes, args.json);
            return Ok(ExitCode::from(error::INTERNAL));
        }
    };
    let ruling = Ruling::of(
        Digests::default(),
        input.circumstances,
        &input.variables,
        &scope.variables,
        outcome.clone(),
    );
    let tried = Tried {
        source: &source,
        input: &input,
        outcome: &outcome,
        diagnostics: &all(examined.diagnostics, &outcome.diagnostics),
        corrections: &ruling.corrections,
        refused: ruling.orders.refused.as_deref(),
        notes: &notes,
    };
    show::rules::tried(&tried, args.json);
    Ok(if outcome.failure.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(error::INTERNAL)
    })
}

/// The time and chance that the rules see: as given, else those of now.
fn seen(args: &Args) -> Circumstances {
    let now = circumstances(Timestamp::now());
    let (clock_ms, offset_minutes) = match args.clock {
        Some(clock) => (
            u64::try_from(clock.at.as_millisecond()).unwrap_or_default(),
            clock.offset_minutes,
        ),
        None => (now.clock_ms, now.offset_minutes),
    };
    Circumstances {
        clock_ms,
        offset_minutes,
        seed: args.seed.unwrap_or(now.seed),
    }
}

/// What was seen before and during the run, each thing once and in the order of the source.
fn all(before: Vec<Diagnostic>, during: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut all = before;
    for noticed in during {
        let is_same = |known: &Diagnostic| {
            (known.line, known.column, &known.code) == (noticed.line, noticed.column, &noticed.code)
        };
        if !all.iter().any(is_same) {
            all.push(noticed.clone());
        }
    }
    all.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::Severity;

    #[test]
    fn what_was_noticed_twice_is_told_once() {
        let of = |line, code: &str| Diagnostic {
            severity: Severity::Warning,
            code: code.into(),
            line,
            column: 1,
            message: String::new(),
            help: None,
            replacement: None,
        };
        let before = vec![of(4, "read-only"), of(6, "is-literal")];
        let during = [of(4, "read-only"), of(5, "no-classifier")];
        let lines: Vec<u32> = all(before, &during).iter().map(|told| told.line).collect();
        assert_eq!(lines, [4, 5, 6]);
    }
}
