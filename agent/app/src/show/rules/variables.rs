//! The table of variables.

use super::print_notes;
use crate::show::print_json;
use helpbell_delivery::rules::COMMON;
use helpbell_model::{
    text::one_line,
    ticket::{Access, Choice, Variable},
};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::fmt::Write as _;

/// Values shown of one variable; JSON has all of them.
const SHOWN: usize = 40;
/// Characters shown of one value.
const VALUE_CHARS: usize = 80;
/// Columns that lines of values are filled up to.
const LINE: usize = 100;
/// What lines of values begin with.
const INDENT: &str = "      ";

/// A variable of a PSA's, and its values there.
pub(crate) struct Offered<'a> {
    /// The variable.
    pub variable: &'a Variable,
    /// Its live values, if they are known.
    pub live: Option<&'a [Choice]>,
}

/// Prints all variables. `psa` is what people call the PSA.
pub(crate) fn variables(psa: Option<&str>, own: &[Offered<'_>], notes: &[String], as_json: bool) {
    if as_json {
        print_json(&as_value(psa, own, notes));
        return;
    }
    anstream::print!("{}", render(psa, own));
    print_notes(notes);
}

fn as_value(psa: Option<&str>, own: &[Offered<'_>], notes: &[String]) -> serde_json::Value {
    let common = COMMON.iter().map(|common| {
        json!({
            "name": common.name,
            "aliases": common.aliases,
            "access": common.access,
            "kind": common.kind,
            "meaning": common.meaning,
            "common": true,
        })
    });
    let own = own.iter().map(|Offered { variable, live }| {
        json!({
            "name": variable.name,
            "access": variable.access,
            "kind": variable.kind,
            "meaning": variable.meaning,
            "common": false,
            "choices": variable.choices,
            "live": variable.live,
            "live_choices": live,
        })
    });
    let all: Vec<serde_json::Value> = common.chain(own).collect();
    json!({"psa": psa, "variables": all, "notes": notes})
}

fn render(psa: Option<&str>, own: &[Offered<'_>]) -> String {
    let names = COMMON.iter().map(|common| common.name);
    let names = names.chain(own.iter().map(|offered| offered.variable.name.as_str()));
    let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
    let mut told = String::new();
    let _ = writeln!(told, "{}", "Of every PSA".bold());
    for common in &COMMON {
        row(
            &mut told,
            width,
            (common.name, common.access, common.kind, common.meaning),
        );
    }
    if let Some(psa) = psa {
        let _ = writeln!(told, "\n{}", format!("Of {psa}").bold());
    }
    for Offered { variable, live } in own {
        row(
            &mut told,
            width,
            (&variable.name, variable.access, &variable.kind, &variable.meaning),
        );
        values(&mut told, variable, *live);
    }
    told
}

fn row(told: &mut String, width: usize, (name, access, kind, meaning): (&str, Access, &str, &str)) {
    let access = match access {
        Access::Read => "read",
        Access::ReadWrite => "assign",
    };
    let _ = writeln!(told, "  {name:<width$}  {access:<6}  {kind:<7}  {meaning}");
}

/// The values that a variable may have, each with what it depends on.
fn values(told: &mut String, variable: &Variable, live: Option<&[Choice]>) {
    let fixed = variable
        .choices
        .iter()
        .map(|choice| one_line(choice, VALUE_CHARS));
    let live = live.unwrap_or_default().iter().map(|choice| {
        let label = one_line(&choice.label, VALUE_CHARS);
        match &choice.parent {
            Some((field, value)) => format!("{label} ({field} {})", one_line(value, VALUE_CHARS)),
            None => label,
        }
    });
    let mut all: Vec<String> = Vec::new();
    for value in fixed.chain(live) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    if all.is_empty() {
        return;
    }
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    if more > 0 {
        all.push(format!("and {more} more, which --json shows"));
    }
    let (mut line, last) = (String::from(INDENT), all.len() - 1);
    for (index, value) in all.iter().enumerate() {
        let end = if index == last { "" } else { ", " };
        if line.len() > INDENT.len() && line.chars().count() + value.chars().count() > LINE {
            let _ = writeln!(told, "{}", line.trim_end());
            line = String::from(INDENT);
        }
        line.push_str(value);
        line.push_str(end);
    }
    let _ = writeln!(told, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, choices: &[&str]) -> Variable {
        Variable {
            name: name.into(),
            access: Access::ReadWrite,
            kind: "text".into(),
            meaning: "What it means.".into(),
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
            live: true,
        }
    }

    fn choice(label: &str, parent: Option<&str>) -> Choice {
        Choice {
            id: "1".into(),
            label: label.into(),
            parent: parent.map(|parent| ("queue".to_owned(), parent.to_owned())),
            is_default: false,
        }
    }

    #[test]
    fn a_psa_s_variables_follow_the_common_ones_with_their_values() {
        let (agent, state) = (variable("agent", &["Unassigned"]), variable("state", &[]));
        let agents = [choice("Unassigned", None), choice("Chiara Greco", None)];
        let states = [choice("New", Some("Support")), choice("Done", Some("Sales"))];
        let own = [
            Offered {
                variable: &agent,
                live: Some(&agents),
            },
            Offered {
                variable: &state,
                live: Some(&states),
            },
        ];
        let told = render(Some("HaloPSA"), &own);
        insta::assert_snapshot!(anstream::adapter::strip_str(&told).to_string(), @r"
        Of every PSA
          selections   read    list     Texts of the ticked boxes and chosen buttons; test them with `in`.
          hostname     read    text     The computer's name.
          mac          read    text     The computer's hardware address, aa:bb:cc:dd:ee:ff.
          ip           read    text     The computer's local IPv4 address.
          email        read    text     The person's e-mail address, as typed.
          name         read    text     The person's name: the PSA's for this address, else as typed.
          msg          assign  text     What the person typed. Also called message.
          subject      assign  text     The ticket's title: at first the first words of the message.
          append       assign  text     Added to the ticket's text, below the message: at first what your scripts wrote for it.
          priv_append  assign  text     Added to the private note.
          exception    assign  text     If set, no ticket is filed, and the person is shown this text.

        Of HaloPSA
          agent        assign  text     What it means.
              Unassigned, Chiara Greco
          state        assign  text     What it means.
              New (queue Support), Done (queue Sales)
        ");
    }

    #[test]
    fn of_very_many_values_some_are_shown_and_the_rest_counted() {
        let many: Vec<Choice> = (0..500)
            .map(|number| choice(&format!("Team {number}"), None))
            .collect();
        let team = variable("team", &[]);
        let own = [Offered {
            variable: &team,
            live: Some(&many),
        }];
        let told = render(Some("HaloPSA"), &own);
        assert!(told.contains("and 460 more, which --json shows"), "{told}");
        assert!(told.lines().all(|line| line.chars().count() <= 130), "{told}");
        let all = as_value(Some("HaloPSA"), &own, &[]);
        let last = all["variables"].as_array().unwrap().last().unwrap();
        assert_eq!(last["live_choices"].as_array().unwrap().len(), 500);
    }
}
