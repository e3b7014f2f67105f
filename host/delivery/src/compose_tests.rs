use super::*;
use crate::{
    rules::Changed,
    submission::tests::{findings, press},
};
use helpbell_model::{
    Attachment, Failure, FailureKind,
    connector::{Limits, Lookup},
    rules::{Broke, Diagnostic, Severity as Weight},
};
use std::sync::LazyLock;

/// A PSA that can do this and nothing else.
fn psa(capabilities: &[&str]) -> Description {
    Description {
        id: "desk".into(),
        name: "Desk".into(),
        version: "1.0.0".into(),
        summary: String::new(),
        settings: vec![],
        secrets: vec![],
        origins: vec![],
        requests: vec![],
        auth_requests: vec![],
        capabilities: capabilities.iter().map(|name| (*name).to_owned()).collect(),
        limits: Limits {
            summary_chars: 100,
            attachment_bytes: 0,
            note_bytes: 0,
        },
        lookup: Lookup::None,
    }
}

/// A note about a ticket that was filed without rules, in a PSA that knows people and devices.
fn told<'a>(submission: &'a Submission, matched: &'a Matched) -> Told<'a> {
    static PSA: LazyLock<Description> = LazyLock::new(|| psa(&["contacts", "devices"]));
    Told {
        submission,
        matched,
        corrections: &[],
        ruling: None,
        adopted: false,
        psa: &PSA,
    }
}

#[test]
fn a_psa_that_knows_neither_people_nor_devices_misses_none() {
    let body = ticket(&press("x"), None, None, &psa(&[]));
    assert!(
        !body.text.contains("User Registration Requested"),
        "{}",
        body.text
    );
    let submission = Submission::new(press("x"), findings(), vec![]).unwrap();
    let body = note(&Told {
        psa: &psa(&["contacts"]),
        ..told(&submission, &Matched::default())
    });
    assert!(!body.text.contains("No device"), "{}", body.text);
}

#[test]
fn the_ticket_tells_who_where_and_what_with_everything_escaped() {
    let body = ticket(
        &press("It <b>prints</b> \"nothing\".\nSince this morning."),
        None,
        None,
        &psa(&["contacts", "devices"]),
    );
    insta::assert_snapshot!("ticket_html", body.html);
    insta::assert_snapshot!("ticket_text", body.text);
}

#[test]
fn the_note_tells_the_findings_worst_first_and_what_was_corrected() {
    let file = Attachment {
        name: "report.html".into(),
        content_type: "text/html".into(),
        bytes: vec![0; 1500],
        reference: "r".into(),
    };
    let submission = Submission::new(press("x"), findings(), vec![file]).unwrap();
    let correction = Correction {
        field: "team".into(),
        given: "1st Lime".into(),
        used: None,
        reason: "there is no such team".into(),
        nearest: vec!["1st Line".into()],
    };
    let problem = Failure::new(FailureKind::Forbidden, "halo.forbidden", "assets may not be read")
        .with_help("tick read:assets");
    let matched = Matched {
        problems: vec![problem],
        ..Matched::default()
    };
    let body = note(&Told {
        corrections: &[correction],
        ..told(&submission, &matched)
    });
    insta::assert_snapshot!("note_html", body.html);
    insta::assert_snapshot!("note_text", body.text);
}

#[test]
fn the_note_begins_with_four_verdicts_and_what_weighs_most_in_each() {
    let submission = |count| {
        let findings = vec![findings().remove(0); count];
        Submission::new(press("x"), findings, vec![]).unwrap()
    };
    let text = |count| note(&told(&submission(count), &Matched::default())).text;
    let one = "Network: looks fine\nSoftware: looks fine\nHardware: problem – C: has 1.2 GB free of 237 GB\n\
               Security: looks fine\n- problem, Hardware: C: has 1.2 GB free of 237 GB\n";
    assert!(text(1).contains(one), "{}", text(1));
    assert!(text(3).contains("free of 237 GB (and 2 more)\n"), "{}", text(3));
    let none = note(&told(&submission(0), &Matched::default()));
    assert!(!none.html.contains("<ul>"), "{}", none.html);
}

#[test]
fn a_title_is_the_first_words_within_the_psa_s_limit() {
    let long = press("The printer on the third floor makes a noise like a coffee mill");
    assert_eq!(
        summary(&long, 100),
        "The printer on the third floor makes a noise…"
    );
    assert_eq!(summary(&long, 20), "The printer on the…");
    assert_eq!(summary(&press("مساعدة 🆘\n\u{202e}x"), 100), "مساعدة 🆘 x");
}

#[test]
fn a_very_long_message_is_cut_in_the_ticket_and_says_where_the_rest_is() {
    let body = ticket(&press(&"word ".repeat(100_000)), None, None, &psa(&["contacts"]));
    assert!(body.html.len() < 20_000 && body.html.contains("message.txt"));
}

fn ruled(orders: Orders) -> Ruling {
    Ruling {
        orders,
        ..Ruling::default()
    }
}

#[test]
fn rules_replace_the_message_and_add_below_it_with_everything_escaped() {
    let orders = Orders {
        message: Some("<i>ruled</i>".into()),
        append: Some("appended & <b>escaped</b>\nsecond line".into()),
        ..Orders::default()
    };
    let body = ticket(&press("typed"), Some(&orders), None, &psa(&[]));
    let (_, below) = body.html.split_once("<p><b>Message</b></p>").unwrap();
    assert_eq!(
        below,
        "<p>&lt;i&gt;ruled&lt;/i&gt;</p><p>appended &amp; &lt;b&gt;escaped&lt;/b&gt;<br>second line</p>"
    );
}

#[test]
fn what_scripts_add_stands_below_the_message_unless_rules_want_otherwise() {
    let mut press = press("typed");
    press.append = Some("VPN <down>".into());
    let below = |orders: Option<&Orders>| {
        let html = ticket(&press, orders, None, &psa(&[])).html;
        html.split_once("<p><b>Message</b></p>").unwrap().1.to_owned()
    };
    assert_eq!(below(None), "<p>typed</p><p>VPN &lt;down&gt;</p>");
    let silent = Orders {
        append: Some(String::new()),
        ..Orders::default()
    };
    assert_eq!(below(Some(&silent)), "<p>typed</p>");
}

#[test]
fn a_message_that_rules_made_too_long_is_cut_and_says_in_which_file_the_rest_is() {
    let orders = Orders {
        message: Some("word ".repeat(20_000)),
        ..Orders::default()
    };
    let body = ticket(&press("typed"), Some(&orders), None, &psa(&[]));
    assert!(
        body.html.len() < 20_000 && body.html.contains(RULED_MESSAGE),
        "{}",
        body.text
    );
}

#[test]
fn the_note_tells_what_rules_added_what_went_wrong_with_them_and_what_was_typed() {
    let orders = Orders {
        message: Some("ruled".into()),
        private_append: Some("for <b>technicians</b>".into()),
        ..Orders::default()
    };
    let ruling = Ruling {
        failure: Some(Broke {
            kind: "ZeroDivisionError".into(),
            message: "division by zero".into(),
            line: Some(7),
        }),
        changes: vec![Changed {
            name: "priv_append".into(),
            shown: "'for <b>technicians</b>'".into(),
            line: 1,
        }],
        diagnostics: vec![Diagnostic {
            severity: Weight::Warning,
            code: "read-only".into(),
            line: 2,
            column: 1,
            message: "hostname cannot be changed".into(),
            help: Some("use append <instead>".into()),
            replacement: None,
        }],
        corrections: vec![Correction {
            field: "subject".into(),
            given: "['a']".into(),
            used: Some("typed".into()),
            reason: "line 3 made it a list, which is no single value".into(),
            nearest: vec![],
        }],
        ..ruled(orders)
    };
    let submission = Submission::new(press("typed & <kept>"), findings(), vec![]).unwrap();
    let body = note(&Told {
        ruling: Some(&ruling),
        ..told(&submission, &Matched::default())
    });
    insta::assert_snapshot!("note_after_rules_html", body.html);
    insta::assert_snapshot!("note_after_rules_text", body.text);
}

#[test]
fn rules_that_could_not_run_are_told_with_the_cure() {
    let failure = Failure::new(
        FailureKind::InvalidInput,
        "rules.unreadable",
        "failed to read rules.py",
    )
    .with_help("mend it");
    let ruling = Ruling {
        unable: Some(failure),
        ..Ruling::default()
    };
    let submission = Submission::new(press("x"), vec![], vec![]).unwrap();
    let matched = Matched::default();
    let body = note(&Told {
        ruling: Some(&ruling),
        ..told(&submission, &matched)
    });
    let line = "- failed to read rules.py; the ticket was filed without rules (mend it)\n";
    assert!(body.text.contains(&format!("\n[Rules]\n{line}")), "{}", body.text);
    let silent = note(&Told {
        ruling: Some(&Ruling::default()),
        ..told(&submission, &matched)
    });
    assert_eq!(
        silent,
        note(&told(&submission, &matched)),
        "rules without anything to tell"
    );
}
