//! `helpbell rules explain`: what rules did to a press, out of its journal, and whether they would do it again.

use super::{
    super::{Places, open},
    configuration, engine,
    scope::Scope,
    values::start,
};
use crate::{
    cli::{ForPsa, RulesExplain as Args},
    config::Config,
    error::{self, AppError},
    show::{
        self,
        rules::{Again, Explained},
    },
};
use helpbell_delivery::{
    Store as _,
    journal::{Entry, Equipment, Event, Matched},
    rules::{Archive, Ruling, Script},
    store::Record,
};
use helpbell_model::rules::{Input, Value};
use std::process::ExitCode;

pub(super) async fn run(here: &Places, args: &Args) -> Result<ExitCode, AppError> {
    let record = open::store(here).await?.load(args.press).await?;
    let judged = Judged::of(&record.journal).ok_or_else(|| {
        AppError::usage(
            format!("no rules ran for {}", args.press),
            "rules run once [rules] in helpbell.toml names them; what happened to the press: helpbell outbox show PRESS",
        )
    })?;
    let script = judged
        .ruling
        .digests
        .source
        .as_deref()
        .and_then(|digest| Archive::of(&here.state).read(digest));
    let again = if args.again {
        Some(repeated(here, &record, &judged, script.as_ref(), args.json).await?)
    } else {
        None
    };
    show::rules::explained(
        &Explained {
            record: &record,
            ruling: judged.ruling,
            source: script.as_ref().map(Script::text),
            is_current: is_current(here, judged.ruling),
            start: &begin(&record, &judged),
            again: again.as_ref(),
        },
        args.json,
    );
    let same = again.is_none_or(|again| again.is_same);
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(error::INTERNAL)
    })
}

/// A ruling, and what it was made of.
struct Judged<'a> {
    ruling: &'a Ruling,
    equipment: Option<&'a Equipment>,
    matched: Option<&'a Matched>,
}

impl<'a> Judged<'a> {
    /// The last one of a journal.
    fn of(journal: &'a [Entry]) -> Option<Self> {
        let (mut judged, mut equipment, mut matched) = (None, None, None);
        for entry in journal {
            match &entry.event {
                Event::Equipped(with) => equipment = Some(with),
                Event::Matched(found) => matched = Some(found),
                Event::Ruled(ruling) => {
                    judged = Some(Self {
                        ruling,
                        equipment,
                        matched,
                    });
                }
                _ => {}
            }
        }
        judged
    }

    fn defaults(&self) -> &[(String, String)] {
        self.equipment.map_or(&[], |equipment| &equipment.defaults)
    }
}

/// What variables were before the first rule, as far as it is still known.
fn begin(record: &Record, judged: &Judged<'_>) -> Vec<(String, String)> {
    let defaults = judged.defaults().iter().cloned();
    let Some(press) = &record.press else {
        return defaults.collect();
    };
    let contact = judged.matched.and_then(|matched| matched.contact.as_ref());
    let common = start(&Scope::of_no_psa(), press, contact);
    let texts = common.into_iter().filter_map(|variable| match variable.value {
        Value::Text(text) => Some((variable.name, text)),
        _ => None,
    });
    texts.chain(defaults).collect()
}

/// Whether the rules are today what they were; none if nobody can say.
fn is_current(here: &Places, ruling: &Ruling) -> Option<bool> {
    let file = Config::read(&here.config).ok()?.rules?.file;
    let now = Script::read(&file).ok()?;
    Some(ruling.digests.source.as_deref()? == now.sha256())
}

/// Runs the same rules on the same press, at the same time and with the same chance.
async fn repeated(
    here: &Places,
    record: &Record,
    judged: &Judged<'_>,
    script: Option<&Script>,
    json: bool,
) -> Result<Again, AppError> {
    let cannot = |why: &str| {
        AppError::usage(
            format!("the rules cannot run again for {}: {why}", record.id),
            "what is recorded of them is shown without --again; to try rules on made-up values: helpbell rules test FILE",
        )
    };
    let circumstances = judged
        .ruling
        .circumstances
        .ok_or_else(|| cannot("they did not run the first time"))?;
    let script = script.ok_or_else(|| cannot("no copy of them was kept"))?;
    let press = record
        .press
        .as_ref()
        .ok_or_else(|| cannot("the words of the press were deleted when it was over"))?;
    let progress = show::Progress::start(json);
    let config = configuration(here)?;
    let engine = engine(here, config.as_ref(), &progress).await?;
    let psa = ForPsa {
        offline: true,
        ..ForPsa::default()
    };
    let scope = Scope::open(here, config.as_ref(), &psa)
        .await?
        .beginning_with(judged.defaults());
    let contact = judged.matched.and_then(|matched| matched.contact.as_ref());
    let input = Input {
        source: script.text().to_owned(),
        variables: start(&scope, press, contact),
        circumstances,
    };
    progress.step("running the rules again");
    let call = engine.run(&input).await;
    progress.finish();
    let digests = judged.ruling.digests.clone();
    let ruling = match call.result {
        Ok(outcome) => Ruling::of(
            digests,
            circumstances,
            &input.variables,
            &scope.variables,
            outcome,
        ),
        Err(failure) => Ruling::unable(digests, Some(circumstances), failure),
    };
    let mut notes = Vec::new();
    if judged.ruling.digests.engine.as_deref() != Some(engine.sha256()) {
        notes.push("the engine is another one than it was".to_owned());
    }
    let psa = scope.psa.as_ref().map(|(id, _)| id.as_str());
    if psa != judged.equipment.map(|equipment| equipment.connector.as_str()) {
        notes.push("the connector is another one than it was".to_owned());
    }
    Ok(Again {
        is_same: is_same(judged.ruling, &ruling),
        ruling,
        notes,
    })
}

/// Whether two runs did the same. What the PSA made of it is no part of a run.
fn is_same(one: &Ruling, other: &Ruling) -> bool {
    let did = |ruling: &Ruling| {
        (
            ruling.unable.as_ref().map(|failure| failure.code.clone()),
            ruling.changes.clone(),
            ruling.changes_left_out,
            ruling.created.clone(),
            ruling.rules.clone(),
            (ruling.output.clone(), ruling.diagnostics.clone()),
            (ruling.failure.clone(), ruling.orders.clone()),
        )
    };
    did(one) == did(other)
}
