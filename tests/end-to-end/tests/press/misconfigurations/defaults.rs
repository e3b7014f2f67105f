//! Integration defaults.

use super::row::Row;
use helpbell_end_to_end::Setup;
use psa_sandbox::halo::{Behaviour, MandatoryFields};

/// The same without this default.
fn without(mut setup: Setup, field: &str) -> Setup {
    setup.defaults.retain(|(name, _)| name != field);
    setup
}

/// The same with another value.
fn with(setup: Setup, field: &str, value: &str) -> Setup {
    without(setup, field).default(field, value)
}

fn mandatory(behaviour: &mut Behaviour, fields: &[&str]) {
    behaviour.mandatory_fields = vec![MandatoryFields {
        ticket_type_id: None,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }];
}

pub(super) fn rows() -> Vec<Row> {
    let unassigned = "setting the agent to Unassigned will stop the agent set in the integration from being assigned every ticket by default";
    let newer = "Newer Halo instances have impact and urgency fields that are mandatory.";
    let integer = "Set these to an integer that increases in severity the lower it is.";
    let category = "If your instance also needs the Category set, you fill this out in category_1.";
    let path = "Hardware>Desktop is normally a good default.";
    let blank = "For most integrations you can leave these blank";
    vec![
        Row::new("No agent is set", unassigned)
            .under("Integration defaults")
            .setup(|setup, _| without(setup, "agent")),
        Row::new("The agent is misspelt", unassigned).setup(|setup, _| with(setup, "agent", "Unasigned")),
        Row::new(
            "The agent of the default was disabled",
            "Refers to the agent that will be assigned this ticket",
        )
        .setup(|setup, _| with(setup, "agent", "Dov Levin")),
        Row::new("Impact and urgency are mandatory and not set", newer)
            .world(|_, behaviour| mandatory(behaviour, &["impact", "urgency"]))
            .setup(|setup, _| without(without(setup, "impact"), "urgency"))
            .writes(),
        Row::new("Impact is a word", integer).setup(|setup, _| with(setup, "impact", "High")),
        Row::new("A category is mandatory and not set", category)
            .world(|_, behaviour| mandatory(behaviour, &["category_1"]))
            .writes(),
        Row::new("The category's path has another sign between its levels", path)
            .setup(|setup, _| setup.default("category_1", "Hardware/Desktop")),
        Row::new("Blanks around the > of a category's path", path)
            .harmless()
            .setup(|setup, _| setup.default("category_1", "Hardware > Desktop")),
        Row::new("The category does not exist", path)
            .setup(|setup, _| setup.default("category_1", "Hardware>Toaster")),
        Row::new(
            "The category belongs to another of the four fields",
            "Halo has 4 categories that can be customized to be required",
        )
        .setup(|setup, _| setup.default("category_2", "Hardware>Desktop")),
        Row::new(
            "The priority does not exist",
            "The ticket priority level (Urgent, Low, etc.)",
        )
        .setup(|setup, _| setup.default("priority", "P1")),
        Row::new(
            "The team is misspelt",
            "Refers to the queue the ticket will be put in",
        )
        .setup(|setup, _| setup.default("team", "1st Lime Support")),
        Row::new(
            "The team is inactive",
            "Refers to the queue the ticket will be put in",
        )
        .setup(|setup, _| setup.default("team", "Vendor Management")),
        Row::new(
            "The ticket type is inactive",
            "The issue type (Service Request, Incident, Problem, Alert)",
        )
        .setup(|setup, _| setup.default("ticketType", "Onboarding (old)")),
        Row::new(
            "The status does not exist",
            "Refers to the ticket status (New, In Progress, etc)",
        )
        .setup(|setup, _| setup.default("state", "Open")),
        Row::new("The default's name is misspelt", blank)
            .setup(|setup, _| setup.default("tikettype", "Incident")),
        Row::new("A custom field belongs to another ticket type", "")
            .setup(|setup, _| setup.default("customfields", "183 : tonight"))
            .writes(),
        Row::new("A custom field is written without its :", "")
            .setup(|setup, _| setup.default("customfields", "180 PC-7")),
        Row::new("Mandatory fields are not set, and _novalidate is true", newer)
            .harmless()
            .world(|_, behaviour| mandatory(behaviour, &["category_1"]))
            .setup(|setup, _| setup.default("_novalidate", "true")),
    ]
}
