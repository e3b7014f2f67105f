//! What needs neither a PSA nor a configuration.

use super::computer;
use helpbell_end_to_end::{Platform as _, built};
use helpbell_windows_tests::Wine;
use std::{fs, process::Stdio, sync::Arc};

pub(super) async fn version_help_and_completions_are_told(wine: Arc<Wine>) {
    let desk = computer(&wine).await;
    let version = desk.run(&["--version"]).await.expect(0);
    assert_eq!(
        version.stdout.trim_end(),
        concat!("helpbell ", env!("CARGO_PKG_VERSION"))
    );
    let help = desk.run(&["--help"]).await.expect(0);
    for command in ["init", "press", "report", "doctor", "Exit codes"] {
        assert!(help.stdout.contains(command), "{command}: {}", help.said());
    }
    let completions = desk.run(&["completions", "powershell"]).await.expect(0);
    assert!(
        completions.stdout.contains("Register-ArgumentCompleter"),
        "{}",
        completions.said()
    );
}

pub(super) async fn exit_codes_say_how_it_went(wine: Arc<Wine>) {
    let desk = computer(&wine).await;
    desk.run(&["no-such-command"]).await.expect(2);
    let silent = desk.run(&["press", "--no-dialog"]).await.expect(2);
    assert!(silent.stderr.contains("there is no message"), "{}", silent.said());
    desk.run(&["doctor"]).await.expect(6);
    let nowhere = desk
        .run(&[
            "report",
            "--no-screens",
            "--output",
            r"Z:\no\such\folder\page.html",
        ])
        .await
        .expect(1);
    assert!(
        nowhere.stderr.contains(r"Z:\no\such\folder\page.html"),
        "{}",
        nowhere.said()
    );
}

/// `%APPDATA%` may be a folder of a file server, where SQLite's locks do not hold.
pub(super) async fn what_must_outlive_the_program_stays_on_this_computer(wine: Arc<Wine>) {
    let mut list = wine.program();
    list.args(["outbox", "list"]).stderr(Stdio::piped());
    let list = tokio::task::spawn_blocking(move || list.output());
    let list = list.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&list.stderr);
    assert!(list.status.success(), "{}: {said}", list.status);
    let appdata = wine.appdata();
    assert!(
        appdata.join("Local/helpbell/outbox/outbox.sqlite").is_file(),
        "{}",
        appdata.display()
    );
    assert!(!appdata.join("Roaming/helpbell").exists());
}

/// Without it Windows shows the program a screen in pixels of its own making, and its pictures come out cropped.
pub(super) async fn the_program_tells_windows_that_it_knows_every_monitors_pixels(_wine: Arc<Wine>) {
    let program = fs::read(built::windows_program()).unwrap();
    let told = b"<dpiAwareness xmlns=\"http://schemas.microsoft.com/SMI/2016/WindowsSettings\">permonitorv2";
    assert!(
        program
            .windows(told.len())
            .any(|part| part.eq_ignore_ascii_case(told)),
        "there is no such manifest in the program"
    );
}
