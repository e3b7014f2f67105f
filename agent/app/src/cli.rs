//! The command line.

mod report;
mod rules;

pub(crate) use report::Report;
pub(crate) use rules::{
    ForPsa, RulesCheck, RulesCommand, RulesExplain, RulesImport, RulesTest, RulesVariables,
};

use clap::{Args, Parser, Subcommand, ValueHint};
use helpbell_model::PressId;
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  helpbell init                            write helpbell.toml, asking what it needs
  helpbell press --no-dialog --message \"the printer does nothing\"
  helpbell outbox list                     presses that have no ticket yet, and why
  helpbell report --open                   examine this computer and look at the report

Exit codes:
  0  done
  1  failed for a reason that is not in the arguments
  2  arguments, configuration or input are wrong; nothing was sent
  3  the press has no ticket yet; it is kept and goes on by itself, or says why it needs you
  4  the ticket exists, but its private note is missing; the press is kept
  5  doctor: something works less well than it could; report --compare: something became worse
  6  doctor: a press would fail or lose its report; report --compare: something broke
  7  a rule refused the press; no ticket was filed";

/// A help button: examines this computer, asks what is wrong, and files one ticket with a private report.
#[derive(Debug, Parser)]
#[command(name = "helpbell", version, after_help = AFTER, propagate_version = true)]
pub(crate) struct Cli {
    /// The configuration file (default: ./helpbell.toml, then the account's own).
    #[arg(long, global = true, env = "HELPBELL_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// The folder for kept presses and caches (default: the account's own).
    #[arg(long, global = true, env = "HELPBELL_STATE", value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub state: Option<PathBuf>,
    /// Start no process in the background: what is not delivered now goes on with the next start of helpbell.
    #[arg(long, global = true, env = "HELPBELL_NO_BACKGROUND", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_background: bool,
    /// Say more; twice for everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented helpbell.toml for your PSA.
    Init(Init),
    /// Replace the API key, where helpbell.toml keeps it in a file.
    Key(Key),
    /// Press the button: examine, tell, file one ticket.
    Press(Press),
    /// Go on at once with presses that have no ticket or note yet.
    Deliver(Deliver),
    /// Look after presses that are not delivered yet.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Look after dispatcher rules: scripts that change or refuse tickets before they are filed.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Examine this computer and write the report, without filing anything.
    Report(Report),
    /// Ask one part of this computer, and print what it answered as JSON.
    Probe(Probe),
    /// Examine the integration and say what cures it.
    Doctor(Doctor),
    /// Look at connectors and allow them.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Print shell completions.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// `helpbell init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell init
  helpbell init --set hosting=hosted --set resource-server=https://acme.halopsa.com/api \\
                --set authorisation-server=https://acme.halopsa.com/auth --key-stdin < key.txt
  helpbell init --set hosting=on-prem --set resource-server=https://halo.acme.local/api \\
                --set authorisation-server=https://halo.acme.local/auth --key-env HELPBELL_API_KEY
  helpbell init --key-credential helpbell-key    for a unit with LoadCredential=helpbell-key:FILE

On a terminal it asks for what is missing. The API key never goes into helpbell.toml.")]
pub(crate) struct Init {
    /// The connector, by name.
    #[arg(long, default_value = "halo")]
    pub connector: String,
    /// A setting of the connector; may be repeated. `helpbell connector inspect` lists them.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// An integration default such as team=1st Line; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub default: Vec<(String, String)>,
    /// Read the API key from standard input and keep it in a file that only you can read.
    #[arg(long, conflicts_with_all = ["key_env", "key_credential"])]
    pub key_stdin: bool,
    /// Take the API key from this environment variable at each press; nothing is written.
    #[arg(long, value_name = "VARIABLE", conflicts_with = "key_credential")]
    pub key_env: Option<String>,
    /// Take the API key from this systemd credential at each press; nothing is written.
    #[arg(long, value_name = "NAME", value_parser = credential)]
    pub key_credential: Option<String>,
    /// Windows only: protect the key file for this computer instead of your account. Every account of the computer can
    /// then use the key; meant for computers where several people press.
    #[arg(long, conflicts_with_all = ["key_env", "key_credential"])]
    pub key_for_machine: bool,
    /// Allow plain http, for a server on the premises without TLS.
    #[arg(long)]
    pub allow_http: bool,
    /// Allow a private address range, for a server on the premises; may be repeated.
    #[arg(long, value_name = "CIDR")]
    pub allow_address: Vec<ipnet::IpNet>,
    /// Replace an existing helpbell.toml; the old one is kept as helpbell.toml.old.
    #[arg(long)]
    pub force: bool,
}

/// `helpbell key`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell key                     asks for it, without showing it
  helpbell key --stdin < key.txt

The key file is readable by you alone: by its mode on Linux and macOS, by DPAPI on Windows.")]
pub(crate) struct Key {
    /// Read the key from standard input.
    #[arg(long)]
    pub stdin: bool,
    /// Windows only: protect the key for this computer instead of your account. Every account of the computer can then
    /// use it; meant for computers where several people press.
    #[arg(long)]
    pub for_machine: bool,
}

/// `helpbell press`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell press --no-dialog --name \"Maria Rossi\" --email maria.rossi@acme.example \\
                 --message \"the printer does nothing\" --selection \"This is an emergency\"
  helpbell press --no-dialog --message - < what-is-wrong.txt
  helpbell press --no-dialog --message \"all red\" --no-wait     return as soon as the press is safe on disk
  helpbell press --no-dialog --message test --dry-run --json

Once `accepted ID` is printed the press is on disk: it becomes exactly one ticket, whatever happens next, unless a
dispatcher rule refuses it. Then the rule's text is printed, no ticket is filed, and the exit code is 7.

Whatever this computer is still being asked 3 seconds after you have sent follows into the private note; the ticket does
not wait for it. Whoever interrupts that loses nothing else: the note goes out without the late results.")]
pub(crate) struct Press {
    /// Ask nothing in a window; take everything from these arguments, or ask on the terminal.
    #[arg(long)]
    pub no_dialog: bool,
    /// Who asks for help (default: the account's name).
    #[arg(long)]
    pub name: Option<String>,
    /// Their e-mail address, by which the PSA knows them.
    #[arg(long)]
    pub email: Option<String>,
    /// Where to call back.
    #[arg(long)]
    pub phone: Option<String>,
    /// Their company, for people the PSA does not know.
    #[arg(long)]
    pub company: Option<String>,
    /// What is wrong; `-` reads it from standard input.
    #[arg(long)]
    pub message: Option<String>,
    /// The text of a ticked box or chosen button; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub selection: Vec<String>,
    /// A file for the private note; may be repeated.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub attach: Vec<PathBuf>,
    /// Take no pictures of the screens.
    #[arg(long)]
    pub no_screens: bool,
    /// Also write the report's files into this folder.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub report_to: Option<PathBuf>,
    /// Print what happened as JSON on standard output.
    #[arg(long)]
    pub json: bool,
    /// Find contact and device, run the rules and show the ticket, but file nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Deliver in the background. Return as soon as the press is on disk, or once what takes long to examine has followed
    /// into its report: 20 seconds after the press at the latest.
    #[arg(long, conflicts_with = "dry_run")]
    pub no_wait: bool,
}

/// `helpbell deliver`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell deliver                     everything that is not delivered yet, now
  helpbell deliver 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f
  helpbell deliver --until-settled     stay until nothing goes on by itself any more")]
pub(crate) struct Deliver {
    /// Presses (default: all that are not delivered yet).
    #[arg(value_name = "PRESS")]
    pub presses: Vec<PressId>,
    /// Print what happened as JSON on standard output, one line per press.
    #[arg(long)]
    pub json: bool,
    /// Wait for what is due later, too, and end when every press is delivered or needs a person.
    #[arg(long, conflicts_with = "presses")]
    pub until_settled: bool,
}

/// `helpbell outbox …`.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  helpbell outbox list
  helpbell outbox show 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f
  helpbell outbox export 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f /media/stick
  helpbell outbox import /media/stick/01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f")]
pub(crate) enum OutboxCommand {
    /// Presses that are not delivered yet, and why.
    List {
        /// Also those that are over.
        #[arg(long)]
        all: bool,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// All that happened to a press.
    Show {
        /// The press.
        press: PressId,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go on with a press that needs a person, or that a rule refused, once you have cured what stopped it.
    Retry {
        /// The presses.
        #[arg(required = true)]
        presses: Vec<PressId>,
        /// File it even if nobody can tell whether it was filed before: you have looked.
        #[arg(long)]
        file_again: bool,
    },
    /// Decide that a press shall have no ticket. Its words and files are deleted.
    Discard {
        /// The press.
        press: PressId,
        /// Why; stays in its journal.
        #[arg(long, default_value = "discarded by hand")]
        why: String,
    },
    /// Write a press into a folder, which owns it from then on: this computer will not deliver it.
    Export {
        /// The press.
        press: PressId,
        /// Where to; a folder named after the press is made there.
        #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        to: PathBuf,
    },
    /// Take over an exported press. It is looked up in the PSA before anything is sent.
    Import {
        /// The folder that the export made.
        #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        from: PathBuf,
    },
}

/// `helpbell probe`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell probe --list            what can be asked
  helpbell probe disks | jq .part

An examination asks what may hang this way. The process ends itself two seconds after the probe's limit.

Exit codes: 0 it answered, 1 it did not, and says why.")]
pub(crate) struct Probe {
    /// Its name in the report's probe log.
    #[arg(required_unless_present = "list")]
    pub name: Option<String>,
    /// List the probes.
    #[arg(long, conflicts_with = "name")]
    pub list: bool,
    /// Read what may be looked at from standard input instead of helpbell.toml.
    #[arg(long, hide = true)]
    pub scope_from_stdin: bool,
}

/// `helpbell doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell doctor                 sends reads only
  helpbell doctor --write-test    files a marked ticket, looks when it is found again, closes it
  helpbell doctor --json | jq '.findings[] | select(.severity == \"problem\")'

Exit codes: 0 nothing worse than a note, 5 a warning, 6 a problem.")]
pub(crate) struct Doctor {
    /// Also file a marked ticket with a private note, look for it, and close it.
    #[arg(long)]
    pub(crate) write_test: bool,
    /// Print the findings as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `helpbell connector …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorCommand {
    /// Show what a connector is, needs and wants to send. Sends nothing.
    Inspect {
        /// The component.
        #[arg(value_name = "FILE.wasm", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a connector where it is found by name, once you have granted what it wants.
    #[command(after_help = "\
Examples:
  helpbell connector install halo.wasm          shows what is new, asks, installs
  helpbell connector install halo.wasm --yes    for scripts: grants whatever it wants

A version that wants no more than the installed one was granted goes in without a question.")]
    Install {
        /// The component.
        #[arg(value_name = "FILE.wasm", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Grant what it wants without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Begin a connector: a project that builds and passes its tests at once.
    New(ConnectorNew),
    /// Build a project into a component.
    #[command(after_help = "\
Examples:
  helpbell connector build
  helpbell connector build ../my-desk --output my-desk.wasm

What Python and JavaScript need is installed into the state folder the first time.")]
    Build {
        /// The project's folder.
        #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
        /// Where to put the component (default: NAME.wasm in the project).
        #[arg(long, short, value_name = "FILE.wasm", value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
    },
    /// Build and try a project again whenever one of its files changes, with the connector's log.
    Dev(ConnectorTest),
    /// Try a connector against the whole contract: a server, or recorded exchanges.
    Test(ConnectorTest),
    /// Run the practice desk, the small PSA that new projects file their tickets in, until interrupted.
    Desk {
        /// Port of the loopback interface; 0 takes any free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Allow a connector the requests it wants, in connectors.lock beside the configuration.
    Grant {
        /// The component (default: the configured one).
        #[arg(value_name = "FILE.wasm", value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
    },
}

/// `helpbell connector new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell connector new my-desk --lang rust
  helpbell connector new my-desk --lang python --title \"My Desk\"
  cd my-desk && helpbell connector test

The project speaks to the practice desk, a small PSA that comes with helpbell; put yours in its place.")]
pub(crate) struct ConnectorNew {
    /// Short, in small letters with hyphens: my-desk.
    pub name: helpbell_connector_project::Name,
    /// rust, python or js.
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: helpbell_connector_project::Language,
    /// What people call the PSA (default: the name in capitals).
    #[arg(long)]
    pub title: Option<String>,
    /// The folder to make (default: the name).
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// `helpbell connector test`, and `dev`, which does it again and again.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  helpbell connector test                     the project in this folder, as its conformance.toml says
  helpbell connector test my-desk.wasm --server practice
  helpbell connector test my-desk.wasm --server https://desk.example.com --key-env DESK_KEY --record recorded
  helpbell connector test my-desk.wasm --recorded recorded

It files several tickets and closes one of them: use an instance for trials, with made-up people.
conformance.toml in the project's or the current folder may hold server, recorded, settings, defaults, person and witness.

Exit codes: 0 all checks passed or were skipped, 1 a check failed, 2 it could not be tried.")]
pub(crate) struct ConnectorTest {
    /// A component, or the folder of a project, which is built first.
    #[arg(default_value = ".", value_name = "FILE.wasm|PROJECT", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// The PSA's address, or `practice` for a desk that is started for the run.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "recorded")]
    pub server: Option<String>,
    /// Recorded exchanges instead of a server.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub recorded: Option<PathBuf>,
    /// Record the exchanges into this folder; what was recorded there is replaced.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with = "recorded")]
    pub record: Option<PathBuf>,
    /// Another file than ./conformance.toml.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// A setting of the connector; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// A field of each ticket, such as queue=Support; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub default: Vec<(String, String)>,
    /// Somebody the PSA knows.
    #[arg(long, value_name = "NAME <ADDRESS>", value_parser = crate::commands::connector::test::person)]
    pub person: Option<helpbell_conformance::Person>,
    /// A program that looks at a ticket without the connector: it is given the id and prints JSON. Takes all words that
    /// follow.
    #[arg(long, value_name = "PROGRAM", num_args = 1.., allow_hyphen_values = true)]
    pub witness: Vec<String>,
    /// Take the secret from this environment variable.
    #[arg(long, value_name = "VARIABLE", conflicts_with = "key_stdin")]
    pub key_env: Option<String>,
    /// Read the secret from standard input.
    #[arg(long)]
    pub key_stdin: bool,
    /// Allow a private address range besides this computer; may be repeated.
    #[arg(long, value_name = "CIDR")]
    pub allow_address: Vec<ipnet::IpNet>,
    /// Also print what the connector logged.
    #[arg(long)]
    pub log: bool,
    /// Print the report as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} has no `=`; write NAME=VALUE"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn credential(text: &str) -> Result<String, String> {
    crate::config::check_credential_name(text).map_err(|expected| format!("expected {expected}"))?;
    Ok(text.to_owned())
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
