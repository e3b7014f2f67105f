//! Helpbell's own settings, in the place of those of the vendor's web page.

use super::row::Row;
use std::fs;

pub(super) fn rows() -> Vec<Row> {
    let settings = "Select ‘HaloPSA/HaloITSM’ for the ticket system.";
    vec![
        Row::new("There is no configuration", settings)
            .under("Helpbell's settings")
            .edit(|desk| fs::remove_file(desk.config()).unwrap()),
        Row::new("A setting is misspelt", settings)
            .edit(|desk| desk.edit("\nresource-server = ", "\nresource-sever = ")),
        Row::new("A setting is missing", settings).edit(|desk| {
            let text = fs::read_to_string(desk.config()).unwrap();
            let line = text
                .lines()
                .find(|line| line.starts_with("authorisation-server"))
                .unwrap();
            desk.edit(&format!("\n{line}"), "");
        }),
        Row::new(
            "Hosting is neither Cloud Hosted nor On-Prem",
            "Select if you are using an On-Prem or Cloud Hosted instance.",
        )
        .edit(|desk| desk.edit("\nhosting = \"hosted\"", "\nhosting = \"cloud\"")),
        Row::new("helpbell.toml is no TOML", settings).edit(|desk| desk.edit("[settings]", "[settings")),
        Row::new("The connector is misspelt", settings)
            .edit(|desk| desk.edit("\nname = \"halo\"", "\nname = \"hallo\"")),
        Row::new("The connector was not allowed", "")
            .edit(|desk| fs::remove_file(desk.path("connectors.lock")).unwrap()),
    ]
}
