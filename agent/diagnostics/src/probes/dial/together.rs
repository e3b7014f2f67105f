//! Several questions at once, each on a thread of its own, of which any may keep silent for ever.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// One question.
pub(in crate::probes) type Question<T> = Box<dyn FnOnce() -> T + Send>;

/// Threads that may be at work or left behind at the same time, over all probes of this process. One examination has
/// about 60; a hundred presses on a machine where nothing answers must not have thousands.
const MOST: usize = 256;

/// The threads at work or left behind.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// Counts a thread for as long as it lives, however it ends.
struct Counted;

impl Counted {
    fn one() -> Option<Self> {
        let counted = AT_WORK.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count < MOST).then_some(count + 1)
        });
        counted.is_ok().then_some(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Starts everything. A question for which there is no thread stays unanswered.
fn start<T: Send + 'static>(questions: Vec<Question<T>>) -> mpsc::Receiver<(usize, T)> {
    let (sender, receiver) = mpsc::channel();
    for (index, question) in questions.into_iter().enumerate() {
        let Some(counted) = Counted::one() else { continue };
        let sender = sender.clone();
        let asking = thread::Builder::new().name("asking".to_owned());
        let _ = asking.spawn(move || {
            let _counted = counted;
            // Nobody may be listening any more.
            let _ = sender.send((index, question()));
        });
    }
    receiver
}

/// The answers in the order of the questions; `None` where none came within `limit`.
pub(in crate::probes) fn all<T: Send + 'static>(
    limit: Duration,
    questions: Vec<Question<T>>,
) -> Vec<Option<T>> {
    let end = Instant::now() + limit;
    let mut answers: Vec<Option<T>> = questions.iter().map(|_| None).collect();
    let receiver = start(questions);
    // Ends when nobody is left who could send, or at the limit.
    while let Ok((index, answer)) = receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
        if let Some(place) = answers.get_mut(index) {
            *place = Some(answer);
        }
    }
    answers
}

/// The first success; if there is none, one of the failures; `None` if nobody answered within `limit`.
pub(in crate::probes) fn first<T: Send + 'static, E: Send + 'static>(
    limit: Duration,
    questions: Vec<Question<Result<T, E>>>,
) -> Option<Result<T, E>> {
    let end = Instant::now() + limit;
    let receiver = start(questions);
    let mut failure = None;
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok((_, Ok(success))) => return Some(Ok(success)),
            Ok((_, Err(error))) => failure = Some(Err(error)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any test run.
    const AMPLE: Duration = Duration::from_secs(600);
    /// For answers that never come; long enough for those that do on a busy machine.
    const PATIENT: Duration = Duration::from_secs(2);

    #[test]
    fn answers_stand_in_the_order_of_the_questions() {
        let (sender, receiver) = mpsc::channel::<()>();
        let answers = all(
            AMPLE,
            vec![
                // Waits until the second one has answered.
                Box::new(move || receiver.recv().map_or(1, |()| 0)),
                Box::new(move || {
                    drop(sender);
                    2
                }),
            ],
        );
        assert_eq!(answers, [Some(1), Some(2)]);
    }

    #[test]
    fn silence_of_one_keeps_nothing_from_the_others() {
        let (sender, receiver) = mpsc::channel::<()>();
        let answers = all(
            PATIENT,
            vec![
                Box::new(move || receiver.recv().map_or(1, |()| 0)),
                Box::new(|| 2),
            ],
        );
        assert_eq!(answers, [None, Some(2)]);
        drop(sender);
    }

    #[test]
    fn a_question_that_crashes_is_unanswered() {
        let answers: Vec<Option<u8>> = all(AMPLE, vec![Box::new(|| panic!("on purpose")), Box::new(|| 2)]);
        assert_eq!(answers, [None, Some(2)]);
    }

    #[test]
    fn one_success_outweighs_failures() {
        let answer = first::<u8, u8>(AMPLE, vec![Box::new(|| Err(1)), Box::new(|| Ok(2))]);
        assert_eq!(answer, Some(Ok(2)));
        assert_eq!(first::<u8, u8>(AMPLE, vec![Box::new(|| Err(1))]), Some(Err(1)));
        assert_eq!(first::<u8, u8>(AMPLE, Vec::new()), None);
    }
}
