//! What protects the machine.

use crate::{
    html::{
        table::{Cell, Table, Values, yes_no},
        verdicts::WARNING,
    },
    units::counted,
};
use helpbell_model::report::{Antivirus, Machine, Protection};

pub(super) fn tables(machine: &Machine) -> Vec<Table> {
    let Some(protection) = &machine.protection else {
        return Vec::new();
    };
    let mut tables = vec![switches(protection)];
    tables.extend(protection.antivirus.as_deref().map(antivirus));
    tables
}

fn switches(protection: &Protection) -> Table {
    let mut values = Values::default();
    values.switch("Firewall", protection.firewall, Some(false));
    values.maybe("Which firewall", protection.firewall_name.as_deref());
    values.switch(
        "System disk encrypted",
        protection.system_disk_encrypted,
        Some(false),
    );
    values.maybe("Encrypted by", protection.encryption.as_deref());
    values.switch("Secure Boot", protection.secure_boot, Some(false));
    values.maybe(
        "Security chip (TPM)",
        protection
            .tpm
            .as_deref()
            .map(|tpm| if tpm.is_empty() { "none" } else { tpm }),
    );
    values.switch("Desktop from the network", protection.remote_desktop, None);
    values.switch(
        "… takes a password first",
        protection.remote_desktop_authenticated,
        Some(false),
    );
    values.switch(
        "Programs ask before changes",
        protection.asks_before_changes,
        Some(false),
    );
    Table::values("Protection", "", values)
}

fn antivirus(programs: &[Antivirus]) -> Table {
    let summary = programs.first().map(|program| Cell::text(&program.name).text);
    Table::of(
        "Antivirus",
        summary.unwrap_or_default(),
        &["Program", "Watches", "Current", "Renewed"],
        programs,
        |program| {
            let answer = |known: Option<bool>| {
                Cell::maybe(known.map(yes_no)).marked(known == Some(false), WARNING.class)
            };
            let age = program
                .age_days
                .map(|days| format!("{} ago", counted(u64::from(days), "day")));
            vec![
                Cell::text(&program.name),
                answer(program.active),
                answer(program.current),
                Cell::maybe_number(age),
            ]
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_is_not_there_is_told_apart_from_one_nobody_asked_for() {
        let row = |tpm: Option<&str>| {
            let table = switches(&Protection {
                tpm: tpm.map(str::to_owned),
                ..Protection::default()
            });
            let row = table.rows.iter().find(|row| row[0].text.contains("TPM"));
            row.map(|row| row[1].text.clone())
        };
        assert_eq!(row(Some("2.0")).as_deref(), Some("2.0"));
        assert_eq!(row(Some("")).as_deref(), Some("none"));
        assert_eq!(row(None), None);
    }
}
