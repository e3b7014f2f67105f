//! The rules in force, and the choice for each request.

use axum::http::Method;
use tokio::sync::watch;

use super::chance::Chance;
use super::{LATENCY_MS, MISDEEDS, Misbehaviour, Misdeed, Random, RetryAfter, Rule, RuleState};

/// Longest delay that random mode makes, in milliseconds: it must not turn a storm of requests into an hour.
const RANDOM_LATENCY_MS: u64 = 50;
/// Longest `Retry-After` that random mode names, in seconds, for the same reason.
const RANDOM_RETRY_SECONDS: u64 = 3;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) misdeed: Misdeed,
    /// Whether the request is carried out (before it hangs or is delayed).
    pub(crate) apply: bool,
    pub(crate) latency_ms: u32,
    pub(crate) retry_after: RetryAfter,
    pub(crate) location: Option<String>,
}

#[derive(Debug)]
struct Kept {
    state: RuleState,
    chance: Chance,
}

/// All misbehaviour of one instance.
#[derive(Debug, Default)]
pub(crate) struct MisbehaviourBook {
    rules: Vec<Kept>,
    random: Option<(Random, Chance)>,
    pub(crate) releases: Releases,
}

/// Requests that hang, and the way to let them go.
#[derive(Debug, Clone)]
pub(crate) struct Releases {
    released: watch::Sender<u64>,
    held: watch::Sender<usize>,
}

impl Default for Releases {
    fn default() -> Self {
        Self {
            released: watch::Sender::new(0),
            held: watch::Sender::new(0),
        }
    }
}

/// Counts a request as held for as long as it lives: a client that goes away drops it.
#[derive(Debug)]
struct Held(watch::Sender<usize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held = held.saturating_sub(1));
    }
}

impl Releases {
    /// Waits until whoever hangs now is released; the count begins with the call, not with the first poll.
    pub(crate) fn hold(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut released = self.released.subscribe();
        self.held.send_modify(|held| *held += 1);
        let held = Held(self.held.clone());
        async move {
            // An error means that the instance is gone, which releases too.
            let _ = released.changed().await;
            drop(held);
        }
    }

    /// Lets every held request go.
    pub(crate) fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }

    pub(crate) fn held(&self) -> watch::Receiver<usize> {
        self.held.subscribe()
    }
}

impl MisbehaviourBook {
    pub(crate) fn add(&mut self, rule: Rule) {
        let chance = Chance::new(rule.seed);
        let state = RuleState {
            rule,
            matched: 0,
            struck: 0,
        };
        self.rules.push(Kept { state, chance });
    }

    pub(crate) fn remove(&mut self, place: usize) -> bool {
        let there = place < self.rules.len();
        if there {
            self.rules.remove(place);
        }
        there
    }

    pub(crate) fn set_random(&mut self, random: Option<Random>) {
        self.random = random.map(|random| {
            let chance = Chance::new(random.seed);
            (random, chance)
        });
    }

    /// Ends all misbehaviour and lets every held request go.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.random = None;
        self.releases.release();
    }

    pub(crate) fn state(&self) -> Misbehaviour {
        Misbehaviour {
            rules: self.rules.iter().map(|kept| kept.state.clone()).collect(),
            random: self.random.as_ref().map(|(random, _)| random.clone()),
            held: *self.releases.held().borrow(),
        }
    }

    /// What happens to a request with this lower-cased path; `None` = nothing out of order.
    pub(crate) fn choose(&mut self, method: &Method, lowered: &[&str]) -> Option<Deed> {
        for Kept { state, chance } in &mut self.rules {
            if !matches(&state.rule, method, lowered) {
                continue;
            }
            state.matched = state.matched.saturating_add(1);
            let spent = state.rule.count.is_some_and(|count| state.struck >= count);
            if spent || state.matched <= state.rule.skip || !chance.strikes(state.rule.probability) {
                continue;
            }
            state.struck += 1;
            let rule = &state.rule;
            return Some(Deed {
                misdeed: rule.misdeed,
                apply: rule.apply.unwrap_or_else(|| rule.misdeed.needs_the_answer()),
                latency_ms: rule.latency_ms,
                retry_after: rule.retry_after,
                location: rule.location.clone(),
            });
        }
        let (random, chance) = self.random.as_mut()?;
        chance.strikes(random.rate).then(|| any(random, chance))
    }
}

/// A misdeed by chance, with every choice it has left to chance too.
fn any(random: &Random, chance: &mut Chance) -> Deed {
    let among: &[Misdeed] = if random.among.is_empty() {
        &MISDEEDS
    } else {
        &random.among
    };
    let misdeed = chance.pick(among).copied().unwrap_or(Misdeed::Exception500);
    let seconds = u32::try_from(chance.number() % (RANDOM_RETRY_SECONDS + 1)).unwrap_or_default();
    let headers = [
        RetryAfter::Absent,
        RetryAfter::Seconds(seconds),
        RetryAfter::Date(seconds),
    ];
    let retry_after = chance.pick(&headers).copied().unwrap_or_default();
    let latency = u32::try_from(chance.number() % (RANDOM_LATENCY_MS + 1)).unwrap_or(LATENCY_MS);
    Deed {
        misdeed,
        apply: misdeed.needs_the_answer() || chance.strikes(0.5),
        latency_ms: latency,
        retry_after,
        location: None,
    }
}

fn matches(rule: &Rule, method: &Method, lowered: &[&str]) -> bool {
    let named = rule.method.as_deref();
    named.is_none_or(|name| method.as_str().eq_ignore_ascii_case(name))
        && rule
            .path
            .as_deref()
            .is_none_or(|path| path_matches(path, lowered))
}

fn path_matches(pattern: &str, lowered: &[&str]) -> bool {
    let pattern = pattern.to_lowercase();
    let mut wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    // Calls reach the server with and without the prefix; so may patterns.
    if wanted.first() == Some(&"api") {
        wanted.remove(0);
    }
    let open = wanted.last() == Some(&"**");
    if open {
        wanted.pop();
    }
    let long_enough = if open {
        lowered.len() >= wanted.len()
    } else {
        lowered.len() == wanted.len()
    };
    long_enough
        && wanted
            .iter()
            .zip(lowered)
            .all(|(wanted, part)| *wanted == "*" || wanted == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(book: &mut MisbehaviourBook, requests: usize) -> Vec<bool> {
        (0..requests)
            .map(|_| book.choose(&Method::POST, &["tickets"]).is_some())
            .collect()
    }

    #[test]
    fn patterns_know_one_segment_any_rest_and_both_forms_of_a_path() {
        for (pattern, path, fits) in [
            ("/Tickets", &["tickets"][..], true),
            ("/api/Tickets", &["tickets"], true),
            ("/tickets", &["tickets", "5"], false),
            ("/Tickets/*", &["tickets", "5"], true),
            ("/Tickets/*", &["tickets"], false),
            ("/Tickets/**", &["tickets"], true),
            ("/**", &["auth", "token"], true),
            ("/Actions", &["tickets"], false),
        ] {
            assert_eq!(path_matches(pattern, path), fits, "{pattern} {path:?}");
        }
    }

    #[test]
    fn a_rule_lets_some_pass_and_strikes_so_often() {
        let mut book = MisbehaviourBook::default();
        book.add(Rule::new(Misdeed::Reset).on("post", "/Tickets").after(1).times(2));
        assert_eq!(struck(&mut book, 5), [false, true, true, false, false]);
        assert!(book.choose(&Method::GET, &["tickets"]).is_none());
        let state = book.state();
        assert_eq!((state.rules[0].matched, state.rules[0].struck), (5, 2));
    }

    #[test]
    fn the_same_seed_brings_the_same_trouble_and_another_brings_other_trouble() {
        let run = |seed| {
            let mut book = MisbehaviourBook::default();
            book.set_random(Some(Random {
                seed,
                rate: 0.5,
                among: Vec::new(),
            }));
            (0..200)
                .map(|_| book.choose(&Method::GET, &["tickets"]))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let kinds: std::collections::BTreeSet<_> =
            run(1).into_iter().flatten().map(|deed| deed.misdeed).collect();
        assert_eq!(kinds.len(), MISDEEDS.len(), "{kinds:?}");
    }

    #[test]
    fn names_are_those_on_the_wire() {
        for misdeed in MISDEEDS {
            assert_eq!(serde_json::to_value(misdeed).unwrap(), misdeed.name());
        }
    }
}
