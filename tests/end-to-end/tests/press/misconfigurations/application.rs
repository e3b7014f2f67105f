//! The API application: its method, permissions, login type and agent.

use super::row::Row;
use psa_sandbox::halo::{
    AgentPermissions, AgentlessLookups, Behaviour, INTEGRATION_SCOPES, Login, LoginType,
};

/// A disabled agent of the built-in world.
const DISABLED_AGENT: i64 = 6;

fn without(behaviour: &mut Behaviour, scope: &str) {
    let left = INTEGRATION_SCOPES.iter().filter(|one| **one != scope);
    behaviour.application_scopes = Some(left.map(|one| (*one).to_owned()).collect());
}

fn agentless(behaviour: &mut Behaviour, login_type: LoginType) {
    behaviour.login = Some(Login {
        login_type,
        agent_id: None,
    });
}

pub(super) fn rows() -> Vec<Row> {
    let five = "For permissions we will need at least the following five (5) selections";
    let login = "The Login Type should be Agent.";
    let agent = "select an Agent that the tickets will be put into the system as (if none is selected several lookups will fail";
    vec![
        Row::new(
            "The application is not active",
            "Make sure the key is set to be active.",
        )
        .under("API application")
        .world(|seed, _| {
            // Another one stays, so that there is a key to paste.
            let mut other = seed.applications[0].clone();
            other.active = false;
            seed.applications[0].client_id = "another-application".to_owned();
            seed.applications.push(other);
        })
        .setup(|mut setup, _| {
            setup.key = setup
                .key
                .replace("another-application", "ea0845fb-d35b-59b0-9c5c-dced6482ed0e");
            setup
        }),
        Row::new(
            "The Method is another than Client ID and Secret",
            "make sure to collect Client ID and Secret as the Method",
        )
        .world(|_, behaviour| behaviour.client_credentials = false),
        Row::new("The permission read:tickets is missing", five)
            .world(|_, behaviour| without(behaviour, "read:tickets")),
        Row::new("The permission edit:tickets is missing", five)
            .world(|_, behaviour| without(behaviour, "edit:tickets")),
        Row::new("The permission read:customers is missing", five)
            .world(|_, behaviour| without(behaviour, "read:customers")),
        Row::new(
            "The permission read:crm is missing, on a Halo that wants it for its people",
            five,
        )
        .world(|_, behaviour| {
            behaviour.customers_need_crm = true;
            without(behaviour, "read:crm");
        }),
        Row::new(
            "The permission read:crm is missing, on a Halo that does not want it",
            five,
        )
        .world(|_, behaviour| without(behaviour, "read:crm")),
        Row::new("The permission read:assets is missing", five)
            .world(|_, behaviour| without(behaviour, "read:assets")),
        Row::new(
            "The permission read:assets is missing, and Halo answers 403",
            five,
        )
        .world(|_, behaviour| {
            behaviour.under_scoped_status = 403;
            without(behaviour, "read:assets");
        }),
        Row::new(
            "The permission edit:tickets was taken away after a token was given",
            five,
        )
        .later(|halo| {
            halo.adjust(|behaviour| {
                without(behaviour, "edit:tickets");
                behaviour.withdrawn_scopes = vec!["edit:tickets".to_owned()];
            })
            .unwrap();
        })
        .writes(),
        Row::new("The Login Type is not Agent", login)
            .world(|_, behaviour| agentless(behaviour, LoginType::None)),
        Row::new("No agent is selected", agent).world(|_, behaviour| agentless(behaviour, LoginType::Agent)),
        Row::new(
            "No agent is selected, and Halo answers lookups with empty lists",
            agent,
        )
        .world(|_, behaviour| {
            agentless(behaviour, LoginType::Agent);
            behaviour.agentless_lookups = AgentlessLookups::Empty;
        }),
        Row::new("The selected agent was disabled", agent).world(|_, behaviour| {
            behaviour.login = Some(Login {
                login_type: LoginType::Agent,
                agent_id: Some(DISABLED_AGENT),
            });
        }),
        Row::new("The selected agent may not read tickets", agent).world(|_, behaviour| {
            behaviour.agent_permissions = AgentPermissions {
                read_tickets: false,
                ..AgentPermissions::default()
            };
        }),
        Row::new("The selected agent may not edit tickets", agent)
            .world(|_, behaviour| {
                behaviour.agent_permissions = AgentPermissions {
                    edit_tickets: false,
                    ..AgentPermissions::default()
                };
            })
            .writes(),
        Row::new("The selected agent may not see customers", agent).world(|_, behaviour| {
            behaviour.agent_permissions = AgentPermissions {
                read_customers: false,
                ..AgentPermissions::default()
            };
        }),
        Row::new("The selected agent may not see assets", agent).world(|_, behaviour| {
            behaviour.agent_permissions = AgentPermissions {
                read_assets: false,
                ..AgentPermissions::default()
            };
        }),
    ]
}
