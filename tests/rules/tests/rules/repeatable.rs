//! Clock and chance are inputs: the same press gives the same outcome, at any time and on any machine.

use helpbell_model::rules::Circumstances;
use helpbell_rules_tests::{
    Given,
    compare::Ended,
    cpython,
    engine::{run, wait},
};

/// Everything that could differ between two runs.
const EVERYTHING: &str = "\
import datetime, random, time
moments = [str(datetime.datetime.now()), str(datetime.datetime.now(datetime.timezone.utc)), str(datetime.date.today())]
stamps = [time.time(), time.monotonic(), time.perf_counter()]
chances = [random.random() for _ in range(5)]
hashes = [hash('a'), hash((1, 'b')), list({'x', 'y', 'z'})]
class Thing: pass
print(id(Thing) == id(Thing), Thing())
";

/// A day in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn circumstances() -> Circumstances {
    Given::usual().circumstances
}

#[test]
fn the_same_input_gives_the_same_outcome() {
    let given = Given::usual();
    let first = wait(run(EVERYTHING, &given));
    assert_eq!(first.failure, None);
    assert_eq!(first, wait(run(EVERYTHING, &given)));
}

#[test]
fn another_clock_another_zone_and_another_seed_give_another_outcome() {
    let usual = wait(run(EVERYTHING, &Given::usual()));
    let changed = |circumstances| {
        let other = wait(run(EVERYTHING, &Given::usual().at(circumstances)));
        let differ = |name: &str| {
            let shown = |outcome: &helpbell_model::rules::Outcome| {
                let created = outcome.created.iter().find(|created| created.name == name);
                created.unwrap().shown.clone()
            };
            shown(&usual) != shown(&other)
        };
        (differ("moments"), differ("chances"))
    };
    let now = circumstances();
    let later = Circumstances {
        clock_ms: now.clock_ms + DAY_MS,
        ..now
    };
    assert_eq!(changed(later), (true, false));
    let elsewhere = Circumstances {
        offset_minutes: -300,
        ..now
    };
    assert_eq!(changed(elsewhere), (true, false));
    let other_chance = Circumstances {
        seed: now.seed + 1,
        ..now
    };
    assert_eq!(changed(other_chance), (false, true));
}

#[test]
fn clocks_and_zones_of_the_whole_world_are_those_of_cpython() {
    let source = "import datetime, time\n\
        here = datetime.datetime.now()\n\
        there = datetime.datetime.now(datetime.timezone.utc)\n\
        today = datetime.date.today()\n\
        zone = str(here.astimezone().utcoffset())\n\
        hour = time.localtime().tm_hour\n\
        stamp = time.time()\n";
    // Before the first leap day, after the last second of a year, far ahead; and zones of half an hour and less.
    let moments = [0, 951_782_399_999, 1_798_761_599_001, 4_102_444_800_000];
    let offsets = [0, 60, -300, 330, -210, 765, 840, -720];
    let givens: Vec<Given> = moments
        .iter()
        .flat_map(|&clock_ms| {
            offsets.map(|offset_minutes| {
                Given::empty().at(Circumstances {
                    clock_ms,
                    offset_minutes,
                    seed: 1,
                })
            })
        })
        .collect();
    let inputs: Vec<_> = givens.iter().map(|given| given.input(source)).collect();
    for (given, expected) in givens.iter().zip(cpython::run(&inputs)) {
        assert_eq!(expected.failure, None);
        let seen = Ended::of(&wait(run(source, given)), given);
        assert_eq!(
            seen.created
                .iter()
                .filter(|(name, _)| expected.created.contains_key(*name))
                .collect::<Vec<_>>(),
            expected.created.iter().collect::<Vec<_>>(),
            "{:?}",
            given.circumstances
        );
    }
}

#[test]
fn chance_of_the_press_is_that_of_cpython_with_the_same_seed() {
    let source = "import random\nvalues = [random.random(), random.randint(1, 10**12), random.sample('abcdefgh', 3)]\n";
    let givens: Vec<Given> = [0, 1, 4_294_967_296, u64::MAX]
        .into_iter()
        .map(|seed| {
            Given::empty().at(Circumstances {
                seed,
                ..circumstances()
            })
        })
        .collect();
    let inputs: Vec<_> = givens.iter().map(|given| given.input(source)).collect();
    for (given, expected) in givens.iter().zip(cpython::run(&inputs)) {
        let seen = Ended::of(&wait(run(source, given)), given);
        assert_eq!(
            seen.created["values"], expected.created["values"],
            "{:?}",
            given.circumstances
        );
    }
}
