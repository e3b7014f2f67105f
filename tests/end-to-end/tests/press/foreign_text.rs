//! Text as people and attackers write it: long, in any script, with control characters and markup.

use helpbell_end_to_end::{
    Desk, browser, markup,
    tickets::{assert_one_of_each, files_of, only_private_note, only_ticket},
    world,
};
use psa_sandbox::halo::{Halo, Seed};
use sha2::{Digest as _, Sha256};
use std::{fs, path::Path};

/// Does something, without waiting for anybody, in every place where markup could come alive: content, attributes of both quotes, comments,
/// style sheets, addresses.
const EVIL: &str = "\"'><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><svg onload=document.title='owned'>\
    </td></table></style></title></textarea><iframe srcdoc='<script>1</script>'></iframe><a href=\"javascript:document.title='owned'\">x</a>--><!--";

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_of_message_is_filed_and_attached_whole() {
    let halo = world::halo(Seed::default()).await;
    let message: String = (0..)
        .map(|line| format!("line {line}: the printer does nothing\n"))
        .scan(0, |length, line| {
            *length += line.len();
            (*length <= 1 << 20).then_some(line)
        })
        .collect();
    assert!(message.len() > (1 << 20) - 100);
    Desk::at(&halo)
        .await
        .press()
        .about(&message)
        .now()
        .await
        .expect(0);

    let ledger = halo.ledger();
    let details = only_ticket(&ledger).sent["details_html"].as_str().unwrap();
    assert!(
        details.contains("line 0: the printer does nothing") && details.contains("message.txt"),
        "{}",
        &details[..500]
    );
    assert!(
        details.len() < 20_000,
        "the ticket stays readable: {}",
        details.len()
    );
    let files = files_of(&ledger, only_private_note(&ledger));
    let attached = files
        .iter()
        .find(|file| file.filename == "message.txt")
        .expect("message.txt");
    assert_eq!(
        (attached.size, attached.sha256.as_str()),
        (
            message.len() as u64,
            hex::encode(Sha256::digest(&message)).as_str()
        )
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_script_and_every_emoji_arrives() {
    let halo = world::halo(Seed::default()).await;
    let message = "الطابعة لا تعمل 🖨️ — המדפסת לא עובדת 👩‍🔧 프린터 — 列印機壞了 — Zażółć gęślą jaźń — 𝒻𝓊𝓃";
    let press = Desk::at(&halo).await;
    press
        .press()
        .by("ليلى حداد 🧕", "layla.haddad@alnoor.example")
        .about(message)
        .option("--selection", "طارئ 🚨")
        .now()
        .await
        .expect(0);
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(ticket.user_id, 100);
    assert!(
        message.starts_with(ticket.summary.trim_end_matches('…')),
        "{}",
        ticket.summary
    );
    let details = ticket.sent["details_html"].as_str().unwrap();
    for text in [message, "ليلى حداد 🧕", "طارئ 🚨"] {
        assert!(details.contains(text), "{text} is not in {details}");
    }
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_and_direction_overrides_do_not_arrive() {
    let halo = world::halo(Seed::default()).await;
    let nasty = "a\u{0}b\u{1}\u{1b}[31mc\u{7f}\u{202e}d\u{2066}e\u{feff}\r\nf\tg";
    // No system passes NUL in an argument; everything else it does.
    let argument = nasty.replace('\u{0}', "");
    let desk = Desk::at(&halo).await;
    let press = desk
        .press()
        .by(&argument, "maria.rossi@bianchi.example")
        .about(nasty)
        .option("--phone", &argument)
        .option("--company", &argument)
        .option("--selection", &argument);
    press.now().await.expect(0);
    let ledger = halo.ledger();
    let (ticket, note) = (only_ticket(&ledger), only_private_note(&ledger));
    for text in [
        &ticket.summary,
        ticket.sent["details_html"].as_str().unwrap(),
        &note.note_html,
    ] {
        let hidden: Vec<char> = text
            .chars()
            .filter(|c| {
                (c.is_control() && *c != '\n')
                    || ('\u{2028}'..='\u{202e}').contains(c)
                    || ('\u{2066}'..='\u{2069}').contains(c)
                    || *c == '\u{feff}'
            })
            .collect();
        assert_eq!(hidden, Vec::<char>::new(), "{text:?}");
    }
    assert!(
        ticket.sent["details_html"]
            .as_str()
            .unwrap()
            .contains("ab[31mcde<br>f g"),
        "{}",
        ticket.sent["details_html"]
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_every_field_stays_text_in_the_ticket_the_note_and_the_report() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let reports = desk.path("reports");
    let evil_file = desk.path("<img src=x onerror=alert(1)>.txt");
    fs::write(&evil_file, EVIL).unwrap();
    let press = desk
        .press()
        .by(EVIL, "\"<script>alert(1)</script>\"@bianchi.example")
        .about(EVIL)
        .option("--phone", EVIL)
        .option("--company", EVIL)
        .option("--selection", EVIL)
        .option("--attach", &evil_file.display().to_string())
        .option("--report-to", &reports.display().to_string());
    press.now().await.expect(0);
    assert_one_of_each(&halo);

    let ledger = halo.ledger();
    let (ticket, note) = (only_ticket(&ledger), only_private_note(&ledger));
    let details = ticket.sent["details_html"].as_str().unwrap();
    assert!(
        details.contains("&lt;script&gt;document.title="),
        "what was written can be read: {details}"
    );
    for html in [details, &note.note_html] {
        assert_eq!(markup::active_parts(html), Vec::<String>::new(), "{html}");
        let plain = [
            "p", "b", "br", "table", "tbody", "tr", "td", "ul", "li", "span", "div",
        ];
        for element in markup::elements(html) {
            assert!(plain.contains(&element.name.as_str()), "{element:?} in {html}");
        }
    }
    let report = only_page(&reports);
    let written = fs::read_to_string(&report).unwrap();
    assert!(
        written.contains("&lt;script&gt;") || written.contains("&#60;script&#62;"),
        "the report tells the message"
    );
    assert_eq!(markup::active_parts(&written), Vec::<String>::new());

    looks_harmless_in_a_browser(&halo, ticket.id, &report).await;
}

async fn looks_harmless_in_a_browser(halo: &Halo, ticket: i64, report: &Path) {
    let attached = {
        let ledger = halo.ledger();
        let note = only_private_note(&ledger);
        files_of(&ledger, note)
            .iter()
            .find(|file| report.ends_with(&file.filename))
            .expect("the report is attached")
            .id
    };
    let pages = [
        format!("http://{}/ticket?id={ticket}", halo.address()),
        format!("http://{}/view/attachment/{attached}", halo.address()),
        // As a technician opens it who has downloaded it: no header of any server protects here.
        format!("file://{}", report.display()),
    ];
    for address in pages {
        let Some(document) = browser::document(&address).await else {
            return;
        };
        assert!(
            document.contains("document.title="),
            "{address} shows what was written: {document}"
        );
        assert_eq!(markup::active_parts(&document), Vec::<String>::new(), "{address}");
        assert!(!document.contains("<title>owned"), "{address}: a script ran");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_would_show_a_script_that_came_alive() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(
        &page,
        format!("<!doctype html><title>fine</title><body><p title=\"{EVIL}"),
    )
    .unwrap();
    let Some(document) = browser::document(&format!("file://{}", page.display())).await else {
        return;
    };
    assert_ne!(markup::active_parts(&document), Vec::<String>::new());
    assert!(document.contains("<title>owned"), "{document}");
}

fn only_page(folder: &Path) -> std::path::PathBuf {
    let mut pages: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
        .collect();
    assert_eq!(pages.len(), 1, "{pages:?}");
    pages.remove(0)
}
