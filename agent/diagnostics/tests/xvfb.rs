//! Photographs real X servers that these tests start by themselves.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step of a test should stop it")]

mod display;

use display::XServer;
use helpbell_diagnostics::{Limits, capture};
use std::{env, fs, os::unix::net::UnixListener, process::Command, time::Duration};
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
const AMPLE: Duration = Duration::from_secs(60);

/// Environment of the capturing half: how long it may take, in milliseconds.
const LIMIT: &str = "PHOTOGRAPH_WITHIN_MS";

/// Runs this test binary again with these variables: the environment of this process is shared by all tests.
fn child(display: &str, variables: &[(&str, &str)]) -> String {
    // Whatever is written down of a screen would be in here.
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        "photographs_for_another_test",
        "--nocapture",
        "--ignored",
    ]);
    for variable in ["WAYLAND_DISPLAY", "SSH_CONNECTION", "XDG_SESSION_TYPE"] {
        command.env_remove(variable);
    }
    command
        .current_dir(&empty)
        .env("TMPDIR", empty.path())
        .env("DISPLAY", display)
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

/// The capturing half of the tests below; prints what it got.
#[test]
#[ignore = "started by the other tests with a display of their own"]
fn photographs_for_another_test() {
    let screens = env::var(LIMIT).map_or(AMPLE, |ms| Duration::from_millis(ms.parse().unwrap()));
    let limits = Limits {
        screens,
        ..Limits::default()
    };
    for screen in capture::screens(limits) {
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

fn fill(connection: &RustConnection, root: Window, context: Gcontext, place: (i16, i16, u16, u16)) {
    let (x, y, width, height) = place;
    let rectangle = Rectangle { x, y, width, height };
    connection
        .poly_fill_rectangle(root, context, &[rectangle])
        .unwrap();
    connection.sync().unwrap();
}

fn screens(output: &str) -> Vec<&str> {
    output
        .lines()
        .filter(|line| line.starts_with("screen "))
        .collect()
}

#[test]
fn an_empty_display_is_one_screen_that_is_said_to_be_black() {
    let Some(server) = XServer::start(&[]) else { return };
    let output = child(&server.display, &[]);
    assert_eq!(screens(&output).len(), 1, "{output}");
    assert!(
        output.contains("1280x720 image=false note=\"the picture came out all black"),
        "{output}"
    );
}

/// What is drawn is in the picture, however the pixels come.
fn drawn(server: &XServer, display: &str) {
    let (connection, root, context) = pencil(server, 0x00fa_6414);
    fill(&connection, root, context, (50, 50, 1230, 670));
    let output = child(display, &[]);
    assert!(output.contains("1280x720 image=true note=\"\""), "{output}");
    assert!(output.contains("pixel first [0, 0, 0]"), "{output}");
    assert!(output.contains("pixel middle [250, 100, 20]"), "{output}");
    assert!(output.contains("pixel last [250, 100, 20]"), "{output}");
}

#[test]
fn what_is_on_the_display_is_in_the_picture_in_its_colours() {
    let Some(server) = XServer::start(&[]) else { return };
    drawn(&server, &server.display);
}

#[test]
fn a_server_that_shares_no_memory_sends_the_same_picture() {
    let Some(server) = XServer::start(&["-extension", "MIT-SHM"]) else {
        return;
    };
    drawn(&server, &server.display);
}

#[test]
fn a_server_across_a_network_sends_the_same_picture() {
    let Some(server) = XServer::start(&["-listen", "tcp", "-ac"]) else {
        return;
    };
    drawn(&server, &format!("127.0.0.1{}", server.display));
}

#[test]
fn every_monitor_is_a_picture_of_its_own() {
    let Some(server) = XServer::start(&[]) else { return };
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
    fill(&connection, root, context, (800, 0, 480, 720));

    let output = child(&server.display, &[]);
    let screens = screens(&output);
    assert_eq!(screens.len(), 2, "{output}");
    assert!(screens.iter().any(|screen| {
        screen.starts_with("screen left 800x720 image=false note=\"the picture came out all black")
    }));
    assert!(
        screens.iter().any(|screen| {
            screen.starts_with(
                "screen right 480x720 image=true note=\"the whole picture has one colour, #0080ff",
            )
        }),
        "{output}"
    );
    assert!(
        output.contains("pixel first [0, 128, 255]") && output.contains("pixel last [0, 128, 255]"),
        "{output}"
    );
}

#[test]
fn without_a_display_the_report_says_why_there_is_no_picture() {
    let output = child("", &[]);
    assert!(
        output.contains("screen  0x0 image=false note=\"no display"),
        "{output}"
    );
}

#[test]
fn a_display_that_is_not_there_is_an_honest_note() {
    let output = child(":4999", &[]);
    assert!(
        output.contains("image=false note=\"the screens could not be photographed"),
        "{output}"
    );
}

#[test]
fn a_display_server_that_says_nothing_is_left_behind_at_the_limit() {
    // Unix sockets of displays have their place; a number that nobody has is found by trying.
    let folder = "/tmp/.X11-unix";
    fs::create_dir_all(folder).unwrap();
    let (number, path, _silent) = (5000..6000)
        .find_map(|number| {
            let path = format!("{folder}/X{number}");
            UnixListener::bind(&path)
                .ok()
                .map(|listener| (number, path, listener))
        })
        .unwrap();
    let output = child(&format!(":{number}"), &[(LIMIT, "50")]);
    fs::remove_file(path).unwrap();
    assert!(
        output.contains("screen  0x0 image=false note=\"no picture within 50 ms"),
        "{output}"
    );
}
