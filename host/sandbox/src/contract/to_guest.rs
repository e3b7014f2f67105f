//! From the domain's words to the contract's.

use super::bindings::helpbell::psa::types as wit;
use helpbell_model as model;

impl From<&model::Person> for wit::Person {
    fn from(person: &model::Person) -> Self {
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            company: person.company.clone(),
        }
    }
}

fn named(named: &model::ticket::Named) -> (String, String) {
    (named.id.clone(), named.name.clone())
}

impl From<&model::Contact> for wit::Contact {
    fn from(contact: &model::Contact) -> Self {
        Self {
            id: contact.id.clone(),
            name: contact.name.clone(),
            email: contact.email.clone(),
            organisation: contact.organisation.as_ref().map(named),
            site: contact.site.as_ref().map(named),
            extra: contact.extra.clone(),
        }
    }
}

impl From<&model::DeviceFacts> for wit::DeviceFacts {
    fn from(facts: &model::DeviceFacts) -> Self {
        Self {
            hostname: facts.hostname.clone(),
            macs: facts.macs.clone(),
            serial: facts.serial.clone(),
            ip: facts.ip.clone(),
            os: facts.os.clone(),
            user: facts.user.clone(),
        }
    }
}

impl From<&model::Device> for wit::Device {
    fn from(device: &model::Device) -> Self {
        Self {
            id: device.id.clone(),
            name: device.name.clone(),
            matched_by: device.matched_by.clone(),
            extra: device.extra.clone(),
        }
    }
}

impl From<&model::Draft> for wit::Draft {
    fn from(draft: &model::Draft) -> Self {
        Self {
            summary: draft.summary.clone(),
            body_html: draft.body_html.clone(),
            body_text: draft.body_text.clone(),
            person: (&draft.person).into(),
            contact: draft.contact.as_ref().map(Into::into),
            device: draft.device.as_ref().map(Into::into),
            facts: (&draft.facts).into(),
            fields: draft.fields.clone(),
        }
    }
}

impl From<&model::Ticket> for wit::Ticket {
    fn from(ticket: &model::Ticket) -> Self {
        Self {
            id: ticket.id.clone(),
            number: ticket.number.clone(),
            url: ticket.url.clone(),
        }
    }
}

/// The attachment as the guest sees it: by its place in the call's list of files.
pub(crate) fn attachment(blob: usize, attachment: &model::Attachment) -> wit::Attachment {
    wit::Attachment {
        blob: u32::try_from(blob).unwrap_or(u32::MAX),
        name: attachment.name.clone(),
        content_type: attachment.content_type.clone(),
        size: attachment.bytes.len() as u64,
        reference: attachment.reference.clone(),
    }
}
