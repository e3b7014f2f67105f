//! Everything that was examined, in tables behind folds: first the four areas in the order of the tiles, then what the
//! machine is.

mod hardware;
mod machine;
mod network;
mod security;
mod software;

use super::table::Table;
use helpbell_model::report::{Area, Machine};

/// The tables of one subject.
pub(super) struct Group {
    /// Where the tile of the area leads.
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) tables: Vec<Table>,
}

/// The groups that hold something.
pub(super) fn groups(machine: &Machine) -> Vec<Group> {
    let mut groups: Vec<Group> = Area::ALL
        .into_iter()
        .map(|area| Group {
            id: anchor(area),
            title: area.to_string(),
            tables: match area {
                Area::Network => network::tables(machine),
                Area::Software => software::tables(machine),
                Area::Hardware => hardware::tables(machine),
                Area::Security => security::tables(machine),
            },
        })
        .collect();
    groups.push(Group {
        id: "machine",
        title: "Machine and account".to_owned(),
        tables: machine::tables(machine),
    });
    for group in &mut groups {
        group
            .tables
            .retain(|table| !table.rows.is_empty() || !table.note.is_empty());
    }
    groups.retain(|group| !group.tables.is_empty());
    groups
}

/// The place of an area's group on the page.
pub(super) const fn anchor(area: Area) -> &'static str {
    match area {
        Area::Network => "network",
        Area::Software => "software",
        Area::Hardware => "hardware",
        Area::Security => "security",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_nobody_could_examine_has_no_tables() {
        assert!(groups(&Machine::default()).is_empty());
    }

    #[test]
    fn every_row_has_a_cell_for_every_heading() {
        for group in groups(&crate::fixtures::office_laptop().machine) {
            for table in group.tables {
                for row in &table.rows {
                    assert_eq!(row.len(), table.head.len(), "{}", table.title);
                }
            }
        }
    }
}
