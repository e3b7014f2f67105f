//! Dispatcher variables and their values.

use crate::{
    Verdict,
    scenario::{Broken, Scenario, of, outside_a_press, told},
};
use helpbell_model::{
    Failure, FailureKind,
    ticket::{Access, Choice, Variable},
};

/// Nothing is called so.
const NONSENSE: &str = "Ünheard-of value 7";
/// Labels that are long enough for a typing mistake to be recognised, in characters.
const LONG_ENOUGH: usize = 6;
/// Values of a parent that are tried.
const PARENTS: usize = 3;

pub(super) async fn apply(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let call = scenario.session.variables().await;
    let Some(variables) = broken.of(
        "naming its variables",
        scenario.took("dispatcher.variables", call),
    ) else {
        return broken.verdict("");
    };
    for variable in &variables {
        broken.unless(!variable.meaning.trim().is_empty(), || {
            format!(
                "the variable {} has no meaning for the table that rules' authors read",
                variable.name
            )
        });
        broken.unless(is_name(&variable.name), || {
            format!("{:?} cannot be written as a variable in a rule", variable.name)
        });
    }
    let writable: Vec<&Variable> = writable(&variables).collect();
    let mut assignments = vec![
        ("subject".to_owned(), "a\n new title ".to_owned()),
        ("noSuchVariable".to_owned(), "1".to_owned()),
    ];
    let value = |variable: &Variable| variable.choices.first().cloned().unwrap_or_else(|| "5".into());
    assignments.extend(
        writable
            .iter()
            .map(|variable| (variable.name.clone(), value(variable))),
    );
    let read_only = variables.iter().find(|variable| variable.access == Access::Read);
    assignments.extend(read_only.map(|variable| (variable.name.clone(), "x".to_owned())));

    let press = scenario.next_press();
    let draft = scenario.draft("before");
    let call = scenario.session.apply(&of(press), &draft, &assignments).await;
    let Some((after, corrections)) =
        broken.of("applying assignments", scenario.took("dispatcher.apply", call))
    else {
        return broken.verdict("");
    };
    broken.unless(after.summary == "a new title", || {
        format!(
            "subject became {:?} instead of one line: a new title",
            after.summary
        )
    });
    for variable in &writable {
        let given = value(variable);
        let there = after
            .fields
            .iter()
            .filter(|(name, _)| *name == variable.name)
            .collect::<Vec<_>>();
        broken.unless(
            matches!(there.as_slice(), [(_, value)] if *value == given),
            || format!("{} = {given:?} became {there:?}", variable.name),
        );
    }
    for (name, _) in assignments.iter().filter(|(name, _)| {
        name == "noSuchVariable" || read_only.is_some_and(|variable| variable.name == *name)
    }) {
        broken.unless(
            corrections.iter().any(|correction| correction.field == *name),
            || format!("{name} cannot be assigned, and nothing was said"),
        );
    }
    broken.verdict(format!(
        "{} variables, {} of them may be written",
        variables.len(),
        writable.len()
    ))
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|other| other.is_alphanumeric() || matches!(other, '_' | '.'))
}

fn writable(variables: &[Variable]) -> impl Iterator<Item = &Variable> {
    variables
        .iter()
        .filter(|variable| variable.access == Access::ReadWrite)
}

/// The variables that have live values.
async fn live(scenario: &mut Scenario) -> Result<Vec<Variable>, Failure> {
    let call = scenario.session.variables().await;
    let variables = scenario.took("dispatcher.variables", call)?;
    Ok(variables.into_iter().filter(|variable| variable.live).collect())
}

async fn values(
    scenario: &mut Scenario,
    field: &str,
    parents: &[(String, String)],
) -> Result<Vec<Choice>, Failure> {
    let call = scenario.session.choices(&outside_a_press(), field, parents).await;
    scenario.took("directory.choices", call)
}

pub(super) async fn choices(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let Some(live) = broken.of("naming its variables", live(scenario).await) else {
        return broken.verdict("");
    };
    if live.is_empty() {
        return Verdict::Skipped("none of its variables has live values".into());
    }
    let mut seen = vec![];
    for variable in &live {
        let found = values(scenario, &variable.name, &[]).await;
        let Some(found) = broken.of(&format!("listing the values of {}", variable.name), found) else {
            continue;
        };
        for choice in &found {
            broken.unless(!choice.id.is_empty() && !choice.label.is_empty(), || {
                format!("a value of {} has no id or no label: {choice:?}", variable.name)
            });
        }
        let parents: Vec<_> = found.iter().filter_map(|choice| choice.parent.clone()).collect();
        for parent in parents.iter().take(PARENTS) {
            let below = values(scenario, &variable.name, std::slice::from_ref(parent)).await;
            let what = format!(
                "listing the values of {} under {} = {}",
                variable.name, parent.0, parent.1
            );
            if let Some(below) = broken.of(&what, below) {
                let all = below
                    .iter()
                    .all(|choice| choice.parent.as_ref().is_none_or(|own| own == parent));
                broken.unless(all && !below.is_empty(), || {
                    format!("{what}: others are among them, or none is")
                });
            }
        }
        seen.push(format!("{} {}", found.len(), variable.name));
    }
    match values(scenario, "noSuchVariable", &[]).await {
        Ok(found) => broken.unless(found.is_empty(), || {
            "a field that does not exist has values".into()
        }),
        Err(failure) => {
            let known = matches!(
                failure.kind,
                FailureKind::Unsupported | FailureKind::InvalidInput | FailureKind::NotFound
            );
            broken.unless(known, || {
                format!("a field that does not exist: {}", told(&failure))
            });
        }
    }
    broken.verdict(seen.join(", "))
}

pub(super) async fn corrections(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    let Some(live) = broken.of("naming its variables", live(scenario).await) else {
        return broken.verdict("");
    };
    let wrong: Vec<&Variable> = writable(&live).collect();
    if wrong.is_empty() {
        return Verdict::Skipped("none of its variables has live values".into());
    }
    let mut typo = None;
    for variable in &wrong {
        let Ok(found) = values(scenario, &variable.name, &[]).await else {
            continue;
        };
        let long = found
            .iter()
            .find(|choice| choice.label.chars().count() >= LONG_ENOUGH);
        if let Some(choice) = long {
            let mistyped: String = choice.label.chars().skip(1).chain(['~']).collect();
            typo = Some((variable.name.clone(), mistyped, choice.label.clone()));
            break;
        }
    }
    let press = scenario.next_press();
    let mut draft = scenario.draft("Helpbell conformance: wrong values");
    for variable in &wrong {
        let mistyped = typo.as_ref().filter(|(name, ..)| *name == variable.name);
        let value = mistyped.map_or(NONSENSE, |(_, mistyped, _)| mistyped);
        draft.fields.retain(|(name, _)| *name != variable.name);
        draft.fields.push((variable.name.clone(), value.to_owned()));
    }
    let call = scenario.session.create(&of(press), &draft).await;
    let created = scenario.took("tickets.create", call);
    let Some((_, corrections)) = broken.of("filing a ticket with values that do not exist", created) else {
        return broken.verdict("");
    };
    for variable in &wrong {
        let told = corrections
            .iter()
            .find(|correction| correction.field == variable.name);
        broken.unless(told.is_some(), || {
            format!(
                "{} has a value that does not exist, and nothing was said",
                variable.name
            )
        });
        if let Some(told) = told {
            broken.unless(!told.reason.is_empty() && !told.given.is_empty(), || {
                format!(
                    "the correction of {} says neither what was given nor why",
                    variable.name
                )
            });
        }
    }
    if let Some((name, mistyped, meant)) = typo {
        let told = corrections.iter().find(|correction| correction.field == name);
        broken.unless(told.is_some_and(|told| told.nearest.contains(&meant)), || {
            format!("{name} = {mistyped:?} means {meant:?}, which is not among the nearest: {told:?}")
        });
    }
    broken.verdict(format!("{} wrong values, one ticket", wrong.len()))
}
