//! One question to one name server, as RFC 1035 has it: a datagram there, a datagram back.

use crate::run::in_words;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, TYPE};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

/// The longest answer without extensions, in bytes; longer ones come cut, and that is answer enough.
const ANSWER: usize = 512;

/// Asks `server` for an address of `name`, for at most `wait`. A datagram may get lost, so the question is sent again at
/// half time. The failure says what the server said.
pub(super) fn ask(server: SocketAddr, name: &str, wait: Duration) -> Result<(), String> {
    let id = fastrand::u16(..);
    let question = packet(id, name).ok_or("no server would understand this name")?;
    exchange(server, id, &question, wait).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => format!("no answer within {}", in_words(wait)),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
            "no answer: there is no name server at this address".to_owned()
        }
        _ => format!("no answer: it {}", super::super::dial::words(&error)),
    })?
}

fn packet(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let question = Question::new(
        Name::new(name).ok()?,
        QTYPE::TYPE(TYPE::A),
        CLASS::IN.into(),
        false,
    );
    packet.questions.push(question);
    packet.build_bytes_vec().ok()
}

/// The outer result is what became of the datagrams, the inner one what the server said.
fn exchange(server: SocketAddr, id: u16, question: &[u8], wait: Duration) -> io::Result<Result<(), String>> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0))?;
    // From now on only that server is heard.
    socket.connect(server)?;
    let began = Instant::now();
    let mut answer = [0; ANSWER];
    for end in [wait / 2, wait] {
        socket.send(question)?;
        loop {
            let left = end.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            socket.set_read_timeout(Some(left))?;
            match socket.recv(&mut answer) {
                Ok(count) => {
                    if let Some(said) = said(answer.get(..count).unwrap_or_default(), id) {
                        return Ok(said);
                    }
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    break;
                }
                // Windows: the answer was longer than the buffer, so there was one.
                Err(error) if error.raw_os_error() == Some(TOO_LONG) => return Ok(Ok(())),
                Err(error) => return Err(error),
            }
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// `WSAEMSGSIZE`.
const TOO_LONG: i32 = 10040;

/// What an answer says; `None` if it is not the answer to question `id`.
fn said(bytes: &[u8], id: u16) -> Option<Result<(), String>> {
    let is_answer = bytes.get(..2) == Some(id.to_be_bytes().as_slice());
    if !is_answer {
        return None;
    }
    let Ok(packet) = Packet::parse(bytes) else {
        return Some(Err("its answer cannot be read".to_owned()));
    };
    if !packet.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    Some(match packet.rcode() {
        RCODE::NoError if !packet.answers.is_empty() || packet.has_flags(PacketFlag::TRUNCATION) => Ok(()),
        RCODE::NoError => Err("it knows the name, but no address".to_owned()),
        RCODE::NameError => Err("it says there is no such name".to_owned()),
        RCODE::ServerFailure => Err("it could not find out".to_owned()),
        RCODE::Refused => Err("it refuses to answer".to_owned()),
        other => Err(format!("it answers with {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_question_asks_for_an_address_and_for_recursion() {
        let bytes = packet(0xbeef, "login.example.com").unwrap();
        let back = Packet::parse(&bytes).unwrap();
        assert_eq!(back.id(), 0xbeef);
        assert!(back.has_flags(PacketFlag::RECURSION_DESIRED) && !back.has_flags(PacketFlag::RESPONSE));
        assert_eq!(back.questions[0].qname.to_string(), "login.example.com");
    }

    #[test]
    fn a_name_that_is_none_is_not_sent() {
        assert_eq!(packet(1, &"x".repeat(64)), None);
        assert_eq!(packet(1, &"abc.".repeat(99)), None);
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let reply = Packet::new_reply(7).build_bytes_vec().unwrap();
        assert_eq!(said(&reply, 8), None);
        assert_eq!(said(&packet(7, "example.com").unwrap(), 7), None);
        assert_eq!(
            said(&reply, 7),
            Some(Err("it knows the name, but no address".to_owned()))
        );
        assert_eq!(
            said(&[0, 7, 1], 7),
            Some(Err("its answer cannot be read".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn whatever_a_server_sends_is_one_short_sentence(mut bytes in proptest::collection::vec(any::<u8>(), 2..600)) {
            bytes[..2].copy_from_slice(&[1, 2]);
            if let Some(Err(note)) = said(&bytes, 0x0102) {
                prop_assert!(note.len() < 60);
            }
        }

        #[test]
        fn any_name_is_asked_for_or_not_without_a_crash(name in "\\PC{0,80}") {
            packet(1, &name);
        }
    }
}
