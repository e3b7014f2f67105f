//! What a PSA answers, to the real Halo connector.

use crate::{
    promises::can_be_shown,
    surroundings::{Psa, wait},
};
use helpbell_model::{DeviceFacts, Person, PressId};
use helpbell_sandbox::{Call, CallContext};

/// Answers a search for a person, for a device, for tickets with the input. Its first byte says how much of the
/// answer it is: all of it, the headers and the body, or the body of a proper one.
///
/// # Panics
/// If a call does not end with a value or a failure that can be shown.
pub fn answers(input: &[u8]) {
    let (how, content) = input.split_first().unwrap_or((&0, &[]));
    let length = content.len();
    let head = match how % 3 {
        0 => String::new(),
        1 => "HTTP/1.1 200 OK\r\nconnection: close\r\n".to_owned(),
        _ => format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        ),
    };
    let psa = Psa::answering([head.as_bytes(), content].concat());
    let context = CallContext {
        press: None,
        locale: "en".to_owned(),
        not_after: None,
    };
    let person = Person {
        name: "Maria Rossi".to_owned(),
        email: "maria.rossi@bianchi.example".to_owned(),
        ..Person::default()
    };
    let facts = DeviceFacts {
        hostname: "PC-7".to_owned(),
        serial: Some("4711".to_owned()),
        ..DeviceFacts::default()
    };
    wait(async {
        ended(psa.session.find_contact(&context, &person).await);
        ended(psa.session.find_device(&context, None, &facts).await);
        ended(psa.session.find_tickets(&context, PressId::new()).await);
    });
}

fn ended<T: std::fmt::Debug>(call: Call<T>) {
    match call.result {
        Ok(value) => assert!(!format!("{value:?}").contains("secret-4711")),
        Err(failure) => {
            can_be_shown(&failure.message);
            can_be_shown(failure.help.as_deref().unwrap_or_default());
            assert!(!failure.code.is_empty(), "{failure}");
            assert!(failure.code != "host.trap", "the connector crashed: {failure}");
        }
    }
    for line in call.log {
        can_be_shown(&line.text);
    }
}
