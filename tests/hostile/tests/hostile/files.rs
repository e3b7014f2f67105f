//! Files that are no connectors, damaged ones, and compiled code that somebody changed.

use crate::table::{Class, Row};
use helpbell_hostile::{
    components,
    house::{self, House, beside_the_neighbour},
    scene::{PATIENT, SHORT},
};
use helpbell_model::text::is_shown;
use helpbell_sandbox::{Limits, LoadError, Sandbox};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

/// Places at which a file is damaged.
const PLACES: usize = 50;
/// Seeds a sequence that is the same in every run.
const SEED: u64 = 0x5eed_cafe_f00d_d00d;

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let mut rows = beside_the_neighbour(no_connectors().into_iter().map(refused)).await;
            rows.extend(beside_the_neighbour(SPOILT.into_iter().map(spoilt)).await);
            rows.extend(compiled().await);
            Class {
                title: "Files",
                about: "A file is judged before anything of it runs; the bytes that are hashed are those that are compiled. Compiled code counts only with a tag made \
                        for this file's name with a key that only this account can read. Control: the undamaged file loads, and genuine compiled code is used.",
                rows,
            }
        })
    })
}

/// xorshift64*: the same everywhere, and nothing more is needed of it.
fn random(state: &mut u64) -> usize {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    usize::try_from(state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap()
}

/// The sandbox, waiting so long for a `describe`.
async fn load_within(deadline: Duration, bytes: Vec<u8>) -> Result<(), LoadError> {
    let sandbox = House::open().await.sandbox.clone().describing_within(Limits {
        deadline,
        ..Limits::work()
    });
    sandbox.load_bytes("hostile.wasm", bytes).await.map(drop)
}

type File = (&'static str, Vec<u8>, fn(&LoadError) -> bool);

fn no_connectors() -> Vec<File> {
    let genuine = components::tiny(components::CRASH);
    let renamed = |from: &[u8], to: &[u8]| replaced(&genuine, from, to);
    // Each type holds the one before it twice: forty lines, a tree of 2^40 leaves.
    let doubled: String = (1..40)
        .map(|level| {
            let below = level - 1;
            format!("(type $t{level} (tuple $t{below} $t{below}))")
        })
        .collect();
    let doubled =
        format!("(component (type $t0 (tuple u8 u8)) {doubled} (import \"f\" (func (param \"x\" $t39))))");
    vec![
        ("is empty", vec![], |error| {
            matches!(error, LoadError::NotWasm { .. })
        }),
        ("is a web page", b"<!doctype html>".to_vec(), |error| {
            matches!(error, LoadError::NotWasm { .. })
        }),
        ("is a core module", wat::parse_str("(module)").unwrap(), |error| {
            matches!(error, LoadError::CoreModule { .. })
        }),
        (
            "is a component and no connector",
            wat::parse_str("(component)").unwrap(),
            |error| matches!(error, LoadError::NotOfThisWorld { .. }),
        ),
        (
            "speaks another version of the contract",
            renamed(b"@0.1.0", b"@0.9.0"),
            |error| matches!(error, LoadError::OtherVersion { .. }),
        ),
        (
            "wants an interface that no connector gets",
            renamed(b"helpbell:psa/cache@", b"acmebell:psa/cache@"),
            |error| matches!(error, LoadError::UnknownImport { .. }),
        ),
        (
            "names what it wants with terminal escapes",
            renamed(b"helpbell:psa/cache@", b"helpbell:psa/\x1b[2J\x07@"),
            |error| matches!(error, LoadError::Invalid { .. }) && error.to_string().chars().all(is_shown),
        ),
        (
            "nests two thousand components",
            components::nested(2_000),
            |error| {
                matches!(
                    error,
                    LoadError::Invalid { .. } | LoadError::NotOfThisWorld { .. }
                )
            },
        ),
        (
            "declares a type of 2^40 parts in a few lines",
            wat::parse_str(doubled).unwrap(),
            |error| matches!(error, LoadError::Invalid { .. }),
        ),
        (
            "claims a memory of 4 GiB",
            components::carrying(genuine.clone(), "(module (memory 65536))", 1),
            |error| matches!(error, LoadError::Describe { .. }),
        ),
    ]
}

/// The file with every occurrence of a text replaced by one of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut changed = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            changed[at..at + to.len()].copy_from_slice(to);
        }
    }
    assert_ne!(changed, bytes, "nothing to replace");
    changed
}

async fn refused((does, bytes, expected): File) -> Row {
    let error = load_within(PATIENT, bytes).await.expect_err(does);
    assert!(expected(&error), "{does}: {error}");
    let words = error.to_string();
    assert!(words.contains("hostile.wasm"), "{does}: {words}");
    assert!(
        words.chars().count() < 1_000,
        "{does}: {} characters",
        words.chars().count()
    );
    Row::told(does, &words)
}

const SPOILT: [(&str, &str); 3] = [
    ("truncated", "is cut off, at 50 places"),
    ("flipped", "has one bit flipped, at 50 places"),
    (
        "random",
        "is 50 times noise behind a component's first eight bytes",
    ),
];

/// None of these files does anything but fail to load or, where the damage hit nothing that matters, load.
async fn spoilt((how, does): (&'static str, &'static str)) -> Row {
    let (genuine, mut state) = (components::tiny(components::CRASH), SEED);
    let mut loaded = 0;
    for _ in 0..PLACES {
        let place = random(&mut state) % genuine.len();
        let mut bytes = genuine.clone();
        match how {
            "truncated" => bytes.truncate(place),
            "flipped" => bytes[place] ^= 1 << (random(&mut state) % 8),
            _ => bytes[8..].fill_with(|| random(&mut state).to_le_bytes()[0]),
        }
        // Damaged code may run without end.
        match load_within(SHORT, bytes).await {
            Err(error) => assert!(
                error.to_string().contains("hostile.wasm"),
                "{how} at {place}: {error}"
            ),
            Ok(()) => loaded += 1,
        }
    }
    // Every function of the genuine file crashes, `describe` too.
    assert_eq!(loaded, 0, "{how}");
    Row::silent(
        does,
        "each is refused by name: damaged, no connector, of another shape, or crashed in `describe`",
    )
}

/// The one file of compiled code in a folder.
fn code(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|end| end == "cwasm"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// Compiles the component in this folder, as a new process does, and gives the code of the failure its `describe`
/// comes to within that time: each of these components has one of its own.
async fn ends(folder: &Path, component: &[u8], deadline: Duration) -> String {
    let sandbox = Sandbox::new(Some(folder.to_owned()))
        .unwrap()
        .describing_within(Limits {
            deadline,
            ..Limits::work()
        });
    match sandbox.load_bytes("hostile.wasm", component.to_vec()).await {
        Err(LoadError::Describe { failure, .. }) => failure.code,
        other => panic!("{:?}", other.map(drop)),
    }
}

/// Whether a file was replaced since: new files come in by another name.
fn inode(file: &Path) -> u64 {
    fs::symlink_metadata(file).unwrap().ino()
}

async fn compiled() -> Vec<Row> {
    let (crashes, loops) = (
        components::tiny(components::CRASH),
        components::tiny(components::LOOP),
    );
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let [ours, theirs, attackers] = [folders[0].path(), folders[1].path(), folders[2].path()];
    assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
    assert_eq!(ends(theirs, &loops, SHORT).await, "host.deadline");
    let (file, genuine) = (code(ours), fs::read(code(ours)).unwrap());

    // The control: genuine code is used and left alone.
    let before = inode(&file);
    assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
    assert_eq!(inode(&file), before);

    let mut rows = vec![];
    let mut state = SEED;
    for _ in 0..10 {
        let mut flipped = genuine.clone();
        let place = random(&mut state) % genuine.len();
        flipped[place] ^= 1 << (random(&mut state) % 8);
        fs::write(&file, flipped).unwrap();
        let before = inode(&file);
        assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
        assert_ne!(inode(&file), before, "a bit flipped at {place} went unnoticed");
    }
    rows.push(Row::silent(
        "one bit of its compiled code is flipped, at 10 places",
        "the code is not run; it is compiled again",
    ));

    // Genuine code of another connector, made by this very account with this very key.
    fs::copy(ours.join("key"), theirs.join("key")).unwrap();
    fs::remove_file(code(theirs)).unwrap();
    assert_eq!(ends(theirs, &loops, SHORT).await, "host.deadline");
    let foreign = fs::read(code(theirs)).unwrap();
    fs::write(&file, &foreign).unwrap();
    assert_eq!(
        ends(ours, &crashes, PATIENT).await,
        "host.trap",
        "another connector's code was run"
    );
    assert_eq!(fs::read(&file).unwrap().len(), genuine.len());
    rows.push(Row::silent(
        "the genuine compiled code of another connector lies under its name",
        "the code is not run: each name has a key of its own; it is compiled again",
    ));

    // Code that somebody made with a key of theirs.
    assert_eq!(ends(attackers, &loops, SHORT).await, "host.deadline");
    let forged = fs::read(code(attackers)).unwrap();
    fs::write(&file, &forged).unwrap();
    assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
    rows.push(Row::silent(
        "compiled code made with another key lies under its name",
        "the code is not run; it is compiled again",
    ));

    let key = fs::read(ours.join("key")).unwrap();
    for replaced in [
        fs::read(attackers.join("key")).unwrap(),
        b"short".to_vec(),
        vec![],
    ] {
        fs::write(ours.join("key"), replaced).unwrap();
        let before = inode(&file);
        assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
        assert_ne!(inode(&file), before);
    }
    assert_ne!(fs::read(ours.join("key")).unwrap(), key);
    rows.push(Row::silent(
        "the key beside the compiled code is replaced or cut",
        "all code made with the old key is compiled again",
    ));

    let target = attackers.join("elsewhere");
    fs::write(&target, &foreign).unwrap();
    fs::remove_file(&file).unwrap();
    symlink(&target, &file).unwrap();
    assert_eq!(ends(ours, &crashes, PATIENT).await, "host.trap");
    assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(fs::read(&target).unwrap(), foreign, "written through a link");
    rows.push(Row::silent(
        "its compiled code is a link to another file",
        "the code there is not run; the link is replaced, and what it led to is not written to",
    ));
    rows
}

#[test]
fn no_file_does_more_than_be_refused() {
    class();
}
