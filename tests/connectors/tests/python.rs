//! The Python kit and the connectors written with it, by their own tests, which need no server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

use std::path::Path;
use std::process::Command;

/// Runs `python3 -m unittest` in a folder of the repository, with the kit in reach.
fn unittest(folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let kit = root.join("plugins/sdk/python").canonicalize().unwrap();
    let output = Command::new("python3")
        .args(["-m", "unittest"])
        .current_dir(root.join(folder))
        .env("PYTHONPATH", kit)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3 3.11 or newer, with python3-venv, is what Python connectors are tested with");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let ran = said
        .lines()
        .find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<u32>().ok());
    assert!(ran.is_some_and(|ran| ran > 10), "{said}");
}

#[test]
fn the_kit_passes_its_tests() {
    unittest("plugins/sdk/python");
}

#[test]
fn the_django_helpdesk_connector_passes_its_tests() {
    unittest("plugins/django-helpdesk");
}
