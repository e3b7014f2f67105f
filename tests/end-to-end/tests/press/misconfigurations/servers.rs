//! The two servers and the tenant of Halo's first screen.

use super::row::Row;
use std::time::Duration;

pub(super) fn rows() -> Vec<Row> {
    let paste = "Copy and paste them as they are shown in the API Details.";
    let slots = "The “Resource Server” should go in the Ticket System API endpoint slot";
    let screen =
        "You will need the tenant, resource server and authentication server from this first screen.";
    vec![
        Row::new("Resource Server and Authorisation Server are swapped", slots)
            .under("Servers")
            .setup(|mut setup, _| {
                std::mem::swap(&mut setup.resource_server, &mut setup.authorisation_server);
                setup
            }),
        Row::new("The Authorisation Server stands in both fields", slots).setup(|mut setup, _| {
            setup.resource_server = setup.authorisation_server.clone();
            setup
        }),
        Row::new("The Resource Server stands in both fields", slots).setup(|mut setup, _| {
            setup.authorisation_server = setup.resource_server.clone();
            setup
        }),
        Row::new("The Resource Server lacks its /api", paste)
            .harmless()
            .setup(|mut setup, around| {
                setup.resource_server = format!("http://{}", around.halo);
                setup
            }),
        Row::new("Blanks and slashes around the servers", paste)
            .harmless()
            .setup(|mut setup, _| {
                setup.resource_server = format!("  {}/ ", setup.resource_server);
                setup.authorisation_server = format!("{}/", setup.authorisation_server);
                setup
            }),
        Row::new(
            "The Authorisation Server lacks its /auth, and Halo gives tokens there too",
            paste,
        )
        .harmless()
        .setup(|mut setup, around| {
            setup.authorisation_server = format!("http://{}", around.halo);
            setup
        }),
        Row::new("The Authorisation Server has /token behind it", paste).setup(|mut setup, _| {
            setup.authorisation_server.push_str("/token");
            setup
        }),
        Row::new("The Resource Server is misspelt", paste).setup(|mut setup, around| {
            setup.resource_server = format!("http://{}/apii", around.halo);
            setup
        }),
        Row::new("The address of a web page was pasted as Resource Server", screen).setup(
            |mut setup, around| {
                setup.resource_server = format!("http://{}/api", around.portal);
                setup
            },
        ),
        Row::new(
            "The address of a web page was pasted as Authorisation Server",
            screen,
        )
        .setup(|mut setup, around| {
            setup.authorisation_server = format!("http://{}/auth", around.portal);
            setup
        }),
        Row::new("Nothing answers at the servers", screen)
            .setup(|setup, around| setup.through(&around.nobody)),
        Row::new("https is written for a server that speaks http only", paste).setup(|mut setup, around| {
            setup.resource_server = format!("https://{}/api", around.halo);
            setup
        }),
        Row::new("http is written, and was not allowed", paste)
            .edit(|desk| desk.edit("allow-http = true", "allow-http = false")),
        Row::new(
            "The server has a private address, and that was not allowed",
            "Select if you are using an On-Prem or Cloud Hosted instance.",
        )
        .edit(|desk| desk.edit("allow-addresses = [\"127.0.0.1/32\"]", "allow-addresses = []")),
        Row::new("The clock of the computer is wrong", "")
            .later(|halo| halo.advance(Duration::from_secs(7_200))),
        Row::new(
            "Another integration uses up the requests of the same application",
            "",
        )
        .later(|halo| {
            halo.adjust(|behaviour| {
                behaviour.rate_limit = Some(psa_sandbox::halo::RateLimit {
                    requests: 0,
                    window_seconds: 300,
                    retry_after_seconds: None,
                });
            })
            .unwrap();
        }),
    ]
}
