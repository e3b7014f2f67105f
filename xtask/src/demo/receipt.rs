//! What a press says it did, beside what the local Halo says of it.

use crate::{
    show::{self, Paint},
    shown,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::{fs, path::Path, time::Duration};

/// What `helpbell press --json` printed.
pub(super) struct Receipt(Value);

impl Receipt {
    /// Reads it; none unless it tells of a ticket with its private note.
    pub(super) fn parse(said: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(said).ok()?;
        (value.get("outcome")? == "delivered" && value.get("ticket")?.get("number")?.is_string())
            .then_some(Self(value))
    }

    fn text(&self, pointer: &str) -> &str {
        self.0
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Where an agent opens the ticket.
    pub(super) fn address(&self) -> &str {
        self.text("/ticket/url")
    }

    /// Prints ticket, steps, requests and report, and holds them against what the local Halo got.
    ///
    /// Fails when that is not exactly this one ticket with a private note and files, within the vendor's schema.
    pub(super) fn print(&self, took: Duration, ledger: &Value, report: &Path) -> Result<()> {
        println!();
        let ticket = format!("Ticket {}", self.text("/ticket/number"));
        println!("{}", show::paint_result(Paint::Good, &ticket));
        println!("  {}", self.address());
        println!(
            "  for {}, by {}",
            self.text("/contact/name"),
            self.text("/contact/matched_by")
        );
        match self.text("/device/name") {
            "" => println!("  this machine is not in the local Halo"),
            device => println!("  computer {device}, by {}", self.text("/device/matched_by")),
        }
        for line in self.steps() {
            println!("  {line}");
        }
        println!(
            "  {:<44} {:>9} ms",
            "from the press to the receipt",
            took.as_millis()
        );
        println!();
        let account = Account::of(ledger).context("failed to read the ledger of the local Halo")?;
        println!("{account}");
        account.check()?;
        for file in files(report)? {
            println!("Report: {}", shown(&file).display());
        }
        Ok(())
    }

    /// One line per step: what, how many requests, how long.
    fn steps(&self) -> Vec<String> {
        let steps = self.0.get("steps").and_then(Value::as_array);
        steps
            .into_iter()
            .flatten()
            .map(|step| {
                let name = step.get("step").and_then(Value::as_str).unwrap_or_default();
                let requests = step.get("requests").and_then(Value::as_array).map_or(0, Vec::len);
                let ms = step.get("ms").and_then(Value::as_u64).unwrap_or_default();
                let told = match requests {
                    0 => String::new(),
                    1 => "1 request".to_owned(),
                    more => format!("{more} requests"),
                };
                format!("{:<28} {told:<15} {ms:>9} ms", name.replace('-', " "))
            })
            .collect()
    }
}

/// What the local Halo holds after one press, and what came in.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    tickets: usize,
    private_notes: usize,
    public_notes: usize,
    files: usize,
    token_requests: usize,
    api_requests: usize,
    violations: usize,
}

impl Account {
    fn of(ledger: &Value) -> Option<Self> {
        let list = |name: &str| ledger.get(name)?.as_array();
        let notes = list("actions")?;
        let private = |note: &&Value| note.get("hidden_from_user").and_then(Value::as_bool) == Some(true);
        let private_notes = notes.iter().filter(private).count();
        let requests = list("requests")?;
        let token = |request: &&Value| request.get("counted_as").and_then(Value::as_str) == Some("token");
        let token_requests = requests.iter().filter(token).count();
        Some(Self {
            tickets: list("tickets")?.len(),
            private_notes,
            public_notes: notes.len() - private_notes,
            files: list("attachments")?.len(),
            token_requests,
            api_requests: requests.len() - token_requests,
            violations: list("violations")?.len(),
        })
    }

    fn check(&self) -> Result<()> {
        ensure!(
            self.tickets == 1,
            "the local Halo holds {} tickets, not one",
            self.tickets
        );
        ensure!(
            (self.private_notes, self.public_notes) == (1, 0),
            "the ticket has {} private and {} public notes, not one private note",
            self.private_notes,
            self.public_notes
        );
        ensure!(self.files > 0, "the report did not arrive");
        ensure!(
            self.violations == 0,
            "{} requests do not fit the vendor's schema",
            self.violations
        );
        Ok(())
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "The local Halo holds {} ticket, {} private note and {} files; it answered {} request for a token and {} of \
             its API, of which {} did not fit the vendor's schema.",
            self.tickets,
            self.private_notes,
            self.files,
            self.token_requests,
            self.api_requests,
            self.violations
        )
    }
}

/// The files in a folder, by name.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("failed to read {}", shown(folder).display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ledger() -> Value {
        json!({
            "tickets": [{}],
            "actions": [{"hidden_from_user": true}],
            "attachments": [{}, {}],
            "requests": [{"counted_as": "token"}, {"counted_as": "api"}, {"counted_as": "api"}],
            "violations": [],
        })
    }

    #[test]
    fn one_ticket_with_one_private_note_and_files_is_what_a_press_leaves() {
        let account = Account::of(&ledger()).unwrap();
        assert_eq!((account.token_requests, account.api_requests), (1, 2));
        account.check().unwrap();
    }

    #[test]
    fn anything_else_fails_the_demo() {
        for (member, value) in [
            ("tickets", json!([{}, {}])),
            ("tickets", json!([])),
            ("actions", json!([])),
            ("actions", json!([{"hidden_from_user": false}])),
            ("attachments", json!([])),
            ("violations", json!([{}])),
        ] {
            let mut ledger = ledger();
            ledger[member] = value.clone();
            assert!(
                Account::of(&ledger).unwrap().check().is_err(),
                "{member}: {value}"
            );
        }
    }

    #[test]
    fn only_a_delivered_press_has_a_receipt() {
        let said = |outcome: &str| {
            json!({"outcome": outcome, "ticket": {"number": "20417", "url": "http://x/ticket?id=20417"}})
                .to_string()
        };
        assert_eq!(
            Receipt::parse(&said("delivered")).unwrap().address(),
            "http://x/ticket?id=20417"
        );
        assert!(Receipt::parse(&said("note-missing")).is_none());
        assert!(Receipt::parse("").is_none());
    }

    #[test]
    fn a_step_is_told_with_its_requests_and_its_time() {
        let receipt =
            Receipt(json!({"steps": [{"step": "create-ticket", "ms": 12, "requests": [{}], "log": []}]}));
        assert_eq!(
            receipt.steps(),
            ["create ticket                1 request              12 ms"]
        );
    }
}
