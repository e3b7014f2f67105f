//! The provider's own scripts: what they add to the ticket, what they attach, and who they say sits here.

use helpbell_end_to_end::{
    Desk,
    tickets::{assert_one_of_each, files_of, only_private_note, only_ticket},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::Halo;
use std::{fs, os::unix::fs::PermissionsExt as _};

/// Puts a script beside the configuration.
fn script(desk: &Desk, name: &str, text: &str) {
    let path = desk.path(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A computer whose provider has these scripts.
async fn provided(halo: &Halo, scripts: &[(&str, &str)]) -> Desk {
    let desk = Desk::at(halo).await;
    let names: Vec<String> = scripts.iter().map(|(name, _)| format!("{name:?}")).collect();
    for (name, text) in scripts {
        script(&desk, name, text);
    }
    desk.edit(
        "# scripts = [\"vpn.ps1\"]",
        &format!("scripts = [{}]", names.join(", ")),
    );
    desk
}

async fn hosted() -> Halo {
    world::halo(world::with_this_machine(MARIAS_SITE)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_adds_to_the_ticket_s_text_and_attaches_its_files_to_the_private_note() {
    let halo = hosted().await;
    let vpn =
        "echo 'VPN <b>down</b>' > \"$_uploadDir/vpn_append.txt\"; echo trace > \"$HELPBELL_FOLDER/vpn.log\"";
    let desk = provided(&halo, &[("vpn", vpn)]).await;
    desk.press().now().await.expect(0);
    assert_one_of_each(&halo);
    let ledger = halo.ledger();
    let details = only_ticket(&ledger).sent["details_html"].as_str().unwrap();
    assert!(
        details.contains("<p>VPN &lt;b&gt;down&lt;/b&gt;</p>"),
        "{details}"
    );
    let files = files_of(&ledger, only_private_note(&ledger));
    let log = files.iter().find(|file| file.filename == "vpn.log").unwrap();
    assert_eq!(log.size, "trace\n".len() as u64);
    let left = fs::read_dir(desk.state()).unwrap().flatten();
    let left: Vec<_> = left
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("scripts-"))
        .collect();
    assert!(
        left.is_empty(),
        "what scripts left is gone after the press: {left:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_read_and_change_what_scripts_add() {
    let halo = hosted().await;
    let desk = Desk::judging(
        &helpbell_end_to_end::Setup::of(&halo),
        "if 'needs calibration' in append:\n    subject = 'MRI: ' + subject\n    append = append.upper()\n",
    )
    .await;
    script(&desk, "mri", "echo 'coil 3 needs calibration' > mri_append.txt");
    desk.edit("# scripts = [\"vpn.ps1\"]", "scripts = [\"mri\"]");
    desk.press().now().await.expect(0);
    let ledger = halo.ledger();
    let sent = &only_ticket(&ledger).sent;
    assert_eq!(sent["summary"], "MRI: The printer does nothing");
    assert!(
        sent["details_html"]
            .as_str()
            .unwrap()
            .contains("COIL 3 NEEDS CALIBRATION")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_hangs_or_fails_costs_the_press_nothing_and_is_named_in_the_note() {
    let halo = hosted().await;
    let desk = provided(
        &halo,
        &[
            ("broken", "exit 9"),
            ("stuck", "sleep 1000"),
            ("never", "echo x > x_append.txt"),
        ],
    )
    .await;
    desk.press().now().await.expect(0);
    assert_one_of_each(&halo);
    let note = only_private_note(&halo.ledger()).note_html.clone();
    for name in ["broken", "stuck", "never"] {
        assert!(
            note.contains(&format!("The script {name} did not end well")),
            "{note}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_is_whom_the_identity_script_names_unless_they_say_otherwise() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await;
    script(
        &desk,
        "who",
        r#"echo '{"name":"Maria Rossi","email":"maria.rossi@bianchi.example","phoneBusiness":"040 123"}'"#,
    );
    desk.edit("# scripts =", "identity = \"who\"\n# scripts =");
    let press = ["press", "--no-dialog", "--json", "--message", "help"];
    desk.run(&press).await.expect(0);
    let details = only_ticket(&halo.ledger()).sent["details_html"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        details.contains("maria.rossi@bianchi.example") && details.contains("040 123"),
        "{details}"
    );

    halo.reset();
    let otherwise = [&press[..], &["--email", "luca@bianchi.example", "--name", "Luca"]].concat();
    desk.run(&otherwise).await.expect(0);
    let details = only_ticket(&halo.ledger()).sent["details_html"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        details.contains("luca@bianchi.example")
            && !details.contains("maria.rossi")
            && !details.contains("040 123"),
        "{details}"
    );
}
