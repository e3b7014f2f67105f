//! The API key stands where the operator put it, and nowhere else: not in what is logged, told, filed or kept.

use helpbell_end_to_end::{
    Desk, Run, Setup,
    tickets::{assert_one_of_each, count},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::Halo;
use std::{fs, path::Path};

/// Where the key comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    File,
    Environment,
    Credential,
}

const SOURCES: [Source; 3] = [Source::File, Source::Environment, Source::Credential];

/// A name that systemd would pass, and a variable that somebody would set.
const CREDENTIAL: &str = "helpbell-key";
const VARIABLE: &str = "HELPBELL_TEST_KEY";

/// A computer that takes this key from there.
async fn desk_with(source: Source, setup: &Setup, key: &str) -> Desk {
    let desk = Desk::new().await;
    let keyed = Setup {
        key: key.to_owned(),
        ..setup.clone()
    };
    match source {
        Source::File => {
            desk.init(&keyed).await.expect(0);
            desk
        }
        Source::Environment => {
            let desk = desk.with_variable(VARIABLE, key);
            desk.init_keyed(&keyed, &["--key-env", VARIABLE]).await.expect(0);
            desk
        }
        Source::Credential => {
            let folder = desk.path("credentials");
            fs::create_dir(&folder).unwrap();
            write_private(&folder.join(CREDENTIAL), key);
            let desk = desk.with_variable("CREDENTIALS_DIRECTORY", &folder.display().to_string());
            desk.init_keyed(&keyed, &["--key-credential", CREDENTIAL])
                .await
                .expect(0);
            desk
        }
    }
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o400)).unwrap();
    }
}

/// The parts of a key that would give it away, and the ways in which they travel.
fn canaries(key: &str) -> Vec<String> {
    let (names, secret) = key.split_once(':').unwrap();
    let (_, id) = names.rsplit_once('+').unwrap_or(("", names));
    vec![key.to_owned(), secret.to_owned(), id.to_owned()]
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The text of every file in a folder.
fn texts(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned())
        .collect()
}

/// Presses, examines and reports in every way, as loud as can be.
async fn everything(desk: &Desk, code: i32) -> Vec<Run> {
    let loud = |arguments: &'static [&'static str]| async move { desk.run(arguments).await };
    let report = desk.path("report.html").display().to_string();
    let folder = desk.path("files").display().to_string();
    vec![
        desk.press().flag("-vv").flag("--dry-run").aloud().await,
        desk.press().flag("-vv").flag("--dry-run").now().await,
        desk.press()
            .flag("-vv")
            .option("--report-to", &folder)
            .now()
            .await
            .expect(code),
        loud(&["-vv", "deliver"]).await,
        loud(&["-vv", "doctor", "--write-test"]).await,
        loud(&["-vv", "doctor", "--json"]).await,
        desk.run(&["-vv", "report", "--no-screens", "--output", &report])
            .await
            .expect(0),
        loud(&["-vv", "report", "--no-screens", "--json"]).await.expect(0),
    ]
}

async fn hosted() -> Halo {
    world::halo(world::with_this_machine(MARIAS_SITE)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_works_is_told_nowhere_from_whatever_source() {
    for source in SOURCES {
        let halo = hosted().await;
        let setup = Setup::of(&halo);
        let desk = desk_with(source, &setup, &setup.key).await;
        let canaries = canaries(&setup.key);
        let runs = everything(&desk, 0).await;
        for run in &runs {
            run.assert_without(&refs(&canaries));
        }
        desk.assert_state_without(&refs(&canaries));
        let ledger = halo.ledger();
        assert_eq!(ledger.tickets.len(), 2, "a press and the doctor's test");
        let mut filed = texts(&desk.path("files"));
        assert!(
            filed.len() >= 2,
            "the report's page and its data, as they were attached"
        );
        filed.push(format!("{:?}{:?}", ledger.tickets, ledger.actions));
        for canary in &canaries {
            assert!(
                filed.iter().all(|text| !text.contains(canary.as_str())),
                "{source:?}: the key was filed"
            );
        }
        for file in [
            desk.config(),
            desk.path("connectors.lock"),
            desk.path("report.html"),
        ] {
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                canaries.iter().all(|canary| !text.contains(canary.as_str())),
                "{source:?}: {} holds the key",
                file.display()
            );
        }
        assert!(count(&ledger, "POST /auth/token") > 0, "the key was used");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_is_told_nowhere_from_whatever_source() {
    const SECRET: &str = "c4nary-s3cret-that-halo-refuses";
    for source in SOURCES {
        let halo = hosted().await;
        let setup = Setup::of(&halo);
        let (names, _) = setup.key.split_once(':').unwrap();
        // Wrong, and pasted in another form, or in none.
        let keys = [
            format!("{names}:{SECRET}"),
            format!("canary-client-id:{SECRET}"),
            SECRET.to_owned(),
        ];
        // Where a key came from makes no difference once it is read: the forms are tried once.
        let tried = if matches!(source, Source::File) {
            keys.len()
        } else {
            1
        };
        for wrong in keys.into_iter().take(tried) {
            let desk = desk_with(source, &setup, &wrong).await;
            for run in everything(&desk, 3).await {
                run.assert_without(&[SECRET, &wrong, "canary-client-id"]);
            }
            desk.assert_state_without(&[SECRET, &wrong]);
            assert!(halo.ledger().tickets.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "a secret was told")]
async fn the_search_for_the_key_finds_it_where_it_is_told() {
    let halo = hosted().await;
    let setup = Setup::of(&halo);
    let desk = Desk::at(&halo).await;
    let run = desk
        .press()
        .about(&setup.key)
        .flag("--dry-run")
        .now()
        .await
        .expect(0);
    run.assert_without(&refs(&canaries(&setup.key)));
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "holds a secret")]
async fn the_search_for_the_key_finds_it_where_it_is_kept() {
    let halo = hosted().await;
    let setup = Setup::of(&halo);
    let desk = Desk::at(&halo).await;
    fs::write(desk.state().join("left-behind"), &setup.key).unwrap();
    desk.assert_state_without(&refs(&canaries(&setup.key)));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_is_told_with_what_brings_it() {
    let halo = hosted().await;
    let setup = Setup::of(&halo);
    let desk = Desk::new().await;
    let init = desk
        .init_keyed(&setup, &["--key-credential", CREDENTIAL])
        .await
        .expect(0);
    assert!(
        init.stdout.contains("LoadCredential=helpbell-key:FILE"),
        "{}",
        init.said()
    );
    let run = desk.press().aloud().await.expect(3);
    for told in [
        "CREDENTIALS_DIRECTORY is not set",
        "LoadCredentialEncrypted=helpbell-key:FILE",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.said());
    }
    let outside = desk
        .init_keyed(&setup, &["--key-credential", "../helpbell.key"])
        .await
        .expect(2);
    assert!(outside.stderr.contains("no path"), "{}", outside.said());

    let init = desk.init_keyed(&setup, &["--key-env", VARIABLE]).await.expect(0);
    assert!(init.stdout.contains(VARIABLE), "{}", init.said());
    let run = desk.press().aloud().await.expect(3);
    assert!(
        run.stderr.contains("HELPBELL_TEST_KEY") && run.stderr.contains("is not set"),
        "{}",
        run.said()
    );
    let both = desk
        .init_keyed(&setup, &["--key-env", VARIABLE, "--key-credential", CREDENTIAL])
        .await
        .expect(2);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.said());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_replaced_without_touching_anything_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let halo = hosted().await;
    let setup = Setup::of(&halo);
    let desk = desk_with(Source::File, &setup, "lantern+old-application:old-secret").await;
    let before = fs::read_to_string(desk.config()).unwrap();
    desk.press().now().await.expect(3);
    let empty = desk.run_with(&["key", "--stdin"], b" \n").await.expect(2);
    assert!(empty.stderr.contains("the key is empty"), "{}", empty.said());
    let run = desk
        .run_with(&["key", "--stdin"], setup.key.as_bytes())
        .await
        .expect(0);
    assert!(run.stdout.contains("readable by you alone"), "{}", run.said());
    run.assert_without(&refs(&canaries(&setup.key)));
    assert_eq!(fs::read_to_string(desk.config()).unwrap(), before);
    let mode = fs::metadata(desk.path("helpbell.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);

    let machine = desk
        .run_with(&["key", "--stdin", "--for-machine"], b"x")
        .await
        .expect(2);
    assert!(machine.stderr.contains("only Windows"), "{}", machine.said());
    let desk = desk_with(Source::Environment, &setup, &setup.key).await;
    let elsewhere = desk
        .run_with(&["key", "--stdin"], setup.key.as_bytes())
        .await
        .expect(2);
    assert!(
        elsewhere
            .stderr
            .contains("the environment variable HELPBELL_TEST_KEY"),
        "{}",
        elsewhere.said()
    );
}
