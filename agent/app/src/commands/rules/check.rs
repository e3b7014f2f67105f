//! `helpbell rules check`: what is wrong with rules, without running them.

use super::{
    super::Places,
    configuration, engine, examine, lint, named,
    scope::{Scope, Values},
};
use crate::{
    cli::RulesCheck as Args,
    error::{self, AppError},
    show,
};
use helpbell_model::rules::{Diagnostic, Examined, Severity};
use std::process::ExitCode;

pub(super) async fn run(here: &Places, args: &Args) -> Result<ExitCode, AppError> {
    let config = configuration(here)?;
    let source = named(args.file.as_deref(), config.as_ref())?;
    let progress = show::Progress::start(args.json);
    let engine = engine(here, config.as_ref(), &progress).await?;
    let scope = Scope::open(here, config.as_ref(), &args.psa).await?;
    let examined = examine(&engine, &source, &scope).await?;
    let (diagnostics, values) = linted(&examined, &scope, &progress).await;
    progress.finish();
    let notes = scope
        .note()
        .map(str::to_owned)
        .into_iter()
        .chain(values.problem());
    show::rules::checked(
        &source,
        &diagnostics,
        examined.rules.len(),
        &notes.collect::<Vec<_>>(),
        args.json,
    );
    Ok(ExitCode::from(code(&diagnostics, args.strict)))
}

/// What the engine found, and values that the PSA does not have, in the order of the source.
pub(super) async fn linted(
    examined: &Examined,
    scope: &Scope,
    progress: &show::Progress,
) -> (Vec<Diagnostic>, Values) {
    let wanted = lint::with_lists(&examined.literals, &scope.variables);
    let heard = |name: &str| progress.step(&format!("asking the PSA for its values of {name}"));
    let values = scope.values(&wanted, heard).await;
    let mut diagnostics = examined.diagnostics.clone();
    diagnostics.extend(lint::unknown_values(
        &examined.literals,
        &scope.variables,
        &values,
        &scope.defaults,
    ));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    (diagnostics, values)
}

/// The exit code: errors are wrong input, and so are warnings where nobody wants any.
fn code(diagnostics: &[Diagnostic], strict: bool) -> u8 {
    let refused = if strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    let is_refused = |diagnostic: &Diagnostic| diagnostic.severity >= refused;
    if diagnostics.iter().any(is_refused) {
        error::USAGE
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_always_count_and_warnings_only_where_nobody_wants_any() {
        let of = |severity| {
            vec![Diagnostic {
                severity,
                code: "syntax".into(),
                line: 1,
                column: 1,
                message: String::new(),
                help: None,
                replacement: None,
            }]
        };
        for (found, usual, strict) in [
            (vec![], 0, 0),
            (of(Severity::Note), 0, 0),
            (of(Severity::Warning), 0, 2),
            (of(Severity::Error), 2, 2),
        ] {
            assert_eq!(
                (code(&found, false), code(&found, true)),
                (usual, strict),
                "{found:?}"
            );
        }
    }
}
