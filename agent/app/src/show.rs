//! What people read: results on standard output, everything else on standard error; JSON for programs.
//!
//! Colours appear on terminals only (`anstream` takes them out elsewhere and obeys `NO_COLOR`), and
//! nothing is told by colour alone.

mod author;
mod comparison;
mod conformance;
pub(crate) mod doctor;
pub(crate) mod outbox;
pub(crate) mod press;
pub(crate) mod rules;

pub(crate) use author::{built, practice_desk, project_made, watching};
pub(crate) use comparison::comparison;
pub(crate) use conformance::conformance;

use crate::{config::Scope, error::AppError};
use helpbell_delivery::Progress as Event;
use helpbell_model::{
    Failure,
    connector::{Grant, Lookup, OriginSource, RequestEffect, RequestTemplate, Setting},
    report::{Report, Severity},
    text,
};
use helpbell_sandbox::Connector;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// A spinner that turns more slowly looks stuck.
const SPIN: Duration = Duration::from_millis(100);
/// Steps shorter than this are not worth a line of their own, except those of the delivery.
const FINDINGS_SHOWN: usize = 3;

/// The progress of one press on standard error; silent with `--json` or without a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    began: Instant,
}

impl Progress {
    /// Starts it.
    pub(crate) fn start(silent: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(if silent {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(SPIN);
        Self {
            bar,
            began: Instant::now(),
        }
    }

    /// Says what is going on.
    pub(crate) fn step(&self, doing: &str) {
        self.bar.set_message(format!("{doing}…"));
    }

    /// Stands still while the person is asked.
    pub(crate) fn paused<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.bar.suspend(ask)
    }

    /// The examination is over.
    pub(crate) fn examined(&self, report: &Report) {
        let pictures = report
            .screens
            .iter()
            .filter(|screen| screen.image.is_some())
            .count();
        let told = format!(
            "{pictures} pictures, {} probes, {} findings",
            report.probes.len(),
            report.findings.len()
        );
        self.line("examined this computer", &told, self.began.elapsed());
    }

    /// A step of the delivery begins or ended.
    pub(crate) fn observe(&self, event: Event<'_>) {
        match event {
            Event::Begins(step) => self.step(step.doing()),
            Event::Ended(trace) => {
                let requests = trace.requests.len();
                let told = match requests {
                    0 => String::new(),
                    1 => "1 request".to_owned(),
                    more => format!("{more} requests"),
                };
                self.line(trace.step.doing(), &told, Duration::from_millis(trace.ms));
            }
        }
    }

    fn line(&self, what: &str, told: &str, took: Duration) {
        self.bar
            .println(format!("  {what:<42} {told:<36} {:>6} ms", took.as_millis()));
    }

    /// Takes the spinner away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Prints an error with its cure.
pub(crate) fn failed(error: &AppError) {
    // Errors name files, and a file's name can hold anything.
    let told = text::paragraphs(&error.to_string(), ERROR_CHARS);
    anstream::eprintln!("{} {told}", "error:".red().bold());
    if let Some(help) = error.help() {
        print_help(&help, OURS);
    }
}

/// Characters of an error: several sentences with the names of files.
const ERROR_CHARS: usize = 8_000;
/// What further lines of our own help begin with: nothing, so that they can be copied.
const OURS: &str = "     ";
/// What further lines of a connector's help begin with: they must not pose as lines of the program.
const FOREIGN: &str = "    |";
/// How codes of failures begin that Helpbell itself reports; no connector can use them.
const OUR_CODES: &str = "host.";

fn print_help(help: &str, further: &str) {
    for (index, line) in help.lines().enumerate() {
        let lead = if index == 0 { "help:" } else { further };
        anstream::eprintln!(" {} {line}", lead.cyan().bold());
    }
}

fn print_failure(failure: &Failure) {
    anstream::eprintln!("{} {failure} [{}]", "error:".red().bold(), failure.code);
    if let Some(help) = &failure.help {
        let further = if failure.code.starts_with(OUR_CODES) {
            OURS
        } else {
            FOREIGN
        };
        print_help(help, further);
    }
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(number: usize, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {word}{ending}")
}

fn print_json(value: &serde_json::Value) {
    anstream::println!("{value}");
}

/// A report was written.
pub(crate) fn report_written(path: &Path, report: &Report) {
    anstream::println!("{}", path.display());
    let worth: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
        .collect();
    for finding in worth.iter().take(FINDINGS_SHOWN) {
        anstream::println!("  {}: {}", finding.area, finding.title);
    }
    if worth.is_empty() {
        anstream::println!("  nothing stands out");
    }
}

/// What a connector is and wants.
pub(crate) fn connector(connector: &Connector, file: &Path, as_json: bool) {
    let said = connector.description();
    if as_json {
        print_json(
            &json!({"file": file, "sha256": connector.sha256(), "size": connector.size(), "description": said}),
        );
        return;
    }
    anstream::println!("{} {} ({})", said.name.bold(), said.version, said.id);
    anstream::println!("  {}", said.summary);
    anstream::println!(
        "  {}, {} bytes\n  sha256 {}",
        file.display(),
        connector.size(),
        connector.sha256()
    );
    let lookup = match said.lookup {
        Lookup::Strong => "finds a ticket again at once".to_owned(),
        Lookup::Eventual(seconds) => {
            format!("finds a ticket again within {seconds} s, if the PSA keeps its word")
        }
        Lookup::None => "cannot find a ticket again".to_owned(),
    };
    anstream::println!("  {}; {lookup}", said.capabilities.join(", "));
    anstream::println!("\n{}", "Settings".bold());
    for setting in &said.settings {
        let need = match (&setting.default, setting.required) {
            (Some(default), _) => format!("default {default}"),
            (None, true) => "required".to_owned(),
            (None, false) => "optional".to_owned(),
        };
        anstream::println!(
            "  {:<24} {} ({}; {need})",
            setting.name,
            setting.label,
            setting.kind
        );
    }
    for secret in &said.secrets {
        anstream::println!(
            "  {:<24} {} (secret: {})",
            secret.name,
            secret.label,
            secret.example
        );
    }
    anstream::println!("\n{}", "Connects to".bold());
    for origin in &said.origins {
        let place = match &origin.source {
            OriginSource::Fixed(address) => address.clone(),
            OriginSource::Setting(setting) => format!("the address in `{setting}`"),
            OriginSource::SettingOrigin(setting) => format!("the server in `{setting}`"),
            OriginSource::Discovered(within) => format!("what it discovers within {}", within.join(", ")),
        };
        anstream::println!("  {:<24} {place}", origin.name);
    }
    anstream::println!("\n{}", "Wants to send, with your authorisation".bold());
    print_requests(&said.requests);
    anstream::println!("\n{}", "Wants to send to sign in, with your secret".bold());
    print_requests(&said.auth_requests);
}

fn print_requests(requests: &[RequestTemplate]) {
    for request in requests {
        let effect = if request.effect == RequestEffect::Effect {
            "changes"
        } else {
            "reads"
        };
        anstream::println!("  {:<26} {effect:<8} {}", request.line(), request.purpose);
    }
}

/// A grant was written.
pub(crate) fn granted(connector: &Connector, lock: &Path) {
    let said = connector.description();
    anstream::println!(
        "allowed {} {} {} requests, in {}",
        said.id,
        said.version,
        said.requests.len() + said.auth_requests.len(),
        lock.display()
    );
}

/// What a connector asks for beyond what was granted.
pub(crate) fn asks_for_more(before: Option<&Grant>, more: &[RequestTemplate]) {
    match before {
        Some(before) => anstream::println!(
            "\n{} {} was granted less. New in this file:",
            before.connector,
            before.version
        ),
        None => anstream::println!("\nNothing of this was granted yet:"),
    }
    print_requests(more);
}

/// A connector was installed.
pub(crate) fn installed(connector: &Connector, file: &Path, lock: &Path) {
    anstream::println!("installed {}", file.display());
    granted(connector, lock);
}

/// A key file was written.
pub(crate) fn key_kept(path: &Path, scope: Scope) {
    anstream::println!("wrote {} ({})", path.display(), scope.reach());
}

/// `init` is done.
pub(crate) fn initialised(
    config: &Path,
    lock: &Path,
    key: Option<(&Path, Scope)>,
    missing: &[&Setting],
    todo: Option<&str>,
) {
    anstream::println!("wrote {}\nwrote {}", config.display(), lock.display());
    if let Some((key, scope)) = key {
        key_kept(key, scope);
    }
    anstream::println!("\n{}", "Next".bold());
    for setting in missing {
        anstream::println!(
            "  fill in `{}` ({}) in {}",
            setting.name,
            setting.label,
            config.display()
        );
    }
    if let Some(todo) = todo {
        anstream::println!("  {todo}");
    }
    anstream::println!("  try it: helpbell press --no-dialog --message \"test\" --dry-run");
}
