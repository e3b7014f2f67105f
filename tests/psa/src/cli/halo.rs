//! `psa-sandbox halo`.

use super::read;
use anyhow::Context as _;
use clap::Args;
use psa_sandbox::halo::{Behaviour, Deployment, Halo, HaloConfig, Seed, Settings};
use std::path::PathBuf;

/// Port when none is given: free on ordinary machines, easy to remember.
const PORT: u16 = 8181;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  psa-sandbox halo                          a hosted instance on port 8181, with the built-in clients and people
  psa-sandbox halo --port 0 --json          any free port; prints one JSON object for scripts
  psa-sandbox halo --on-prem --permissive   no tenant; unknown fields are recorded, not refused
  psa-sandbox halo --seed my-world.json     your own clients, people and devices

While it runs:
  curl 127.0.0.1:8181/_sandbox/ledger
  curl -X POST 127.0.0.1:8181/_sandbox/behaviour -d '{\"default_site_rule\": \"reject\"}'
  curl -X POST 127.0.0.1:8181/_sandbox/misbehaviour -d '{\"misdeed\": \"reset\", \"path\": \"/Tickets\", \"count\": 1}'
  curl -X DELETE 127.0.0.1:8181/_sandbox/misbehaviour")]
pub(super) struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Seed document (JSON) instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Behave like an instance on the MSP's own server: no tenant.
    #[arg(long)]
    on_prem: bool,
    /// Record unknown body fields instead of refusing them.
    #[arg(long)]
    permissive: bool,
    /// Print the settings as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let seed = match &arguments.seed {
        Some(file) => Seed::parse(&read(file)?)?,
        None => Seed::default(),
    };
    let deployment = if arguments.on_prem {
        Deployment::OnPremises
    } else {
        Deployment::Hosted
    };
    let behaviour = Behaviour {
        refuse_unknown_fields: !arguments.permissive,
        ..Behaviour::default()
    };
    let halo = Halo::start(HaloConfig {
        port: arguments.port,
        deployment,
        seed,
        behaviour,
    })
    .await?;
    let settings = halo.settings();
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string(&settings).context("write the settings")?
        );
    } else {
        print_settings(&settings);
    }
    tokio::signal::ctrl_c().await.context("wait for an interrupt")?;
    halo.shutdown().await;
    Ok(())
}

fn print_settings(settings: &Settings) {
    println!("HaloPSA is listening. Settings to paste:");
    println!("  Resource Server       {}", settings.resource_server);
    println!("  Authorisation Server  {}", settings.authorisation_server);
    println!(
        "  Tenant                {}",
        settings.tenant.as_deref().unwrap_or("(none: on-premises)")
    );
    println!("  API key               {}", settings.api_key);
    println!();
    println!("  Help desk             {}", settings.page);
    println!("  Its settings          {}settings", settings.page);
    println!("  Ledger                {}", settings.ledger);
    println!();
    println!("Press Ctrl+C to stop.");
}
