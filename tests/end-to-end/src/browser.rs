//! A real browser that opens a page and hands back what it made of it.

use std::{env, io::ErrorKind, path::PathBuf, process::Stdio, time::Duration};
use tokio::process::Command;

/// Names under which distributions install the browser.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// A browser that takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// The document tree of a page as HTML, after its scripts, if any, have run. `None` where no browser is
/// installed, except under continuous integration, which must have one.
///
/// # Panics
/// If the browser fails.
pub async fn document(address: &str) -> Option<String> {
    let given = env::var_os("HELPBELL_CHROMIUM").map(PathBuf::from);
    for name in given.into_iter().chain(NAMES.map(PathBuf::from)) {
        let profile = tempfile::Builder::new()
            .prefix("helpbell-browser-")
            .tempdir()
            .unwrap();
        let running = Command::new(&name)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--dump-dom", address])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = match tokio::time::timeout(HANGS_AFTER, running).await {
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => continue,
            Ok(output) => output.unwrap(),
            Err(_) => panic!("{} did not end within {HANGS_AFTER:?}", name.display()),
        };
        let html = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && html.contains("<body"),
            "{} did not open {address}: {}",
            name.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        return Some(html);
    }
    assert!(
        env::var_os("CI").is_none(),
        "no browser is installed (apt-get install chromium)"
    );
    eprintln!("skipped: no browser is installed (apt-get install chromium)");
    None
}
