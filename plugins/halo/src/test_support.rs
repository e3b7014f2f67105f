//! What the tests of all modules share: settings as pasted, people, drafts, and Halo's answers.

use helpbell_connector::testing::ScriptedHost;
use helpbell_connector::{Attachment, Contact, Device, DeviceFacts, Draft, Person, Ticket};

/// A press's reference.
pub(crate) const REFERENCE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab";

/// Settings of a hosted instance as the guide has them pasted.
pub(crate) const HOSTED: [(&str, &str); 4] = [
    ("hosting", "hosted"),
    ("resource-server", "https://acme.halopsa.com/api"),
    ("authorisation-server", "https://acme.halopsa.com/auth"),
    ("unregistered-contact", "unregistered@helpdeskbuttons.com"),
];

/// Maria at Contoso.
pub(crate) const MARIA: &str = r#"{"id":55,"name":"Maria Rossi","emailaddress":"Maria.Rossi@contoso.com","client_id":10,
    "client_name":"Contoso","site_id":100.0,"site_name":"Main","inactive":false}"#;

/// The contact for people Halo does not know.
pub(crate) const UNREGISTERED: &str = r#"{"id":2,"name":"Unregistered","emailaddress":"unregistered@helpdeskbuttons.com",
    "client_id":1,"client_name":"Unknown","site_id":1,"site_name":"Unknown"}"#;

/// Outcomes of a stock instance.
pub(crate) const OUTCOMES: &str = r#"[{"id":16,"outcome":"Email User"},{"id":5,"outcome":"Note"},
    {"id":7,"outcome":"Private / Internal Note","buttonname":"Private Note"}]"#;

/// Halo's envelope around users.
pub(crate) fn users(users: &[&str]) -> String {
    format!(
        r#"{{"record_count":{},"columns":[],"users":[{}]}}"#,
        users.len(),
        users.join(",")
    )
}

/// A host in the middle of the press [`REFERENCE`].
pub(crate) fn host() -> ScriptedHost {
    let host = ScriptedHost::new();
    host.set_reference(REFERENCE);
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

/// [`MARIA`] as the connector returns her.
pub(crate) fn maria() -> Contact {
    Contact {
        id: "55".into(),
        name: "Maria Rossi".into(),
        email: Some("maria.rossi@contoso.com".into()),
        organisation: Some(("10".into(), "Contoso".into())),
        site: Some(("100".into(), "Main".into())),
        extra: Vec::new(),
    }
}

/// A machine as it describes itself.
pub(crate) fn facts(hostname: &str) -> DeviceFacts {
    DeviceFacts {
        hostname: hostname.into(),
        macs: vec!["aa:bb:cc:dd:ee:ff".into()],
        serial: None,
        ip: None,
        os: "Windows 11 Pro 24H2".into(),
        user: None,
    }
}

/// A ticket to file.
pub(crate) fn draft(fields: &[(&str, &str)]) -> Draft {
    Draft {
        summary: "Printer \"down\"".into(),
        body_html: "<p>It does not print</p>".into(),
        body_text: "It does not print".into(),
        person: person("maria.rossi@contoso.com"),
        contact: Some(maria()),
        device: Some(Device {
            id: "7".into(),
            name: "PC-7".into(),
            matched_by: "hostname".into(),
            extra: vec![
                ("client_id".into(), "10".into()),
                ("site_id".into(), "100".into()),
            ],
        }),
        facts: facts("PC-7"),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

/// A ticket that was filed.
pub(crate) fn ticket() -> Ticket {
    Ticket {
        id: "1234".into(),
        number: "1234".into(),
        url: None,
    }
}

/// A file of the host.
pub(crate) fn attachment(blob: u32, name: &str) -> Attachment {
    Attachment {
        blob,
        name: name.into(),
        content_type: "text/html".into(),
        size: 3,
        reference: format!("{REFERENCE}/{name}"),
    }
}
