//! Pictures of X servers.

use crate::{LIMIT, child, monitors, screens, server::XServer};
use std::{fs, os::unix::net::UnixListener};
use x11rb::{
    connection::Connection as _,
    protocol::{
        randr::{ConnectionExt as _, MonitorInfo},
        xproto::{ConnectionExt as _, CreateGCAux, Gcontext, Rectangle, Window},
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// A connection to draw with: root window and a context of the given colour.
pub(crate) fn pencil(server: &XServer, colour: u32) -> (RustConnection, Window, Gcontext) {
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
fn three_4k_monitors_are_three_pictures_with_their_places_and_rates() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = monitors::three_4k(folder.path()) else {
        return;
    };
    let (connection, root, context) = pencil(&server, 0x00fa_6414);
    // Begins in the first monitor and ends in the last.
    fill(&connection, root, context, (3000, 1000, 7000, 1160));

    let output = child(&server.display, &[]);
    for monitor in ["DUMMY0", "DUMMY1", "DUMMY2"] {
        let expected = format!("screen {monitor} 3840x2160 image=true note=\"\"");
        assert!(screens(&output).contains(&expected.as_str()), "{output}");
    }
    let pixels: Vec<&str> = output.lines().filter(|line| line.starts_with("pixel ")).collect();
    let (black, colour) = ("[0, 0, 0]", "[250, 100, 20]");
    // The server lists the primary monitor, which is in the middle, before the others.
    let expected = [
        [black, colour, colour],
        [black, black, colour],
        [black, colour, black],
    ];
    let named = ["first", "middle", "last"];
    let expected: Vec<String> = expected
        .iter()
        .flat_map(|screen| {
            named
                .iter()
                .zip(screen)
                .map(|(place, colour)| format!("pixel {place} {colour}"))
        })
        .collect();
    assert_eq!(pixels, expected, "{output}");
    assert!(
        output.contains(
            "monitors: [Monitor { name: \"DUMMY1\", width: 3840, height: 2160, x: 3840, y: 0, scale_percent: None, primary: true, refresh_hz: Some(60.0) }"
        ),
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
