use super::*;
use simple_dns::{
    CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{A, RData},
};
use std::{
    net::{Ipv4Addr, UdpSocket},
    thread,
};

/// Longer than any test run.
const AMPLE: Duration = Duration::from_secs(600);
/// For servers that keep silent.
const SHORT: Duration = Duration::from_millis(200);

/// A system that finds whatever is not kept from it. No test looks for a name beyond this machine.
fn finds(name: &str) -> Result<(), String> {
    if name == "kept.example" {
        Err("not found".to_owned())
    } else {
        Ok(())
    }
}

/// What the server of a test does with a question for `name`.
#[derive(Clone, Copy)]
enum Does {
    Answer,
    Say(RCODE),
    /// The first datagram gets lost.
    LoseOne,
    /// An answer to something else comes first.
    MuddleFirst,
    Nothing,
}

/// A name server of this test: real datagrams on loopback, until the test ends.
fn server(does: impl Fn(&str) -> Does + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut seen = 0;
        let mut buffer = [0; 512];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let query = Packet::parse(&buffer[..count]).unwrap();
            let question = query.questions[0].clone();
            assert_eq!(question.qtype, QTYPE::TYPE(TYPE::A));
            let mut reply = Packet::new_reply(query.id());
            reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
            reply.questions.push(question.clone());
            seen += 1;
            let behaviour = does(&question.qname.to_string());
            match behaviour {
                Does::Nothing => continue,
                Does::LoseOne if seen == 1 => continue,
                Does::Say(code) => *reply.rcode_mut() = code,
                Does::Answer | Does::LoseOne | Does::MuddleFirst => {
                    let address = RData::A(A::from(Ipv4Addr::new(192, 0, 2, 7)));
                    reply.answers.push(ResourceRecord::new(
                        question.qname.clone(),
                        CLASS::IN,
                        60,
                        address,
                    ));
                }
            }
            if matches!(behaviour, Does::MuddleFirst) {
                let mut other = reply.clone();
                other.set_id(query.id().wrapping_add(1));
                *other.rcode_mut() = RCODE::NameError;
                socket.send_to(&other.build_bytes_vec().unwrap(), from).unwrap();
            }
            socket.send_to(&reply.build_bytes_vec().unwrap(), from).unwrap();
        }
    });
    address
}

fn asked(server: SocketAddr, name: &str, wait: Duration) -> Lookup {
    let plan = Plan {
        configured: vec![server],
        public: None,
        names: vec![name.to_owned()],
        system: finds,
        wait,
    };
    look_up(&plan).remove(0)
}

#[test]
fn a_name_that_a_server_knows_is_found_with_its_time() {
    let lookup = asked(server(|_| Does::Answer), "example.com", AMPLE);
    assert!(
        lookup.found && lookup.configured && lookup.ms.is_some(),
        "{lookup:?}"
    );
    assert_eq!(
        (lookup.server.as_str(), lookup.name.as_str(), lookup.note.as_str()),
        ("127.0.0.1", "example.com", "")
    );
}

#[test]
fn what_a_server_says_instead_is_told_in_words() {
    for (code, note) in [
        (RCODE::NameError, "it says there is no such name"),
        (RCODE::ServerFailure, "it could not find out"),
        (RCODE::Refused, "it refuses to answer"),
        (RCODE::NotImplemented, "it answers with NotImplemented"),
    ] {
        let lookup = asked(server(move |_| Does::Say(code)), "example.com", AMPLE);
        assert!(!lookup.found && lookup.ms.is_some(), "{lookup:?}");
        assert_eq!(lookup.note, note);
    }
}

#[test]
fn a_datagram_that_gets_lost_is_sent_again() {
    let wait = Duration::from_secs(2);
    let lookup = asked(server(|_| Does::LoseOne), "example.com", wait);
    assert!(lookup.found, "{lookup:?}");
    assert!(lookup.ms.unwrap() >= 1000.0, "{lookup:?}");
}

#[test]
fn an_answer_to_another_question_is_not_believed() {
    assert!(asked(server(|_| Does::MuddleFirst), "example.com", AMPLE).found);
}

#[test]
fn a_silent_server_has_no_time_and_keeps_nobody_waiting() {
    let began = Instant::now();
    let lookup = asked(server(|_| Does::Nothing), "example.com", SHORT);
    assert!(!lookup.found && lookup.ms.is_none(), "{lookup:?}");
    assert!(lookup.note.starts_with(NO_ANSWER), "{lookup:?}");
    assert!(began.elapsed() >= SHORT);
}

#[test]
fn an_address_without_a_server_does_not_answer() {
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let lookup = asked(free, "example.com", SHORT);
    assert!(
        lookup.note.starts_with(NO_ANSWER) && lookup.ms.is_none(),
        "{lookup:?}"
    );
}

#[test]
fn configured_public_and_the_systems_own_way_are_asked_for_every_name() {
    let plan = Plan {
        configured: vec![server(|name| {
            if name == "kept.example" {
                Does::Say(RCODE::NameError)
            } else {
                Does::Answer
            }
        })],
        public: Some(server(|_| Does::Answer)),
        names: vec!["example.com".to_owned(), "kept.example".to_owned()],
        system: finds,
        wait: AMPLE,
    };
    let rows: Vec<_> = look_up(&plan)
        .into_iter()
        .map(|lookup| {
            (
                lookup.server == SYSTEM,
                lookup.configured,
                lookup.name,
                lookup.found,
            )
        })
        .collect();
    let row = |system, configured, name: &str, found| (system, configured, name.to_owned(), found);
    assert_eq!(
        rows,
        [
            row(false, true, "example.com", true),
            row(false, true, "kept.example", false),
            row(false, false, "example.com", true),
            row(false, false, "kept.example", true),
            row(true, true, "example.com", true),
            row(true, true, "kept.example", false),
        ]
    );
}

#[test]
fn a_public_server_that_is_also_configured_is_asked_once() {
    let address = server(|_| Does::Answer);
    let plan = Plan {
        configured: vec![address],
        public: Some(address),
        names: vec!["example.com".to_owned()],
        system: finds,
        wait: AMPLE,
    };
    assert_eq!(look_up(&plan).len(), 2);
}

#[test]
fn addresses_and_empty_names_are_not_looked_for() {
    let scope = Scope {
        control_name: String::new(),
        sites: vec!["192.0.2.1".to_owned()],
        ..Scope::default()
    };
    assert_eq!(names(&scope), Vec::<String>::new());
    let scope = Scope {
        control_name: "example.com".to_owned(),
        sites: vec!["desk.example:8443".to_owned(), "other.example".to_owned()],
        ..Scope::default()
    };
    assert_eq!(names(&scope), ["example.com", "desk.example"]);
}

#[test]
fn the_systems_own_way_finds_this_machine() {
    assert_eq!(system("localhost"), Ok(()));
    assert_eq!(system("no such name"), Err("not found".to_owned()));
}
