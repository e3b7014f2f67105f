//! A picture of a Wayland session, by the desktop's portal: the only one that may take it, and that may ask the person.
//!
//! ```text
//! Screenshot ─► Response with a file ─► opened, deleted, read
//!     └ no Response within the limit ─► Close; should one come all the same, its file is deleted unread
//! ```
//!
//! A portal may take for ever: that of GNOME says nothing while its question is not answered.

use super::{MOST_PIXELS, bus};
use futures::StreamExt as _;
use helpbell_model::text::one_line;
use image::{ImageReader, RgbaImage};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Cursor, Read as _},
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};
use zbus::{
    Connection, Proxy,
    proxy::SignalStream,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};
use zeroize::Zeroizing;

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const DESKTOP: &str = "/org/freedesktop/portal/desktop";
const SCREENSHOT: &str = "org.freedesktop.portal.Screenshot";
const REQUEST: &str = "org.freedesktop.portal.Request";

/// The last part of a request's name. The rest is the connection's, and each has one request.
const TOKEN: &str = "helpbell";

/// How a response says that all went well, and that the person said no.
const SUCCESS: u32 = 0;
const DENIED: u32 = 1;

/// How long a late answer is waited for in the background, only to delete its file.
const LATE: Duration = Duration::from_secs(60);

/// What reading the file may take after the answer.
const READING: Duration = Duration::from_secs(2);

/// A PNG of eight 4K screens that show noise.
const MOST_FILE_BYTES: u64 = 256 << 20;

/// Bytes of a pixel while a PNG is read.
const PIXEL_BYTES: u64 = 4;

/// Characters of a portal's own words.
const WORDS: usize = 80;

/// The whole desktop as one picture.
///
/// # Errors
/// Why there is none, as a technician reads it.
pub(super) fn picture(limit: Duration) -> Result<RgbaImage, String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let tell = move |outcome| {
        // Nobody may be listening any more.
        let _ = sender.send(outcome);
    };
    thread::Builder::new()
        .name("portal".to_owned())
        .spawn(move || bus::alone(asked(limit, tell)))
        .map_err(|error| no_picture(&error.to_string()))?;
    match receiver.recv_timeout(limit.saturating_add(READING)) {
        Ok(outcome) => {
            outcome.and_then(|file| decoded(&file).map_err(|error| no_picture(&error.to_string())))
        }
        Err(RecvTimeoutError::Timeout) => Err(late(limit)),
        Err(RecvTimeoutError::Disconnected) => Err(no_picture("the portal could not be asked")),
    }
}

/// Asks, tells the outcome at the limit at the latest, and sees to it that no file stays.
async fn asked(limit: Duration, tell: impl FnOnce(Result<Zeroizing<Vec<u8>>, String>)) {
    let deadline = Instant::now() + limit;
    let mut request = match timeout_at(deadline, Request::new()).await {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => return tell(Err(no_picture(&words(&error)))),
        Err(_) => return tell(Err(late(limit))),
    };
    match timeout_at(deadline, request.answer()).await {
        Ok(answer) => {
            tell(answer.and_then(|file| taken(&file).map_err(|error| no_picture(&error.to_string()))))
        }
        Err(_) => {
            tell(Err(late(limit)));
            request.given_up().await;
        }
    }
}

/// A picture that the portal is asked for.
struct Request {
    bus: Connection,
    request: Proxy<'static>,
    responses: SignalStream<'static>,
}

impl Request {
    /// Listens for the answer; nothing is asked yet.
    async fn new() -> zbus::Result<Self> {
        let bus = Connection::session().await?;
        let sender = bus
            .unique_name()
            .map(|name| name.trim_start_matches(':').replace('.', "_"))
            .unwrap_or_default();
        let path = OwnedObjectPath::try_from(format!("{DESKTOP}/request/{sender}/{TOKEN}"))?;
        let request = Proxy::new(&bus, PORTAL, path, REQUEST).await?;
        let responses = request.receive_signal("Response").await?;
        Ok(Self {
            bus,
            request,
            responses,
        })
    }

    /// Asks without a window of the portal's own, though it may have a question for the person, and waits for the file.
    async fn answer(&mut self) -> Result<PathBuf, String> {
        let options = HashMap::from([
            ("handle_token", Value::from(TOKEN)),
            ("interactive", Value::from(false)),
        ]);
        let nobodys_window = "";
        self.bus
            .call_method(
                Some(PORTAL),
                DESKTOP,
                Some(SCREENSHOT),
                "Screenshot",
                &(nobodys_window, options),
            )
            .await
            .map_err(|error| no_picture(&words(&error)))?;
        match self.response().await {
            Some((SUCCESS, Some(file))) => Ok(file),
            Some((SUCCESS, None)) => Err(no_picture("the desktop's portal names no file")),
            Some((DENIED, _)) => Err(no_picture("the person or the desktop did not allow it")),
            Some(_) => Err(no_picture("the desktop's portal could not take one")),
            None => Err(no_picture("the desktop's portal went away")),
        }
    }

    /// The next response: how it went, and the file.
    async fn response(&mut self) -> Option<(u32, Option<PathBuf>)> {
        let message = self.responses.next().await?;
        let (how, mut results): (u32, HashMap<String, OwnedValue>) = message.body().deserialize().ok()?;
        let file = results
            .remove("uri")
            .and_then(|uri| String::try_from(uri).ok())
            .and_then(|uri| url::Url::parse(&uri).ok())
            .and_then(|uri| uri.to_file_path().ok());
        Some((how, file))
    }

    /// Takes the question back, and deletes what comes all the same.
    async fn given_up(mut self) {
        // The portal may have ended it at this moment.
        let _ = self.request.call_noreply("Close", &()).await;
        if let Ok(Some((_, Some(file)))) = timeout(LATE, self.response()).await {
            let _ = opened(&file);
        }
    }
}

/// The bytes of a portal's file, which is gone before they are read.
fn taken(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = opened(file)?;
    let size = file.metadata()?.len();
    if size > MOST_FILE_BYTES {
        return Err(io::Error::other("the portal's file is too large"));
    }
    // With its size at once: what a growing vector leaves behind would not be overwritten.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    file.take(MOST_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file and deletes it, even if it cannot be opened.
fn opened(file: &Path) -> io::Result<File> {
    let opened = File::open(file);
    fs::remove_file(file)?;
    opened
}

fn decoded(file: &[u8]) -> image::ImageResult<RgbaImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * PIXEL_BYTES);
    reader.limits(limits);
    Ok(reader.decode()?.into_rgba8())
}

/// What went wrong on the bus, in words.
fn words(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(name, ..) => match name.as_str() {
            "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                "this desktop has no portal".to_owned()
            }
            "org.freedesktop.DBus.Error.UnknownMethod" | "org.freedesktop.DBus.Error.UnknownInterface" => {
                "this desktop's portal takes none".to_owned()
            }
            "org.freedesktop.portal.Error.NotAllowed" => "the desktop did not allow it".to_owned(),
            _ => error.to_string(),
        },
        zbus::Error::Connection(error, _) | zbus::Error::InputOutput(error) => {
            format!("there is no session bus ({error})")
        }
        zbus::Error::Address(_) => "there is no session bus".to_owned(),
        _ => error.to_string(),
    }
}

fn late(limit: Duration) -> String {
    let limit = limit.as_millis();
    no_picture(&format!("the desktop's portal did not answer within {limit} ms"))
}

/// Why there is no picture, and what helps.
fn no_picture(why: &str) -> String {
    format!(
        "no picture of this Wayland session: {}; the person can attach one",
        one_line(why, WORDS)
    )
}
