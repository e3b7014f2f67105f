//! The one trait a connector implements, and its way to the contract's exports.

use std::marker::PhantomData;

use crate::bindings::exports::helpbell::psa as exports;
use crate::pick_list::nearest;
use crate::text::shorten;
use crate::{
    AddedNote, Applied, Attachment, Authorization, Call, Choice, Contact, Context, Correction, Created,
    Description, Device, DeviceFacts, Draft, Failure, FoundContact, Note, Person, Secrets, Ticket,
    TicketState, Variable, WasiHost,
};

/// A connector to one kind of PSA. Three functions are required; the others say "this PSA has no such
/// function" unless implemented, and `describe` must agree with that.
///
/// Every call runs in a fresh instance: keep nothing in statics.
pub trait Connector {
    /// What it is and what it wants. Must not depend on anything.
    fn describe() -> Description;

    /// Turns the operator's secrets into what requests carry. May send `auth-requests` only.
    fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure>;

    /// Files the ticket with one request that has an effect, [`Call::reference`] in it.
    fn create(call: &Call<'_>, draft: Draft) -> Result<Created, Failure>;

    /// Finds the person, or else the catch-all contact.
    fn find_contact(_call: &Call<'_>, _person: &Person) -> Result<Option<FoundContact>, Failure> {
        Ok(None)
    }

    /// Finds the machine.
    fn find_device(
        _call: &Call<'_>,
        _contact: Option<&Contact>,
        _facts: &DeviceFacts,
    ) -> Result<Option<Device>, Failure> {
        Ok(None)
    }

    /// The live values of a field.
    fn choices(_call: &Call<'_>, field: &str, _parents: &[(String, String)]) -> Result<Vec<Choice>, Failure> {
        Err(unsupported(&format!("list the values of {field}")))
    }

    /// Tickets that carry exactly this reference.
    fn find_tickets(_call: &Call<'_>, _reference: &str) -> Result<Vec<Ticket>, Failure> {
        Err(unsupported("find a ticket by its reference"))
    }

    /// A ticket as it stands.
    fn get(_call: &Call<'_>, _id: &str) -> Result<TicketState, Failure> {
        Err(unsupported("show a ticket"))
    }

    /// Closes a ticket with a private reason.
    fn close(_call: &Call<'_>, _id: &str, _reason: &str) -> Result<(), Failure> {
        Err(unsupported("close a ticket"))
    }

    /// Adds a note with its attachments and reads it back where the PSA may drop it silently.
    fn add_note(_call: &Call<'_>, _ticket: &Ticket, _note: &Note) -> Result<AddedNote, Failure> {
        Err(unsupported("add a note"))
    }

    /// Adds one more attachment and gives its id.
    fn attach(
        _call: &Call<'_>,
        _ticket: &Ticket,
        _note: Option<&str>,
        _attachment: &Attachment,
    ) -> Result<String, Failure> {
        Err(unsupported("attach a file"))
    }

    /// The notes of a ticket that carry this reference.
    fn find_notes(_call: &Call<'_>, _ticket: &Ticket, _reference: &str) -> Result<Vec<AddedNote>, Failure> {
        Err(unsupported("find a note by its reference"))
    }

    /// What dispatcher rules may read and write here, besides the common variables.
    fn variables() -> Vec<Variable> {
        Vec::new()
    }

    /// Puts a rule's assignments into the draft. The default knows `subject` and [`Self::variables`].
    fn apply(_call: &Call<'_>, draft: Draft, assignments: Vec<(String, String)>) -> Result<Applied, Failure> {
        let limit = Self::describe().limits.summary_chars;
        Ok(apply_to_fields(draft, assignments, &Self::variables(), limit))
    }
}

fn unsupported(what: &str) -> Failure {
    Failure::unsupported("connector.unsupported", format!("this connector cannot {what}"))
}

/// `subject` becomes the summary (shortened to `summary_chars` characters), every variable that may be
/// written becomes a field in place of an earlier one of the same name, anything else a correction.
pub fn apply_to_fields(
    mut draft: Draft,
    assignments: Vec<(String, String)>,
    variables: &[Variable],
    summary_chars: u32,
) -> Applied {
    let mut corrections = Vec::new();
    for (name, value) in assignments {
        if name == "subject" {
            let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
            draft.summary = shorten(&line, usize::try_from(summary_chars).unwrap_or(usize::MAX));
        } else if variables
            .iter()
            .any(|known| known.name == name && known.access == "read-write")
        {
            draft.fields.retain(|(field, _)| *field != name);
            draft.fields.push((name, value));
        } else {
            let writable = variables.iter().filter(|known| known.access == "read-write");
            corrections.push(Correction {
                nearest: nearest(&name, writable.map(|known| known.name.as_str())),
                reason: format!("there is no variable {name} that a rule could write"),
                field: name,
                given: value,
                used: None,
            });
        }
    }
    Applied { draft, corrections }
}

/// Carries a [`Connector`] to the contract's exports.
pub struct Adapter<C>(PhantomData<C>);

impl<C: Connector> exports::describe::Guest for Adapter<C> {
    fn describe() -> Description {
        C::describe()
    }
}

impl<C: Connector> exports::auth::Guest for Adapter<C> {
    fn authenticate(context: Context, secrets: Vec<(String, String)>) -> Result<Authorization, Failure> {
        C::authenticate(&Call::new(context, &WasiHost), &Secrets::new(secrets))
    }
}

impl<C: Connector> exports::directory::Guest for Adapter<C> {
    fn find_contact(context: Context, person: Person) -> Result<Option<FoundContact>, Failure> {
        C::find_contact(&Call::new(context, &WasiHost), &person)
    }

    fn find_device(
        context: Context,
        contact: Option<Contact>,
        facts: DeviceFacts,
    ) -> Result<Option<Device>, Failure> {
        C::find_device(&Call::new(context, &WasiHost), contact.as_ref(), &facts)
    }

    fn choices(
        context: Context,
        field: String,
        parents: Vec<(String, String)>,
    ) -> Result<Vec<Choice>, Failure> {
        C::choices(&Call::new(context, &WasiHost), &field, &parents)
    }
}

impl<C: Connector> exports::tickets::Guest for Adapter<C> {
    fn find_by_reference(context: Context, reference: String) -> Result<Vec<Ticket>, Failure> {
        C::find_tickets(&Call::new(context, &WasiHost), &reference)
    }

    fn create(context: Context, draft: Draft) -> Result<Created, Failure> {
        C::create(&Call::new(context, &WasiHost), draft)
    }

    fn get(context: Context, id: String) -> Result<TicketState, Failure> {
        C::get(&Call::new(context, &WasiHost), &id)
    }

    fn close(context: Context, id: String, reason: String) -> Result<(), Failure> {
        C::close(&Call::new(context, &WasiHost), &id, &reason)
    }
}

impl<C: Connector> exports::notes::Guest for Adapter<C> {
    fn add(context: Context, ticket: Ticket, note: Note) -> Result<AddedNote, Failure> {
        C::add_note(&Call::new(context, &WasiHost), &ticket, &note)
    }

    fn attach(
        context: Context,
        ticket: Ticket,
        note: Option<String>,
        attachment: Attachment,
    ) -> Result<String, Failure> {
        C::attach(
            &Call::new(context, &WasiHost),
            &ticket,
            note.as_deref(),
            &attachment,
        )
    }

    fn find_by_reference(
        context: Context,
        ticket: Ticket,
        reference: String,
    ) -> Result<Vec<AddedNote>, Failure> {
        C::find_notes(&Call::new(context, &WasiHost), &ticket, &reference)
    }
}

impl<C: Connector> exports::dispatcher::Guest for Adapter<C> {
    fn variables() -> Vec<Variable> {
        C::variables()
    }

    fn apply(context: Context, draft: Draft, assignments: Vec<(String, String)>) -> Result<Applied, Failure> {
        C::apply(&Call::new(context, &WasiHost), draft, assignments)
    }
}

/// Exports a type that implements [`Connector`](crate::Connector) as the world `connector`. Once per
/// crate; the crate is a `cdylib` (and an `rlib`, for its native tests). Native builds export nothing:
/// their linkers do not take the contract's names for symbols.
///
/// Optional worlds follow by name, each for a trait that the type implements too:
/// `examiner` for [`Examiner`](crate::Examiner), `webhook_receiver` for
/// [`WebhookReceiver`](crate::WebhookReceiver), `change_poller` for [`Poller`](crate::Poller). One that is not named is not exported.
///
/// ```text
/// export_connector!(MyDesk);
/// export_connector!(MyDesk, examiner, webhook_receiver);
/// ```
#[macro_export]
macro_rules! export_connector {
    (@world connector $connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::Adapter<$connector>;
            $crate::bindings::export_world_connector!(Exported with_types_in $crate::bindings);
        };
    };
    (@world examiner $connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::Adapter<$connector>;
            $crate::bindings::examiner::export_world_examiner!(
                Exported with_types_in $crate::bindings::examiner
            );
        };
        #[cfg(not(target_family = "wasm"))]
        const _: () = $crate::examines::<$connector>();
    };
    (@world change_poller $connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::Adapter<$connector>;
            $crate::bindings::change_poller::export_world_change_poller!(
                Exported with_types_in $crate::bindings::change_poller
            );
        };
        #[cfg(not(target_family = "wasm"))]
        const _: () = $crate::polls::<$connector>();
    };
    (@world webhook_receiver $connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::Adapter<$connector>;
            $crate::bindings::webhook_receiver::export_world_webhook_receiver!(
                Exported with_types_in $crate::bindings::webhook_receiver
            );
        };
        #[cfg(not(target_family = "wasm"))]
        const _: () = $crate::receives_webhooks::<$connector>();
    };
    ($connector:ty $(, $world:ident)* $(,)?) => {
        $crate::export_connector!(@world connector $connector);
        $($crate::export_connector!(@world $world $connector);)*
    };
}
