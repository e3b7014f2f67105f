//! A whole press against recorded answers: what it sends, and that all of it was declared.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]
#![expect(
    clippy::result_large_err,
    reason = "the contract's failure, as the connector returns it"
)]

use helpbell_connector::testing::{ScriptedHost, Sent};
use helpbell_connector::{
    Attachment, Connector, DeviceFacts, Draft, Examiner, Failure, LookupStrength, Note, Person, RequestEffect,
};
use helpbell_halo::Halo;

const REFERENCE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab";

/// A Halo with one client, one machine and stock lists, and the settings that lead to it.
struct Press {
    host: ScriptedHost,
    settings: Vec<(&'static str, &'static str)>,
}

impl Press {
    fn new(resource_server: &'static str, prefix: &str) -> Self {
        let host = ScriptedHost::new();
        host.set_reference(REFERENCE);
        let at = |path: &str| format!("{prefix}{path}");
        let user = r#"{"id":55,"name":"Maria Rossi","emailaddress":"maria.rossi@contoso.com","client_id":10,"site_id":100.0}"#;
        host.answer(
            "GET",
            &at("/Users"),
            200,
            &format!(r#"{{"record_count":1,"users":[{user}]}}"#),
        );
        host.answer(
            "GET",
            &at("/Asset"),
            200,
            r#"{"assets":[{"id":7,"inventory_number":"PC-7","client_id":10}]}"#,
        );
        host.answer("GET", &at("/Team"), 200, r#"[{"id":3,"name":"1st Line"}]"#);
        host.answer("GET", &at("/Agent"), 200, r#"[{"id":1,"name":"Unassigned"}]"#);
        host.answer(
            "GET",
            &at("/Outcome"),
            200,
            r#"[{"id":7,"outcome":"Private Note"}]"#,
        );
        host.answer("POST", &at("/Tickets"), 201, r#"{"id":1234}"#);
        host.answer("POST", &at("/Actions"), 201, r#"{"id":3}"#);
        let kept = format!(
            r#"{{"id":3,"hiddenfromuser":true,"note":"[hb:{REFERENCE}/note]","attachment_count":1}}"#
        );
        host.answer("GET", &at("/Actions"), 200, &format!(r#"{{"actions":[{kept}]}}"#));
        Self {
            host,
            settings: vec![("resource-server", resource_server), ("hosting", "hosted")],
        }
    }

    /// What the host does with a press, and the requests that went out.
    fn run(&self) -> Result<Vec<Sent>, Failure> {
        let before = self.host.requests().len();
        let call = || self.host.call(&self.settings);
        let person = Person {
            name: "Maria".into(),
            email: "maria.rossi@contoso.com".into(),
            phone: None,
            company: None,
        };
        let facts = DeviceFacts {
            hostname: "PC-7".into(),
            macs: Vec::new(),
            serial: None,
            ip: None,
            os: "Windows 11".into(),
            user: None,
        };
        let contact = Halo::find_contact(&call(), &person)?.map(|found| found.contact);
        let device = Halo::find_device(&call(), contact.as_ref(), &facts)?;
        let draft = Draft {
            summary: "Printer".into(),
            body_html: "<p>down</p>".into(),
            body_text: "down".into(),
            person,
            contact,
            device,
            facts,
            fields: Vec::new(),
        };
        let assignments = [
            ("team", "1st Line"),
            ("agent", "Unassigned"),
            ("impact", "3"),
            ("subject", "A  new\nsubject"),
        ];
        let assignments = assignments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let applied = Halo::apply(&call(), draft, assignments)?;
        assert!(
            applied.corrections.is_empty() && applied.draft.summary == "A new subject",
            "{applied:?}"
        );
        let created = Halo::create(&call(), applied.draft)?;
        assert!(created.corrections.is_empty(), "{created:?}");
        let file = Attachment {
            blob: self.host.add_blob(b"report"),
            name: "report.html".into(),
            content_type: "text/html".into(),
            size: 6,
            reference: format!("{REFERENCE}/report.html"),
        };
        let note = Note {
            private: true,
            html: "<p>report</p>".into(),
            text: "report".into(),
            attachments: vec![file],
            reference: format!("{REFERENCE}/note"),
        };
        let added = Halo::add_note(&call(), &created.ticket, &note)?;
        assert!(added.confirmed, "{added:?}");
        Ok(self.host.requests().split_off(before))
    }

    fn lines(&self) -> Vec<String> {
        let sent = self.run().map_err(|failure| failure.message).unwrap();
        sent.iter()
            .map(|sent| format!("{} {}", sent.method, sent.path))
            .collect()
    }
}

/// Whether a path fits a template: `{…}` is one segment that is not empty.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let same = |(want, have): (&&str, &&str)| want == have || (want.starts_with('{') && !have.is_empty());
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

const REMEMBERED: [&str; 3] = ["POST /api/Tickets", "POST /api/Actions", "GET /api/Actions"];
const WARM: [&str; 5] = [
    "GET /api/Users",
    "GET /api/Asset",
    "POST /api/Tickets",
    "POST /api/Actions",
    "GET /api/Actions",
];

#[test]
fn a_first_press_reads_only_the_lists_it_needs() {
    let press = Press::new("https://acme.halopsa.com/api", "/api");
    let mut sent = press.lines();
    for list in ["GET /api/Team", "GET /api/Agent", "GET /api/Outcome"] {
        let place = sent.iter().position(|line| line == list).expect(list);
        sent.remove(place);
    }
    assert_eq!(sent, WARM);
}

#[test]
fn a_press_of_a_known_person_at_a_known_machine_is_three_requests() {
    let press = Press::new("https://acme.halopsa.com/api", "/api");
    press.lines();
    assert_eq!(press.lines(), REMEMBERED);
}

#[test]
fn a_warm_press_of_somebody_new_is_five_requests() {
    let press = Press::new("https://acme.halopsa.com/api", "/api");
    press.lines();
    for key in press.host.cache_keys() {
        if key.starts_with("contact/") || key.starts_with("device/") {
            press.host.call(&[]).forget(&key);
        }
    }
    assert_eq!(press.lines(), WARM);
}

#[test]
fn everything_that_is_sent_was_declared_in_exactly_this_spelling() {
    let description = Halo::describe();
    for (server, origin, base, prefix) in [
        (
            "https://acme.halopsa.com/api",
            "https://acme.halopsa.com",
            "/api",
            "/api",
        ),
        ("https://halo.local/", "https://halo.local", "", "/api"),
        (
            "https://halo.local/itsm/api/",
            "https://halo.local",
            "/itsm/api",
            "/itsm/api",
        ),
    ] {
        for sent in Press::new(server, prefix)
            .run()
            .map_err(|failure| failure.message)
            .unwrap()
        {
            assert_eq!(sent.origin, origin);
            let below = sent.path.strip_prefix(base).unwrap();
            let declared = description
                .requests
                .iter()
                .find(|want| want.method == sent.method && fits(&want.path, below));
            let declared = declared.unwrap_or_else(|| panic!("{} {below} was not declared", sent.method));
            assert_eq!(
                matches!(declared.effect, RequestEffect::Effect),
                sent.method == "POST"
            );
            for name in ["authorization", "cookie", "host"] {
                assert!(
                    !sent
                        .headers
                        .iter()
                        .any(|(header, _)| header.eq_ignore_ascii_case(name)),
                    "{name} is the host's"
                );
            }
        }
    }
}

#[test]
fn a_description_is_complete_and_consistent() {
    let description = Halo::describe();
    assert_eq!(description.id, "halo");
    let kinds = ["text", "url", "email", "integer", "boolean", "choice"];
    for setting in &description.settings {
        assert!(kinds.contains(&setting.kind.as_str()), "{}", setting.name);
        assert_eq!(
            setting.kind == "choice",
            !setting.choices.is_empty(),
            "{}",
            setting.name
        );
        assert!(
            !setting.help.is_empty() && !setting.example.is_empty(),
            "{}",
            setting.name
        );
    }
    for origin in &description.origins {
        assert!(
            description
                .settings
                .iter()
                .any(|setting| setting.name == origin.name && setting.required)
        );
    }
    let mut spellings: Vec<_> = description
        .requests
        .iter()
        .map(|want| (&want.method, &want.path))
        .collect();
    spellings.sort();
    spellings.dedup();
    assert_eq!(
        spellings.len(),
        description.requests.len(),
        "no request stands twice"
    );
    for want in description
        .requests
        .iter()
        .filter(|want| matches!(want.effect, RequestEffect::Effect))
    {
        assert_eq!(
            want.refusals
                .iter()
                .map(|refusal| refusal.status)
                .collect::<Vec<_>>(),
            [400],
            "{}",
            want.path
        );
    }
    assert!(matches!(description.lookup, LookupStrength::Eventual(60)));
}

#[test]
fn a_rule_that_writes_an_unknown_variable_is_corrected_and_nothing_is_lost() {
    let press = Press::new("https://acme.halopsa.com/api", "/api");
    let draft = Draft {
        summary: "s".into(),
        body_html: String::new(),
        body_text: String::new(),
        person: Person {
            name: String::new(),
            email: String::new(),
            phone: None,
            company: None,
        },
        contact: None,
        device: None,
        facts: DeviceFacts {
            hostname: String::new(),
            macs: Vec::new(),
            serial: None,
            ip: None,
            os: String::new(),
            user: None,
        },
        fields: vec![("team".into(), "Old".into()), ("impact".into(), "3".into())],
    };
    let assignments = vec![
        ("team".to_owned(), "New".to_owned()),
        ("tema".to_owned(), "x".to_owned()),
    ];
    let applied = Halo::apply(&press.host.call(&press.settings), draft, assignments)
        .map_err(|f| f.message)
        .unwrap();
    assert_eq!(
        applied.draft.fields,
        [
            ("impact".to_owned(), "3".to_owned()),
            ("team".to_owned(), "New".to_owned())
        ]
    );
    assert_eq!(
        (
            applied.corrections[0].field.as_str(),
            &applied.corrections[0].nearest[..]
        ),
        ("tema", &["team".to_owned()][..])
    );
    assert!(press.host.requests().is_empty());
}

#[test]
fn everything_that_the_doctor_sends_was_declared_as_a_read() {
    let description = Halo::describe();
    for (server, prefix) in [
        ("https://acme.halopsa.com/api", ""),
        ("https://halo.local", "/api"),
    ] {
        let host = ScriptedHost::new();
        let settings = [
            ("resource-server", server),
            ("default:team", "1st Line"),
            ("default:agent", "Unassigned"),
            ("default:category_2", "x"),
        ];
        for path in [
            "authinfo",
            "Tickets",
            "Users",
            "Client",
            "Asset",
            "TicketType",
            "Agent",
            "Team",
            "Category",
            "Webhook",
        ] {
            host.answer("GET", &format!("/api/{path}"), 200, "[]");
        }
        host.answer(
            "GET",
            "/api/Outcome",
            200,
            r#"[{"id":7,"outcome":"Private Note"}]"#,
        );
        let checks = Halo::checks(&host.call(&settings));
        for check in &checks {
            Halo::examine(&host.call(&settings), &check.id)
                .map_err(|failure| format!("{}: {}", check.id, failure.message))
                .unwrap();
        }
        assert!(
            host.requests().len() >= checks.len() - 1,
            "each check but one looks at Halo"
        );
        for sent in host.requests() {
            let below = sent
                .path
                .strip_prefix(if prefix.is_empty() { "/api" } else { "" })
                .unwrap();
            let declared = description
                .requests
                .iter()
                .find(|want| want.method == sent.method && fits(&want.path, below));
            let declared = declared.unwrap_or_else(|| panic!("{} {below} was not declared", sent.method));
            assert!(matches!(declared.effect, RequestEffect::Read), "{below}");
        }
    }
}

#[test]
fn a_rule_may_write_one_custom_field_by_its_id() {
    let host = ScriptedHost::new();
    host.answer("POST", "/api/Tickets", 201, r#"{"id":1}"#);
    let call = host.call(&[("resource-server", "https://acme.halopsa.com/api")]);
    let nobody = Person {
        name: String::new(),
        email: String::new(),
        phone: None,
        company: None,
    };
    let draft = Draft {
        summary: "s".into(),
        body_html: String::new(),
        body_text: String::new(),
        person: nobody,
        contact: None,
        device: None,
        facts: DeviceFacts {
            hostname: String::new(),
            macs: Vec::new(),
            serial: None,
            ip: None,
            os: String::new(),
            user: None,
        },
        fields: vec![
            ("customfield_180".into(), "old".into()),
            ("customfields".into(), "5 : x".into()),
        ],
    };
    let assignments = vec![
        ("customfield_180".to_owned(), "new".to_owned()),
        ("_novalidate".to_owned(), "True".to_owned()),
    ];
    let applied = Halo::apply(&call, draft, assignments)
        .map_err(|failure| failure.message)
        .unwrap();
    assert!(applied.corrections.is_empty(), "{applied:?}");
    Halo::create(&call, applied.draft)
        .map_err(|failure| failure.message)
        .unwrap();
    let sent = host.requests()[0].json()[0].clone();
    assert_eq!(sent["_novalidate"], true);
    assert_eq!(
        sent["customfields"].to_string(),
        r#"[{"id":5,"value":"x"},{"id":180,"value":"new"}]"#
    );
}
