//! What the whole page promises.

use super::*;
use crate::html::pictures::tests::{encoded, noise};
use helpbell_model::report::{
    Area, Cpu, Disk, Finding, Interface, Machine, Memory, Network, OperatingSystem, ProbeRun, ProbeStatus,
    Process, Product, Protection, Restart, Screen, ScreenImage, Severity, TopProcesses, Uptime,
};
use image::{Rgb, RgbImage};

const GIB: u64 = 1 << 30;
const HOSTILE: &str = "\"><svg/onload=alert(1)>'{{7*7}}\u{202e}\u{1b}[31m";

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn process(name: &str, pid: u32, cpu_percent: f32, memory: u64) -> Process {
    Process {
        name: name.into(),
        pid,
        cpu_percent,
        memory,
        ..Default::default()
    }
}

/// A machine in some trouble, always the same.
fn report() -> Report {
    let mut report = Report::new(moment("2026-11-23T09:41:07Z"));
    report.machine = Machine {
        os: Some(OperatingSystem {
            name: "Windows 11 Pro 24H2".into(),
            id: "windows".into(),
            version: Some("11 (26100)".into()),
            kernel: Some("26100".into()),
            architecture: "x86_64".into(),
            hostname: "DESK-7".into(),
            ..Default::default()
        }),
        product: Some(Product {
            maker: Some("LENOVO".into()),
            model: Some("ThinkPad T14 Gen 4".into()),
            serial: Some("PF3X9K2L".into()),
            ..Default::default()
        }),
        cpu: Some(Cpu {
            brand: "AMD Ryzen 7 PRO 7840U".into(),
            threads: 16,
            load_percent: 38.0,
            load_average: None,
            ..Default::default()
        }),
        memory: Some(Memory {
            total: 16 * GIB,
            available: GIB + GIB / 10,
            swap_total: 8 * GIB,
            swap_used: 3 * GIB,
        }),
        disks: Some(vec![
            Disk {
                mount: "C:".into(),
                device: "Windows".into(),
                file_system: "NTFS".into(),
                total: 255_000_000_000,
                available: 1_288_490_189,
                ..Disk::default()
            },
            Disk {
                mount: "D:".into(),
                file_system: "NTFS".into(),
                total: 500 * GIB,
                available: 320 * GIB,
                ..Disk::default()
            },
        ]),
        network: Some(Network {
            interfaces: vec![
                Interface {
                    name: "Wi-Fi".into(),
                    kind: "Wi-Fi".into(),
                    mac: Some("a4:c3:f0:12:34:56".into()),
                    addresses: vec!["192.168.1.20/24".into(), "fe80::1c2d:3e4f/64".into()],
                    up: true,
                    default_route: true,
                    speed: Some(866_700_000),
                    ..Interface::default()
                },
                Interface {
                    name: "vEthernet (Default Switch)".into(),
                    kind: "Ethernet".into(),
                    virtual_interface: true,
                    ..Interface::default()
                },
            ],
            gateway: vec!["192.168.1.1".into()],
            dns: vec!["192.168.1.1".into(), "9.9.9.9".into()],
            ..Default::default()
        }),
        uptime: Some(Uptime {
            seconds: 41 * 86_400 + 4 * 3600,
            booted_at: Some(moment("2026-10-13T05:41:00Z")),
        }),
        restart: Some(Restart {
            pending: true,
            packages: Vec::new(),
            ..Default::default()
        }),
        protection: Some(Protection {
            secure_boot: Some(true),
            system_disk_encrypted: Some(true),
            ..Default::default()
        }),
        processes: Some(TopProcesses {
            running: 287,
            by_cpu: vec![
                process("MsMpEng.exe", 4120, 21.0, 310 << 20),
                process("OUTLOOK.EXE", 9012, 6.2, GIB),
            ],
            by_memory: vec![
                process("chrome.exe", 7740, 2.5, 4 * GIB),
                process("Teams.exe", 8124, 1.0, 2 * GIB),
            ],
            ..Default::default()
        }),
        ..Default::default()
    };
    report.findings = crate::findings::about(&report.machine, report.made_at);
    let run = |name: &str, status, ms, note: &str| ProbeRun {
        name: name.into(),
        status,
        ms,
        note: note.into(),
        ..Default::default()
    };
    report.probes = vec![
        run("system", ProbeStatus::Ok, 3, ""),
        run("disks", ProbeStatus::Ok, 12, ""),
        run(
            "protection",
            ProbeStatus::Denied,
            8,
            "the system refused: access denied",
        ),
        run("processes", ProbeStatus::Timeout, 3000, "no answer within 3 s"),
    ];
    report.screens = vec![
        Screen {
            name: "DISPLAY1".into(),
            width: 2,
            height: 1,
            image: Some(encoded(RgbImage::from_fn(2, 1, |x, _| {
                if x == 0 {
                    Rgb([220, 30, 40])
                } else {
                    Rgb([20, 90, 200])
                }
            }))),
            note: String::new(),
        },
        Screen {
            name: "DISPLAY2".into(),
            width: 3840,
            height: 2160,
            image: None,
            note: "the picture came out all black".into(),
        },
    ];
    report
}

fn context<'a>(selections: &'a [String]) -> HtmlContext<'a> {
    HtmlContext {
        title: "Outlook cannot save",
        person: "Maria Rossi",
        message: "Outlook says \"disk full\" when I save.\n\nSince this morning <9 o'clock>.",
        selections,
        pressed_at: moment("2026-11-23T09:41:02Z"),
        reference: "0193-6f7e",
    }
}

fn page(report: &Report) -> String {
    render(
        report,
        &context(&["Just me".to_owned(), "I can't work at all".to_owned()]),
    )
    .unwrap()
}

#[test]
fn the_page_of_a_fixed_report_stays_what_it_is() {
    // The style has its own file; in the snapshot it would only hide the page.
    let page = page(&report()).replace(STYLE, "(style)");
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    insta::assert_snapshot!(page.replace(&hash, "(hash)"));
}

#[test]
fn the_policy_names_the_hash_of_the_very_style_in_the_file() {
    let page = page(&report());
    let style = page
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">"
    );
    assert!(page.contains(&policy), "the policy does not match the style");
    assert!(
        page.find(&policy) < page.find("<style>"),
        "the policy must stand before what it governs"
    );
}

#[test]
fn the_page_holds_nothing_that_runs_or_fetches() {
    let page = page(&report()).to_lowercase();
    for forbidden in [
        "<script",
        "<link",
        "<iframe",
        "<object",
        "<form",
        "javascript:",
        " style=",
        " on",
        "http:",
        "https:",
        "url(",
        "@import",
    ] {
        // Words of the page may hold " on": look at attributes only.
        let found = if forbidden == " on" {
            has_event_attribute(&page)
        } else {
            page.contains(forbidden)
        };
        assert!(!found, "{forbidden}");
    }
    assert_eq!(
        page.matches("src=\"").count(),
        page.matches("src=\"data:image/").count()
    );
}

/// Whether any tag has an attribute whose name begins with `on`.
fn has_event_attribute(page: &str) -> bool {
    page.split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .any(|(tag, _)| tag.contains(" on"))
}

/// A report whose every text is `text`.
fn filled(text: &str) -> Report {
    let t = || text.to_owned();
    let mut report = report();
    let machine = &mut report.machine;
    *machine.os.as_mut().unwrap() = OperatingSystem {
        name: t(),
        id: t(),
        version: Some(t()),
        kernel: Some(t()),
        architecture: t(),
        hostname: t(),
        ..Default::default()
    };
    *machine.product.as_mut().unwrap() = Product {
        maker: Some(t()),
        model: Some(t()),
        serial: Some(t()),
        ..Default::default()
    };
    machine.cpu.as_mut().unwrap().brand = t();
    let disk = Disk {
        mount: t(),
        device: t(),
        file_system: t(),
        total: 9,
        available: 1,
        removable: false,
        read_only: false,
    };
    machine.disks = Some(vec![disk; 60]);
    let interface = Interface {
        name: t(),
        kind: t(),
        mac: Some(t()),
        addresses: vec![t(); 20],
        default_route: true,
        up: true,
        ..Interface::default()
    };
    machine.network = Some(Network {
        interfaces: vec![interface; 60],
        gateway: vec![t(); 20],
        dns: vec![t(); 20],
        ..Default::default()
    });
    machine.restart = Some(Restart {
        pending: true,
        packages: vec![t(); 60],
        ..Default::default()
    });
    let processes = vec![process(text, 1, 99.0, 1); 60];
    machine.processes = Some(TopProcesses {
        running: 60,
        by_cpu: processes.clone(),
        by_memory: processes,
        ..Default::default()
    });
    let finding = Finding {
        area: Area::Security,
        severity: Severity::Problem,
        title: t(),
        detail: t(),
    };
    report.findings = vec![finding; 200];
    report.probes = vec![
        ProbeRun {
            name: t(),
            status: ProbeStatus::Error,
            ms: u64::MAX,
            note: t(),
            ..Default::default()
        };
        60
    ];
    let image = ScreenImage {
        content_type: t(),
        bytes: report.screens[0].image.clone().unwrap().bytes,
    };
    report.screens = vec![
        Screen {
            name: t(),
            width: 1,
            height: 1,
            image: Some(image),
            note: t()
        };
        60
    ];
    report
}

fn filled_page(text: &str) -> String {
    let selections = vec![text.to_owned(); 60];
    let context = HtmlContext {
        title: text,
        person: text,
        message: text,
        selections: &selections,
        pressed_at: Timestamp::UNIX_EPOCH,
        reference: text,
    };
    render(&filled(text), &context).unwrap()
}

#[test]
fn a_hostile_text_is_shown_as_text_wherever_it_stands() {
    let page = filled_page(HOSTILE);
    assert!(!page.contains("<svg/onload"), "markup from outside");
    assert!(!page.contains("\"><svg/"), "an attribute was left");
    assert!(!page.contains(['\u{202e}', '\u{1b}']), "invisible characters");
    assert!(!has_event_attribute(&page.to_lowercase()));
    // It is there, and as text: as often as the page shows foreign text.
    let shown = page.matches("&#60;svg/onload=alert(1)&#62;").count();
    assert!(shown > 400, "{shown}");
}

/// The shape of the page: its tags without their attributes' values, and without its text.
fn skeleton(page: &str) -> Vec<String> {
    page.split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag.split('"').step_by(2).collect())
        .collect()
}

#[test]
fn hostile_text_changes_no_tag_of_the_page() {
    let harmless: String = HOSTILE
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { 'x' })
        .collect();
    assert_eq!(skeleton(&filled_page(HOSTILE)), skeleton(&filled_page(&harmless)));
}

#[test]
fn the_largest_texts_and_pictures_stay_within_the_size() {
    // The character whose escape is longest, in every field, more of everything than is shown.
    let mut report = filled(&"'".repeat(50_000));
    let large = noise(1000, 700);
    for screen in &mut report.screens {
        screen.image = Some(large.clone());
    }
    report.screens.truncate(5);
    let message = "'".repeat(200_000);
    let page = render(
        &report,
        &HtmlContext {
            message: &message,
            ..context(&[])
        },
    )
    .unwrap();
    assert!(page.len() <= MOST_BYTES, "{}", page.len());
    let text = page.len()
        - page
            .split("src=\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('"'))
            .map(|(url, _)| url.len())
            .sum::<usize>();
    assert!(text <= 500_000, "{text}");
    assert_eq!(
        page.matches("src=\"data:image/jpeg;base64,").count(),
        5,
        "no picture is lost"
    );
}

#[test]
fn an_ordinary_report_without_pictures_is_small() {
    let mut report = report();
    report.screens.clear();
    assert!(page(&report).len() < 200_000);
}

#[test]
fn a_report_that_knows_nothing_is_still_a_page() {
    let page = render(
        &Report::new(Timestamp::UNIX_EPOCH),
        &HtmlContext {
            title: "",
            person: "",
            message: "",
            ..context(&[])
        },
    )
    .unwrap();
    assert!(page.contains("Help requested") && page.contains("Nothing was written."));
    assert_eq!(page.matches("Not examined").count(), 4);
}

#[test]
fn the_words_of_the_person_keep_their_lines_and_their_script() {
    let context = HtmlContext {
        message: "Zeile eins\r\n\r\nالسطر الثاني 🖨️",
        ..context(&[])
    };
    let page = render(&report(), &context).unwrap();
    assert!(page.contains("<blockquote dir=\"auto\">Zeile eins\n\nالسطر الثاني 🖨️</blockquote>"));
}
