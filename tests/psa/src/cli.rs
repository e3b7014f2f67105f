//! The command line.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use psa_sandbox::halo::schema::derive::derive;
use psa_sandbox::halo::{Behaviour, Deployment, Halo, HaloConfig, Seed, Settings};
#[cfg(unix)]
use psa_sandbox::request_tracker::{Config, RequestTracker};

/// Port of the local HaloPSA when none is given: free on ordinary machines, easy to remember.
const HALO_PORT: u16 = 8181;

/// Port of the local Request Tracker when none is given: beside the other.
#[cfg(unix)]
const REQUEST_TRACKER_PORT: u16 = 8182;

/// Local PSA servers that behave like the real ones.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a local HaloPSA until interrupted.
    Halo(HaloArguments),
    /// Run a real Request Tracker until interrupted.
    #[cfg(unix)]
    RequestTracker(RequestTrackerArguments),
    /// Derive the committed schema list from HaloPSA's OpenAPI document and print it.
    DeriveSchema {
        /// The OpenAPI document (JSON).
        file: PathBuf,
    },
}

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
struct HaloArguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = HALO_PORT)]
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

#[cfg(unix)]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  psa-sandbox request-tracker                   on port 8182, with queues, people, a technician
  psa-sandbox request-tracker --port 0 --json   any free port; prints one JSON object for scripts

It takes the packages request-tracker5, rt5-db-sqlite and rt5-standalone of Debian or Ubuntu.
Nothing is mailed, and nothing is kept.")]
struct RequestTrackerArguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = REQUEST_TRACKER_PORT)]
    port: u16,
    /// Print the settings as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Halo(arguments) => halo(arguments).await,
        #[cfg(unix)]
        Command::RequestTracker(arguments) => request_tracker(arguments).await,
        Command::DeriveSchema { file } => {
            let schema = derive(&read(&file)?)?;
            println!(
                "{}",
                serde_json::to_string_pretty(&schema).context("write the schema list")?
            );
            Ok(())
        }
    }
}

async fn halo(arguments: HaloArguments) -> anyhow::Result<()> {
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

#[cfg(unix)]
async fn request_tracker(arguments: RequestTrackerArguments) -> anyhow::Result<()> {
    let config = Config {
        port: arguments.port,
        ..Config::default()
    };
    let desk = RequestTracker::start(config).await?;
    let settings = desk.settings();
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string(&settings).context("write the settings")?
        );
    } else {
        println!("Request Tracker is listening. Settings to paste:");
        println!("  Server    {}", settings.server);
        println!("  Token     {}", settings.token);
        println!("  or        {}", settings.password);
        println!();
        println!(
            "  Log in as root with root-password, or as lars or maria.rossi with lars-password or maria.rossi-password."
        );
        println!();
        println!("Press Ctrl+C to stop.");
    }
    tokio::signal::ctrl_c().await.context("wait for an interrupt")
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

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}
