//! The unregistered contact, and notes on its tickets.

use super::row::Row;
use psa_sandbox::halo::{DefaultSiteRule, Seed};

/// Id of the contact in the built-in world.
const UNREGISTERED: i64 = 50;

fn contact(seed: &mut Seed) -> &mut psa_sandbox::halo::seed::User {
    seed.users
        .iter_mut()
        .find(|user| user.id == UNREGISTERED)
        .unwrap()
}

pub(super) fn unregistered() -> Vec<Row> {
    let must = "This must have the email address unregistered@helpdeskbuttons.com.";
    vec![
        Row::new(
            "The unregistered contact was not created",
            "Create an ‘Unregistered’ contact",
        )
        .under("Unregistered contact")
        .world(|seed, _| seed.users.retain(|user| user.id != UNREGISTERED))
        .by_a_stranger(),
        Row::new("The contact has another e-mail address", must)
            .world(|seed, _| contact(seed).email = "unregistered@lantern.example".to_owned())
            .by_a_stranger(),
        Row::new("Helpbell is told another address than the contact has", must)
            .setup(|setup, _| setup.setting("unregistered-contact", "unregistred@helpdeskbuttons.com"))
            .by_a_stranger(),
        Row::new("The contact is inactive", "Create an ‘Unregistered’ contact")
            .world(|seed, _| contact(seed).inactive = true)
            .by_a_stranger(),
        Row::new(
            "The contact exists twice",
            "You can add this contact to the default Unknown Company/Site",
        )
        .world(|seed, _| {
            let mut second = contact(seed).clone();
            (second.id, second.site_id) = (49, 103);
            seed.users.push(second);
        })
        .by_a_stranger(),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    let rule = "Tickets with the default Client/Site must be moved before working on the Ticket";
    let note = "your tickets are coming in without the private note";
    vec![
        Row::new(
            "The setting about the default Client/Site is checked, and Halo answers notes with 400",
            rule,
        )
        .under("Note permission")
        .world(|_, behaviour| behaviour.default_site_rule = DefaultSiteRule::Reject)
        .by_a_stranger()
        .writes(),
        Row::new("The same, and Halo answers 403", rule)
            .world(|_, behaviour| {
                behaviour.default_site_rule = DefaultSiteRule::Reject;
                behaviour.default_site_refusal = 403;
            })
            .by_a_stranger()
            .writes(),
        Row::new("The same, and Halo accepts notes and drops them", rule)
            .world(|_, behaviour| behaviour.default_site_rule = DefaultSiteRule::AcceptButDrop)
            .by_a_stranger()
            .writes(),
        Row::new(
            "The agent may write no notes",
            "If you are getting an error message about Note Permissions",
        )
        .world(|_, behaviour| behaviour.agent_permissions.add_actions = false)
        .writes(),
        Row::new("No Outcome suits private notes", note)
            .world(|seed, _| seed.outcomes.retain(|outcome| outcome.send_email == 1)),
        Row::new("The Outcome of private notes is misspelt", note)
            .setup(|setup, _| setup.setting("private-note-outcome", "Privat Note")),
        Row::new("The Outcome of private notes is an id that does not exist", note)
            .setup(|setup, _| setup.setting("private-note-outcome", "77")),
    ]
}
