//! Pictures of Wayland sessions, by a portal of these tests on a bus of their own.

use crate::{LIMIT, UNTIL_GONE, child, screens, server::XServer};
use std::{
    collections::HashMap,
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};
use zbus::{
    Connection,
    message::Header,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

const REQUEST: &str = "org.freedesktop.portal.Request";

/// A bus of its own, gone with the value.
pub(crate) struct Bus {
    process: Child,
    pub(crate) address: String,
}

impl Bus {
    /// `None` if there is no `dbus-daemon` on this machine.
    pub(crate) fn start() -> Option<Self> {
        let spawned = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && env::var_os("CI").is_none() => {
                eprintln!("skipped: dbus-daemon is not installed");
                return None;
            }
            other => other.unwrap(),
        };
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Some(Self {
            process,
            address: address.trim().to_owned(),
        })
    }

    /// Puts a service on the bus that lives as long as the bus.
    pub(crate) fn serve<S: zbus::object_server::Interface>(
        &self,
        name: &'static str,
        path: &'static str,
        service: S,
    ) {
        let address = self.address.clone();
        let (ready, is_ready) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let _bus = zbus::connection::Builder::address(address.as_str())
                    .unwrap()
                    .name(name)
                    .unwrap()
                    .serve_at(path, service)
                    .unwrap()
                    .build()
                    .await
                    .unwrap();
                ready.send(()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        is_ready.recv().unwrap();
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a portal of these tests does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Answer,
    Deny,
    /// Has written its file, but says so only when the question is taken back.
    AnswerTooLate,
}

struct Portal {
    does: Does,
    file: PathBuf,
}

/// What the portal says, and where.
async fn respond(bus: &Connection, path: &OwnedObjectPath, how: u32, file: &Path) {
    let uri = format!("file://{}", file.display());
    let results = HashMap::from([("uri", Value::from(uri))]);
    bus.emit_signal(None::<&str>, path, REQUEST, "Response", &(how, results))
        .await
        .unwrap();
}

#[zbus::interface(name = "org.freedesktop.portal.Screenshot")]
impl Portal {
    async fn screenshot(
        &self,
        _parent: String,
        options: HashMap<String, OwnedValue>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &Connection,
    ) -> OwnedObjectPath {
        let text = |key: &str| String::try_from(options.get(key).unwrap().try_clone().unwrap()).unwrap();
        assert!(!bool::try_from(options.get("interactive").unwrap()).unwrap());
        let sender = header.sender().unwrap().trim_start_matches(':').replace('.', "_");
        let path = format!(
            "/org/freedesktop/portal/desktop/request/{sender}/{}",
            text("handle_token")
        );
        let path = OwnedObjectPath::try_from(path).unwrap();
        let question = Question {
            path: path.clone(),
            file: self.file.clone(),
        };
        match self.does {
            Does::Answer => respond(bus, &path, 0, &self.file).await,
            Does::Deny => respond(bus, &path, 1, &self.file).await,
            Does::AnswerTooLate => {
                bus.object_server().at(&path, question).await.unwrap();
            }
        }
        path
    }
}

/// A question that was not answered yet.
struct Question {
    path: OwnedObjectPath,
    file: PathBuf,
}

#[zbus::interface(name = "org.freedesktop.portal.Request")]
impl Question {
    async fn close(&self, #[zbus(connection)] bus: &Connection) {
        respond(bus, &self.path, 0, &self.file).await;
    }
}

/// A picture of this size: the left half in one colour, the right half in another.
fn halves(width: u32, height: u32) -> image::RgbImage {
    image::RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 {
            [10, 20, 30]
        } else {
            [200, 100, 50]
        })
    })
}

/// Photographs in a session whose portal does that; says what came, and whether the portal's file is still there.
fn photographed(
    does: Does,
    display: &str,
    write: impl FnOnce(&Path),
    more: &[(&str, &str)],
) -> Option<(String, bool)> {
    let bus = Bus::start()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Screenshot of a desk.png");
    write(&file);
    let service = Portal {
        does,
        file: file.clone(),
    };
    bus.serve(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        service,
    );
    let mut variables = vec![
        ("WAYLAND_DISPLAY", "wayland-0"),
        ("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str()),
    ];
    variables.extend(more);
    if does == Does::AnswerTooLate {
        variables.push((UNTIL_GONE, file.to_str().unwrap()));
    }
    let output = child(display, &variables);
    Some((output, file.exists()))
}

fn written(width: u32, height: u32) -> impl FnOnce(&Path) {
    move |file| halves(width, height).save(file).unwrap()
}

#[test]
fn a_portal_that_answers_gives_the_whole_desktop_and_keeps_no_file() {
    let Some((output, is_left)) = photographed(Does::Answer, "", written(40, 20), &[]) else {
        return;
    };
    assert_eq!(
        screens(&output),
        ["screen desktop 40x20 image=true note=\"\""],
        "{output}"
    );
    assert!(output.contains("pixel first [10, 20, 30]"), "{output}");
    assert!(output.contains("pixel last [200, 100, 50]"), "{output}");
    assert!(output.contains("display: Some(\"wayland\")"), "{output}");
    assert!(!is_left);
}

#[test]
fn the_desktop_is_cut_by_the_monitors_of_the_guest_that_is_an_x_server() {
    let Some(server) = XServer::start(&[]) else { return };
    // Twice as many pixels as the guest knows of.
    let Some((output, is_left)) = photographed(Does::Answer, &server.display, written(2560, 1440), &[])
    else {
        return;
    };
    assert_eq!(
        screens(&output),
        ["screen screen 2560x1440 image=true note=\"\""],
        "{output}"
    );
    assert!(!is_left);
}

#[test]
fn a_portal_that_denies_is_said_to_have_denied() {
    // A portal that denies has no file; that of this test must not be touched.
    let Some((output, is_left)) = photographed(Does::Deny, "", written(40, 20), &[]) else {
        return;
    };
    assert!(
        output.contains("image=false note=\"no picture of this Wayland session: the person or the desktop did not allow it; the person can attach one\""),
        "{output}"
    );
    assert!(is_left);
}

#[test]
fn a_portal_that_never_answers_is_left_at_the_limit_and_its_late_file_deleted() {
    let more = [(LIMIT, "50")];
    let Some((output, is_left)) = photographed(Does::AnswerTooLate, "", written(40, 20), &more) else {
        return;
    };
    assert!(
        output.contains("image=false note=\"no picture of this Wayland session: the desktop's portal did not answer within 50 ms"),
        "{output}"
    );
    assert!(!is_left);
}

#[test]
fn a_file_that_is_no_picture_is_deleted_too() {
    let nonsense = |file: &Path| fs::write(file, "no picture").unwrap();
    let Some((output, is_left)) = photographed(Does::Answer, "", nonsense, &[]) else {
        return;
    };
    assert!(
        output.contains("image=false note=\"no picture of this Wayland session: "),
        "{output}"
    );
    assert!(!is_left);
}

#[test]
fn a_desktop_without_a_portal_is_named_as_the_reason() {
    let Some(bus) = Bus::start() else { return };
    let output = child(
        "",
        &[
            ("WAYLAND_DISPLAY", "wayland-0"),
            ("DBUS_SESSION_BUS_ADDRESS", &bus.address),
        ],
    );
    assert!(
        output.contains("note=\"no picture of this Wayland session: this desktop has no portal; the person can attach one\""),
        "{output}"
    );
}

#[test]
fn a_session_without_a_bus_is_named_as_the_reason() {
    let output = child("", &[("WAYLAND_DISPLAY", "wayland-0")]);
    assert!(
        output.contains("note=\"no picture of this Wayland session: there is no session bus"),
        "{output}"
    );
}
