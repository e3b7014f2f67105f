//! The stories with real processes by the thousand, part by part, each with its control.

use crate::{
    deaths,
    oracle::{Tools, Verdict},
    sagas, troubles,
};
use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use psa_sandbox::halo::{Halo, Misdeed, RetryAfter};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// Stories at a time that mostly wait.
const AT_A_TIME: usize = 4;
/// How often the progress of kills is told.
const TOLD_EVERY: u32 = 50;
/// Seed of a PSA that errs in every way; each single way adds its place.
const SEED: u64 = 0;

/// A part that can be run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Dying at every named point.
    Points,
    /// kill -9 at any time.
    Kills,
    /// Workers that sleep through their lease.
    Frozen,
    /// Older copies of the state folder.
    Restored,
    /// A PSA that errs one time in ten, in each way and in all of them.
    Erring,
    /// Tokens and keys that end halfway, storms of 429.
    Sagas,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Points,
        Self::Kills,
        Self::Frozen,
        Self::Restored,
        Self::Erring,
        Self::Sagas,
    ];

    /// As on the command line.
    fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Rounds of every point, of frozen workers, of restored disks and of sagas.
    pub rounds: u32,
    /// Kills.
    pub kills: u32,
    /// Presses accepted while workers are killed, and as many while the PSA errs.
    pub presses: u32,
}

/// Runs these parts one after another and tells on standard error how far it is. Gives what came out, and
/// whether everything held and every control failed.
pub async fn run(tools: &Tools, parts: &[Part], scale: Scale) -> (Value, bool) {
    let (mut all, mut holds) = (Map::new(), true);
    for part in parts {
        let (began, name) = (Instant::now(), part.name());
        eprintln!("{name}: begins");
        let result = match part {
            Part::Points => points(tools, scale).await,
            Part::Kills => kills(tools, scale).await,
            Part::Frozen => frozen(tools, scale).await,
            Part::Restored => restored(tools, scale).await,
            Part::Erring => erring(tools, scale).await,
            Part::Sagas => all_sagas(tools, scale).await,
        };
        let (mut value, good) =
            result.unwrap_or_else(|error| (json!({"failed": format!("{error:#}")}), false));
        let seconds = began.elapsed().as_secs();
        let word = if good { "holds" } else { "FAILED" };
        eprintln!("{name}: {word} after {seconds} s: {value}");
        if let Value::Object(fields) = &mut value {
            fields.insert("seconds".to_owned(), seconds.into());
        }
        all.insert(name, value);
        holds &= good;
    }
    (Value::Object(all), holds)
}

fn told(verdict: &Verdict) -> Value {
    json!({
        "accepted": verdict.accepted, "lost": verdict.lost, "doubled": verdict.doubled,
        "incomplete": verdict.incomplete,
    })
}

/// What a control came to: it must have failed.
fn control(failed: bool, how: &Value) -> Value {
    json!({"failed as it must": failed, "how": how})
}

async fn points(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let points = deaths::rehearse(tools).await?;
    let names: Vec<String> = points
        .iter()
        .map(|point| format!("{}: {}", point.scene.name, point.name))
        .collect();
    eprintln!("points: {} points: {names:#?}", points.len());
    let mut all = Verdict::default();
    for round in 1..=scale.rounds {
        all = all.plus(&deaths::at_every_point(tools, &points).await?);
        eprintln!("points: round {round} of {}", scale.rounds);
    }
    let doubled = deaths::control(tools).await?;
    let value = json!({
        "points": points.len(), "names": names, "rounds": scale.rounds, "verdict": told(&all),
        "control": control(doubled.doubled == 1, &told(&doubled)),
    });
    Ok((value, all.is_good() && doubled.doubled == 1))
}

async fn kills(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let verdict = deaths::by_kill(tools, scale.kills, scale.presses, |killed| {
        if killed.is_multiple_of(TOLD_EVERY) {
            eprintln!("kills: {killed} in one of two outboxes");
        }
    })
    .await?;
    let enough = verdict.accepted >= scale.presses as usize;
    Ok((
        json!({"kills, at least": scale.kills, "verdict": told(&verdict)}),
        verdict.is_good() && enough,
    ))
}

/// So many rounds of a story, some at a time.
async fn rounds<F: Future<Output = Result<Verdict>>>(
    what: &str,
    count: u32,
    story: impl Fn() -> F,
) -> Result<Verdict> {
    let done = std::cell::Cell::new(0);
    stream::iter((0..count).map(|_| story()))
        .buffer_unordered(AT_A_TIME)
        .inspect_ok(|_| {
            done.set(done.get() + 1);
            eprintln!("{what}: round {} of {count}", done.get());
        })
        .try_fold(Verdict::default(), async |all, one| Ok(all.plus(&one)))
        .await
}

async fn frozen(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let verdict = rounds("frozen", scale.rounds, || troubles::frozen(tools)).await?;
    Ok((
        json!({"rounds": scale.rounds, "verdict": told(&verdict)}),
        verdict.is_good(),
    ))
}

async fn restored(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let verdict = rounds("restored", scale.rounds, || troubles::restored(tools, |_| Ok(()))).await?;
    let hidden = troubles::restored(tools, deaths::hide).await?;
    let failed = hidden.doubled > 0;
    let value = json!({
        "rounds": scale.rounds, "verdict": told(&verdict), "control": control(failed, &told(&hidden)),
    });
    Ok((value, verdict.is_good() && failed))
}

/// A share of the presses for each way to err, and one for all ways together.
async fn erring(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let mut runs: Vec<(String, Vec<Misdeed>)> = troubles::ERRORS
        .iter()
        .map(|error| (error.name().to_owned(), vec![*error]))
        .collect();
    runs.push(("all of them".to_owned(), troubles::ERRORS.to_vec()));
    let share = scale.presses.div_ceil(u32::try_from(runs.len())?);
    let verdicts: Vec<(String, Verdict)> =
        stream::iter((SEED..).zip(runs).map(|(seed, (name, among))| async move {
            let verdict = troubles::erring(tools, &among, seed, share).await?;
            eprintln!("erring: {name}: {verdict:?}");
            anyhow::Ok((name, verdict))
        }))
        .buffered(AT_A_TIME)
        .try_collect()
        .await?;
    let all = verdicts
        .iter()
        .fold(Verdict::default(), |all, (_, one)| all.plus(one));
    let each: Map<String, Value> = verdicts
        .iter()
        .map(|(name, verdict)| (name.clone(), told(verdict)))
        .collect();
    let doubled = troubles::erring_control(tools).await?;
    let failed = doubled.doubled == 1;
    let value = json!({
        "one request in": 10, "each": each, "verdict": told(&all),
        "control": control(failed, &told(&doubled)),
    });
    Ok((value, all.is_good() && failed))
}

async fn all_sagas(tools: &Tools, scale: Scale) -> Result<(Value, bool)> {
    let expired = rounds("a token expires", scale.rounds, || {
        sagas::token_ends(tools, Halo::expire_all_tokens)
    })
    .await?;
    let revoked = rounds("a token is revoked", scale.rounds, || {
        sagas::token_ends(tools, Halo::revoke_all_tokens)
    })
    .await?;
    let key = sagas::key_ends(tools).await?;
    let mut storms = Vec::new();
    for retry_after in [RetryAfter::Absent, RetryAfter::Seconds(7), RetryAfter::Date(7)] {
        storms.push(sagas::storm(tools, retry_after).await?);
    }
    let reckless = sagas::storm_control(tools).await?;
    let failed = reckless.asked > sagas::MOST_ASKED;
    let calm = storms
        .iter()
        .all(|storm| storm.verdict.is_good() && storm.asked <= sagas::MOST_ASKED);
    let good = expired.is_good() && revoked.is_good() && key.afterwards.is_good() && calm && failed;
    let value = json!({
        "token expired": told(&expired), "token revoked": told(&revoked),
        "key taken back": {"reason": key.reason.code, "verdict": told(&key.afterwards)},
        "storms": storms.iter().map(|storm| json!({"asked": storm.asked, "verdict": told(&storm.verdict)})).collect::<Vec<_>>(),
        "control": control(failed, &json!({"asked": reckless.asked})),
    });
    Ok((value, good))
}
