//! `helpbell outbox …`: looking after presses that are not delivered yet.

use super::{Places, background, open};
use crate::{cli::OutboxCommand, error::AppError, show};
use helpbell_delivery::{
    Clock, Custodian, Store as _,
    journal::Event,
    parcel,
    store::{ByHand, Sqlite, State},
};
use helpbell_model::PressId;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Presses that one list shows; more are of no use to a person.
const LISTED: u32 = 1_000;

pub(crate) async fn run(here: &Places, command: OutboxCommand) -> Result<ExitCode, AppError> {
    let store = open::store(here).await?;
    match command {
        OutboxCommand::List { all, json } => {
            let states: Vec<State> = State::ALL
                .into_iter()
                .filter(|state| all || state.is_open())
                .collect();
            show::outbox::list(&store.list(&states, LISTED).await?, all, json);
        }
        OutboxCommand::Show { press, json } => show::outbox::story(&store.load(press).await?, json),
        OutboxCommand::Retry { presses, file_again } => {
            for press in presses {
                let what = if file_again {
                    ByHand::FileAgain
                } else {
                    ByHand::Retry
                };
                store.by_hand(press, Clock::system().now(), what).await?;
                anstream::println!("{press} goes on");
            }
            background::start(here)?;
        }
        OutboxCommand::Discard { press, why } => {
            let now = Clock::system().now();
            store.by_hand(press, now, ByHand::Discard { why }).await?;
            anstream::println!("{press} is discarded; its words and files are deleted");
        }
        OutboxCommand::Export { press, to } => export(&store, press, &to).await?,
        OutboxCommand::Import { from } => import(here, &store, &from).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder is complete on disk before this computer gives the press up. A process that dies between
/// the two leaves both copies; the one that is delivered second is looked up first and finds its ticket.
async fn export(store: &Sqlite, press: PressId, to: &Path) -> Result<(), AppError> {
    let to = std::path::absolute(to).map_err(AppError::file("find", to))?;
    let record = store.load(press).await?;
    let submission = store.submission(press).await?;
    let story: Vec<Event> = record.journal.into_iter().map(|entry| entry.event).collect();
    let folder = parcel::write(&to, &submission, story)?;
    let what = ByHand::Export {
        to: folder.display().to_string(),
    };
    if let Err(error) = store.by_hand(press, Clock::system().now(), what).await {
        // Somebody works on it: then it is not ours to give away.
        let _ = std::fs::remove_dir_all(&folder);
        return Err(error.into());
    }
    anstream::println!(
        "{press} was moved to\n  {}\nThis computer delivers it no more. Another takes it over with:\n  helpbell outbox import FOLDER",
        folder.display()
    );
    Ok(())
}

async fn import(here: &Places, store: &Sqlite, from: &Path) -> Result<(), AppError> {
    let from: PathBuf = std::path::absolute(from).map_err(AppError::file("find", from))?;
    let (submission, mut story) = parcel::read(&from)?;
    let press = submission.press.id;
    story.push(Event::Imported {
        from: from.display().to_string(),
    });
    store
        .accept(&submission, &Custodian::new(), Clock::system().now(), story)
        .await?;
    anstream::println!("accepted {press}\nIt is looked up in the PSA before anything is sent.");
    background::start(here)
}
