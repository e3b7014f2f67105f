//! `psa-sandbox request-tracker`.

use anyhow::Context as _;
use clap::Args;
use psa_sandbox::request_tracker::{Config, RequestTracker};

/// Port when none is given: beside the others.
const PORT: u16 = 8182;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  psa-sandbox request-tracker                   on port 8182, with two queues, people and a technician
  psa-sandbox request-tracker --port 0 --json   any free port; prints one JSON object for scripts

It takes the packages request-tracker5, rt5-db-sqlite and rt5-standalone of Debian or Ubuntu. Nothing is mailed, and
nothing is kept.")]
pub(super) struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Print the settings as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
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
