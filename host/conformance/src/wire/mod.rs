//! The line between a connector and whatever answers it.
//!
//! A recording is a folder:
//!
//! ```text
//! recorded/
//!   run.json               the connector, its settings, the defaults, the person, the presses' references
//!   tickets-create.json    the exchanges of one check, in order, and what the witness told
//!   …
//! ```
//!
//! It holds no secrets. The authorisation is added behind the line, so that it is never heard. Of requests that sign
//! in neither headers nor body are kept, and in their answers everything that names itself a token, key or secret is
//! replaced. Everything else is kept as it was: record against a server with made-up people.

mod fault;
mod record;
mod replay;

pub(crate) use fault::{Fault, Meets};
pub use record::RecordError;
pub(crate) use record::{Recorder, Run, Told};
pub(crate) use replay::Player;

use crate::witness::Seen;
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _};
use helpbell_model::PressId;
use helpbell_sandbox::wire::{Carried, Outcome, SEED_BYTES, Wire};
use sha2::{Digest as _, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A request that left.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// Whether it was sent to sign in.
    pub(crate) signing_in: bool,
    /// Whether it changes something.
    pub(crate) effect: bool,
    /// Its body.
    pub(crate) body: Bytes,
}

/// What is at the other end.
enum End {
    Server,
    Recorder(Recorder),
    Player(Player),
}

struct State {
    end: End,
    /// What randomness is made of, where it has to be the same again, and how many instances have drawn some.
    seed: Option<PressId>,
    drawn: u64,
    fault: Option<Fault>,
    heard: Vec<Heard>,
}

/// The line.
pub(crate) struct Line(Mutex<State>);

impl Line {
    /// Leads to a server.
    pub(crate) const fn to_server() -> Self {
        Self::to(End::Server, None)
    }

    /// Leads to a server, and writes down what is said.
    pub(crate) const fn recording(recorder: Recorder, seed: Option<PressId>) -> Self {
        Self::to(End::Recorder(recorder), seed)
    }

    /// Leads to what was written down.
    pub(crate) const fn playing(player: Player, seed: Option<PressId>) -> Self {
        Self::to(End::Player(player), seed)
    }

    const fn to(end: End, seed: Option<PressId>) -> Self {
        Self(Mutex::new(State {
            end,
            seed,
            drawn: 0,
            fault: None,
            heard: vec![],
        }))
    }

    /// Begins a check: what is heard from now on belongs to it.
    pub(crate) fn begin(&self, check: &str) -> Result<(), RecordError> {
        let mut state = self.lock();
        state.heard.clear();
        state.fault = None;
        match &mut state.end {
            End::Server => Ok(()),
            End::Recorder(recorder) => {
                recorder.begin(check);
                Ok(())
            }
            End::Player(player) => player.begin(check),
        }
    }

    /// Ends a check. Gives what was said otherwise than it was recorded.
    pub(crate) fn end(&self) -> Result<Vec<String>, RecordError> {
        match &mut self.lock().end {
            End::Server => Ok(vec![]),
            End::Recorder(recorder) => recorder.end().map(|()| vec![]),
            End::Player(player) => Ok(player.end()),
        }
    }

    /// From now on requests meet this instead.
    pub(crate) fn seems(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// Everything heard since the check began.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    /// What the witness told in this check, in the order of its questions: while playing back, in place of the witness.
    pub(crate) fn recorded_sight(&self) -> Option<Result<Seen, String>> {
        match &mut self.lock().end {
            End::Player(player) => Some(player.sight()),
            End::Server | End::Recorder(_) => None,
        }
    }

    /// Writes down what the witness told.
    pub(crate) fn record_sight(&self, seen: &Result<Seen, String>) {
        if let End::Recorder(recorder) = &mut self.lock().end {
            recorder.sight(seen.clone());
        }
    }

    /// A panic while this was locked leaves nothing half done that matters.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire for Line {
    fn carry<'a>(&'a self, request: Carried<'a>, onward: BoxFuture<'a, Outcome>) -> BoxFuture<'a, Outcome> {
        {
            let mut state = self.lock();
            if let Some(fault) = state.fault.as_ref().filter(|fault| fault.meets(&request)) {
                let outcome = fault.outcome();
                return async { outcome }.boxed();
            }
            state.heard.push(Heard {
                signing_in: request.signing_in,
                effect: request.effect,
                body: request.body.clone(),
            });
            if let End::Player(player) = &mut state.end {
                let outcome = player.answer(&request);
                return async { outcome }.boxed();
            }
        }
        async move {
            let told = Told::of(&request);
            let outcome = onward.await;
            if let End::Recorder(recorder) = &mut self.lock().end {
                recorder.exchange(told, request.signing_in, &outcome);
            }
            outcome
        }
        .boxed()
    }

    fn randomness(&self) -> Option<[u8; SEED_BYTES]> {
        let mut state = self.lock();
        let seed = state.seed?;
        state.drawn += 1;
        Some(Sha256::digest(format!("{seed} {}", state.drawn)).into())
    }
}
