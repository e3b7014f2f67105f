//! The operator's dispatcher rules: whether they are there, can run, and will do what is meant.

use super::{Places, finding, from_failure, open};
use crate::{
    config::{Config, RulesChoice},
    show,
};
use helpbell_delivery::{
    Delivery,
    rules::{Script, offered},
};
use helpbell_model::{
    Failure,
    doctor::{Finding, Severity},
    rules::{Diagnostic, Examined, Severity as Weight},
};
use std::path::Path;

/// The check's name.
const CHECK: &str = "rules";

/// Where rules are explained, whatever the connector.
const GUIDE: &str = "docs/rules.md";

/// What becomes of presses meanwhile.
const WHY: &str = "Until it is cured presses are filed without rules, and their private notes say so.";

/// One finding, if there are rules.
pub(super) async fn examined(here: &Places, delivery: &Delivery, config: &Config) -> Option<Finding> {
    let choice = config.rules.as_ref()?;
    let found = match read(here, delivery, config, choice).await {
        Ok(examined) => judged(&choice.file, &examined),
        Err(failure) => from_failure(CHECK, WHY, failure),
    };
    Some(Finding {
        guide: (found.severity > Severity::Ok).then(|| GUIDE.to_owned()),
        ..found
    })
}

async fn read(
    here: &Places,
    delivery: &Delivery,
    config: &Config,
    choice: &RulesChoice,
) -> Result<Examined, Failure> {
    let script = Script::read(&choice.file)?;
    let engine = open::rules_engine(here, &config.path, choice.engine.as_deref()).await?;
    let psa = delivery.psa().variables().await.result?;
    let variables = offered(&psa, &config.defaults);
    engine.check(script.text(), &variables).await.result
}

fn judged(file: &Path, examined: &Examined) -> Finding {
    let file = file.display();
    let of = |weight: Weight| -> Vec<&Diagnostic> {
        let all = examined.diagnostics.iter();
        all.filter(|diagnostic| diagnostic.severity == weight).collect()
    };
    let (errors, warnings) = (of(Weight::Error), of(Weight::Warning));
    let (severity, worst, why) = match (errors.as_slice(), warnings.as_slice()) {
        ([], []) => {
            let told = format!("{file} can run, {}", show::counted(examined.rules.len(), "rule"));
            return finding(CHECK, Severity::Ok, told);
        }
        ([], [first, ..]) => (
            Severity::Warning,
            first,
            "The rules run, but will hardly do what is meant.",
        ),
        ([first, ..], _) => (Severity::Problem, first, WHY),
    };
    let told = show::rules::count(&examined.diagnostics);
    Finding {
        why: why.to_owned(),
        cure: vec![format!("See all of them with: helpbell rules check {file}")],
        ..finding(
            CHECK,
            severity,
            format!(
                "{file} has {told}; the first in line {}: {}",
                worst.line, worst.message
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(weights: &[Weight]) -> Finding {
        let diagnostics = weights.iter().zip(1..).map(|(severity, line)| Diagnostic {
            severity: *severity,
            code: "x".into(),
            line,
            column: 1,
            message: format!("{severity} {line}"),
            help: None,
            replacement: None,
        });
        let examined = Examined {
            diagnostics: diagnostics.collect(),
            ..Examined::default()
        };
        judged(Path::new("rules.py"), &examined)
    }

    #[test]
    fn the_worst_is_told_first_and_the_command_that_tells_all() {
        let problem = found(&[Weight::Warning, Weight::Note, Weight::Error]);
        assert_eq!(problem.severity, Severity::Problem);
        assert_eq!(
            problem.summary,
            "rules.py has 1 error, 1 warning; the first in line 3: error 3"
        );
        assert!(problem.cure[0].contains("helpbell rules check rules.py"));
        let warning = found(&[Weight::Warning, Weight::Warning]);
        assert_eq!(warning.severity, Severity::Warning);
        assert!(
            warning.summary.starts_with("rules.py has 2 warnings"),
            "{warning:?}"
        );
        assert_eq!(found(&[Weight::Note]).severity, Severity::Ok);
    }
}
