//! What dispatcher rules can read and write here, as the setup guide lists it.

use helpbell_connector::Variable;

use crate::fields::{CUSTOM_FIELDS, NO_VALIDATE};

/// Every variable that Halo adds to the common ones. Operators' defaults use the same names.
pub(crate) fn all() -> Vec<Variable> {
    let variable = |name: &str, kind: &str, meaning: &str, choices: &[&str], live: bool| Variable {
        name: name.to_owned(),
        access: "read-write".to_owned(),
        kind: kind.to_owned(),
        meaning: meaning.to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        live,
    };
    let severities = ["1", "2", "3"];
    vec![
        variable(
            "priority",
            "text",
            "The ticket priority level (Critical, Low, etc.), as shown in Halo.",
            &[],
            true,
        ),
        variable(
            "state",
            "text",
            "The ticket status (New, In Progress, etc.).",
            &[],
            true,
        ),
        variable(
            "team",
            "text",
            "The team, and so the queue, that the ticket is put in.",
            &[],
            true,
        ),
        variable(
            "ticketType",
            "text",
            "The ticket type (Service Request, Incident, Problem, Alert).",
            &[],
            true,
        ),
        variable(
            "agent",
            "text",
            "The agent that the ticket is assigned to. Unassigned keeps the integration's own agent off it.",
            &["Unassigned"],
            true,
        ),
        variable(
            "impact",
            "integer",
            "The impact: the lower, the more severe; 3 is low on a new Halo.",
            &severities,
            false,
        ),
        variable(
            "urgency",
            "integer",
            "The urgency: the lower, the more severe; 3 is low on a new Halo.",
            &severities,
            false,
        ),
        variable(
            "category_1",
            "text",
            "The first category as a typed path, such as Hardware>Desktop.",
            &[],
            true,
        ),
        variable(
            "category_2",
            "text",
            "The second category, as a typed path.",
            &[],
            true,
        ),
        variable(
            "category_3",
            "text",
            "The third category, as a typed path.",
            &[],
            true,
        ),
        variable(
            "category_4",
            "text",
            "The fourth category, as a typed path.",
            &[],
            true,
        ),
        variable(
            CUSTOM_FIELDS,
            "text",
            "Custom fields, one id : value a line. With a default, customfield_180 is a variable, too.",
            &[],
            false,
        ),
        variable(
            NO_VALIDATE,
            "text",
            "true makes Halo take the ticket without its mandatory fields.",
            &["true", "false"],
            false,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::all;
    use crate::lists::List;

    #[test]
    fn every_live_variable_has_a_list_and_every_other_has_none() {
        for variable in all() {
            assert_eq!(
                List::of(&variable.name).is_some(),
                variable.live,
                "{}",
                variable.name
            );
        }
    }
}
