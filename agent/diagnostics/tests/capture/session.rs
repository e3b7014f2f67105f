//! The session at the moment of the press.

use crate::{child, server::XServer, wayland::Bus};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, PropMode, WindowClass},
    wrapper::ConnectionExt as _,
};

#[test]
fn the_program_in_front_is_told_by_its_process_and_never_by_its_title() {
    let Some(server) = XServer::start(&[]) else { return };
    let (connection, number) = x11rb::connect(Some(&server.display)).unwrap();
    let root = connection.setup().roots.get(number).unwrap().root;
    let window = connection.generate_id().unwrap();
    connection
        .create_window(
            0,
            window,
            root,
            0,
            0,
            200,
            100,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new(),
        )
        .unwrap();
    connection
        .change_property8(
            PropMode::REPLACE,
            window,
            AtomEnum::WM_NAME,
            AtomEnum::STRING,
            b"secret letter.odt",
        )
        .unwrap();
    connection.map_window(window).unwrap();
    let active = connection
        .intern_atom(false, b"_NET_ACTIVE_WINDOW")
        .unwrap()
        .reply()
        .unwrap()
        .atom;
    // What a window manager would say.
    connection
        .change_property32(PropMode::REPLACE, root, active, AtomEnum::WINDOW, &[window])
        .unwrap();
    connection
        .change_property8(
            PropMode::REPLACE,
            root,
            AtomEnum::RESOURCE_MANAGER,
            AtomEnum::STRING,
            b"Xft.dpi:\t144\n",
        )
        .unwrap();
    connection.sync().unwrap();

    let output = child(&server.display, &[("XDG_CURRENT_DESKTOP", "GNOME")]);
    let own = std::env::current_exe().unwrap();
    let own = own.file_name().unwrap().to_str().unwrap();
    let expected = format!(
        "Foreground {{ name: {own:?}, pid: Some({}) }}",
        std::process::id()
    );
    assert!(output.contains(&expected), "{output}");
    assert!(!output.contains("secret"), "{output}");
    assert!(
        output.contains("desktop: Some(\"GNOME\")")
            && output.contains("display: Some(\"x11\")")
            && output
                .contains("width: 1280, height: 720, x: 0, y: 0, scale_percent: Some(150), primary: true"),
        "{output}"
    );
}

/// A login of these tests.
struct Login {
    is_locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Login {
    #[zbus(property)]
    fn r#type(&self) -> &str {
        "x11"
    }

    #[zbus(property)]
    fn remote(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.is_locked
    }
}

#[test]
fn a_session_that_logind_calls_locked_is_locked() {
    let Some(server) = XServer::start(&[]) else { return };
    for is_locked in [true, false] {
        let Some(bus) = Bus::start() else { return };
        bus.serve(
            "org.freedesktop.login1",
            "/org/freedesktop/login1/session/auto",
            Login { is_locked },
        );
        let output = child(&server.display, &[("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)]);
        assert!(output.contains(&format!("locked: Some({is_locked})")), "{output}");
        assert!(output.contains("kind: Console"), "{output}");
        assert_eq!(output.contains("the screen was locked"), is_locked, "{output}");
    }
}
