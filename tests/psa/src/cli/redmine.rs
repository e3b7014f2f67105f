//! `psa-sandbox redmine`.

use anyhow::Context as _;
use clap::Args;
use psa_sandbox::redmine::{Redmine, Wish, World};

/// Port when none is given: beside the others.
const PORT: u16 = 8184;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Print the settings as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let redmine = Redmine::start_with(Wish {
        port: arguments.port,
        ..Wish::default()
    })
    .await?;
    let world = redmine.world();
    if arguments.json {
        println!("{}", serde_json::to_string(world).context("write the settings")?);
    } else {
        print_world(world);
    }
    tokio::signal::ctrl_c().await.context("wait for an interrupt")
}

fn print_world(world: &World) {
    println!("Redmine is listening. Settings to paste:");
    println!("  Server                {}", world.server);
    println!("  Project               {}", world.project);
    println!("  Project for reports   {}", world.reports);
    println!("  API access key        {}", world.api_key);
    println!();
    println!("  Log in as             admin, password administrator");
    println!("  The customer is       maria, password maria-password");
    println!();
    println!("Press Ctrl+C to stop.");
}
