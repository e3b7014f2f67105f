//! `psa-sandbox django-helpdesk`.

use anyhow::Context as _;
use clap::Args;
use psa_sandbox::django_helpdesk::{DjangoHelpdesk, Options};

/// Port when none is given: beside the others.
const PORT: u16 = 8183;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Where it tells of new tickets and follow-ups.
    #[arg(long, value_name = "ADDRESS")]
    webhook: Option<String>,
    /// Print the settings as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Install what it takes, print where, and end.
    #[arg(long)]
    install: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    if arguments.install {
        let folder = tokio::task::spawn_blocking(psa_sandbox::django_helpdesk::install)
            .await
            .context("install django-helpdesk")??;
        println!("{}", folder.display());
        return Ok(());
    }
    let desk = DjangoHelpdesk::start(Options {
        port: arguments.port,
        webhook: arguments.webhook,
        ..Options::default()
    })
    .await?;
    if arguments.json {
        let settings =
            serde_json::json!({"server": desk.address(), "queue": "General", "api_key": desk.key()});
        println!("{settings}");
    } else {
        println!("django-helpdesk is listening. Settings to paste:");
        println!("  Address            {}", desk.address());
        println!("  Queue              General");
        println!("  User and password  {}", desk.key());
        println!();
        println!(
            "  Agents sign in at  {}/login/ as agnes with agnes-secret",
            desk.address()
        );
        println!();
        println!("Press Ctrl+C to stop.");
    }
    tokio::signal::ctrl_c().await.context("wait for an interrupt")?;
    Ok(())
}
