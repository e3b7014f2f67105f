//! What the tests of all modules share: settings as pasted, drafts, and RT's answers as 5.0.3 gives them.

use helpbell_connector::testing::ScriptedHost;
use helpbell_connector::{Attachment, DeviceFacts, Draft, Person, Ticket};

/// A press's reference.
pub(crate) const REFERENCE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab";

/// RT at an address with a path.
pub(crate) const SETTINGS: [(&str, &str); 1] = [("server", "https://rt.example/rt")];

/// Two queues; tickets may be filed in the second and third of three.
pub(crate) const QUEUES: &str = r#"{"items":[
    {"id":"1","type":"queue","Name":"General","Lifecycle":"default","_hyperlinks":[{"ref":"self"}]},
    {"id":"3","type":"queue","Name":"Service Desk","Lifecycle":"default","_hyperlinks":[{"ref":"create","type":"ticket"}]},
    {"id":"4","type":"queue","Name":"Orders","Lifecycle":"orders","_hyperlinks":[{"ref":"create","type":"ticket"}]}]}"#;

/// The custom fields of Service Desk, with one of transactions.
pub(crate) const FIELDS: &str = r#"{"items":[
    {"id":"3","Name":"Category","Type":"Select","LookupType":"RT::Queue-RT::Ticket"},
    {"id":"2","Name":"Operating system","Type":"Freeform","LookupType":"RT::Queue-RT::Ticket"},
    {"id":"5","Name":"Picture","Type":"Image","LookupType":"RT::Queue-RT::Ticket"},
    {"id":"6","Name":"Minutes","Type":"Freeform","LookupType":"RT::Queue-RT::Ticket-RT::Transaction"}]}"#;

/// A host in the middle of the press [`REFERENCE`] that knows the lists.
pub(crate) fn host() -> ScriptedHost {
    let host = ScriptedHost::new();
    host.set_reference(REFERENCE);
    host.answer("GET", "/rt/REST/2.0/queues/all", 200, QUEUES);
    host.answer("GET", "/rt/REST/2.0/queue/3/customfields", 200, FIELDS);
    host.answer(
        "GET",
        "/rt/REST/2.0/customfield/3",
        200,
        r#"{"id":3,"Values":["Hardware","Software"]}"#,
    );
    host
}

/// Somebody who presses.
pub(crate) fn person(email: &str) -> Person {
    Person {
        name: "Maria".into(),
        email: email.into(),
        phone: None,
        company: None,
    }
}

/// A ticket to file.
pub(crate) fn draft(fields: &[(&str, &str)]) -> Draft {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Draft {
        summary: "Printer \"down\"".into(),
        body_html: "<p>It does not print</p>".into(),
        body_text: "It does not print".into(),
        person: person("maria.rossi@bianchi.example"),
        contact: None,
        device: None,
        facts: facts("PC-7"),
        fields: fields.iter().map(pair).collect(),
    }
}

/// A machine as it describes itself.
pub(crate) fn facts(hostname: &str) -> DeviceFacts {
    DeviceFacts {
        hostname: hostname.into(),
        macs: vec![],
        serial: None,
        ip: None,
        os: "Windows 11 Pro 24H2".into(),
        user: None,
    }
}

/// A ticket that was filed.
pub(crate) fn ticket() -> Ticket {
    Ticket {
        id: "5".into(),
        number: "5".into(),
        url: None,
    }
}

/// A file of the host.
pub(crate) fn attachment(host: &ScriptedHost, name: &str, content_type: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        blob: host.add_blob(bytes),
        name: name.into(),
        content_type: content_type.into(),
        size: bytes.len() as u64,
        reference: format!("{REFERENCE}/{name}"),
    }
}
