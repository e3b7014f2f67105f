//! A connector bound to one tenant: its settings, its secret, its grant. The typed calls.

use crate::{
    authenticate::authenticate,
    binding::{BindError, Binding, covers, effective_settings, identity, origins, purpose},
    call::{Call, Frame},
    contract::{
        bindings::{Connector as Exports, exports::helpbell::psa as exports, helpbell::psa::types as wit},
        from_guest, to_guest,
    },
    egress::{
        client::Client,
        hook::Egress,
        policy::{Base, Policy},
    },
    guest::{Guest, Role},
    guest_cache::GuestCache,
    limits::Limits,
    load::Connector,
    run::{self, Instance},
    token::{Authorizer, Seal},
};
use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Device, DeviceFacts, Draft, Effect, Failure, Note, Person,
    PressId, Ticket,
    ticket::{AddedNote, Choice, TicketState},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use wasmtime::Store;

/// What a call is told besides its arguments.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The press it belongs to.
    pub press: Option<PressId>,
    /// BCP 47 tag.
    pub locale: String,
    /// When the right to work on the press ends. Nothing is sent after that, however long the process slept.
    pub not_after: Option<tokio::time::Instant>,
}

/// What a call is for.
pub(crate) enum Task {
    /// Works on a press, with its files: may send all that was granted, and remember.
    Work(Vec<Attachment>),
    /// Asks what changed: may only look, and remember.
    Ask,
    /// Examines the integration: may only look. It is told as whom the connector works, in words of `authenticate`,
    /// which saw the secret; so it leaves nothing for the calls that file tickets, and files none itself.
    Examine,
}

/// A connector at work for one tenant. Cheap to share; each call runs in an instance of its own.
pub struct Session {
    pub(crate) connector: Arc<Connector>,
    scope: String,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) policy: Arc<Policy>,
    discovered: Vec<(String, Vec<String>)>,
    /// The policy completed by the address that authentication found last.
    completed: Mutex<Option<Completed>>,
    pub(crate) client: Client,
    cache: GuestCache,
    pub(crate) authorizer: Arc<Authorizer>,
    pub(crate) limits: Limits,
}

/// A policy whose discovered origins are known.
#[derive(Clone)]
struct Completed {
    /// The address as authentication gave it.
    found: String,
    /// The same as connectors are told it.
    endpoint: String,
    policy: Arc<Policy>,
}

impl Session {
    /// Binds a connector. Sends nothing.
    ///
    /// # Errors
    /// If the grant is for another file, or the settings are not what the connector needs.
    pub fn bind(connector: Arc<Connector>, binding: Binding) -> Result<Self, BindError> {
        let description = connector.description();
        if binding.grant.sha256 != connector.sha256() {
            let short = |digest: &str| digest.chars().take(12).collect();
            return Err(BindError::OtherFile {
                connector: description.id.clone(),
                granted: short(&binding.grant.sha256),
                found: short(connector.sha256()),
            });
        }
        let settings = effective_settings(&connector, binding.settings)?;
        let (origins, discovered) = origins(&connector, &settings)?;
        // The grant may be narrower than the wish, never wider: it was made from a description of this file.
        let policy = |requests: &[_], declared: &[_]| Policy {
            origins: origins.clone(),
            requests: Arc::new(requests.to_vec()),
            declared: Arc::new(declared.to_vec()),
            network: binding.network.clone(),
            reads_only: false,
        };
        // A pool of its own: no connection was dialled under another grant.
        let client =
            Client::new(&binding.network.allow_addresses, &binding.transport).map_err(BindError::Http)?;
        let scope = identity(&binding.tenant, connector.sha256());
        let place = |kind: &str| Some(binding.state_folder.as_ref()?.join(kind).join(&scope));
        let seal = place("tokens").and_then(|file| {
            crate::private::folder(file.parent()?).ok()?;
            Seal::new(
                file,
                &binding.secrets,
                purpose(&binding.tenant, &connector, &settings),
            )
        });
        let secrets = Arc::new(binding.secrets);
        let authenticate = authenticate(
            Arc::clone(&connector),
            settings.clone(),
            Arc::clone(&secrets),
            policy(&binding.grant.auth_requests, &description.auth_requests),
            client.clone(),
            binding.limits.shortened(),
        );
        Ok(Self {
            policy: Arc::new(policy(&binding.grant.requests, &description.requests)),
            completed: Mutex::new(None),
            cache: GuestCache::new(place("cache")),
            authorizer: Arc::new(Authorizer::new(authenticate, seal, secrets)),
            limits: binding.limits,
            scope,
            connector,
            settings,
            discovered,
            client,
        })
    }

    /// Names this tenant and connector file without telling anything of either; the same in every process.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The connector's settings, those not given by their defaults. None of them is secret.
    #[must_use]
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// The connector this session works with.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Makes sure there is an authorisation; asks the PSA only if none is held.
    pub async fn authenticate(&self) -> Call<()> {
        let frame = Frame::begin(self.limits);
        let result = self.in_time(&frame, self.authorizer.endpoint()).await;
        self.without_instance(result.map(drop), frame.took())
    }

    /// Waits for this no longer than the call may last.
    async fn in_time<T>(
        &self,
        frame: &Frame,
        waiting: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::time::timeout_at(frame.ends.into(), waiting)
            .await
            .unwrap_or_else(|_| Err(run::overdue(&self.who(), &frame.limits)))
    }

    /// As whom the connector works, in its own words; none before it has signed in.
    pub async fn identity(&self) -> Option<String> {
        self.authorizer
            .identity()
            .await
            .map(|identity| helpbell_model::text::one_line(&identity, crate::limits::GUEST_NAME_CHARS))
    }

    /// The connector as failures name it.
    pub(crate) fn who(&self) -> String {
        format!("the connector {}", self.connector.description().id)
    }

    /// A call that ended before a connector was entered.
    pub(crate) fn without_instance<T>(&self, result: Result<T, Failure>, took: Duration) -> Call<T> {
        Call {
            requests: self.authorizer.take_sent(),
            ..run::without_instance(result, took)
        }
    }

    /// Finds the person, or the catch-all contact.
    pub async fn find_contact(
        &self,
        context: &CallContext,
        person: &Person,
    ) -> Call<Option<(Contact, ContactMatch)>> {
        let person = person.into();
        self.work(context, vec![], async |instance, context| {
            let found = instance
                .exports
                .helpbell_psa_directory()
                .call_find_contact(&mut instance.store, &context, &person)
                .await?;
            Ok(found.map(|found| found.map(from_guest::found_contact)))
        })
        .await
    }

    /// Finds the machine.
    pub async fn find_device(
        &self,
        context: &CallContext,
        contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> Call<Option<Device>> {
        let (contact, facts): (Option<wit::Contact>, _) = (contact.map(Into::into), facts.into());
        self.work(context, vec![], async |instance, context| {
            let directory = instance.exports.helpbell_psa_directory();
            let found = directory
                .call_find_device(&mut instance.store, &context, contact.as_ref(), &facts)
                .await?;
            Ok(found.map(|found| found.map(Into::into)))
        })
        .await
    }

    /// The live pick-list of a field.
    pub async fn choices(
        &self,
        context: &CallContext,
        field: &str,
        parents: &[(String, String)],
    ) -> Call<Vec<Choice>> {
        self.work(context, vec![], async |instance, context| {
            let directory = instance.exports.helpbell_psa_directory();
            let found = directory
                .call_choices(&mut instance.store, &context, field, parents)
                .await?;
            Ok(found.map(from_guest::choices))
        })
        .await
    }

    /// Files the ticket. A connector that says it did, although no request that could have done it was taken, is
    /// not believed.
    pub async fn create(&self, context: &CallContext, draft: &Draft) -> Call<(Ticket, Vec<Correction>)> {
        let draft = draft.into();
        let call = self.work(context, vec![], async |instance, context| {
            let created = instance
                .exports
                .helpbell_psa_tickets()
                .call_create(&mut instance.store, &context, &draft)
                .await?;
            Ok(created.map(from_guest::created))
        });
        let mut call = call.await;
        if let (Ok((ticket, _)), Effect::None | Effect::NotApplied) = (&call.result, call.effect) {
            call.result = Err(run::host_failure(
                "host.nothing-filed",
                format!(
                    "{} says that it filed ticket {}, but the PSA took no request that could have filed one",
                    self.who(),
                    ticket.number
                ),
            ));
        }
        call
    }

    /// The tickets that carry this press's reference.
    pub async fn find_tickets(&self, context: &CallContext, press: PressId) -> Call<Vec<Ticket>> {
        self.work(context, vec![], async |instance, context| {
            let tickets = instance.exports.helpbell_psa_tickets();
            let found = tickets
                .call_find_by_reference(&mut instance.store, &context, &press.to_string())
                .await?;
            Ok(found.map(from_guest::found_tickets))
        })
        .await
    }

    /// A ticket as it stands. The answer must be about the ticket that was asked for.
    pub async fn get(&self, context: &CallContext, id: &str) -> Call<TicketState> {
        let call = self.work(context, vec![], async |instance, context| {
            let state = instance
                .exports
                .helpbell_psa_tickets()
                .call_get(&mut instance.store, &context, id)
                .await?;
            Ok(state.map(from_guest::ticket_state))
        });
        let mut call = call.await;
        if let Ok(state) = &call.result
            && state.ticket.id != id
        {
            call.result = Err(run::host_failure(
                "host.another-ticket",
                format!(
                    "{} was asked for ticket {id} and answered with ticket {}",
                    self.who(),
                    state.ticket.id
                ),
            ));
        }
        call
    }

    /// Closes a ticket with a private reason.
    pub async fn close(&self, context: &CallContext, id: &str, reason: &str) -> Call<()> {
        self.work(context, vec![], async |instance, context| {
            instance
                .exports
                .helpbell_psa_tickets()
                .call_close(&mut instance.store, &context, id, reason)
                .await
        })
        .await
    }

    /// Adds a note with its attachments.
    pub async fn add_note(&self, context: &CallContext, ticket: &Ticket, note: Note) -> Call<AddedNote> {
        let ticket = ticket.into();
        let wanted = exports::notes::Note {
            private: note.private,
            html: note.html,
            text: note.text,
            attachments: note
                .attachments
                .iter()
                .enumerate()
                .map(|(blob, file)| to_guest::attachment(blob, file))
                .collect(),
            reference: note.reference,
        };
        self.work(context, note.attachments, async |instance, context| {
            let added = instance
                .exports
                .helpbell_psa_notes()
                .call_add(&mut instance.store, &context, &ticket, &wanted)
                .await?;
            Ok(added.map(from_guest::added_note))
        })
        .await
    }

    /// Adds one attachment to a note or, without one, to the ticket itself. Gives its id.
    pub async fn attach(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: Attachment,
    ) -> Call<String> {
        let (ticket, wanted) = (ticket.into(), to_guest::attachment(0, &attachment));
        self.work(context, vec![attachment], async |instance, context| {
            let notes = instance.exports.helpbell_psa_notes();
            let attached = notes
                .call_attach(&mut instance.store, &context, &ticket, note, &wanted)
                .await?;
            Ok(attached.map(from_guest::id))
        })
        .await
    }

    /// The notes of a ticket that carry this reference.
    pub async fn find_notes(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        reference: &str,
    ) -> Call<Vec<AddedNote>> {
        let ticket = ticket.into();
        self.work(context, vec![], async |instance, context| {
            let notes = instance.exports.helpbell_psa_notes();
            let found = notes
                .call_find_by_reference(&mut instance.store, &context, &ticket, reference)
                .await?;
            Ok(found.map(from_guest::added_notes))
        })
        .await
    }

    async fn work<T>(
        &self,
        context: &CallContext,
        blobs: Vec<Attachment>,
        body: impl AsyncFnOnce(&mut Instance<Exports>, wit::Context) -> wasmtime::Result<Result<T, wit::Failure>>,
    ) -> Call<T> {
        let instantiate = async |store: &mut Store<Guest>| self.connector.pre.instantiate_async(store).await;
        self.work_in(context, &self.settings, Task::Work(blobs), instantiate, body)
            .await
    }

    /// Work seen through any world's exports.
    pub(crate) async fn work_in<T, World>(
        &self,
        context: &CallContext,
        settings: &[(String, String)],
        task: Task,
        instantiate: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<World>,
        body: impl AsyncFnOnce(&mut Instance<World>, wit::Context) -> wasmtime::Result<Result<T, wit::Failure>>,
    ) -> Call<T> {
        let frame = Frame::begin(self.limits).no_later_than(context.not_after);
        if frame.remaining().is_zero() {
            return self.without_instance(Err(lease_over()), frame.took());
        }
        let (mut policy, endpoint) = match self.in_time(&frame, self.policy_now()).await {
            Ok(found) => found,
            Err(failure) => return self.without_instance(Err(failure), frame.took()),
        };
        if !matches!(task, Task::Work(_)) {
            let mut looking = Policy::clone(&policy);
            looking.reads_only = true;
            policy = Arc::new(looking);
        }
        let (cache, blobs) = match task {
            Task::Work(blobs) => (self.cache.clone(), blobs),
            Task::Ask => (self.cache.clone(), vec![]),
            Task::Examine => (self.cache.clone().read_only(), vec![]),
        };
        let authorizer = Some(Arc::clone(&self.authorizer));
        let egress = Egress::new(policy, self.client.clone(), authorizer, frame.clone());
        let role = Role::Work {
            cache,
            blobs: Arc::new(blobs),
        };
        let guest = Guest::new(role, egress, &frame);
        let context = wit_context(settings, endpoint, context, &frame);
        let body = async |instance: &mut Instance<World>| body(instance, context).await;
        let engine = &self.connector.engine;
        let mut call = run::call(&self.who(), engine, frame, guest, instantiate, body).await;
        call.requests.splice(0..0, self.authorizer.take_sent());
        call
    }

    /// The policy, completed by what authentication discovered.
    async fn policy_now(&self) -> Result<(Arc<Policy>, Option<String>), Failure> {
        if self.discovered.is_empty() {
            return Ok((Arc::clone(&self.policy), None));
        }
        let Some(found) = self.authorizer.endpoint().await? else {
            return Ok((Arc::clone(&self.policy), None));
        };
        let mut completed = self.completed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = completed.as_ref().filter(|known| known.found == found).cloned();
        let now = match known {
            Some(known) => known,
            None => completed.insert(self.complete(found)?).clone(),
        };
        Ok((now.policy, Some(now.endpoint)))
    }

    /// The policy with this address in place of the origins that were to be discovered.
    fn complete(&self, found: String) -> Result<Completed, Failure> {
        let outside = |reason: String| {
            Failure::new(
                helpbell_model::FailureKind::Forbidden,
                "host.endpoint-outside",
                format!("{}: {reason}", self.who()),
            )
            .with_help("the connector must name an address within the origins it declares; tell its author")
        };
        let base = Base::parse(&found)
            .map_err(|error| outside(format!("authentication found an unusable address: {error}")))?;
        let mut policy = Policy::clone(&self.policy);
        for (origin, within) in &self.discovered {
            if !within.iter().any(|one| covers(one, &base)) {
                return Err(outside(format!(
                    "authentication found {}, which lies outside {}",
                    base.as_text(),
                    within.join(", ")
                )));
            }
            policy.origins.push((origin.clone(), base.clone()));
        }
        Ok(Completed {
            found,
            endpoint: base.as_text(),
            policy: Arc::new(policy),
        })
    }
}

/// The process slept: somebody else may be working on the press by now.
fn lease_over() -> Failure {
    Failure::new(
        helpbell_model::FailureKind::Timeout,
        "host.lease-over",
        "this process stood still for too long, so that another may work on the press by now",
    )
    .with_help("nothing is lost: whoever works on the press goes on with it")
}

pub(crate) fn wit_context(
    settings: &[(String, String)],
    endpoint: Option<String>,
    context: &CallContext,
    frame: &Frame,
) -> wit::Context {
    wit::Context {
        settings: settings.to_vec(),
        endpoint,
        reference: context.press.map(|press| press.to_string()).unwrap_or_default(),
        locale: context.locale.clone(),
        deadline_ms: u64::try_from(frame.remaining().as_millis()).unwrap_or(u64::MAX),
    }
}
