//! Says again what was written down.

use super::record::{Body, RecordError, Scene, Told, read, scene_file};
use crate::witness::Seen;
use helpbell_sandbox::wire::{Carried, Lost, Outcome};
use std::{collections::VecDeque, path::PathBuf};

/// Characters of a difference that are shown.
const SHOWN: usize = 160;

/// Plays a recording back, check by check. The connector has to send what it sent then, in the same order.
pub(crate) struct Player {
    folder: PathBuf,
    exchanges: VecDeque<super::record::Exchange>,
    witness: VecDeque<Result<Seen, String>>,
    differences: Vec<String>,
}

impl Player {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            exchanges: VecDeque::new(),
            witness: VecDeque::new(),
            differences: vec![],
        }
    }

    /// A check that has no file said nothing when it was recorded.
    pub(super) fn begin(&mut self, check: &str) -> Result<(), RecordError> {
        let file = scene_file(&self.folder, check);
        let scene: Scene = if file.exists() {
            read(&file)?
        } else {
            Scene::default()
        };
        self.exchanges = scene.exchanges.into();
        self.witness = scene.witness.into();
        self.differences.clear();
        Ok(())
    }

    /// What was otherwise than recorded.
    pub(super) fn end(&mut self) -> Vec<String> {
        if let Some(next) = self.exchanges.front() {
            self.differences.push(format!(
                "the recording goes on with {} {}, which was not sent",
                next.request.method, next.request.url
            ));
        }
        std::mem::take(&mut self.differences)
    }

    pub(super) fn answer(&mut self, request: &Carried<'_>) -> Outcome {
        let told = Told::of(request);
        let recorded = self
            .exchanges
            .front()
            .is_some_and(|next| next.request.method == told.method && next.request.url == told.url);
        let Some(exchange) = recorded.then(|| self.exchanges.pop_front()).flatten() else {
            let next = self.exchanges.front().map_or_else(
                || "nothing more".to_owned(),
                |next| format!("{} {}", next.request.method, next.request.url),
            );
            let said = format!(
                "it sent {} {}, where {next} was recorded; record anew if that is meant",
                told.method, told.url
            );
            self.differences.push(said.clone());
            return Err(Lost::unreachable(said));
        };
        if told.body != exchange.request.body {
            self.differences.push(format!(
                "the body of {} {} is not the recorded one: {}",
                told.method,
                told.url,
                difference(told.body.as_ref(), exchange.request.body.as_ref())
            ));
        }
        exchange.answer.outcome()
    }

    pub(super) fn sight(&mut self) -> Result<Seen, String> {
        self.witness
            .pop_front()
            .unwrap_or_else(|| Err("no witness was recorded".to_owned()))
    }
}

/// Where two bodies part.
fn difference(sent: Option<&Body>, recorded: Option<&Body>) -> String {
    let (Some(Body::Text(sent)), Some(Body::Text(recorded))) = (sent, recorded) else {
        return "it differs in kind or size".to_owned();
    };
    let same = sent
        .char_indices()
        .zip(recorded.chars())
        .find(|((_, a), b)| a != b)
        .map_or_else(|| sent.len().min(recorded.len()), |((at, _), _)| at);
    let from = |text: &str| -> String {
        let rest = text.get(same..).unwrap_or_default();
        rest.chars().take(SHOWN).collect()
    };
    format!("“{}” instead of “{}”", from(sent), from(recorded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_from_where_the_bodies_part() {
        let text = |text: &str| Some(Body::Text(text.to_owned()));
        assert_eq!(
            difference(text("äöü new").as_ref(), text("äöü old").as_ref()),
            "“new” instead of “old”"
        );
        assert_eq!(
            difference(text("a").as_ref(), text("ab").as_ref()),
            "“” instead of “b”"
        );
        assert_eq!(
            difference(None, text("ab").as_ref()),
            "it differs in kind or size"
        );
    }
}
