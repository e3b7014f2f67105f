//! The world an instance starts with: clients, people, devices, pick-lists and API applications.
//!
//! A seed is one JSON document; the built-in one is `seed/halo.json`. Ids are what clients meet
//! on the wire. [`Seed::parse`] refuses a document whose parts do not fit together, so that a
//! test never fails because its world was broken.

mod rows;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::HaloError;
pub(crate) use rows::CLOSED;
pub use rows::{
    Agent, Application, Asset, Category, Client, CustomField, Instance, LoginType, Lookup, Outcome, Priority,
    Site, Status, Team, TicketType, User,
};

const BUILT_IN: &str = include_str!("../../seed/halo.json");

/// A whole instance before the first request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Name, tenant and the default client and site.
    pub instance: Instance,
    /// API applications that may ask for tokens.
    pub applications: Vec<Application>,
    /// Customers of the MSP.
    pub clients: Vec<Client>,
    /// Places of clients.
    pub sites: Vec<Site>,
    /// Contacts, each at one site.
    pub users: Vec<User>,
    /// Devices, each at one site.
    pub assets: Vec<Asset>,
    /// The MSP's technicians.
    pub agents: Vec<Agent>,
    /// Groups of agents.
    pub teams: Vec<Team>,
    /// Kinds of ticket.
    pub ticket_types: Vec<TicketType>,
    /// States a ticket can be in.
    pub statuses: Vec<Status>,
    /// Priorities, numbered within an SLA.
    pub priorities: Vec<Priority>,
    /// Kinds of note.
    pub outcomes: Vec<Outcome>,
    /// Category paths such as `Hardware>Desktop`.
    pub categories: Vec<Category>,
    /// Ticket custom fields.
    pub custom_fields: Vec<CustomField>,
    /// Rows of the general pick-lists.
    pub lookups: Vec<Lookup>,
}

impl Default for Seed {
    /// The built-in world.
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the built-in document is part of the program, and a test parses it"
        )]
        Self::parse(BUILT_IN).expect("the built-in seed is sound")
    }
}

impl Seed {
    /// Reads a seed document and checks that its parts fit together.
    ///
    /// # Errors
    /// [`HaloError::Seed`] when the text is no such document, an id is used twice, or a reference leads nowhere.
    pub fn parse(text: &str) -> Result<Self, HaloError> {
        let seed: Self = serde_json::from_str(text).map_err(|error| HaloError::Seed {
            reason: error.to_string(),
        })?;
        seed.check().map_err(|reason| HaloError::Seed { reason })?;
        Ok(seed)
    }

    fn check(&self) -> Result<(), String> {
        unique("client", self.clients.iter().map(|it| it.id))?;
        unique("site", self.sites.iter().map(|it| it.id))?;
        unique("user", self.users.iter().map(|it| it.id))?;
        unique("asset", self.assets.iter().map(|it| it.id))?;
        unique("agent", self.agents.iter().map(|it| it.id))?;
        unique("ticket type", self.ticket_types.iter().map(|it| it.id))?;
        unique("status", self.statuses.iter().map(|it| it.id))?;
        unique("outcome", self.outcomes.iter().map(|it| it.id))?;
        for site in &self.sites {
            need(self.client(site.client_id).is_some(), || {
                format!("site {} has no client", site.id)
            })?;
        }
        for user in &self.users {
            need(self.site(user.site_id).is_some(), || {
                format!("user {} has no site", user.id)
            })?;
        }
        for asset in &self.assets {
            need(self.site(asset.site_id).is_some(), || {
                format!("asset {} has no site", asset.id)
            })?;
        }
        for kind in &self.ticket_types {
            let name = &kind.name;
            need(self.team(&kind.team).is_some(), || {
                format!("ticket type {name} has no team")
            })?;
            need(self.status(kind.initial_status_id).is_some(), || {
                format!("ticket type {name} has no status")
            })?;
            need(self.priority(kind.priority_id).is_some(), || {
                format!("ticket type {name} has no priority")
            })?;
        }
        need(self.ticket_types.iter().any(|kind| !kind.inactive), || {
            "no active ticket type".to_owned()
        })?;
        for field in &self.custom_fields {
            let known = |id: &i64| self.ticket_type(*id).is_some();
            need(field.ticket_type_ids.iter().all(known), || {
                format!("custom field {} names an unknown ticket type", field.name)
            })?;
        }
        for application in &self.applications {
            let agent = application.agent_id.is_none_or(|id| self.agent(id).is_some());
            need(agent, || {
                format!("application {} names an unknown agent", application.name)
            })?;
        }
        let site = self.site(self.instance.default_site_id);
        need(
            site.is_some_and(|site| site.client_id == self.instance.default_client_id),
            || "the default site does not belong to the default client".to_owned(),
        )?;
        let statuses = self.statuses.iter().map(|status| &status.colour);
        for colour in statuses.chain(self.priorities.iter().map(|priority| &priority.colour)) {
            need(is_colour(colour), || {
                format!("{colour:?} is no colour of the form #rrggbb")
            })?;
        }
        need(!self.applications.is_empty(), || "no application".to_owned())
    }

    pub(crate) fn client(&self, id: i64) -> Option<&Client> {
        self.clients.iter().find(|it| it.id == id)
    }

    pub(crate) fn site(&self, id: i64) -> Option<&Site> {
        self.sites.iter().find(|it| it.id == id)
    }

    pub(crate) fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|it| it.id == id)
    }

    pub(crate) fn asset(&self, id: i64) -> Option<&Asset> {
        self.assets.iter().find(|it| it.id == id)
    }

    pub(crate) fn agent(&self, id: i64) -> Option<&Agent> {
        self.agents.iter().find(|it| it.id == id)
    }

    pub(crate) fn status(&self, id: i64) -> Option<&Status> {
        self.statuses.iter().find(|it| it.id == id)
    }

    pub(crate) fn ticket_type(&self, id: i64) -> Option<&TicketType> {
        self.ticket_types.iter().find(|it| it.id == id)
    }

    pub(crate) fn outcome(&self, id: i64) -> Option<&Outcome> {
        self.outcomes.iter().find(|it| it.id == id)
    }

    /// The first priority with this number, in whatever SLA.
    pub(crate) fn priority(&self, number: i64) -> Option<&Priority> {
        self.priorities.iter().find(|it| it.priority_id == number)
    }

    /// Team names are matched without regard to case.
    pub(crate) fn team(&self, name: &str) -> Option<&Team> {
        self.teams.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// The category of one field with this path.
    pub(crate) fn category(&self, type_id: i64, value: &str) -> Option<&Category> {
        self.categories
            .iter()
            .find(|it| it.type_id == type_id && it.value.eq_ignore_ascii_case(value))
    }

    pub(crate) fn custom_field(&self, id: i64) -> Option<&CustomField> {
        self.custom_fields.iter().find(|it| it.id == id)
    }

    /// Name of a site's client, or empty.
    pub(crate) fn client_of_site(&self, site_id: i64) -> Option<&Client> {
        self.client(self.site(site_id)?.client_id)
    }
}

/// Colours go into the page's style sheet, so nothing else may stand in their place.
fn is_colour(text: &str) -> bool {
    const DIGITS: usize = 6;
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == DIGITS && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn unique(what: &str, ids: impl Iterator<Item = i64>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for id in ids {
        need(seen.insert(id), || format!("{what} id {id} is used twice"))?;
    }
    Ok(())
}

fn need(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_world_is_sound_and_holds_the_hard_cases() {
        let seed = Seed::default();
        let clients_of = |email: &str| -> HashSet<i64> {
            let users = seed.users.iter().filter(|user| user.email == email);
            users
                .filter_map(|user| seed.client_of_site(user.site_id))
                .map(|client| client.id)
                .collect()
        };
        assert_eq!(clients_of("dana@freelance.example").len(), 2);
        assert_eq!(clients_of("unregistered@helpdeskbuttons.com").len(), 1);
        let hosts = seed
            .assets
            .iter()
            .filter(|asset| asset.hostname == "RECEPTION-PC");
        let owners: HashSet<i64> = hosts
            .filter_map(|it| seed.client_of_site(it.site_id))
            .map(|it| it.id)
            .collect();
        assert_eq!(owners.len(), 2);
        assert!(seed.users.iter().any(|user| user.inactive));
    }

    #[test]
    fn a_seed_with_a_dangling_reference_is_refused_by_name() {
        let broken = BUILT_IN.replacen(
            "\"client_id\": 12, \"name\": \"Milano",
            "\"client_id\": 999, \"name\": \"Milano",
            1,
        );
        let error = Seed::parse(&broken).unwrap_err();
        assert!(error.to_string().contains("site 101 has no client"), "{error}");
    }
}
