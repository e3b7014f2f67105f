//! The connector to django-helpdesk, which is written in Python, against the real django-helpdesk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::Path;

use helpbell_end_to_end::{
    Desk, built,
    network::{Message, Relay, Stranger, nobody},
};
use helpbell_model::{Attachment, FailureKind, Note, Ticket, connector::Grant};
use helpbell_sandbox::{
    Binding, CallContext, Limits, NetworkGrant, Sandbox, Session, Transport, WebhookDelivery,
};
use psa_sandbox::django_helpdesk::{DjangoHelpdesk, Options};
use psa_sandbox::seen::{Seen, SeenFile};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const CONNECTOR: &str = "django-helpdesk";
const PERSON: &str = "maria.rossi@bianchi.example";
/// The ticket that is there from the beginning, and the first one of a press.
const SEEDED: &str = "1";
const FIRST: &str = "2";
/// Bytes of a file that nearly fills a note.
const LARGE_BYTES: u32 = 18 << 20;

/// `helpbell init` with the settings that this server shows, and more `--set` and `--default`.
async fn init(desk: &Desk, server: &str, key: &str, more: &[&str]) {
    let server = format!("server={server}");
    let usual = [
        "init",
        "--force",
        "--connector",
        CONNECTOR,
        "--key-stdin",
        "--allow-http",
        "--allow-address",
        "127.0.0.1/32",
        "--set",
        &server,
        "--set",
        "queue=General",
        "--set",
        "hostname-field=hostname",
    ];
    let arguments: Vec<&str> = usual.iter().chain(more).copied().collect();
    desk.run_with(&arguments, key.as_bytes()).await.expect(0);
}

/// A server and a computer that is set up for it.
async fn office(options: Options, more: &[&str]) -> (DjangoHelpdesk, Desk) {
    let server = DjangoHelpdesk::start(options).await.unwrap();
    let desk = Desk::knowing(CONNECTOR).await;
    init(&desk, server.address(), server.key(), more).await;
    (server, desk)
}

fn field<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    let mut fields = seen.fields.iter();
    fields
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// Every step's requests, as `POST /api/tickets/ 201`.
fn requests(told: &Value) -> Vec<String> {
    let steps = told["steps"].as_array().unwrap();
    let sent = steps.iter().flat_map(|step| step["requests"].as_array().unwrap());
    sent.map(|sent| {
        let text = |name: &str| sent[name].as_str().unwrap();
        format!("{} {} {}", text("method"), text("path"), sent["status"])
    })
    .collect()
}

/// Without what keeps a stranger's text from linking: it is there, and cannot be seen.
fn visible(text: &str) -> String {
    text.replace(['\u{200b}', '\u{2060}'], "")
}

/// Checks that these are the report's files as they lie in the folder, byte by byte, under names that nobody can guess.
fn assert_same_files(files: &[SeenFile], folder: &Path) {
    let on_disk = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut expected: Vec<(String, String)> = on_disk
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, hex::encode(Sha256::digest(fs::read(path).unwrap())))
        })
        .collect();
    let sent = files.iter().map(|file| {
        let stored = file.name.strip_suffix(".txt").unwrap_or(&file.name);
        let (stem, ending) = stored.rsplit_once('.').unwrap();
        let (name, guard) = stem.rsplit_once('-').unwrap();
        let hexadecimal = guard.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(guard.len() == 16 && hexadecimal, "{}", file.name);
        (format!("{name}.{ending}"), file.sha256.clone())
    });
    let mut found: Vec<(String, String)> = sent.collect();
    expected.sort();
    found.sort();
    assert!(!found.is_empty());
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_one_ticket_with_one_private_report() {
    let defaults = ["priority=high", "agent=Agnes", "customfields=site : turin"];
    let more: Vec<&str> = defaults
        .iter()
        .flat_map(|default| ["--default", default])
        .collect();
    let (server, desk) = office(Options::default(), &more).await;
    let reports = desk.path("reports");
    let said = "Der Drucker druckt <b>nichts</b> 🖨\nseit heute früh & er blinkt";
    let press = desk
        .press()
        .about(said)
        .option("--report-to", &reports.display().to_string());
    let receipt = press.now().await.expect(0).json();
    assert_eq!(receipt["outcome"], "delivered");
    assert_eq!(receipt["adopted"], false);
    assert_eq!(receipt["ticket"]["number"], FIRST);
    assert_eq!(receipt["note"]["confirmed"], true);
    assert_eq!(receipt["corrections"], json!([]));

    assert_eq!(server.tickets().await.unwrap(), [SEEDED, FIRST]);
    let seen = server.seen(FIRST).await.unwrap();
    assert_eq!(seen.requester.as_deref(), Some(PERSON));
    // The report's follow-up did not overwrite the title.
    assert!(
        seen.summary
            .starts_with("Der Drucker druckt <b>nichts</b> 🖨 seit"),
        "{}",
        seen.summary
    );
    assert!(seen.body.contains(said), "{}", seen.body);
    let marker = format!("[hb:{}]", receipt["press"].as_str().unwrap());
    assert!(seen.body.contains(&marker), "{}", seen.body);
    for (name, value) in [
        ("queue", "General"),
        ("priority", "2"),
        ("assigned_to", "Agnes Agent"),
        ("custom_site", "Turin"),
    ] {
        assert_eq!(field(&seen, name), Some(value), "{name}");
    }
    assert!(field(&seen, "custom_hostname").is_some_and(|name| !name.is_empty()));
    assert!(!seen.closed && seen.attachments.is_empty());

    let [note] = seen.notes.as_slice() else {
        panic!("not one note: {:?}", seen.notes)
    };
    assert!(
        note.private && note.text.contains("Helpbell report"),
        "{}",
        note.text
    );
    assert_same_files(&note.attachments, &reports);
    // What the guide says, and why the connector does not promise private attachments: no address is refused.
    assert!(note.attachments.iter().all(|file| !file.private));
    // The person was mailed the ticket and nothing of the report.
    let mails = server.mails_to(PERSON).await.unwrap();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(!mails.concat().contains("Helpbell report"));

    // What is remembered is not asked again: signing in, and the names.
    let again = desk.press().now().await.expect(0).json();
    assert_eq!(
        requests(&again),
        [
            "POST /api/tickets/ 201",
            "POST /api/followups/ 201",
            "GET /api/tickets/{id}/ 200"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_text_is_no_template_no_hidden_link_and_reaches_no_other_ticket() {
    let (server, desk) = office(Options::default(), &[]).await;
    let hostile = "{{ ticket.queue }} {% if %} {# gone #} %} {{ x|nothing }} X-HELPDESK-COMMENT-VERBATIM \
                   <script>alert(1)</script> [a](http://evil.example) #1 }}{{";
    desk.press().about(hostile).now().await.expect(0);
    let seen = server.seen(FIRST).await.unwrap();
    assert!(visible(&seen.body).contains(hostile), "{}", seen.body);
    assert!(
        !seen.body.contains("](http") && !seen.body.contains("#1"),
        "{}",
        seen.body
    );
    assert_eq!(seen.notes.len(), 1);
    // django-helpdesk writes a follow-up on every ticket that a text names as #1.
    assert!(server.seen(SEEDED).await.unwrap().notes.is_empty());

    // The same as a comment, which django-helpdesk runs as a template, comes back as it was.
    let session = session(&server, &desk).await;
    let said = format!("A duplicate of what says: {hostile}");
    session.close(&context(), FIRST, &said).await.result.unwrap();
    let closed = server.seen(FIRST).await.unwrap();
    assert!(closed.closed);
    let reason = closed.notes.last().unwrap();
    assert!(reason.private, "{}", reason.text);
    assert_eq!(visible(&reason.text), said);
    assert!(server.seen(SEEDED).await.unwrap().notes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_do_not_exist_cost_no_ticket_and_are_told_with_the_nearest() {
    let defaults = [
        "queue=Networks & WiFi",
        "priority=Hihg",
        "customfields=site : Milano\nseats : many",
    ];
    let more: Vec<&str> = defaults
        .iter()
        .flat_map(|default| ["--default", default])
        .collect();
    let (server, desk) = office(Options::default(), &more).await;
    let receipt = desk.press().now().await.expect(0).json();
    let told = |name: &str| {
        let corrections = receipt["corrections"].as_array().unwrap();
        let found = corrections.iter().find(|correction| correction["field"] == name);
        found
            .unwrap_or_else(|| panic!("no correction of {name}: {receipt:#}"))
            .clone()
    };
    let queue = told("queue");
    assert_eq!(queue["used"], "General");
    assert_eq!(queue["nearest"][0], "Network & Wi-Fi");
    assert_eq!(told("priority")["nearest"][0], "2. High");
    assert_eq!(told("custom_site")["nearest"][0], "Milan");
    // This one only django-helpdesk itself knows to be wrong.
    let reason = told("custom_seats")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("A valid integer is required."), "{reason}");
    let seen = server.seen(FIRST).await.unwrap();
    assert_eq!(field(&seen, "queue"), Some("General"));
    assert_eq!(field(&seen, "priority"), Some("3"));
    assert!(
        seen.notes[0].text.contains("Network & Wi-Fi"),
        "{}",
        seen.notes[0].text
    );
    assert_eq!(server.tickets().await.unwrap(), [SEEDED, FIRST]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_keeps_the_press_and_tells_the_cure() {
    let server = DjangoHelpdesk::start(Options::default()).await.unwrap();
    let desk = Desk::knowing(CONNECTOR).await;
    init(&desk, server.address(), "helpbell:not-this-one", &[]).await;
    let aloud = desk.press().aloud().await.expect(3);
    for part in ["Invalid username/password.", "Admin > Users", "Nothing is lost"] {
        assert!(aloud.stderr.contains(part), "{part} is not in {}", aloud.said());
    }
    aloud.assert_without(&["not-this-one"]);
    desk.assert_state_without(&["not-this-one"]);
    assert_eq!(desk.kept().await.len(), 1);
    assert_eq!(server.tickets().await.unwrap(), [SEEDED]);

    // Right, but no member of the staff.
    init(&desk, server.address(), "maria:maria-secret", &[]).await;
    let told = desk.deliver().await.expect(3);
    assert!(told.said().contains("Staff status"), "{}", told.said());

    init(&desk, server.address(), server.key(), &[]).await;
    desk.deliver().await.expect(0);
    assert_eq!(desk.kept().await, Vec::<String>::new());
    assert_eq!(server.tickets().await.unwrap(), [SEEDED, FIRST]);
}

/// django-helpdesk tells its webhooks after it kept a ticket, and answers 500 where the receiver is down.
#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_filing_was_not_confirmed_is_found_again_and_not_filed_twice() {
    let options = Options {
        webhook: Some(format!("http://{}/hook", nobody().await)),
        ..Options::default()
    };
    let (server, desk) = office(options, &[]).await;
    let receipt = desk.press().now().await.expect(0).json();
    let sent = requests(&receipt);
    for unconfirmed in ["POST /api/tickets/ 500", "POST /api/followups/ 500"] {
        let times = sent.iter().filter(|sent| *sent == unconfirmed).count();
        assert_eq!(times, 1, "{unconfirmed}: {sent:?}");
    }
    assert_eq!(receipt["outcome"], "delivered");
    assert_eq!(receipt["adopted"], true);
    assert_eq!(server.tickets().await.unwrap(), [SEEDED, FIRST]);
    let seen = server.seen(FIRST).await.unwrap();
    assert_eq!(seen.notes.len(), 1);
    let told = receipt["note"]["attachments"].as_array().unwrap().len();
    assert_eq!(seen.notes[0].attachments.len(), told);
    assert!(told > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_stay_pages_where_the_desk_takes_pages() {
    let endings = ".txt .png .html .json";
    let options = Options {
        extensions: Some(endings.to_owned()),
        ..Options::default()
    };
    let (server, desk) = office(options, &["--set", &format!("file-endings={endings}")]).await;
    desk.press().now().await.expect(0);
    let seen = server.seen(FIRST).await.unwrap();
    let files = seen.notes[0].attachments.iter();
    let names: Vec<&str> = files.map(|file| file.name.as_str()).collect();
    assert!(names.iter().any(|name| name.ends_with(".html")), "{names:?}");
    assert!(names.iter().all(|name| !name.ends_with(".txt")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_mails_private_notes_to_the_person_is_noticed_at_the_first() {
    let options = Options {
        mail_everything: true,
        ..Options::default()
    };
    let (server, desk) = office(options, &[]).await;
    let told = desk.press().now().await.json();
    let failure = &told["note_failure"];
    assert_eq!(failure["code"], "django-helpdesk.note-mailed", "{told:#}");
    let help = failure["help"].as_str().unwrap();
    assert!(
        help.contains("HELPDESK_NOTIFY_SUBMITTER_FOR_ALL_TICKET_CHANGES"),
        "{help}"
    );
    // The witness agrees, and nothing more was mailed.
    let seen = server.seen(FIRST).await.unwrap();
    assert_eq!(seen.notes.len(), 1);
    assert!(!seen.notes[0].private);
    assert_eq!(server.mails_to(PERSON).await.unwrap().len(), 2);
    desk.deliver().await;
    assert_eq!(server.mails_to(PERSON).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_what_is_wrong_and_finds_its_test_ticket_again() {
    let (server, desk) = office(Options::default(), &["--default", "priority=Hihg"]).await;
    let told = desk.run(&["doctor", "--write-test", "--json"]).await.json();
    let findings = told["findings"].as_array().unwrap();
    let of = |check: &str| -> Vec<&Value> {
        findings
            .iter()
            .filter(|finding| finding["check"] == check)
            .collect()
    };
    assert!(
        findings.iter().all(|finding| finding["severity"] != "problem"),
        "{told:#}"
    );
    assert_eq!(of("queue")[0]["severity"], "ok");
    let suggestion = &of("defaults")[0]["suggestion"];
    assert!(suggestion.to_string().contains("2. High"), "{told:#}");
    // The wrong default is what the test ticket's warning is about, too.
    let warned = of("write-test-ticket");
    assert!(
        warned
            .iter()
            .any(|finding| finding["summary"].to_string().contains("Hihg")),
        "{warned:?}"
    );
    for check in ["write-test-note", "write-test-lookup", "write-test-close"] {
        let found = of(check);
        assert!(
            !found.is_empty() && found.iter().all(|finding| finding["severity"] == "ok"),
            "{check}: {told:#}"
        );
    }
    let seen = server.seen(FIRST).await.unwrap();
    assert!(seen.closed);
    assert!(seen.notes.iter().all(|note| note.private), "{:?}", seen.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_shown_with_the_agents_answer_and_nothing_private() {
    let (server, desk) = office(Options::default(), &[]).await;
    desk.press().now().await.expect(0);
    server.reply(FIRST, "We are on our way").await.unwrap();
    // What the person sees is told from what they do not see.
    let seen = server.seen(FIRST).await.unwrap();
    let private: Vec<bool> = seen.notes.iter().map(|note| note.private).collect();
    assert_eq!(private, [true, false]);
    let session = session(&server, &desk).await;
    let state = session.get(&context(), FIRST).await.result.unwrap();
    assert_eq!(state.last_public_note.as_deref(), Some("We are on our way"));
    assert_eq!(state.summary, "The printer does nothing");
    assert_eq!(state.status, "Open");
    let queues = session.choices(&context(), "queue", &[]).await.result.unwrap();
    let labels: Vec<String> = queues.into_iter().map(|choice| choice.label).collect();
    assert_eq!(labels, ["Billing", "General", "Network & Wi-Fi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_webhooks_are_understood_with_their_secret_and_refused_with_another() {
    let receiver = Stranger::with_page("thanks").await;
    let listener = Relay::to(receiver.address().to_owned()).await;
    let options = Options {
        webhook: Some(format!(
            "http://helpbell:hook-secret@{}/hook/x",
            listener.address()
        )),
        ..Options::default()
    };
    let (server, desk) = office(options, &[]).await;
    desk.press().now().await.expect(0);
    server.reply(FIRST, "We are on our way").await.unwrap();

    let exchanges = listener.exchanges();
    let deliveries: Vec<WebhookDelivery> = exchanges.iter().map(|(sent, _)| delivery(sent)).collect();
    // The new ticket, the private note, the answer.
    assert_eq!(deliveries.len(), 3);
    let session = session(&server, &desk).await;
    let secret = |text: &str| secrecy::SecretString::from(text.to_owned());
    for delivery in &deliveries {
        let hook = session
            .read_webhook(delivery.clone(), Some(&secret("helpbell:hook-secret")))
            .await;
        assert_eq!(hook.result.unwrap().ticket_ids, [FIRST]);
        let refused = session
            .read_webhook(delivery.clone(), Some(&secret("helpbell:other")))
            .await;
        assert_eq!(refused.result.unwrap_err().kind, FailureKind::Auth);
    }
}

/// The interpreter takes 16 MiB, and a file its own size once, although it is read and sent piece by piece: what went
/// over is freed at the end of the call. A second copy would not fit.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_nearly_the_largest_note_arrives_byte_by_byte() {
    let (server, desk) = office(Options::default(), &[]).await;
    desk.press().now().await.expect(0);
    let bytes: Vec<u8> = (0..LARGE_BYTES)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let limits = Limits {
        memory_bytes: 48 << 20,
        ..Limits::work()
    };
    let session = session_within(&server, &desk, limits).await;
    let ticket = Ticket {
        id: FIRST.to_owned(),
        number: FIRST.to_owned(),
        url: None,
    };
    let note = Note {
        private: true,
        html: "<p>A large file</p>".to_owned(),
        text: "A large file".to_owned(),
        attachments: vec![Attachment {
            name: "screen.png".to_owned(),
            content_type: "image/png".to_owned(),
            bytes,
            reference: "large".to_owned(),
        }],
        reference: "large/note".to_owned(),
    };
    let added = session.add_note(&context(), &ticket, note).await.result.unwrap();
    assert_eq!(
        (added.confirmed, added.attachments),
        (true, vec!["large".to_owned()])
    );
    let seen = server.seen(FIRST).await.unwrap();
    assert_eq!(seen.notes.last().unwrap().attachments[0].sha256, sha256);
    let found = session.find_notes(&context(), &ticket, "large/note").await;
    assert_eq!(found.result.unwrap()[0].attachments, ["large"]);
}

/// A delivery as a receiver hands it to the connector.
fn delivery(sent: &Message) -> WebhookDelivery {
    let mut lines = sent.head.lines();
    let mut start = lines.next().unwrap().split(' ');
    let headers = lines.filter_map(|line| line.split_once(": "));
    WebhookDelivery {
        method: start.next().unwrap().to_owned(),
        path: start.next().unwrap().to_owned(),
        query: vec![],
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: sent.body.clone(),
    }
}

/// The component at work for this server, in this process.
async fn session(server: &DjangoHelpdesk, desk: &Desk) -> Session {
    session_within(server, desk, Limits::work()).await
}

async fn session_within(server: &DjangoHelpdesk, desk: &Desk, limits: Limits) -> Session {
    let sandbox = Sandbox::new(Some(desk.state().join("compiled"))).unwrap();
    let connector = sandbox.load(&built::connector(CONNECTOR)).await.unwrap();
    let settings = [("server", server.address()), ("queue", "General")];
    let binding = Binding {
        tenant: "test".to_owned(),
        settings: settings
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        secrets: vec![("api-key".to_owned(), server.key().to_owned().into())],
        grant: Grant::everything(connector.description(), connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        },
        transport: Transport::direct(),
        state_folder: None,
        limits,
    };
    Session::bind(connector, binding).unwrap()
}

fn context() -> CallContext {
    CallContext {
        press: None,
        locale: "en".to_owned(),
        not_after: None,
    }
}
