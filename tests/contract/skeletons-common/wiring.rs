//! The contract's six interfaces: three functions work, the others say that this is a skeleton.

use crate::bindings::exports::helpbell::psa::{auth, describe, directory, dispatcher, notes, tickets};
use crate::bindings::helpbell::psa::types::{
    Attachment, Choice, Contact, Context, Device, DeviceFacts, Draft, Failure, Person, Ticket,
};
use crate::{Skeleton, create};

impl describe::Guest for Skeleton {
    fn describe() -> describe::Description {
        crate::describe::describe()
    }
}

impl auth::Guest for Skeleton {
    fn authenticate(
        context: Context,
        secrets: Vec<(String, String)>,
    ) -> Result<auth::Authorization, Failure> {
        crate::auth::authenticate(&context, &secrets)
    }
}

impl tickets::Guest for Skeleton {
    fn create(context: Context, draft: Draft) -> Result<tickets::Created, Failure> {
        create::create(&context, &draft)
    }

    fn find_by_reference(_: Context, _: String) -> Result<Vec<Ticket>, Failure> {
        Err(Failure::unsupported("tickets.find-by-reference"))
    }

    fn get(_: Context, _: String) -> Result<tickets::TicketState, Failure> {
        Err(Failure::unsupported("tickets.get"))
    }

    fn close(_: Context, _: String, _: String) -> Result<(), Failure> {
        Err(Failure::unsupported("tickets.close"))
    }
}

impl dispatcher::Guest for Skeleton {
    fn variables() -> Vec<dispatcher::Variable> {
        create::VARIABLES
            .iter()
            .map(|(name, kind, meaning)| dispatcher::Variable {
                name: (*name).to_owned(),
                access: "read-write".to_owned(),
                kind: (*kind).to_owned(),
                meaning: (*meaning).to_owned(),
                choices: Vec::new(),
                live: false,
            })
            .collect()
    }

    fn apply(_: Context, _: Draft, _: Vec<(String, String)>) -> Result<dispatcher::Applied, Failure> {
        Err(Failure::unsupported("dispatcher.apply"))
    }
}

impl directory::Guest for Skeleton {
    fn find_contact(_: Context, _: Person) -> Result<Option<directory::FoundContact>, Failure> {
        Err(Failure::unsupported("directory.find-contact"))
    }

    fn find_device(_: Context, _: Option<Contact>, _: DeviceFacts) -> Result<Option<Device>, Failure> {
        Err(Failure::unsupported("directory.find-device"))
    }

    fn choices(_: Context, _: String, _: Vec<(String, String)>) -> Result<Vec<Choice>, Failure> {
        Err(Failure::unsupported("directory.choices"))
    }
}

impl notes::Guest for Skeleton {
    fn add(_: Context, _: Ticket, _: notes::Note) -> Result<notes::AddedNote, Failure> {
        Err(Failure::unsupported("notes.add"))
    }

    fn attach(_: Context, _: Ticket, _: Option<String>, _: Attachment) -> Result<String, Failure> {
        Err(Failure::unsupported("notes.attach"))
    }

    fn find_by_reference(_: Context, _: Ticket, _: String) -> Result<Vec<notes::AddedNote>, Failure> {
        Err(Failure::unsupported("notes.find-by-reference"))
    }
}
