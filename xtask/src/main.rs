//! The workshop: `cargo xtask COMMAND`.
//!
//! ```text
//! main ─► demo       everything from nothing to a ticket in the local Halo
//!         test/      the areas of the suite, each with its time
//!         bench      the benchmarks of tests/bench
//!         faults     the fault suite of tests/faults in full
//!         fuzz       the fuzz targets of tests/fuzz, for as long as one likes
//!         psa        a local PSA by hand
//!         build      the product for use by hand
//!           └─ prepare    what the machine lacks
//!              build      connectors and programs
//!              workspace  what there is to build and test, from cargo's own account
//!              process    programs that are run
//!              show       what people read
//! ```

mod bench;
mod build;
mod conformance;
mod demo;
mod faults;
mod fuzz;
mod prepare;
mod process;
mod psa;
mod show;
mod test;
mod workspace;

use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

const AFTER: &str = "\
Examples:
  cargo xtask demo --keep            see a press become a ticket, then look at it in the browser
  cargo xtask test                   the whole suite; what continuous integration runs
  cargo xtask test --only psa        one area of it
  cargo xtask bench --only press     press to ticket beside the same requests by a plain client
  cargo xtask faults --small         kills, power cuts and simulated worlds, beyond what the suite runs
  cargo xtask fuzz policy            a minute of mangled addresses and grants
  cargo xtask psa halo               a local HaloPSA to try things against

Exit codes:
  0  done
  1  something failed; the last lines say what
  2  the arguments are wrong";

/// What clap answers wrong arguments with, too.
const WRONG_ARGUMENTS: u8 = 2;

/// The workshop of Helpbell.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything from nothing to a ticket in a local Halo.
    Demo(demo::Arguments),
    /// Prepare what the tests need and run the whole suite.
    Test(test::Arguments),
    /// Run the benchmarks, each beside its floor in the same run.
    Bench(bench::Arguments),
    /// Run the fault suite in full: worlds, deaths, power cuts.
    Faults(faults::Arguments),
    /// Mangle whatever comes in from outside, for as long as you like.
    Fuzz(fuzz::Arguments),
    /// Drive every connector through the whole contract, at the server it was written for.
    Conformance(conformance::Arguments),
    /// Run a local PSA server until interrupted.
    Psa(psa::Arguments),
    /// Build connectors and helpbell for use by hand.
    Build,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            show::failed(&error);
            if show::blames_arguments(&error) {
                ExitCode::from(WRONG_ARGUMENTS)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let workspace = workspace::Workspace::read()?;
    match command {
        Command::Demo(arguments) => demo::run(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
        Command::Faults(arguments) => faults::run(&workspace, &arguments),
        Command::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Command::Conformance(arguments) => conformance::run(&workspace, &arguments),
        Command::Psa(arguments) => psa::run(&workspace, &arguments),
        Command::Build => build::product(&workspace),
    }
}

/// A path as people read it: relative to the folder they stand in, where that is shorter.
fn shown(path: &std::path::Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(PathBuf::from))
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
