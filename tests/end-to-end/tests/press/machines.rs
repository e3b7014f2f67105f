//! Which machine a ticket is about, when the inventory knows it under another name.

use helpbell_end_to_end::{
    Desk,
    machine::Machine,
    tickets::{assert_one_of_each, only_private_note, only_ticket},
    world,
};
use psa_sandbox::halo::{Halo, Seed};
use serde_json::Value;

const MARIA: (&str, &str) = ("Maria Rossi", "maria.rossi@bianchi.example");
/// An asset of Maria's client: PC-8.
const PC_8: (i64, &str, &str) = (8, "5CD2140JR1", "3c:52:82:1a:08:0e");
/// An asset of another client.
const RECEPTION: (&str, &str) = ("PF1XG8K2", "98:fa:9b:20:5e:11");

/// The receipt of Maria's press on this machine, and the assets on its ticket.
async fn pressed_on(halo: &Halo, machine: Machine<'_>) -> (Value, Vec<i64>) {
    let desk = Desk::at(halo).await;
    desk.kept_press_on(halo, MARIA, machine).await;
    let receipt = desk.deliver().await.expect(0).json();
    assert_one_of_each(halo);
    (receipt, only_ticket(&halo.ledger()).asset_ids.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_machine_is_known_by_its_serial_number_else_by_its_address() {
    let (asset, serial, mac) = PC_8;
    let by = |serial, mac| Machine {
        hostname: "MARIAS-NEW-NAME",
        serial,
        mac,
    };
    for (machine, matched_by, words) in [
        (
            by(serial, ""),
            "serial",
            "MI-PC-008, recognised by its serial number",
        ),
        (by("", mac), "mac", "MI-PC-008, recognised by its MAC address"),
    ] {
        let halo = world::halo(Seed::default()).await;
        let (receipt, assets) = pressed_on(&halo, machine).await;
        assert_eq!(receipt["device"]["matched_by"], matched_by, "{receipt:#}");
        assert_eq!(receipt["device"]["name"], "MI-PC-008");
        assert_eq!(assets, [asset]);
        let ledger = halo.ledger();
        let note = &only_private_note(&ledger).note_html;
        assert!(note.contains(words), "{note}");
        let details = only_ticket(&ledger).sent["details_html"].as_str().unwrap();
        assert!(
            details.contains("MARIAS-NEW-NAME"),
            "the ticket names it as it is called now: {details}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_of_another_client_is_not_linked_whatever_proves_that_it_is_there() {
    let (serial, mac) = RECEPTION;
    let halo = world::halo(Seed::default()).await;
    let visiting = Machine {
        hostname: "RECEPTION-PC",
        serial,
        mac,
    };
    let (receipt, assets) = pressed_on(&halo, visiting).await;
    assert_eq!(receipt["device"], Value::Null, "{receipt:#}");
    assert_eq!(assets, Vec::<i64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_that_stands_in_many_assets_links_none() {
    let mut seed = Seed::default();
    for asset in &mut seed.assets {
        asset.serial = "To be filled by O.E.M.".to_owned();
        asset.mac = "00:15:5d:00:00:00".to_owned();
    }
    let halo = world::halo(seed).await;
    let nameless = Machine {
        hostname: "MARIAS-NEW-NAME",
        serial: "To be filled by O.E.M.",
        mac: "00:15:5d:00:00:00",
    };
    let (receipt, assets) = pressed_on(&halo, nameless).await;
    assert_eq!(receipt["device"], Value::Null, "{receipt:#}");
    assert_eq!(assets, Vec::<i64>::new());
}
