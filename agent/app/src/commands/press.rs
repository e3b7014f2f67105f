//! `helpbell press`: gather at once, ask, put it safely on disk, deliver.

use super::{Places, background, deliver, open};
use crate::{cli::Press as Args, collect, error::AppError, show};
use helpbell_delivery::{Clock, Custodian, Progress, Store as _, Submission};
use helpbell_model::{Person, Press, PressId};
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
    let screens = collect::screens(!args.no_screens).await;
    let examination = collect::examination(here);
    let answers = progress.paused(|| ask(&args))?;

    progress.step("examining this computer");
    let mut report = examination
        .await
        .map_err(|error| AppError::Report(error.to_string()))?;
    report.screens = screens;
    let press = Press {
        id: PressId::new(),
        pressed_at,
        person: answers.person,
        message: answers.message,
        selections: args.selection.clone(),
        append: None,
        device: collect::device_facts(&report),
        locale: sys_locale::get_locale().unwrap_or_else(|| "en".to_owned()),
    };
    progress.examined(&report);
    let mut files = collect::report_files(&report, &press)?;
    if let Some(folder) = &args.report_to {
        write_report(folder, &files)?;
    }
    for (index, path) in args.attach.iter().enumerate() {
        files.push(collect::attached(path, &press, index)?);
    }
    let submission = Submission::new(press, report.findings, files)?;
    if args.dry_run {
        return dry_run(here, &submission, &progress, args.json).await;
    }
    send(here, &submission, &progress, &args).await
}

/// Accepts a press and takes it as far as it goes now; what is left goes on in the background.
async fn send(
    here: &Places,
    submission: &Submission,
    progress: &show::Progress,
    args: &Args,
) -> Result<ExitCode, AppError> {
    let store = open::store(here).await?;
    let (me, press) = (Custodian::new(), submission.press.id);
    store
        .accept(submission, &me, Clock::system().now(), vec![])
        .await?;
    show::press::accepted(press, args.no_wait, args.json);
    if args.no_wait {
        progress.finish();
        background::start(here)?;
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = deliver::one(here, &store, &me, press, progress).await?;
    progress.finish();
    // Earlier presses go on as well, and a delivered one may have to be looked up once more.
    let in_background = here.background && store.next_due().await?.is_some();
    if in_background {
        background::start(here)?;
    }
    Ok(ExitCode::from(show::press::outcome(
        &outcome,
        in_background,
        args.json,
    )))
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

fn write_report(folder: &Path, files: &[helpbell_model::Attachment]) -> Result<(), AppError> {
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
fn ask(args: &Args) -> Result<Answers, AppError> {
    let account = std::env::var("USER")
        .or_else(|_| std::env::var("USERNAME"))
        .unwrap_or_default();
    let may_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !args.json;
    let mut person = Person {
        name: args.name.clone().unwrap_or(account),
        email: args.email.clone().unwrap_or_default(),
        phone: args.phone.clone(),
        company: args.company.clone(),
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
                person.email = prompt("Your e-mail address", "")?;
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
