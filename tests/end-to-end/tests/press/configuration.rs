//! Configurations that are wrong: told with place and cure, and a press made with one is not lost.

use helpbell_end_to_end::{
    Desk, Run, Setup,
    tickets::{assert_nothing_filed, assert_one_of_each},
    world,
};
use psa_sandbox::halo::{Halo, Seed};
use std::fs;

/// Breaks a good configuration, presses, repairs it, delivers. Gives what the press said.
async fn press_survives(broken: impl FnOnce(&Desk, &Setup), repair: impl AsyncFnOnce(&Desk, &Setup)) -> Run {
    let halo: Halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo);
    let desk = Desk::with(&setup).await.with_own_connectors();
    broken(&desk, &setup);

    let dry = desk.press().flag("--dry-run").aloud().await.expect(2);
    assert_eq!(desk.kept().await.len(), 0, "a dry run leaves nothing behind");
    let run = desk.press().aloud().await.expect(3);
    assert_eq!(desk.kept().await.len(), 1, "{}", run.said());
    assert!(run.stderr.contains("Nothing is lost"), "{}", run.said());
    for said in [&dry, &run] {
        assert!(
            said.stderr.contains("error:") && said.stderr.contains("help:"),
            "{}",
            said.said()
        );
        said.assert_without(&[&setup.secret()]);
    }
    desk.assert_state_without(&[&setup.secret()]);
    assert_nothing_filed(&halo);

    repair(&desk, &setup).await;
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
    run
}

/// Repairs whatever it is.
async fn init_again(desk: &Desk, setup: &Setup) {
    desk.init(setup).await.expect(0);
}

/// Line of the configuration, from 1, that begins so.
fn line_of(desk: &Desk, beginning: &str) -> usize {
    let text = fs::read_to_string(desk.config()).unwrap();
    text.lines().position(|line| line.starts_with(beginning)).unwrap() + 1
}

async fn a_wrong_line(from: &str, to: &str, told: &[&str]) {
    let mut line = 0;
    let run = press_survives(
        |desk, _| {
            desk.edit(from, to);
            line = line_of(desk, to.lines().last().unwrap());
        },
        init_again,
    )
    .await;
    assert!(
        run.stderr.contains(&format!("helpbell.toml, line {line}: ")),
        "line {line} in {}",
        run.said()
    );
    for part in told {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_key_is_told_with_its_line_and_the_nearest_key() {
    a_wrong_line(
        "\nresource-server = ",
        "\nresource-sever = ",
        &["no setting `resource-sever`", "did you mean `resource-server`?"],
    )
    .await;
    a_wrong_line(
        "\nallow-addresses = ",
        "\nallow-adresses = ",
        &["unknown key `allow-adresses`", "did you mean `allow-addresses`?"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_the_wrong_type_is_told_with_its_line_and_what_would_be_right() {
    a_wrong_line(
        "\nallow-http = true",
        "\nallow-http = \"yes\"",
        &["must be true or false"],
    )
    .await;
    a_wrong_line(
        "\nhosting = \"hosted\"",
        "\nhosting = \"cloud\"",
        &["\"hosted\" or \"on-prem\"", "\"cloud\""],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_configuration_is_refused_and_not_repeated() {
    let run = press_survives(
        |desk, setup| {
            desk.edit(
                "\nfile = \"helpbell.key\"",
                &format!("\nvalue = \"{}\"", setup.key),
            )
        },
        init_again,
    )
    .await;
    assert!(
        run.stderr.contains("must not stand in helpbell.toml") && run.stderr.contains("renew the key"),
        "{}",
        run.said()
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_others_can_read_is_refused_with_the_command_that_cures_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |desk: &Desk, mode: u32| {
        fs::set_permissions(desk.path("helpbell.key"), fs::Permissions::from_mode(mode)).unwrap()
    };
    let run = press_survives(|desk, _| mode(desk, 0o644), async |desk, _| mode(desk, 0o600)).await;
    assert!(
        run.stderr.contains("mode 644") && run.stderr.contains("chmod 600"),
        "{}",
        run.said()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_file_is_told_with_how_to_write_it() {
    let run = press_survives(
        |desk, _| fs::remove_file(desk.path("helpbell.key")).unwrap(),
        init_again,
    )
    .await;
    assert!(
        run.stderr.contains("write it with: helpbell key"),
        "{}",
        run.said()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_connector_is_told_with_the_nearest_and_the_folders() {
    let run = press_survives(
        |desk, _| desk.edit("\nname = \"halo\"", "\nname = \"hallo\""),
        init_again,
    )
    .await;
    for part in [
        "there is no connector \"hallo\"",
        "did you mean \"halo\"?",
        "own-connectors",
    ] {
        assert!(run.stderr.contains(part), "{part} is not in {}", run.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_was_never_allowed_sends_nothing() {
    let run = press_survives(
        |desk, _| fs::remove_file(desk.path("connectors.lock")).unwrap(),
        async |desk, _| {
            desk.run(&["connector", "grant"]).await.expect(0);
        },
    )
    .await;
    assert!(run.stderr.contains("helpbell connector grant"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_changed_since_it_was_allowed_sends_nothing() {
    let run = press_survives(
        |desk, _| {
            let file = desk.connectors().join("halo.wasm");
            let mut bytes = fs::read(&file).unwrap();
            // A custom section of no meaning: the same connector in another file.
            bytes.extend_from_slice(&[0, 2, 1, b'x']);
            fs::write(&file, bytes).unwrap();
        },
        async |desk, _| {
            desk.run(&["connector", "grant"]).await.expect(0);
        },
    )
    .await;
    assert!(
        run.stderr.contains("is not the file that was granted")
            && run.stderr.contains("helpbell connector grant"),
        "{}",
        run.said()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_is_damaged_sends_nothing() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await.with_own_connectors();
    fs::write(desk.connectors().join("halo.wasm"), b"<html>404</html>").unwrap();
    let run = desk.press().aloud().await.expect(3);
    assert!(run.stderr.contains("is not a WebAssembly file"), "{}", run.said());
    assert_eq!(desk.kept().await.len(), 1);
    assert_nothing_filed(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_that_were_not_allowed_are_told_with_the_lines_that_allow_them() {
    let address = "allow-addresses = [\"127.0.0.1/32\"]";
    for (host, from, to) in [
        ("127.0.0.1", "allow-http = true", "allow-http = false"),
        ("127.0.0.1", address, "allow-addresses = []"),
        // What was allowed before is part of the line.
        ("127.0.0.1", address, "allow-addresses = [\"10.0.0.0/8\"]"),
        // A name that leads to such an address.
        ("localhost", address, "allow-addresses = [\"10.0.0.0/8\"]"),
    ] {
        let halo = world::halo(Seed::default()).await;
        let desk = Desk::with(&Setup::of(&halo).through(&format!("{host}:{}", halo.address().port()))).await;
        desk.edit(from, to);
        let run = desk.press().aloud().await.expect(3);
        assert!(run.stderr.contains("[network]"), "{}", run.said());
        assert!(halo.ledger().requests.is_empty());
        // What it says, pasted as it stands, is what cures it.
        let key = to.split(" = ").next().unwrap();
        let told = run
            .stderr
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(key));
        desk.edit(
            to,
            told.unwrap_or_else(|| panic!("no line {key} in {}", run.said())),
        );
        desk.deliver().await.expect(0);
        assert_one_of_each(&halo);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_taken_out_of_the_grant_is_told_with_the_command_that_grants_it() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let lock = desk.path("connectors.lock");
    let granted = fs::read_to_string(&lock).unwrap();
    // Halo files tickets by POST; the grant names another method now.
    let (from, to) = (
        "method = \"POST\"\npath = \"/Tickets\"",
        "method = \"PATCH\"\npath = \"/Tickets\"",
    );
    assert!(granted.contains(from), "{granted}");
    let narrowed = granted.replace(from, to);
    fs::write(&lock, narrowed).unwrap();
    let run = desk.press().aloud().await.expect(3);
    let told = run
        .stderr
        .lines()
        .find_map(|line| line.split_once("to allow it, run: helpbell "));
    let (_, command) = told.unwrap_or_else(|| panic!("{}", run.said()));
    assert!(halo.ledger().tickets.is_empty());
    let arguments: Vec<&str> = command.split_whitespace().collect();
    desk.run(&arguments).await.expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_before_any_configuration_is_kept_and_goes_out_after_init() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::new().await;
    let run = desk.press().aloud().await.expect(3);
    assert!(
        run.stderr.contains("there is no configuration") && run.stderr.contains("helpbell init"),
        "{}",
        run.said()
    );
    desk.init(&Setup::of(&halo)).await.expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_message_is_a_mistake_in_the_arguments_and_leaves_nothing_behind() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    for message in ["", " \n\t "] {
        let run = desk.press().about(message).aloud().await.expect(2);
        assert!(
            run.stderr.contains("the message is empty") && run.stderr.contains("--message"),
            "{}",
            run.said()
        );
    }
    let run = desk.run(&["press", "--no-dialog"]).await.expect(2);
    assert!(run.stderr.contains("--message"), "{}", run.said());
    let run = desk
        .press()
        .by("Maria", "maria.rossi at bianchi")
        .aloud()
        .await
        .expect(2);
    assert!(run.stderr.contains("is not an e-mail address"), "{}", run.said());
    assert!(desk.kept().await.is_empty());
    assert_nothing_filed(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_refuses_what_the_connector_does_not_know_and_writes_nothing() {
    let desk = Desk::new().await;
    let run = desk
        .run(&["init", "--set", "resource-sever=https://x.example/api"])
        .await
        .expect(2);
    assert!(
        run.stderr.contains("did you mean `resource-server`?"),
        "{}",
        run.said()
    );
    let run = desk
        .run(&["init", "--set", "resource-server=ftp://acme.halopsa.com"])
        .await
        .expect(2);
    assert!(run.stderr.contains("an address such as"), "{}", run.said());
    assert!(!desk.config().exists() && !desk.path("connectors.lock").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn init_writes_the_key_for_this_account_only_and_never_into_the_configuration() {
    use std::os::unix::fs::PermissionsExt as _;
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo).default("team", "1st Line \"A\"");
    let desk = Desk::new().await;
    let run = desk.init(&setup).await.expect(0);
    run.assert_without(&[&setup.secret()]);
    let key = desk.path("helpbell.key");
    assert_eq!(fs::read_to_string(&key).unwrap(), setup.key);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    for file in [desk.config(), desk.path("connectors.lock")] {
        let text = fs::read_to_string(file).unwrap();
        assert!(!text.contains(&setup.secret()), "{text}");
    }
    // The words of Halo's own screens stand beside each setting.
    let text = fs::read_to_string(desk.config()).unwrap();
    for words in [
        "Resource Server",
        "Authorisation Server",
        "Cloud Hosted",
        "tenant+client_id:client_secret",
        "Unassigned",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    // The old one is kept.
    desk.init(&setup).await.expect(0);
    assert_eq!(fs::read_to_string(desk.path("helpbell.toml.old")).unwrap(), text);
    desk.run(&["init"]).await.expect(2);
}
