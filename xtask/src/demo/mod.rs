//! `cargo xtask demo`: everything from nothing to a ticket in a local Halo.
//!
//! ```text
//! prepare ─► connector ─► helpbell, psa-sandbox ─► local Halo ─► helpbell init ─► helpbell press ─► what happened
//! ```
//!
//! What the press does is real: this machine is examined, its screens are photographed where there are any, and the
//! connector runs in the sandbox. Only the PSA is a local one.

mod halo;
mod receipt;
mod seed;

use crate::{
    build::{self, Profile},
    prepare, process,
    psa::PSA_SANDBOX,
    show::{self, cured},
    shown,
    workspace::Workspace,
};
use anyhow::{Context as _, Result, bail};
use halo::Halo;
use receipt::Receipt;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// `cargo xtask demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask demo                        from nothing to a ticket
  cargo xtask demo --keep                 and leave the local Halo running, to look at it in the browser
  cargo xtask demo --keep --port 8181     at an address of your choice")]
pub(crate) struct Arguments {
    /// Leave the local Halo running until Ctrl+C.
    #[arg(long)]
    keep: bool,
    /// TCP port of the local Halo on 127.0.0.1; 0 takes any free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

/// The integration defaults, each in the words of the local Halo's pick-lists.
const DEFAULTS: [&str; 7] = [
    "agent=Unassigned",
    "team=1st Line Support",
    "ticketType=Incident",
    "priority=Medium",
    "impact=3",
    "urgency=3",
    "category_1=Hardware>Desktop",
];

/// What is told, and by whom: [`seed::PERSON`] knows Halo, and Halo them.
const MESSAGE: &str =
    "The printer on the second floor does nothing, and my computer has been slow since this morning.";
/// A ticked box.
const SELECTION: &str = "This is affecting my work";

/// The only network the press may reach besides the public one.
const LOOPBACK: &str = "127.0.0.1/32";

/// Files of one demo, below `target`, so that they can be looked at afterwards and never are committed.
struct Places {
    folder: PathBuf,
    config: PathBuf,
    state: PathBuf,
    report: PathBuf,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    show::heading("Preparing");
    prepare::toolchain(workspace)?;
    show::heading("Building the connector for the sandbox");
    build::connectors(workspace)?;
    show::heading("Building helpbell and the local Halo (the first time takes minutes)");
    build::programs(workspace, Profile::Dev, &["helpbell", PSA_SANDBOX])
        .context("failed to build helpbell and the local Halo")?;

    let places = Places::fresh(&workspace.target)?;
    show::heading("Starting a local Halo that knows this machine");
    let seed = places.folder.join("halo.json");
    fs::write(&seed, seed::with_this_machine(workspace)?)
        .with_context(|| format!("failed to write {}", shown(&seed).display()))?;
    let mut halo = Halo::start(&workspace.program("debug", PSA_SANDBOX), arguments.port, &seed)?;
    show::note(&halo.page);

    show::heading("Writing the configuration (helpbell init)");
    init(workspace, &places, &halo)?;
    show::note(&shown(&places.config).display().to_string());

    show::heading("Pressing the button on this machine (helpbell press)");
    let began = Instant::now();
    let receipt = press(workspace, &places)?;
    let took = began.elapsed();
    let ledger = halo.ledger()?;
    receipt.print(took, &ledger, &places.report)?;
    next(arguments.keep, &halo, &receipt);
    if arguments.keep {
        halo.wait()?;
    }
    Ok(())
}

impl Places {
    /// An empty folder: a demo shows what happens from nothing, so what an earlier one left is taken away.
    fn fresh(target: &Path) -> Result<Self> {
        let folder = target.join("demo");
        let failed = || format!("failed to empty {}", shown(&folder).display());
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(failed);
            }
            _ => fs::create_dir_all(&folder).with_context(failed)?,
        }
        Ok(Self {
            config: folder.join("helpbell.toml"),
            state: folder.join("state"),
            report: folder.join("report"),
            folder,
        })
    }
}

fn helpbell(workspace: &Workspace, places: &Places) -> Command {
    let mut helpbell = Command::new(workspace.program("debug", "helpbell"));
    helpbell
        .current_dir(&places.folder)
        .env("HELPBELL_CONNECTORS", workspace.connector_folder())
        .env("HELPBELL_CONFIG", &places.config)
        .env("HELPBELL_STATE", &places.state);
    helpbell
}

/// `helpbell init`, with the key on standard input: it stands in no argument list.
fn init(workspace: &Workspace, places: &Places, halo: &Halo) -> Result<()> {
    let mut init = helpbell(workspace, places);
    init.args(["init", "--connector", "halo", "--key-stdin", "--allow-http"]);
    init.args(["--allow-address", LOOPBACK]);
    for (name, value) in halo.settings() {
        init.args(["--set", &format!("{name}={value}")]);
    }
    for default in DEFAULTS {
        init.args(["--default", default]);
    }
    // Its advice on how to go on is for people who begin with it.
    let mut running = process::start(init.stdin(Stdio::piped()).stdout(Stdio::null()))?;
    let mut key = running
        .0
        .stdin
        .take()
        .context("failed to hand the key over: helpbell has no standard input")?;
    let handed = key.write_all(halo.api_key.as_bytes());
    drop(key);
    let status = running.0.wait().context("failed to wait for `helpbell init`")?;
    // Its own words, which are on the terminal, say more than a broken pipe.
    if !status.success() {
        bail!("`helpbell init` failed ({status})");
    }
    handed.context("failed to hand the key over to `helpbell init`")
}

fn press(workspace: &Workspace, places: &Places) -> Result<Receipt> {
    let mut press = helpbell(workspace, places);
    press.args(["press", "--no-dialog", "--json"]);
    press.args(["--name", seed::PERSON.0, "--email", seed::PERSON.1]);
    press.args(["--message", MESSAGE, "--selection", SELECTION]);
    press.arg("--report-to").arg(&places.report);
    let output = process::output(press.stdin(Stdio::null()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match Receipt::parse(&said) {
        Some(receipt) if output.status.success() => Ok(receipt),
        _ => Err(cured(
            format!(
                "`helpbell press` filed no complete ticket ({}): {}",
                output.status,
                said.trim()
            ),
            format!("its files are in {}", shown(&places.folder).display()),
        )),
    }
}

fn next(keep: bool, halo: &Halo, receipt: &Receipt) {
    println!();
    if keep {
        println!("Look at:");
        println!(
            "  {:<58} the ticket, its private note and the report",
            receipt.address()
        );
        println!(
            "  {:<58} every request the local Halo answered",
            format!("{}requests", halo.page)
        );
        println!("  {:<58} what it holds, for programs", halo.ledger);
        println!();
        println!("The local Halo runs until you press Ctrl+C.");
    } else {
        println!("The local Halo is gone with this command. To look at the ticket in the browser:");
        println!("  cargo xtask demo --keep");
    }
}
