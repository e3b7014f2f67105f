//! A PSA in memory that applies, loses, delays and repeats at will, in virtual time.

use super::trouble::{Faults, Without};
use helpbell_delivery::{Clock, Psa, clock::after};
use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Device, DeviceFacts, Draft, Effect, Failure, FailureKind,
    Note, Person, PressId, Ticket,
    connector::{Description, Limits, Lookup},
    ticket::{Access, AddedNote, Variable},
};
use helpbell_sandbox::{Call, CallContext};
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// The one variable of rules that it has.
pub(super) const TEAM: &str = "team";
/// Longest delay of a request that is carried out after everybody gave up on it: within what the rules
/// allow a PSA (a minute).
const LATEST: Duration = Duration::from_secs(55);
/// What the connector declares of its lookup.
const DECLARED_LAG_S: u32 = 60;
/// How long a request takes on its way, in milliseconds: a slow PSA is where processes die halfway.
const WAY_MS: std::ops::Range<u64> = 20..3_000;
/// A process that freezes does so for longer than a lease.
const FREEZE: Duration = Duration::from_secs(200);

/// A ticket of the simulated PSA.
#[derive(Debug, Clone)]
pub struct SimTicket {
    /// Its number.
    pub id: String,
    /// Whose it is.
    pub press: PressId,
    /// When the index shows it.
    pub visible_at: Timestamp,
    /// Not closed as a duplicate.
    pub open: bool,
    /// What rules have assigned to its one field.
    pub team: Option<String>,
    /// Its notes.
    pub notes: Vec<SimNote>,
}

/// A note.
#[derive(Debug, Clone)]
pub struct SimNote {
    /// Finds it again.
    pub reference: String,
    /// Hidden from the person.
    pub private: bool,
    /// What it says.
    pub text: String,
    /// References and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

#[derive(Default)]
struct Inner {
    tickets: Vec<SimTicket>,
    requests: u64,
}

/// The PSA. Clones are the same one; it survives every process.
#[derive(Clone)]
pub struct SimPsa {
    inner: Arc<Mutex<Inner>>,
    faults: Arc<Mutex<Faults>>,
    rng: Arc<Mutex<fastrand::Rng>>,
    clock: Clock,
    without: Without,
    description: Arc<Description>,
}

/// What befalls a call.
enum Fate {
    Well,
    Refused,
    NotSent,
    LostBefore,
    LostAfter,
    Late(Duration),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SimPsa {
    /// A PSA whose whims follow from the seed.
    #[must_use]
    pub fn new(seed: u64, clock: Clock, faults: Faults, without: Without) -> Self {
        let lookup = if without == Without::HonestLookup {
            Lookup::Strong
        } else {
            Lookup::Eventual(DECLARED_LAG_S)
        };
        Self {
            inner: Arc::default(),
            faults: Arc::new(Mutex::new(faults)),
            rng: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))),
            clock,
            without,
            description: Arc::new(Description {
                id: "simulated".into(),
                name: "Simulated".into(),
                version: "1".into(),
                summary: String::new(),
                settings: vec![],
                secrets: vec![],
                origins: vec![],
                requests: vec![],
                auth_requests: vec![],
                capabilities: vec!["contacts".into()],
                limits: Limits {
                    summary_chars: 100,
                    attachment_bytes: 1 << 20,
                    note_bytes: 1 << 20,
                },
                lookup,
            }),
        }
    }

    /// From now on these.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = faults;
    }

    /// All tickets there are.
    #[must_use]
    pub fn tickets(&self) -> Vec<SimTicket> {
        lock(&self.inner).tickets.clone()
    }

    /// Requests that arrived.
    #[must_use]
    pub fn requests(&self) -> u64 {
        lock(&self.inner).requests
    }

    fn fate(&self) -> Fate {
        let faults = *lock(&self.faults);
        let mut rng = lock(&self.rng);
        let mut draw = rng.u32(0..1000);
        let mut strikes = |chance: u32| {
            let strikes = draw < chance;
            draw = draw.saturating_sub(chance);
            strikes
        };
        if strikes(faults.not_sent) {
            Fate::NotSent
        } else if strikes(faults.refused) {
            Fate::Refused
        } else if strikes(faults.lost_before) {
            Fate::LostBefore
        } else if strikes(faults.lost_after) {
            Fate::LostAfter
        } else if strikes(faults.late) {
            Fate::Late(LATEST.mul_f64(rng.f64()))
        } else {
            Fate::Well
        }
    }

    /// The way there: some milliseconds, and sometimes a process that stands still. Gives whether it may
    /// still send.
    async fn way(&self, context: &CallContext) -> bool {
        let (wait, freezes) = {
            let (mut rng, faults) = (lock(&self.rng), lock(&self.faults));
            (rng.u64(WAY_MS), rng.u32(0..1000) < faults.freeze)
        };
        sleep(Duration::from_millis(wait)).await;
        if freezes {
            sleep(FREEZE).await;
        }
        let holds = context.not_after.is_none_or(|end| Instant::now() < end);
        holds || self.without == Without::LeaseEnd
    }

    fn lag(&self) -> Duration {
        let longest = lock(&self.faults).lag;
        longest.mul_f64(lock(&self.rng).f64())
    }

    /// An effect: `apply` is carried out now, later or not at all.
    async fn effect<T>(
        &self,
        context: &CallContext,
        apply: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Call<T>
    where
        T: Send + 'static,
    {
        if !self.way(context).await {
            return self.call(Err(failure(FailureKind::Timeout)), Effect::None);
        }
        match self.fate() {
            Fate::NotSent => self.call(Err(failure(FailureKind::Unavailable)), Effect::NotApplied),
            Fate::Refused => {
                let mut refused = failure(FailureKind::RateLimited);
                refused.retry_after_ms = Some(7_000);
                self.call(Err(refused), Effect::NotApplied)
            }
            Fate::LostBefore => self.unknown(),
            Fate::LostAfter => {
                lock(&self.inner).requests += 1;
                let _ = apply(self);
                self.unknown()
            }
            Fate::Late(delay) => {
                let psa = self.clone();
                tokio::spawn(async move {
                    sleep(delay).await;
                    lock(&psa.inner).requests += 1;
                    let _ = apply(&psa);
                });
                self.unknown()
            }
            Fate::Well => {
                lock(&self.inner).requests += 1;
                match apply(self) {
                    Ok(value) => {
                        // The answer takes its way as well; a process may die meanwhile.
                        let back = lock(&self.rng).u64(WAY_MS);
                        sleep(Duration::from_millis(back)).await;
                        self.call(Ok(value), Effect::Applied)
                    }
                    Err(failure) => self.call(Err(failure), Effect::NotApplied),
                }
            }
        }
    }

    /// A read: it works or it does not.
    async fn read<T>(&self, context: &CallContext, read: impl FnOnce(&Inner) -> T) -> Call<T> {
        if !self.way(context).await {
            return self.call(Err(failure(FailureKind::Timeout)), Effect::None);
        }
        match self.fate() {
            Fate::Well => {
                let mut inner = lock(&self.inner);
                inner.requests += 1;
                let found = read(&inner);
                drop(inner);
                self.call(Ok(found), Effect::None)
            }
            _ => self.call(Err(failure(FailureKind::Unavailable)), Effect::None),
        }
    }

    fn unknown<T>(&self) -> Call<T> {
        let effect = if self.without == Without::Classification {
            Effect::NotApplied
        } else {
            Effect::Unknown
        };
        self.call(Err(failure(FailureKind::Timeout)), effect)
    }

    fn call<T>(&self, result: Result<T, Failure>, effect: Effect) -> Call<T> {
        Call {
            result,
            effect,
            requests: vec![],
            log: vec![],
            took: Duration::ZERO,
            memory_bytes: None,
        }
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, format!("sim.{kind}"), format!("simulated: {kind}"))
}

fn ticket(id: &str) -> Ticket {
    Ticket {
        id: id.to_owned(),
        number: id.to_owned(),
        url: None,
    }
}

fn added(index: usize, note: &SimNote) -> AddedNote {
    AddedNote {
        id: index.to_string(),
        attachments: note
            .files
            .iter()
            .map(|(reference, _)| reference.clone())
            .collect(),
        confirmed: true,
    }
}

impl Psa for SimPsa {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sha256(&self) -> &str {
        "simulated"
    }

    fn settings(&self) -> &[(String, String)] {
        &[]
    }

    fn scope(&self) -> &str {
        "simulated"
    }

    async fn authenticate(&self) -> Call<()> {
        let nobody = CallContext {
            press: None,
            locale: String::new(),
            not_after: None,
        };
        self.read(&nobody, |_| ()).await
    }

    async fn find_contact(
        &self,
        context: &CallContext,
        person: &Person,
    ) -> Call<Option<(Contact, ContactMatch)>> {
        let contact = Contact {
            id: "1".into(),
            name: person.name.clone(),
            email: None,
            organisation: None,
            site: None,
            extra: vec![],
        };
        self.read(context, |_| Some((contact, ContactMatch::Email))).await
    }

    async fn find_device(
        &self,
        context: &CallContext,
        _contact: Option<&Contact>,
        _facts: &DeviceFacts,
    ) -> Call<Option<Device>> {
        self.read(context, |_| None).await
    }

    async fn variables(&self) -> Call<Vec<Variable>> {
        let team = Variable {
            name: TEAM.to_owned(),
            access: Access::ReadWrite,
            kind: "text".to_owned(),
            meaning: String::new(),
            choices: vec![],
            live: false,
        };
        self.call(Ok(vec![team]), Effect::None)
    }

    async fn apply(
        &self,
        _context: &CallContext,
        draft: &Draft,
        assigned: &[(String, String)],
    ) -> Call<(Draft, Vec<Correction>)> {
        let fields = assigned.to_vec();
        let applied = Draft {
            fields,
            ..draft.clone()
        };
        self.call(Ok((applied, vec![])), Effect::None)
    }

    async fn create(&self, context: &CallContext, draft: &Draft) -> Call<(Ticket, Vec<Correction>)> {
        let press = context.press.unwrap_or_default();
        let team = draft.fields.iter().find(|(field, _)| field == TEAM);
        let team = team.map(|(_, team)| team.clone());
        self.effect(context, move |psa| {
            let visible_at = after(psa.clock.now(), psa.lag());
            let mut inner = lock(&psa.inner);
            let id = (inner.tickets.len() + 1).to_string();
            inner.tickets.push(SimTicket {
                id: id.clone(),
                press,
                visible_at,
                open: true,
                team,
                notes: vec![],
            });
            Ok((ticket(&id), vec![]))
        })
        .await
    }

    async fn find_tickets(&self, context: &CallContext, press: PressId) -> Call<Vec<Ticket>> {
        let now = self.clock.now();
        self.read(context, |inner| {
            let visible = inner
                .tickets
                .iter()
                .filter(|ticket| ticket.press == press && ticket.visible_at <= now && ticket.open);
            visible.map(|found| ticket(&found.id)).collect()
        })
        .await
    }

    async fn close(&self, context: &CallContext, id: &str, _reason: &str) -> Call<()> {
        let id = id.to_owned();
        self.effect(context, move |psa| {
            for ticket in &mut lock(&psa.inner).tickets {
                if ticket.id == id {
                    ticket.open = false;
                }
            }
            Ok(())
        })
        .await
    }

    async fn add_note(&self, context: &CallContext, ticket: &Ticket, note: Note) -> Call<AddedNote> {
        let id = ticket.id.clone();
        self.effect(context, move |psa| {
            let mut inner = lock(&psa.inner);
            let Some(ticket) = inner.tickets.iter_mut().find(|ticket| ticket.id == id) else {
                return Err(failure(FailureKind::NotFound));
            };
            let note = SimNote {
                reference: note.reference,
                private: note.private,
                text: note.text,
                files: note
                    .attachments
                    .into_iter()
                    .map(|file| (file.reference, file.bytes))
                    .collect(),
            };
            let told = added(ticket.notes.len(), &note);
            ticket.notes.push(note);
            Ok(told)
        })
        .await
    }

    async fn find_notes(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        reference: &str,
    ) -> Call<Vec<AddedNote>> {
        self.read(context, |inner| {
            let notes = inner
                .tickets
                .iter()
                .filter(|found| found.id == ticket.id)
                .flat_map(|found| found.notes.iter().enumerate());
            notes
                .filter(|(_, note)| note.reference == reference)
                .map(|(index, note)| added(index, note))
                .collect()
        })
        .await
    }

    async fn attach(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: Attachment,
    ) -> Call<String> {
        let (id, note) = (
            ticket.id.clone(),
            note.and_then(|note| note.parse::<usize>().ok()),
        );
        self.effect(context, move |psa| {
            let mut inner = lock(&psa.inner);
            let ticket = inner.tickets.iter_mut().find(|ticket| ticket.id == id);
            let note = ticket
                .zip(note)
                .and_then(|(ticket, note)| ticket.notes.get_mut(note));
            let note = note.ok_or_else(|| failure(FailureKind::NotFound))?;
            note.files.push((attachment.reference.clone(), attachment.bytes));
            Ok(attachment.reference)
        })
        .await
    }
}
