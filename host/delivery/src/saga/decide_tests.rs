use super::*;
use crate::{
    journal::{Effort, Entry, Equipment, Event, Matched},
    rules::Digests,
};
use helpbell_model::{Failure, FailureKind, Ticket, ticket::AddedNote};
use proptest::prelude::*;

const MEASURED: LookupRules = LookupRules {
    declared: Lookup::Eventual(60),
    measured: Some(Duration::from_secs(2)),
};

fn time(seconds: u64) -> Timestamp {
    after(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds))
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "test.failure", "failed")
}

fn ticketed(adopted: bool) -> Event {
    let ticket = Ticket {
        id: "7".into(),
        number: "7".into(),
        url: None,
    };
    Event::Ticketed {
        ticket,
        corrections: vec![],
        adopted,
    }
}

fn noted(attachments: &[&str], confirmed: bool) -> Event {
    Event::Noted {
        note: AddedNote {
            id: "1".into(),
            attachments: attachments.iter().map(|name| (*name).to_owned()).collect(),
            confirmed,
        },
    }
}

fn intent(effort: Effort) -> Event {
    Event::Intent { effort }
}

fn unknown(effort: Effort) -> Event {
    Event::Unknown {
        effort,
        failure: failure(FailureKind::Timeout),
    }
}

fn missed(effort: Effort) -> Event {
    Event::Looked { effort, found: 0 }
}

fn entries(story: &[(u64, Event)]) -> Vec<Entry> {
    let entry = |(at, event): &(u64, Event)| Entry {
        at: time(*at),
        epoch: 1,
        event: event.clone(),
    };
    story.iter().map(entry).collect()
}

/// A press with two files, accepted by this process at 0 and claimed once, at second `now`.
fn next(story: &[(u64, Event)], lookup: LookupRules, now: u64) -> Action {
    next_of(story, lookup, now, true, 1)
}

fn next_of(story: &[(u64, Event)], lookup: LookupRules, now: u64, own: bool, epoch: u64) -> Action {
    decided(story, |at| Situation {
        lookup,
        own,
        epoch,
        now: time(now),
        ..at
    })
}

/// The same where presses are judged by rules.
fn next_ruled(story: &[(u64, Event)], now: u64) -> Action {
    decided(story, |at| Situation {
        has_rules: true,
        now: time(now),
        ..at
    })
}

/// The same where the report may be completed until a second.
fn next_awaiting(story: &[(u64, Event)], until: u64, now: u64) -> Action {
    decided(story, |at| Situation {
        awaits: Some(time(until)),
        now: time(now),
        ..at
    })
}

fn decided(story: &[(u64, Event)], change: impl FnOnce(Situation<'_>) -> Situation<'_>) -> Action {
    let files = ["a".to_owned(), "b".to_owned()];
    decide(&change(Situation {
        course: &Course::of(&entries(story)),
        files: &files,
        awaits: None,
        lookup: MEASURED,
        has_rules: false,
        accepted_at: time(0),
        own: true,
        epoch: 1,
        now: time(0),
    }))
}

#[test]
fn a_fresh_press_is_matched_filed_noted_and_done() {
    let story = [
        (0, Event::Matched(Matched::default())),
        (0, intent(Effort::Ticket)),
        (0, ticketed(false)),
        (0, intent(Effort::Note)),
        (0, noted(&["a", "b"], true)),
    ];
    let expected = [
        (0, Action::Match),
        (1, Action::File),
        (3, Action::AddNote),
        (5, Action::Finish),
    ];
    for (done, action) in expected {
        assert_eq!(next(&story[..done], MEASURED, 1), action, "after {done} events");
    }
}

#[test]
fn a_note_waits_for_its_report_until_the_time_for_that_is_over_and_nothing_else_does() {
    let story = [
        (0, Event::Matched(Matched::default())),
        (0, intent(Effort::Ticket)),
        (0, ticketed(false)),
    ];
    assert_eq!(next_awaiting(&[], 20, 1), Action::Match);
    assert_eq!(next_awaiting(&story[..1], 20, 1), Action::File);
    assert_eq!(next_awaiting(&story, 20, 1), Action::AwaitReport(time(20)));
    assert_eq!(next_awaiting(&story, 20, 19), Action::AwaitReport(time(20)));
    assert_eq!(next_awaiting(&story, 20, 20), Action::AddNote);
    assert_eq!(next(&story, MEASURED, 1), Action::AddNote, "nothing is awaited");
}

#[test]
fn a_note_that_was_announced_once_waits_for_nothing() {
    let mut story = vec![
        (0, Event::Matched(Matched::default())),
        (0, ticketed(false)),
        (1, intent(Effort::Note)),
    ];
    assert_eq!(next_awaiting(&story, 20, 2), Action::LookForNote);
    let not_sent = Event::NotApplied {
        effort: Effort::Note,
        failure: failure(FailureKind::Unavailable),
    };
    story.push((2, not_sent));
    assert_eq!(next_awaiting(&story, 20, 2), Action::AddNote);
}

#[test]
fn a_clock_that_was_set_back_does_not_keep_a_note_waiting() {
    let story = [(0, Event::Matched(Matched::default())), (0, ticketed(false))];
    let longest = LONGEST_AWAIT.as_secs();
    assert_eq!(
        next_awaiting(&story, longest + 5, 5),
        Action::AwaitReport(time(longest + 5))
    );
    assert_eq!(next_awaiting(&story, longest + 5, 4), Action::AddNote);
}

#[test]
fn a_found_ticket_is_asked_for_its_note_after_the_wait_for_its_report() {
    let story = [(0, Event::Matched(Matched::default())), (0, ticketed(true))];
    assert_eq!(next_awaiting(&story, 20, 1), Action::AwaitReport(time(20)));
    assert_eq!(next_awaiting(&story, 20, 20), Action::LookForNote);
}

#[test]
fn what_is_not_fresh_is_looked_up_once_before_its_first_send() {
    let taken_over = |epoch| next_of(&[], MEASURED, 1, false, epoch);
    assert_eq!(taken_over(1), Action::LookForTicket);
    assert_eq!(next(&[], MEASURED, 61), Action::LookForTicket, "too old");
    let imported = (0, Event::Imported { from: "x".into() });
    assert_eq!(next(&[imported], MEASURED, 1), Action::LookForTicket);
    let looked = [(1, missed(Effort::Ticket))];
    assert_eq!(
        next_of(&looked, MEASURED, 1, false, 1),
        Action::Match,
        "looked up in this claim"
    );
    assert_eq!(
        next_of(&looked, MEASURED, 1, false, 2),
        Action::LookForTicket,
        "but not in this one"
    );
    let blind = LookupRules {
        declared: Lookup::None,
        measured: None,
    };
    assert_eq!(
        next_of(&[], blind, 999, false, 1),
        Action::Match,
        "no lookup, and never announced"
    );
}

#[test]
fn a_doubt_is_looked_at_at_once_then_after_the_psa_had_its_time_twice() {
    let mut story = vec![
        (10, Event::Matched(Matched::default())),
        (10, intent(Effort::Ticket)),
        (20, unknown(Effort::Ticket)),
    ];
    assert_eq!(next(&story, MEASURED, 20), Action::LookForTicket);
    story.push((20, missed(Effort::Ticket)));
    // 60 s for the PSA to finish and 60 s for its index, from when the doubt arose.
    assert_eq!(next(&story, MEASURED, 21), Action::Wait(time(140)));
    assert_eq!(next(&story, MEASURED, 140), Action::LookForTicket);
    story.push((140, missed(Effort::Ticket)));
    assert_eq!(next(&story, MEASURED, 141), Action::Wait(time(155)));
    story.push((155, missed(Effort::Ticket)));
    assert_eq!(
        next(&story, MEASURED, 155),
        Action::File,
        "and only then sent again"
    );
    story.push((155, intent(Effort::Ticket)));
    assert_eq!(
        next(&story, MEASURED, 156),
        Action::LookForTicket,
        "which is a new doubt"
    );
}

#[test]
fn an_intent_without_an_outcome_is_a_doubt() {
    assert_eq!(
        next_of(&[(10, intent(Effort::Ticket))], MEASURED, 300, false, 2),
        Action::LookForTicket
    );
}

#[test]
fn without_a_trusted_lookup_a_person_decides() {
    let story = [
        (0, intent(Effort::Ticket)),
        (0, unknown(Effort::Ticket)),
        (0, missed(Effort::Ticket)),
        (200, missed(Effort::Ticket)),
        (300, missed(Effort::Ticket)),
    ];
    let unmeasured = LookupRules {
        measured: None,
        ..MEASURED
    };
    let blind = LookupRules {
        declared: Lookup::None,
        measured: None,
    };
    assert_eq!(
        next(&story, unmeasured, 300),
        Action::Attention(Reason::TicketUnknown)
    );
    assert_eq!(
        next(&story[..2], blind, 0),
        Action::Attention(Reason::TicketUnknown)
    );
    let mut again = story.to_vec();
    again.push((400, Event::FileAgain));
    assert_eq!(
        next_of(&again, blind, 400, true, 1),
        Action::Match,
        "by a person's word it is filed"
    );
}

#[test]
fn with_another_psa_or_account_person_and_machine_are_found_anew() {
    let equipped = |server: &str| {
        Event::Equipped(Equipment {
            connector: "halo".into(),
            version: "1".into(),
            sha256: "a".into(),
            settings: vec![("resource-server".into(), server.into())],
            defaults: vec![],
            rules: None,
        })
    };
    let mut story = vec![
        (0, equipped("https://a.example")),
        (0, Event::Matched(Matched::default())),
    ];
    assert_eq!(next(&story, MEASURED, 1), Action::File);
    story.push((1, equipped("https://b.example")));
    assert_eq!(next(&story, MEASURED, 1), Action::Match);
}

fn ruled(refused: Option<&str>) -> Event {
    let mut ruling = Ruling::default();
    ruling.orders.refused = refused.map(str::to_owned);
    Event::Ruled(Box::new(ruling))
}

fn equipped_with(rules: &str) -> Event {
    Event::Equipped(Equipment {
        connector: "halo".into(),
        version: "1".into(),
        sha256: "a".into(),
        settings: vec![],
        defaults: vec![],
        rules: Some(Digests {
            source: Some(rules.into()),
            engine: None,
        }),
    })
}

#[test]
fn rules_run_once_after_matching_and_before_the_ticket() {
    let story = [
        (0, equipped_with("a")),
        (0, Event::Matched(Matched::default())),
        (0, ruled(None)),
        (0, intent(Effort::Ticket)),
        (0, ticketed(false)),
    ];
    let expected = [
        (0, Action::Match),
        (1, Action::Match),
        (2, Action::Rule),
        (3, Action::File),
        (5, Action::AddNote),
    ];
    for (done, action) in expected {
        assert_eq!(next_ruled(&story[..done], 1), action, "after {done} events");
    }
}

#[test]
fn other_rules_judge_anew_as_long_as_there_is_no_ticket() {
    let mut story = vec![
        (0, equipped_with("a")),
        (0, Event::Matched(Matched::default())),
        (0, ruled(Some("no"))),
        (1, equipped_with("b")),
    ];
    assert_eq!(next_ruled(&story, 1), Action::Match);
    story.push((1, Event::Matched(Matched::default())));
    assert_eq!(next_ruled(&story, 1), Action::Rule);
    story.extend([(1, ruled(None)), (1, ticketed(false)), (2, equipped_with("c"))]);
    assert_eq!(next_ruled(&story, 2), Action::AddNote);
    let course = Course::of(&entries(&story));
    assert!(
        course.ruling.is_some(),
        "the note tells of the rules that made the ticket"
    );
}

#[test]
fn a_refused_press_ends_without_a_ticket_until_a_person_lets_it_go_on() {
    let mut story = vec![
        (0, equipped_with("a")),
        (0, Event::Matched(Matched::default())),
        (0, ruled(Some("no"))),
    ];
    assert_eq!(next_ruled(&story, 1), Action::Refuse);
    story.push((1, Event::Refused { why: "no".into() }));
    story.push((2, Event::Retried));
    assert_eq!(
        next_ruled(&story, 2),
        Action::Match,
        "person and rules are looked at anew"
    );
}

#[test]
fn a_ticket_that_turns_up_is_told_of_by_the_ruling_that_it_was_filed_with() {
    let mut story = vec![
        (10, equipped_with("a")),
        (10, Event::Matched(Matched::default())),
        (10, ruled(None)),
        (10, intent(Effort::Ticket)),
        (20, unknown(Effort::Ticket)),
        (20, equipped_with("b")),
    ];
    assert_eq!(next_ruled(&story, 20), Action::LookForTicket);
    assert!(Course::of(&entries(&story)).ruling.is_some());
    story.extend([20, 140, 155].map(|at| (at, missed(Effort::Ticket))));
    assert_eq!(next_ruled(&story, 155), Action::Match);
    story.push((155, Event::Matched(Matched::default())));
    assert_eq!(
        next_ruled(&story, 155),
        Action::Rule,
        "another one is filed by the present rules"
    );
}

#[test]
fn what_was_not_refused_is_not_judged_again_when_a_person_lets_it_go_on() {
    let story = [
        (0, equipped_with("a")),
        (0, Event::Matched(Matched::default())),
        (0, ruled(None)),
        (1, Event::NeedsAttention { why: "x".into() }),
        (2, Event::Retried),
    ];
    assert_eq!(next_ruled(&story, 2), Action::File);
}

#[test]
fn a_ticket_that_may_be_there_is_looked_for_before_a_rule_can_refuse() {
    let mut story = vec![
        (10, equipped_with("a")),
        (10, Event::Matched(Matched::default())),
        (10, ruled(None)),
        (10, intent(Effort::Ticket)),
        (20, unknown(Effort::Ticket)),
        (20, equipped_with("b")),
        (20, Event::Matched(Matched::default())),
        (20, ruled(Some("no"))),
    ];
    assert_eq!(next_ruled(&story, 20), Action::LookForTicket);
    story.push((20, ticketed(true)));
    assert_eq!(
        next_ruled(&story, 20),
        Action::LookForNote,
        "it is there, and stays"
    );
}

#[test]
fn a_proven_refusal_is_no_doubt() {
    let refused = Event::NotApplied {
        effort: Effort::Ticket,
        failure: failure(FailureKind::InvalidInput),
    };
    let story = [
        (0, Event::Matched(Matched::default())),
        (0, intent(Effort::Ticket)),
        (1, refused),
    ];
    assert_eq!(next(&story, MEASURED, 2), Action::File);
}

#[test]
fn an_adopted_ticket_is_asked_for_its_note_before_one_is_added() {
    let mut story = vec![(0, Event::Matched(Matched::default())), (0, ticketed(true))];
    assert_eq!(next(&story, MEASURED, 1), Action::LookForNote);
    story.push((1, missed(Effort::Note)));
    assert_eq!(next(&story, MEASURED, 1), Action::AddNote);
}

#[test]
fn files_that_the_note_lacks_are_attached_one_by_one_and_refused_ones_left_out() {
    let mut story = vec![
        (0, Event::Matched(Matched::default())),
        (0, ticketed(false)),
        (0, noted(&["b"], true)),
    ];
    assert_eq!(next(&story, MEASURED, 1), Action::Attach("a".into()));
    story.push((1, intent(Effort::File("a".into()))));
    assert_eq!(
        next(&story, MEASURED, 1),
        Action::LookForNote,
        "it may have arrived"
    );
    let refused = Event::NotApplied {
        effort: Effort::File("a".into()),
        failure: failure(FailureKind::InvalidInput),
    };
    story.push((1, refused));
    assert_eq!(next(&story, MEASURED, 1), Action::Finish);
    let unread = [(0, ticketed(false)), (0, noted(&[], false))];
    assert_eq!(
        next(&unread, MEASURED, 1),
        Action::Finish,
        "an unconfirmed note took its files along"
    );
}

#[test]
fn a_refused_note_leaves_its_files_on_the_ticket_and_asks_for_a_person() {
    let refused = |effort| Event::NotApplied {
        effort,
        failure: failure(FailureKind::Forbidden),
    };
    let mut story = vec![
        (0, Event::Matched(Matched::default())),
        (0, ticketed(false)),
        (0, intent(Effort::Note)),
        (1, refused(Effort::Note)),
    ];
    assert_eq!(next(&story, MEASURED, 1), Action::Attach("a".into()));
    story.push((
        1,
        Event::Attached {
            file: "a".into(),
            name: "a.html".into(),
        },
    ));
    story.push((1, intent(Effort::File("b".into()))));
    assert_eq!(
        next(&story, MEASURED, 1),
        Action::Attention(Reason::NoteRefused),
        "nothing tells of b"
    );
    story.push((2, Event::Retried));
    assert_eq!(
        next(&story, MEASURED, 2),
        Action::AddNote,
        "after somebody cured it"
    );
}

/// Any event that can stand in a journal before there is a ticket.
fn event() -> impl Strategy<Value = Event> {
    let effort = prop_oneof![
        Just(Effort::Ticket),
        Just(Effort::Note),
        Just(Effort::File("a".into()))
    ];
    prop_oneof![
        3 => effort.clone().prop_map(intent),
        2 => effort.clone().prop_map(unknown),
        2 => effort.prop_map(missed),
        1 => Just(Event::Matched(Matched::default())),
        1 => Just(ruled(None)),
        1 => Just(ruled(Some("no"))),
        1 => Just(Event::Refused { why: "no".into() }),
        1 => Just(equipped_with("a")),
        1 => Just(equipped_with("b")),
        1 => Just(Event::Retried),
        1 => Just(Event::Amended),
        1 => Just(Event::Imported { from: "x".into() }),
    ]
}

/// Such events, each with a time not before the last.
fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    in_order(event())
}

/// The same of a press that may have a ticket.
fn events_with_tickets() -> impl Strategy<Value = Vec<(u64, Event)>> {
    in_order(prop_oneof![5 => event(), 1 => any::<bool>().prop_map(ticketed)])
}

fn in_order(event: impl Strategy<Value = Event>) -> impl Strategy<Value = Vec<(u64, Event)>> {
    proptest::collection::vec((0_u64..200, event), 0..20).prop_map(|steps| {
        let mut at = 0;
        steps
            .into_iter()
            .map(|(later, event)| {
                at += later;
                (at, event)
            })
            .collect()
    })
}

proptest! {
    /// Whatever happened: after an announcement without a clear answer the ticket is never filed again
    /// unless two lookups after the settling time found nothing, and they are trusted.
    #[test]
    fn no_story_leads_to_a_blind_second_send(story in events(), later in 0_u64..1_000, own: bool, epoch in 1_u64..3) {
        let now = story.last().map_or(0, |(at, _)| *at) + later;
        let last_doubt = story.iter().rposition(|(_, event)| matches!(event,
            Event::Intent { effort: Effort::Ticket } | Event::Unknown { effort: Effort::Ticket, .. }));
        if let Some(index) = last_doubt {
            let settled = story[index].0 + MEASURED.settle().as_secs();
            // Whoever lets it go on by hand wants it looked for again.
            let retried = story.iter().rposition(|(_, event)| *event == Event::Retried);
            let from = retried.map_or(index, |retried| retried.max(index));
            let misses = story[from..].iter().filter(|(at, event)| {
                *at >= settled && matches!(event, Event::Looked { effort: Effort::Ticket, .. })
            });
            let enough = misses.count() >= 2;
            let next = next_of(&story, MEASURED, now, own, epoch);
            prop_assert_eq!(matches!(next, Action::File | Action::Match | Action::Refuse), enough);
            let unmeasured = LookupRules { measured: None, ..MEASURED };
            prop_assert_ne!(next_of(&story, unmeasured, now, own, epoch), Action::File);
        }
    }

    /// Waiting always ends: what it waits for lies ahead, and not far.
    #[test]
    fn a_wait_is_for_something_ahead_and_near(story in events_with_tickets(), later in 0_u64..1_000, awaits in 0_u64..9_000) {
        let now = story.last().map_or(0, |(at, _)| *at) + later;
        if let Action::Wait(until) | Action::AwaitReport(until) = next_awaiting(&story, awaits, now) {
            prop_assert!(until > time(now));
            prop_assert!(until <= time(now + 200));
        }
    }

    /// Whatever happened: a report that is awaited changes nothing but when its note is first announced, and no note is
    /// announced for the first time while its report may still be completed.
    #[test]
    fn only_a_first_note_waits_for_its_report(story in events_with_tickets(), later in 0_u64..1_000, ahead in 1_u64..=60) {
        let now = story.last().map_or(0, |(at, _)| *at) + later;
        let is_announced = story.iter().any(|(_, event)| matches!(event,
            Event::Intent { effort: Effort::Note } | Event::Unknown { effort: Effort::Note, .. }));
        let (plain, awaiting) = (next(&story, MEASURED, now), next_awaiting(&story, now + ahead, now));
        if awaiting == Action::AwaitReport(time(now + ahead)) {
            prop_assert!(!is_announced);
            prop_assert!(matches!(plain, Action::AddNote | Action::LookForNote), "{:?}", plain);
        } else {
            prop_assert_eq!(&plain, &awaiting);
            prop_assert!(is_announced || plain != Action::AddNote);
        }
        prop_assert_eq!(next_awaiting(&story, now, now), plain, "the time is over");
    }

    /// Whatever happened: nothing is filed but by a ruling that lets it, made with the present rules, and nothing is refused
    /// but by one that refuses it.
    #[test]
    fn a_press_is_filed_or_refused_by_the_ruling_of_its_present_rules(story in events(), later in 0_u64..1_000) {
        let now = story.last().map_or(0, |(at, _)| *at) + later;
        let from = story.iter().rposition(|(_, event)| matches!(event, Event::Equipped(_)));
        let refuses = |event: &Event| match event {
            Event::Ruled(ruling) => Some(ruling.orders.refused.is_some()),
            _ => None,
        };
        let first = story.iter().position(|(_, event)| matches!(event, Event::Equipped(_)));
        // The first equipment of a press takes nothing back.
        let from = if from == first { 0 } else { from.unwrap_or(0) };
        let ruling = story[from..].iter().rev().find_map(|(_, event)| refuses(event));
        match next_ruled(&story, now) {
            Action::File => prop_assert_eq!(ruling, Some(false)),
            Action::Refuse => prop_assert_eq!(ruling, Some(true)),
            _ => {}
        }
    }
}
