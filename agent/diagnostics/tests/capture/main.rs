//! Photographs displays that these tests start by themselves.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step of a test should stop it")]

mod monitors;
mod server;
mod session;
mod wayland;
mod x11;

use helpbell_diagnostics::{Limits, capture};
use std::{env, fs, process::Command, time::Duration};

/// A machine busy with builds may need long to start a server; a healthy test never waits for it.
const AMPLE: Duration = Duration::from_secs(60);

/// Environment of the capturing half: how long it may take, in milliseconds.
pub(crate) const LIMIT: &str = "PHOTOGRAPH_WITHIN_MS";

/// The same: a file that somebody else deletes is waited for before this half ends.
pub(crate) const UNTIL_GONE: &str = "PHOTOGRAPH_UNTIL_GONE";

/// Runs this test binary again with these variables: the environment of this process is shared by all tests.
pub(crate) fn child(display: &str, variables: &[(&str, &str)]) -> String {
    // Whatever is written down of a screen would be in here.
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        "photographs_for_another_test",
        "--nocapture",
        "--ignored",
    ]);
    for variable in ["WAYLAND_DISPLAY", "SSH_CONNECTION", "XDG_CURRENT_DESKTOP"] {
        command.env_remove(variable);
    }
    command
        .current_dir(&empty)
        .env("TMPDIR", empty.path())
        .env("DISPLAY", display)
        // The buses of this machine have nothing to do with it.
        .env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
        .env("DBUS_SYSTEM_BUS_ADDRESS", NO_BUS)
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let left: Vec<_> = fs::read_dir(&empty).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// An address that nobody has.
const NO_BUS: &str = "unix:path=/nonexistent/bus";

/// The capturing half of the tests below; prints what it got.
#[test]
#[ignore = "started by the other tests with a display of their own"]
fn photographs_for_another_test() {
    let limit = env::var(LIMIT).map_or(AMPLE, |ms| Duration::from_millis(ms.parse().unwrap()));
    let frames = capture::grab(Limits {
        screens: limit,
        portal: limit,
        ..Limits::default()
    });
    println!("session {:?}", frames.session());
    for screen in frames.develop() {
        println!(
            "screen {} {}x{} image={} note={:?}",
            screen.name,
            screen.width,
            screen.height,
            screen.image.is_some(),
            // A machine busy with builds may be slow.
            screen.note.split("it took").next().unwrap_or_default()
        );
        if let Some(image) = screen.image {
            let picture = image::load_from_memory(&image.bytes).unwrap().to_rgb8();
            let (width, height) = picture.dimensions();
            for (place, x, y) in [
                ("first", 0, 0),
                ("middle", width / 2, height / 2),
                ("last", width - 1, height - 1),
            ] {
                println!("pixel {place} {:?}", picture.get_pixel(x, y).0);
            }
        }
    }
    if let Some(file) = env::var_os(UNTIL_GONE) {
        while fs::exists(&file).unwrap() {
            std::thread::yield_now();
        }
    }
}

/// The lines about screens.
pub(crate) fn screens(output: &str) -> Vec<&str> {
    output
        .lines()
        .filter(|line| line.starts_with("screen "))
        .collect()
}
