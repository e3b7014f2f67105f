//! `helpbell rules variables`: what rules can read and assign.

use super::{super::Places, configuration, scope::Scope};
use crate::{
    cli::RulesVariables as Args,
    error::AppError,
    show::{self, rules::Offered},
};
use helpbell_delivery::rules::COMMON;
use helpbell_model::ticket::Variable;
use std::process::ExitCode;

pub(super) async fn run(here: &Places, args: &Args) -> Result<ExitCode, AppError> {
    let progress = show::Progress::start(args.json);
    progress.step("reading the connector");
    let scope = Scope::open(here, configuration(here)?.as_ref(), &args.psa).await?;
    let own: Vec<&Variable> = scope
        .variables
        .iter()
        .filter(|variable| COMMON.iter().all(|common| common.name != variable.name))
        .collect();
    let heard = |name: &str| progress.step(&format!("asking the PSA for its values of {name}"));
    let values = scope.values(&own, heard).await;
    progress.finish();
    let own: Vec<Offered<'_>> = own
        .into_iter()
        .map(|variable| Offered {
            variable,
            live: values.live.get(&variable.name).map(Vec::as_slice),
        })
        .collect();
    let notes = scope
        .note()
        .map(str::to_owned)
        .into_iter()
        .chain(values.problem());
    show::rules::variables(
        scope.psa.as_ref().map(|(_, name)| name.as_str()),
        &own,
        &notes.collect::<Vec<_>>(),
        args.json,
    );
    Ok(ExitCode::SUCCESS)
}
