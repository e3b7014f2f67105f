//! A connector that attacks its host.
//!
//! One component for all attacks, so that they build in seconds: the setting `attack` names the one to be
//! made, and a function that is not its stage behaves. `describe` is given no settings, so its attack stands
//! in the file itself, in [`IN_THE_FILE`], where tests overwrite it.
//!
//! | module | attacks with |
//! |---|---|
//! | `computing` | endless work, memory, the stack, traps |
//! | `host_calls` | the functions the host offers, and those it links as refusals |
//! | `requests` | requests that were not granted, or are more than they seem |
//! | `signing_in` | the secret that only `authenticate` sees |
//! | `answers` | what it returns |
//!
//! Outside WebAssembly this crate is empty.
#![cfg(target_family = "wasm")]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "failing badly is what this connector is for"
)]

mod answers;
mod computing;
mod describe;
mod host_calls;
mod requests;
mod signing_in;

use helpbell_connector::{
    AddedNote, Attachment, Authorization, Call, Changes, Check, Choice, Connector, Contact, Created,
    Delivery, Description, Device, DeviceFacts, Draft, Examiner, Failure, Finding, FoundContact, Hook, Note,
    Person, Poller, Secrets, Ticket, TicketState, WebhookReceiver,
};

/// Behaves.
const NONE: &str = "none";

/// The attack of `describe`: what follows the colon, up to the first point. Tests find this text in the
/// component's file and overwrite it, keeping its length.
static IN_THE_FILE: [u8; 64] = *b"helpbell-hostile-describe:none..................................";
/// Length of the text before the attack's name.
const BEFORE: usize = "helpbell-hostile-describe:".len();

fn attack_in_the_file() -> String {
    // The compiler must not know what stands there.
    let text = std::hint::black_box(&IN_THE_FILE);
    String::from_utf8_lossy(&text[BEFORE..])
        .split('.')
        .next()
        .unwrap_or(NONE)
        .to_owned()
}

/// The attack of any other function.
fn attack<'a>(call: &'a Call<'_>) -> &'a str {
    call.setting("attack").unwrap_or(NONE)
}

struct Hostile;

impl Connector for Hostile {
    fn describe() -> Description {
        let attack = attack_in_the_file();
        computing::attack(&attack);
        describe::description(&attack)
    }

    fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
        signing_in::authenticate(call, secrets)
    }

    fn create(call: &Call<'_>, draft: Draft) -> Result<Created, Failure> {
        let attack = attack(call);
        computing::attack(attack);
        if let Some(told) = host_calls::attack(call, attack) {
            call.info(&told);
        }
        requests::attack(call, attack)?;
        let summary = signing_in::what_came_through(call, attack).unwrap_or(draft.summary);
        answers::created(call, attack, &summary)
    }

    fn find_contact(call: &Call<'_>, _person: &Person) -> Result<Option<FoundContact>, Failure> {
        answers::contact(call, attack(call))
    }

    fn find_device(
        call: &Call<'_>,
        _contact: Option<&Contact>,
        _facts: &DeviceFacts,
    ) -> Result<Option<Device>, Failure> {
        answers::device(call, attack(call))
    }

    fn choices(call: &Call<'_>, _field: &str, _parents: &[(String, String)]) -> Result<Vec<Choice>, Failure> {
        answers::choices(call, attack(call))
    }

    fn find_tickets(call: &Call<'_>, _reference: &str) -> Result<Vec<Ticket>, Failure> {
        answers::tickets(call, attack(call))
    }

    fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
        answers::state(call, attack(call), id)
    }

    fn close(_call: &Call<'_>, _id: &str, _reason: &str) -> Result<(), Failure> {
        Ok(())
    }

    fn add_note(call: &Call<'_>, _ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
        let attack = attack(call);
        if let Some(told) = host_calls::with_files(attack, &note.attachments) {
            call.info(&told);
        }
        answers::note(call, attack)
    }

    fn attach(
        call: &Call<'_>,
        _ticket: &Ticket,
        _note: Option<&str>,
        _attachment: &Attachment,
    ) -> Result<String, Failure> {
        Ok(answers::id(call, attack(call)))
    }

    fn find_notes(call: &Call<'_>, _ticket: &Ticket, _reference: &str) -> Result<Vec<AddedNote>, Failure> {
        Ok(vec![answers::note(call, attack(call))?])
    }
}

impl Examiner for Hostile {
    fn checks(call: &Call<'_>) -> Vec<Check> {
        answers::checks(call, attack(call))
    }

    fn examine(call: &Call<'_>, check: &str) -> Result<Vec<Finding>, Failure> {
        let attack = attack(call);
        signing_in::examined(call, attack)?;
        requests::examined(call, attack)?;
        answers::findings(call, attack, check)
    }
}

impl WebhookReceiver for Hostile {
    fn verify_and_parse(
        call: &Call<'_>,
        _delivery: &Delivery,
        _secret: Option<&str>,
        _key: Option<&[u8]>,
    ) -> Result<Hook, Failure> {
        answers::hook(call, attack(call))
    }
}

impl Poller for Hostile {
    fn changes_since(call: &Call<'_>, _cursor: Option<&str>) -> Result<Changes, Failure> {
        let attack = attack(call);
        requests::examined(call, attack)?;
        answers::changes(call, attack)
    }
}

helpbell_connector::export_connector!(Hostile, examiner, webhook_receiver, change_poller);
