//! The other commands, and what programs read.

use helpbell_end_to_end::{
    Desk, built,
    tickets::{assert_nothing_filed, assert_one_of_each, count},
    world::{self, MARIAS_SITE, THIS_MACHINE},
};
use psa_sandbox::halo::Seed;

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_ticket_and_files_nothing() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::with(&helpbell_end_to_end::Setup::of(&halo).default("team", "Projects")).await;
    let shown = desk.press().flag("--dry-run").now().await.expect(0).json();
    assert_eq!(shown["outcome"], "dry-run");
    assert_eq!(shown["draft"]["summary"], "The printer does nothing");
    assert_eq!(shown["draft"]["contact"]["name"], "Maria Rossi");
    assert_eq!(shown["draft"]["device"]["id"], THIS_MACHINE.to_string());
    assert_eq!(
        shown["draft"]["fields"],
        serde_json::json!([["team", "Projects"]])
    );
    let names: Vec<&str> = shown["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert!(
        names.iter().any(|name| name.ends_with(".html")) && names.iter().any(|name| name.ends_with(".json")),
        "{names:?}"
    );
    let aloud = desk.press().flag("--dry-run").aloud().await.expect(0);
    for part in [
        "Would file: The printer does nothing",
        "contact: Maria Rossi",
        "Nothing was filed.",
    ] {
        assert!(aloud.stdout.contains(part), "{part} is not in {}", aloud.said());
    }
    assert_nothing_filed(&halo);
    assert_eq!(count(&halo.ledger(), "POST /auth/token"), 1);
    assert!(desk.kept().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_tells_people_the_ticket_and_where_it_is() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let run = Desk::at(&halo).await.press().aloud().await.expect(0);
    let number = halo.ledger().tickets[0].id;
    for part in [
        format!("Ticket {number} filed"),
        format!("http://{}/ticket?id={number}", halo.address()),
        "for Maria Rossi (Bianchi & Figli S.r.l.)".to_owned(),
        "(recognised by its host name)".to_owned(),
        "private note with the report, read back".to_owned(),
    ] {
        assert!(run.stdout.contains(&part), "{part} is not in {}", run.said());
    }
    assert!(
        !run.said().contains('\u{1b}'),
        "no colours where there is no terminal: {:?}",
        run.said()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_press_on_a_new_computer_compiles_the_connector_and_goes_through() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::cold();
    desk.init(&helpbell_end_to_end::Setup::of(&halo)).await.expect(0);
    desk.press().now().await.expect(0);
    let compiled = std::fs::read_dir(desk.state().join("compiled")).unwrap();
    let endings = compiled.filter_map(|entry| Some(entry.unwrap().path().extension()?.to_str()?.to_owned()));
    assert_eq!(endings.collect::<Vec<_>>(), ["cwasm"]);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn inspecting_a_connector_tells_what_it_needs_and_wants() {
    let desk = Desk::new().await;
    let file = built::connector("halo").display().to_string();
    let data = desk
        .run(&["connector", "inspect", &file, "--json"])
        .await
        .expect(0)
        .json();
    let (sha256, size) = (data["sha256"].as_str().unwrap(), data["size"].as_u64().unwrap());
    let text = desk.run(&["connector", "inspect", &file]).await.expect(0).stdout;
    let text = text
        .replace(&file, "[file]")
        .replace(sha256, "[sha256]")
        .replace(&format!("{size} bytes"), "[size] bytes");
    insta::assert_snapshot!("connector_inspect", text);

    assert_eq!(data["description"]["id"], "halo");
    let settings = data["description"]["settings"].as_array().unwrap();
    assert!(
        settings
            .iter()
            .any(|setting| setting["name"] == "resource-server" && setting["required"] == true),
        "{settings:#?}"
    );
    assert!(size <= 400_000, "the connector has {size} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn inspecting_what_is_no_connector_is_a_mistake_in_the_arguments() {
    let desk = Desk::new().await;
    std::fs::write(desk.path("page.wasm"), "<html>").unwrap();
    let run = desk.run(&["connector", "inspect", "page.wasm"]).await.expect(2);
    assert!(run.stderr.contains("is not a WebAssembly file"), "{}", run.said());
    let run = desk
        .run(&["connector", "inspect", "nowhere.wasm"])
        .await
        .expect(2);
    assert!(run.stderr.contains("nowhere.wasm"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_written_without_any_psa() {
    let desk = Desk::new().await;
    let page = desk.path("report.html").display().to_string();
    let run = desk.run(&["report", "--output", &page]).await.expect(0);
    assert!(run.stdout.starts_with(&page), "{}", run.said());
    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains(&world::hostname()), "the page names this machine");
    let data = desk
        .run(&["report", "--json", "--no-screens"])
        .await
        .expect(0)
        .json();
    assert_eq!(data["machine"]["os"]["hostname"], world::hostname());
    assert!(desk.kept().await.is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_written_for_this_account_alone_and_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new().await;
    for arguments in [&["report", "--no-screens"][..], &["report", "--json"]] {
        let path = desk.path("report");
        // What others could read before is theirs no longer.
        std::fs::write(&path, "older").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let shown = path.display().to_string();
        desk.run(&[arguments, &["--output", &shown]].concat())
            .await
            .expect(0);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(std::fs::metadata(&path).unwrap().len() > 1_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_report_says_what_has_changed_and_how_bad_that_is() {
    let desk = Desk::new().await;
    let old = desk.path("old.json");
    let given = old.display().to_string();
    desk.run(&["report", "--json", "--no-screens", "--output", &given])
        .await
        .expect(0);
    let mut report: serde_json::Value = serde_json::from_slice(&std::fs::read(&old).unwrap()).unwrap();

    // The same computer with another disk: a change, and nothing worse.
    report["findings"] = serde_json::json!([]);
    let new = desk.path("new.json");
    let with = |report: &serde_json::Value| std::fs::write(&new, report.to_string()).unwrap();
    let compared = ["report", "--compare", &given, "--with", "new.json"];
    report["machine"]["disks"][0]["mount"] = "/elsewhere".into();
    with(&report);
    let run = desk.run(&compared).await.expect(0);
    assert!(
        run.stdout.contains("the disk /elsewhere is new"),
        "{}",
        run.said()
    );

    // With something that became worse, and with something that broke.
    for (severity, code) in [("warning", 5), ("problem", 6)] {
        report["findings"] = serde_json::json!([
            {"area": "network", "severity": severity, "title": "It rains in", "detail": ""}
        ]);
        with(&report);
        let run = desk
            .run(&[&compared[..], &["--json"]].concat())
            .await
            .expect(code);
        assert_eq!(run.json()["worse"], severity);
        assert_eq!(
            run.json()["comparison"]["findings"]["new"][0]["title"],
            "It rains in"
        );
    }

    // With this computer as it is now.
    let run = desk.run(&["report", "--compare", &given]).await;
    assert!(matches!(run.code, Some(0 | 5 | 6)), "{}", run.said());
    assert!(run.stdout.contains(&world::hostname()), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_is_not_compared_with() {
    let desk = Desk::new().await;
    for (text, why) in [
        ("<html>", "it is no JSON"),
        ("{\"accepted\": true}", "no report of Helpbell"),
        (
            r#"{"version": 77, "made_at": "2030-01-01T00:00:00Z", "machine": {}}"#,
            "a report of version 77",
        ),
    ] {
        std::fs::write(desk.path("old.json"), text).unwrap();
        let run = desk.run(&["report", "--compare", "old.json"]).await.expect(2);
        assert!(run.stderr.contains(why), "{}", run.said());
    }
    let run = desk.run(&["report", "--compare", "nowhere.json"]).await.expect(2);
    assert!(run.stderr.contains("nowhere.json"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_the_report_is_printed_without_an_examination() {
    let desk = Desk::new().await;
    let schema = desk.run(&["report", "--schema"]).await.expect(0).json();
    let docs = include_str!("../../../../docs/report.schema.json");
    assert_eq!(schema, serde_json::from_str::<serde_json::Value>(docs).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_are_there_for_every_shell() {
    let desk = Desk::new().await;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = desk.run(&["completions", shell]).await.expect(0);
        assert!(
            run.stdout.contains("helpbell") && run.stdout.contains("dry-run"),
            "{shell}: {}",
            run.said()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_shows_examples_and_exit_codes() {
    let desk = Desk::new().await;
    let help = desk.run(&["--help"]).await.expect(0).stdout;
    for part in ["Examples:", "Exit codes:", "helpbell init", "helpbell press"] {
        assert!(help.contains(part), "{part} is not in {help}");
    }
    for command in ["init", "press", "report"] {
        let help = desk.run(&[command, "--help"]).await.expect(0).stdout;
        assert!(
            help.contains("Examples:") && help.contains(&format!("helpbell {command}")),
            "{help}"
        );
    }
    desk.run(&["prss"]).await.expect(2);
}

/// The Halo connector, which asks for a request that its predecessor did not: a file with other bytes and another wish.
fn one_that_wants_more(desk: &Desk) -> String {
    let mut bytes = std::fs::read(built::connector("halo")).unwrap();
    let (from, to) = (b"/Outcome", b"/Outcomf");
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter_map(|(at, window)| (window == from).then_some(at))
        .collect();
    assert!(!places.is_empty(), "the connector names its requests");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    let file = desk.path("more.wasm");
    std::fs::write(&file, bytes).unwrap();
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_asks_for_more_is_held_back_until_somebody_says_yes() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let same = built::connector("halo").display().to_string();
    let run = desk.run(&["connector", "install", &same]).await.expect(0);
    assert!(run.stdout.contains("installed "), "{}", run.said());
    let installed = desk.path("connectors/halo.wasm");
    let first = std::fs::read(&installed).unwrap();

    let more = one_that_wants_more(&desk);
    let held = desk.run(&["connector", "install", &more]).await.expect(2);
    assert!(
        held.stdout.contains("New in this file") && held.stdout.contains("GET /Outcomf"),
        "{}",
        held.said()
    );
    assert!(held.stderr.contains("--yes"), "{}", held.said());
    assert_eq!(std::fs::read(&installed).unwrap(), first, "the old one stays");
    desk.press().now().await.expect(0);

    desk.run(&["connector", "install", &more, "--yes"])
        .await
        .expect(0);
    assert_ne!(std::fs::read(&installed).unwrap(), first);
}
