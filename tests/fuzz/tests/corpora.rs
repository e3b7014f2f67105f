//! Every input of the corpora, everything that ever broke a promise, and some mangled ones of each.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

use helpbell_fuzz::{
    campaign::{self, Until},
    mangle::mangled,
    targets::{TARGETS, Target, lifted},
};

/// Makes the inputs of every run of the suite the same: a failure can be repeated.
const SEED: u64 = 4_711;

fn holds(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let given = campaign::corpus(name).unwrap();
    assert!(!given.is_empty(), "{name} has no corpus");
    for (path, input) in &given {
        if let Err(said) = campaign::tried(target, input) {
            panic!("{}: {said}", path.display());
        }
    }
    let corpus: Vec<Vec<u8>> = given.into_iter().map(|(_, input)| input).collect();
    let report = campaign::run(target, &corpus, Until::Runs(target.runs), SEED, |_| ());
    if let Some((input, said)) = report.broken {
        let file = campaign::keep(name, &input).unwrap();
        panic!("{said}\nthe input was kept as {}", file.display());
    }
}

macro_rules! targets {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                holds(stringify!($name));
            }
        )*

        #[test]
        fn no_target_is_left_out() {
            assert_eq!([$(stringify!($name)),*], TARGETS.map(|target| target.name));
        }
    };
}

targets!(
    loading,
    lifting,
    answers,
    configuration,
    lock,
    policy,
    webhook,
    parcel
);

/// The control: a promise that only a mangled input breaks is found broken, and the input becomes small.
#[test]
fn control_a_broken_promise_is_found_and_its_input_becomes_small() {
    let broken = Target {
        name: "broken",
        run: |input| {
            assert!(
                !input.windows(2).any(|pair| pair == b"{\""),
                "a brace and a quote"
            )
        },
        runs: 0,
    };
    let corpus = [b"[1, 2, \"a long text without braces\", 4, 5, 6, 7]".to_vec()];
    let report = campaign::run(&broken, &corpus, Until::Runs(100_000), SEED, |_| ());
    let (input, said) = report.broken.unwrap();
    assert!(said.contains("a brace and a quote"), "{said}");
    assert_eq!(input, b"{\"");
}

/// The control: what guests return really is lifted out of the memory that is mangled.
#[test]
fn control_a_memory_with_texts_in_the_right_places_is_lifted() {
    let corpus = campaign::corpus("lifting").unwrap();
    let of = |name: &str| &corpus.iter().find(|(path, _)| path.ends_with(name)).unwrap().1;
    let connector = lifted(of("texts-and-empty-lists")).unwrap();
    let description = connector.description();
    assert_eq!(
        (description.name.as_str(), description.summary.as_str()),
        ("ttps://ps", "GET read na")
    );
    assert!(lifted(of("addresses-outside")).is_err());
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    let made = || {
        let mut rng = fastrand::Rng::with_seed(SEED);
        (0..100)
            .map(|_| mangled(&mut rng, &[b"seed".to_vec()]))
            .collect::<Vec<_>>()
    };
    assert_eq!(made(), made());
}
