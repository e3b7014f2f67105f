//! Attacks on the functions that the host offers, and on those that it links as refusals.
//!
//! What each came to is told in one line of the log.

use crate::computing::memory_to_the_limit;
use helpbell_connector::bindings::helpbell::psa::{blobs, cache, log};
use helpbell_connector::bindings::wasi::http::types::Fields;
use helpbell_connector::bindings::wasi::random::random;
use helpbell_connector::{Attachment, Call};
use std::io::Read as _;
use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};

/// More lines than anybody keeps.
const LINES: u32 = 20_000;
/// One mebibyte.
const MEBIBYTE: usize = 1 << 20;
/// Key under which tenants and connectors try to leave each other something.
const POISON: &str = "agreed-upon";

/// Makes the attack, if it is one of these, and says what came of it.
pub(crate) fn attack(call: &Call<'_>, name: &str) -> Option<String> {
    Some(match name {
        "memory-to-the-limit" => format!("{} MiB of memory", memory_to_the_limit()),
        "log-flood" => {
            for line in 0..LINES {
                log::write(log::Level::Info, &format!("line {line}"));
            }
            "logged".to_owned()
        }
        "log-huge" => {
            log::write(log::Level::Warn, &"x".repeat(32 * MEBIBYTE));
            "logged".to_owned()
        }
        "random-flood" => {
            let bytes: usize = (0..16)
                .map(|_| random::get_random_bytes(MEBIBYTE as u64).len())
                .sum();
            format!("{} MiB of random bytes", bytes / MEBIBYTE)
        }
        "random-at-once" => format!("{} random bytes", random::get_random_bytes(u64::MAX).len()),
        "resource-flood" => loop {
            std::mem::forget(Fields::new());
        },
        "cache-flood" => {
            for key in 0..LINES {
                cache::put(&key.to_string(), b"x", 3_600);
            }
            "kept".to_owned()
        }
        "cache-huge" => {
            cache::put("huge", &vec![b'x'; 32 * MEBIBYTE], 3_600);
            format!("found again: {}", cache::get("huge").is_some())
        }
        "cache-climb" => {
            let long = "k".repeat(MEBIBYTE);
            for key in ["../../../climbed", "/tmp/helpbell-climbed", "a\0b", "", &long] {
                cache::put(key, b"climbed", 3_600);
            }
            format!("found again: {}", cache::get("../../../climbed").is_some())
        }
        "cache-poison" => {
            cache::put(POISON, b"a poisoned pick-list", u32::MAX);
            format!("found again: {}", cache::get(POISON).is_some())
        }
        "cache-find" => format!("found: {}", cache::get(POISON).is_some()),
        "file-read" => told(std::fs::read("/etc/passwd").map(|bytes| bytes.len())),
        "file-read-relative" => told(std::fs::read("helpbell.toml").map(|bytes| bytes.len())),
        "file-write" => told(std::fs::write("/tmp/helpbell-hostile", "x")),
        "folder-list" => told(std::fs::read_dir("/").map(Iterator::count)),
        "environment" => format!(
            "{} variables, {} arguments",
            std::env::vars().count(),
            std::env::args().count()
        ),
        "input" => {
            let mut text = String::new();
            told(std::io::stdin().read_to_string(&mut text))
        }
        "socket-tcp" => told(TcpStream::connect(elsewhere(call)).map(drop)),
        "socket-listen" => told(std::net::TcpListener::bind("127.0.0.1:0").map(drop)),
        "socket-udp" => {
            let sent =
                UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(b"x", elsewhere(call)));
            told(sent)
        }
        "socket-name" => told(("localhost", 80).to_socket_addrs().map(Iterator::count)),
        _ => return None,
    })
}

/// Reads files that are not there, and beyond the end of the one that is.
pub(crate) fn with_files(name: &str, files: &[Attachment]) -> Option<String> {
    if name != "blob-out-of-range" {
        return None;
    }
    let mine = files.first().map_or(0, |file| file.blob);
    let read = |blob, offset, len| match blobs::read(blob, offset, len) {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(reason) => reason,
    };
    Some(
        [
            read(mine, 0, u32::MAX),
            read(mine, u64::MAX, u32::MAX),
            read(mine + 1, 0, 1),
            read(u32::MAX, 0, 1),
        ]
        .join("; "),
    )
}

/// The server that nothing may reach, as `host:port`.
pub(crate) fn elsewhere<'a>(call: &'a Call<'_>) -> &'a str {
    call.setting("elsewhere").unwrap_or("127.0.0.1:9")
}

fn told<T: std::fmt::Debug>(outcome: std::io::Result<T>) -> String {
    match outcome {
        Ok(value) => format!("it worked: {value:?}"),
        Err(error) => format!("refused: {:?}", error.kind()),
    }
}
