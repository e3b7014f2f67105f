//! One request and the head of its answer, over any connection.
//!
//! What a probe of the network wants to know stands around HTTP, not in it: how long the handshake took, which
//! certificates were shown, what a stranger in between answered. A client library hides just that. The head is read
//! by `httparse`; nothing is followed, kept or sent again.

use super::words;
use std::io::{Read, Write};

/// The longest head that is read, in bytes. Browsers give up at about as much.
const HEAD_BYTES: usize = 16 * 1024;
/// Rows of a head. Busy sites send about 30.
const ROWS: usize = 96;
/// Bytes of a body that are read: what a test page has to say is shorter.
const BODY_BYTES: usize = 256;
/// Who asks. Some sites turn away whoever does not say.
const USER_AGENT: &str = concat!("Helpbell/", env!("CARGO_PKG_VERSION"));

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::probes) struct Answer {
    pub(in crate::probes) status: u16,
    /// Where a redirect leads.
    pub(in crate::probes) location: Option<String>,
    /// The other side's clock.
    pub(in crate::probes) date: Option<String>,
    /// The body comes in pieces.
    pub(in crate::probes) chunked: bool,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::probes) struct Request<'a> {
    /// `GET`, `HEAD`, `CONNECT`.
    pub(in crate::probes) method: &'a str,
    /// `/`, or whatever a proxy wants to see.
    pub(in crate::probes) target: &'a str,
    /// The host, with its port unless that is the usual one.
    pub(in crate::probes) host: &'a str,
}

/// Asks, and reads the head of the answer.
pub(in crate::probes) fn head(
    connection: &mut (impl Read + Write),
    request: Request<'_>,
) -> Result<Answer, String> {
    read(connection, request).map(|(answer, _)| answer)
}

/// Asks, and reads the head of the answer and the beginning of its body, 256 bytes at most.
pub(in crate::probes) fn page(
    connection: &mut (impl Read + Write),
    request: Request<'_>,
) -> Result<(Answer, Vec<u8>), String> {
    let (answer, mut bytes) = read(connection, request)?;
    let mut buffer = [0; BODY_BYTES];
    while bytes.len() < BODY_BYTES {
        match connection.read(&mut buffer) {
            Ok(count @ 1..) => bytes.extend(buffer.iter().take(count)),
            // It ends, breaks off or stops: what is here has to do.
            Ok(0) | Err(_) => break,
        }
    }
    let body = if answer.chunked {
        first_chunk(&bytes)
    } else {
        &bytes
    };
    Ok((answer, body.iter().take(BODY_BYTES).copied().collect()))
}

fn read(connection: &mut (impl Read + Write), request: Request<'_>) -> Result<(Answer, Vec<u8>), String> {
    let Request { method, target, host } = request;
    let asked = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    connection
        .write_all(asked.as_bytes())
        .and_then(|()| connection.flush())
        .map_err(|error| words(&error))?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let count = connection.read(&mut buffer).map_err(|error| words(&error))?;
        if count == 0 {
            return Err("breaks connections off".to_owned());
        }
        bytes.extend(buffer.iter().take(count));
        if let Some((answer, length)) = parse(&bytes)? {
            return Ok((answer, bytes.split_off(length.min(bytes.len()))));
        }
        if bytes.len() > HEAD_BYTES {
            return Err("answers with something endless".to_owned());
        }
    }
}

/// The head at the beginning of `bytes` and its length; `None` if it is not complete.
fn parse(bytes: &[u8]) -> Result<Option<(Answer, usize)>, String> {
    let mut rows = [httparse::EMPTY_HEADER; ROWS];
    let mut response = httparse::Response::new(&mut rows);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err("answers with something that is not HTTP".to_owned()),
    };
    let text = |name: &str| {
        let row = response
            .headers
            .iter()
            .find(|row| row.name.eq_ignore_ascii_case(name));
        row.map(|row| String::from_utf8_lossy(row.value).trim().to_owned())
    };
    let answer = Answer {
        status: response.code.unwrap_or_default(),
        location: text("location"),
        date: text("date"),
        chunked: text("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")),
    };
    Ok(Some((answer, length)))
}

/// The first piece of a body that comes in pieces.
fn first_chunk(bytes: &[u8]) -> &[u8] {
    match httparse::parse_chunk_size(bytes) {
        Ok(httparse::Status::Complete((begin, size))) => {
            let piece = bytes.get(begin..).unwrap_or_default();
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            piece.get(..size).unwrap_or(piece)
        }
        Ok(httparse::Status::Partial) | Err(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io;

    const REQUEST: Request<'_> = Request {
        method: "GET",
        target: "/",
        host: "example.com",
    };

    /// Somebody who has answered before being asked, in pieces of `step` bytes.
    struct Peer {
        says: Vec<u8>,
        step: usize,
        heard: Vec<u8>,
    }

    fn peer(says: &[u8], step: usize) -> Peer {
        Peer {
            says: says.to_vec(),
            step,
            heard: Vec::new(),
        }
    }

    impl Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.step.min(buffer.len()).min(self.says.len());
            buffer[..count].copy_from_slice(&self.says[..count]);
            self.says.drain(..count);
            Ok(count)
        }
    }

    impl Write for Peer {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.heard.extend(buffer);
            Ok(buffer.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_head_is_read_however_it_is_cut() {
        let says = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/a\r\nDATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nrest";
        for step in [1, 3, 5000] {
            let mut peer = peer(says, step);
            let answer = head(&mut peer, REQUEST).unwrap();
            assert_eq!(answer.status, 302);
            assert_eq!(answer.location.as_deref(), Some("http://portal.example/a"));
            assert_eq!(answer.date.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
            let heard = String::from_utf8(peer.heard).unwrap();
            assert!(
                heard.starts_with("GET / HTTP/1.1\r\nHost: example.com\r\n") && heard.ends_with("\r\n\r\n"),
                "{heard}"
            );
        }
    }

    #[test]
    fn a_body_is_read_whole_or_in_pieces_and_no_further_than_needed() {
        let body = |says: &[u8], step| page(&mut peer(says, step), REQUEST).unwrap().1;
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for step in [1, 7, 5000] {
            assert_eq!(body(whole, step), b"hello");
            assert_eq!(body(chunked, step), b"hello");
        }
        let long = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[b'x'; 9999]].concat();
        assert_eq!(body(&long, 5000).len(), BODY_BYTES);
    }

    #[test]
    fn strangers_are_told_in_words() {
        let said = |says: &[u8]| head(&mut peer(says, 4096), REQUEST).unwrap_err();
        assert_eq!(
            said(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "answers with something that is not HTTP"
        );
        assert_eq!(said(b""), "breaks connections off");
        assert_eq!(said(b"HTTP/1.1 200 OK\r\nA"), "breaks connections off");
        let endless = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'x'; 99_999]].concat();
        assert_eq!(said(&endless), "answers with something endless");
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_without_a_crash(says in proptest::collection::vec(any::<u8>(), 0..600), step in 1_usize..700) {
            if let Ok((_, body)) = page(&mut peer(&says, step), REQUEST) {
                prop_assert!(body.len() <= BODY_BYTES);
            }
        }

        #[test]
        fn whatever_follows_a_head_is_bounded(says in proptest::collection::vec(any::<u8>(), 0..900)) {
            let says = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(), &says].concat();
            let (_, body) = page(&mut peer(&says, 100), REQUEST).unwrap();
            prop_assert!(body.len() <= BODY_BYTES);
        }
    }
}
