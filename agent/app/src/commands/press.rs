//! `helpbell press`: gather at once, ask, put it safely on disk, deliver.

use super::{
    Places, background, deliver,
    late::{self, Late},
    open,
};
use crate::{
    cli::Press as Args,
    collect,
    error::AppError,
    gathering::{self, Gathering},
    show,
};
use helpbell_delivery::{
    Clock, Custodian, Outcome, Progress, Stand, Store as _, StoreError, Submission,
    journal::Course,
    saga,
    store::{Sqlite, State},
};
use helpbell_diagnostics::scripts::Identity;
use helpbell_model::{Attachment, Person, Press, PressId};
use jiff::Timestamp;
use std::{
    io::{IsTerminal as _, Read as _},
    path::Path,
    process::ExitCode,
};

/// Reading a message from standard input stops here; what is longer is told as an error afterwards.
const STDIN_BYTES: u64 = 8 << 20;

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let pressed_at = Timestamp::now();
    let progress = show::Progress::start(args.json);
    progress.step("taking pictures of the screens");
    let gathering = Gathering::begin(here, !args.no_screens).await;
    let known = gathering::identity(here).await;
    let answers = progress.paused(|| ask(&args, known))?;

    progress.step("examining this computer");
    let (gathered, late) = late::at_send(gathering).await?;
    let report = &gathered.report;
    let press = Press {
        id: PressId::new(),
        pressed_at,
        person: answers.person,
        message: answers.message,
        selections: args.selection.clone(),
        append: gathered.append(),
        device: collect::device_facts(report),
        locale: sys_locale::get_locale().unwrap_or_else(|| "en".to_owned()),
    };
    progress.examined(report);
    let mut files = collect::files(&gathered, &press)?;
    if let Some(folder) = &args.report_to {
        write_report(folder, &files)?;
    }
    for (index, path) in args.attach.iter().enumerate() {
        files.push(collect::attached(path, &press, index)?);
    }
    let submission = Submission::new(press, gathered.report.findings, files)?;
    if args.dry_run {
        return dry_run(here, &submission, &progress, args.json).await;
    }
    let submission = match &late {
        Some(late) => submission.awaiting(late.until()),
        None => submission,
    };
    let store = open::store(here).await?;
    let me = Custodian::new();
    store
        .accept(&submission, &me, Clock::system().now(), vec![])
        .await?;
    let sent = Sent {
        here,
        store: &store,
        me: &me,
        press: &submission.press,
        progress: &progress,
        args: &args,
    };
    sent.go_on(late).await
}

/// A press that is in the outbox. Whatever happens to this process, it goes on from there.
struct Sent<'a> {
    here: &'a Places,
    store: &'a Sqlite,
    me: &'a Custodian,
    press: &'a Press,
    progress: &'a show::Progress,
    args: &'a Args,
}

/// What became of a press, and whether its ticket was told already.
struct Followed {
    outcome: Outcome,
    is_ticket_told: bool,
}

impl Sent<'_> {
    /// Takes the press as far as it goes now; what is left goes on in the background.
    async fn go_on(&self, late: Option<Late>) -> Result<ExitCode, AppError> {
        let json = self.args.json;
        let accepted = || show::press::accepted(self.press.id, self.args.no_wait, json);
        let followed = match late {
            late if self.args.no_wait => {
                accepted();
                self.progress.finish();
                background::start(self.here)?;
                if let Some(late) = late {
                    self.complete(late).await;
                }
                return Ok(ExitCode::SUCCESS);
            }
            None => {
                accepted();
                Followed {
                    outcome: self.deliver().await?,
                    is_ticket_told: false,
                }
            }
            // In this order, so that it is listened for when the press is told as accepted.
            Some(late) => tokio::select! {
                biased;
                Ok(()) = tokio::signal::ctrl_c() => return self.interrupted().await,
                followed = async {
                    accepted();
                    self.follow(late).await
                } => followed?,
            },
        };
        self.progress.finish();
        // Earlier presses go on as well, and a delivered one may have to be looked up once more.
        let in_background = self.here.background && self.store.next_due().await?.is_some();
        if in_background {
            background::start(self.here)?;
        }
        let Followed {
            outcome,
            is_ticket_told,
        } = followed;
        let told = if is_ticket_told {
            show::press::rest(&outcome, in_background, json)
        } else {
            show::press::outcome(&outcome, in_background, json)
        };
        Ok(ExitCode::from(told))
    }

    async fn deliver(&self) -> Result<Outcome, AppError> {
        deliver::one(self.here, self.store, self.me, self.press.id, self.progress).await
    }

    /// Files the ticket and waits for the rest of the examination, both at once; then the note.
    async fn follow(&self, late: Late) -> Result<Followed, AppError> {
        let doing = late.doing();
        let filing = async {
            let outcome = self.deliver().await;
            if let Ok(Outcome {
                stand: Stand::Reporting { .. },
                receipt: Some(receipt),
                ..
            }) = &outcome
            {
                self.progress
                    .paused(|| show::press::ticket(receipt, self.args.json));
            }
            self.progress.step(&doing);
            outcome
        };
        let (filed, ()) = tokio::join!(filing, self.complete(late));
        let filed = filed?;
        if !matches!(filed.stand, Stand::Reporting { .. }) {
            return Ok(Followed {
                outcome: filed,
                is_ticket_told: false,
            });
        }
        let mut outcome = match self.deliver().await {
            // The process in the background was quicker.
            Err(AppError::Store(StoreError::Busy { .. } | StoreError::Over { .. })) => {
                self.elsewhere(&filed).await?
            }
            noted => noted?,
        };
        outcome.steps.splice(0..0, filed.steps);
        Ok(Followed {
            outcome,
            is_ticket_told: true,
        })
    }

    /// How a press stands that another process took over.
    async fn elsewhere(&self, filed: &Outcome) -> Result<Outcome, AppError> {
        let record = self.store.load(self.press.id).await?;
        let stand = if record.state == State::Delivered {
            Stand::Delivered
        } else {
            filed.stand.clone()
        };
        Ok(Outcome {
            press: record.id,
            stand,
            receipt: saga::receipt(record.id, &Course::of(&record.journal)),
            steps: vec![],
        })
    }

    /// Where the rest of the report cannot be added, the note goes out without it, and the report in it says what is
    /// missing: no reason to fail.
    async fn complete(&self, late: Late) {
        let completed = late.complete(self.store, self.press).await;
        let completed = completed.and_then(|files| match &self.args.report_to {
            Some(folder) => write_report(folder, &files),
            None => Ok(()),
        });
        if let Err(error) = completed {
            tracing::warn!(%error, "failed to complete the report; it says itself what is missing");
        }
    }

    /// Somebody does not want to wait any longer.
    async fn interrupted(&self) -> Result<ExitCode, AppError> {
        self.progress.finish();
        background::start(self.here)?;
        let record = self.store.load(self.press.id).await?;
        let code = show::press::interrupted(&record, self.here.background, self.args.json);
        Ok(ExitCode::from(code))
    }
}

async fn dry_run(
    here: &Places,
    submission: &Submission,
    progress: &show::Progress,
    json: bool,
) -> Result<ExitCode, AppError> {
    let delivery = open::delivery(here).await?;
    let observer = |event: Progress<'_>| progress.observe(event);
    let outcome = delivery.dry_run(submission, &observer).await;
    progress.finish();
    match outcome {
        Ok(rehearsed) => {
            show::press::rehearsed(&rehearsed, &submission.attachments, json);
            Ok(ExitCode::SUCCESS)
        }
        Err(stopped) => Err(AppError::Psa(stopped.failure)),
    }
}

fn write_report(folder: &Path, files: &[Attachment]) -> Result<(), AppError> {
    std::fs::create_dir_all(folder).map_err(AppError::file("make", folder))?;
    for file in files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.bytes).map_err(AppError::file("write", path))?;
    }
    Ok(())
}

/// What only the person knows.
struct Answers {
    person: Person,
    message: String,
}

/// Takes the arguments; asks on the terminal for what is missing, if there is one.
fn ask(args: &Args, known: Identity) -> Result<Answers, AppError> {
    let account = std::env::var("USER")
        .or_else(|_| std::env::var("USERNAME"))
        .unwrap_or_default();
    let may_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !args.json;
    // Whoever gives another address is somebody else, and nothing of the known one is theirs.
    let is_another = args.email.is_some() && args.email != known.email;
    let known = if is_another { Identity::default() } else { known };
    let mut person = Person {
        name: args.name.clone().or(known.name).unwrap_or(account),
        email: args.email.clone().or(known.email).unwrap_or_default(),
        phone: args.phone.clone().or(known.phone),
        company: args.company.clone().or(known.company),
    };
    let message = match &args.message {
        Some(dash) if dash == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .take(STDIN_BYTES)
                .read_to_end(&mut bytes)
                .map_err(AppError::file("read", "standard input"))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Some(text) => text.clone(),
        None if may_ask => {
            anstream::eprintln!(
                "Help is on the way. The screens were photographed; this computer is being examined."
            );
            if args.name.is_none() {
                person.name = prompt("Your name", &person.name)?;
            }
            if args.email.is_none() {
                person.email = prompt("Your e-mail address", &person.email)?;
            }
            prompt("What is going wrong?", "")?
        }
        None => {
            return Err(AppError::usage(
                "there is no message, and no terminal to ask on",
                "say what is wrong: helpbell press --no-dialog --message \"the printer does nothing\"",
            ));
        }
    };
    Ok(Answers { person, message })
}

fn prompt(question: &str, suggestion: &str) -> Result<String, AppError> {
    dialoguer::Input::<String>::new()
        .with_prompt(question)
        .with_initial_text(suggestion)
        .allow_empty(true)
        .interact_text()
        .map_err(|error| {
            AppError::usage(
                format!("the question was not answered: {error}"),
                "give the answers as arguments; see helpbell press --help",
            )
        })
}
