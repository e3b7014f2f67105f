//! Photographs a real X server that this test starts by itself.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step of a test should stop it")]

use helpbell_diagnostics::{Limits, capture};
use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};
use x11rb::{
    connection::Connection,
    protocol::{
        randr::{ConnectionExt as _, MonitorInfo},
        xproto::{ConnectionExt as _, CreateGCAux, Gcontext, Rectangle, Window},
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// A machine busy with builds may need long to start a server; a healthy test never waits for it.
const AMPLE: Limits = Limits {
    probe: Duration::from_secs(60),
    whole: Duration::from_secs(60),
    screens: Duration::from_secs(60),
};

/// An X server of its own, gone with the value.
struct XServer {
    process: Child,
    display: String,
}

impl XServer {
    /// `None` if there is no Xvfb on this machine.
    fn start() -> Option<Self> {
        let spawned = Command::new("Xvfb")
            // The server picks a free display and writes its number once it is ready.
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x720x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && env::var_os("CI").is_none() => {
                eprintln!("skipped: Xvfb is not installed");
                return None;
            }
            other => other.unwrap(),
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        Some(Self {
            process,
            display: format!(":{}", number.trim()),
        })
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs this test binary again as `what`, with the display only in the child's environment: the
/// environment of this process is shared by all tests.
fn child(what: &str, display: &str, wayland: Option<&str>) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        "photographs_for_another_test",
        "--nocapture",
        "--ignored",
    ]);
    command
        .env("DISPLAY", display)
        .env("PHOTOGRAPH", what)
        .env_remove("WAYLAND_DISPLAY");
    if let Some(wayland) = wayland {
        command.env("WAYLAND_DISPLAY", wayland);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The capturing half of the tests below; prints what it got.
#[test]
#[ignore = "started by the other tests with a display of their own"]
fn photographs_for_another_test() {
    for screen in capture::screens(AMPLE) {
        println!(
            "screen {}x{} image={} note={:?}",
            screen.width,
            screen.height,
            screen.image.is_some(),
            screen.note
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
}

#[test]
fn an_empty_display_is_one_screen_that_is_said_to_be_black() {
    let Some(server) = XServer::start() else { return };
    let output = child("empty", &server.display, None);
    assert_eq!(
        output.lines().filter(|line| line.starts_with("screen ")).count(),
        1,
        "{output}"
    );
    assert!(
        output.contains("screen 1280x720 image=false note=\"the picture came out all black"),
        "{output}"
    );
}

/// A connection to draw with: root window and a context of the given colour.
fn pencil(server: &XServer, colour: u32) -> (RustConnection, Window, Gcontext) {
    let (connection, number) = x11rb::connect(Some(&server.display)).unwrap();
    let root = connection.setup().roots.get(number).unwrap().root;
    let context = connection.generate_id().unwrap();
    connection
        .create_gc(context, root, &CreateGCAux::new().foreground(colour))
        .unwrap();
    (connection, root, context)
}

#[test]
fn what_is_on_the_display_is_in_the_picture_in_its_colours() {
    let Some(server) = XServer::start() else { return };
    let (connection, root, context) = pencil(&server, 0x00fa_6414);
    let rectangle = Rectangle {
        x: 50,
        y: 50,
        width: 1230,
        height: 670,
    };
    connection
        .poly_fill_rectangle(root, context, &[rectangle])
        .unwrap();
    connection.sync().unwrap();

    let output = child("drawn", &server.display, None);
    assert!(
        output.contains("screen 1280x720 image=true note=\"\""),
        "{output}"
    );
    assert!(output.contains("pixel first [0, 0, 0]"), "{output}");
    assert!(output.contains("pixel middle [250, 100, 20]"), "{output}");
    assert!(output.contains("pixel last [250, 100, 20]"), "{output}");
}

#[test]
fn every_monitor_is_a_picture_of_its_own() {
    let Some(server) = XServer::start() else { return };
    let (connection, root, context) = pencil(&server, 0x0000_80ff);
    // The server's own monitor gives way to the one that takes over its output.
    let own = connection
        .randr_get_screen_resources_current(root)
        .unwrap()
        .reply()
        .unwrap()
        .outputs;
    for (name, x, width, outputs) in [("left", 0, 800, own), ("right", 800, 480, Vec::new())] {
        let name = connection
            .intern_atom(false, name.as_bytes())
            .unwrap()
            .reply()
            .unwrap()
            .atom;
        let monitor = MonitorInfo {
            name,
            x,
            width,
            height: 720,
            outputs,
            ..MonitorInfo::default()
        };
        connection.randr_set_monitor(root, monitor).unwrap();
    }
    let right = Rectangle {
        x: 800,
        y: 0,
        width: 480,
        height: 720,
    };
    connection.poly_fill_rectangle(root, context, &[right]).unwrap();
    connection.sync().unwrap();

    let output = child("two", &server.display, None);
    let screens: Vec<&str> = output
        .lines()
        .filter(|line| line.starts_with("screen "))
        .collect();
    assert_eq!(screens.len(), 2, "{output}");
    assert!(screens.iter().any(|screen| {
        screen.starts_with("screen 800x720 image=false note=\"the picture came out all black")
    }));
    assert!(
        screens.contains(&"screen 480x720 image=true note=\"\""),
        "{output}"
    );
    assert!(
        output.contains("pixel first [0, 128, 255]") && output.contains("pixel last [0, 128, 255]"),
        "{output}"
    );
}

#[test]
fn without_a_display_the_report_says_why_there_is_no_picture() {
    let output = child("none", "", None);
    assert!(
        output.contains("screen 0x0 image=false note=\"no display"),
        "{output}"
    );
}

#[test]
fn a_wayland_session_is_named_as_the_reason() {
    let output = child("wayland", "", Some("wayland-0"));
    assert!(
        output.contains("image=false note=\"a Wayland session"),
        "{output}"
    );
}

#[test]
fn a_display_that_is_not_there_is_an_honest_note() {
    let output = child("gone", ":4999", None);
    assert!(
        output.contains("image=false note=\"the screens could not be photographed"),
        "{output}"
    );
}
