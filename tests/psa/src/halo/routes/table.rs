//! The table of the vendor's calls.

use axum::http::Method;

use super::{actions, attachments, devices, lookups, people, tickets, webhooks};
use crate::halo::permission::Need;
use crate::halo::reply::{Answer, Refusal};
use crate::halo::server::Call;
use crate::halo::store::Store;
use crate::halo::token::Grant;

type Run = fn(&mut Store, &Call, &Grant) -> Result<Answer, Refusal>;

/// One call of the vendor.
pub(crate) struct Route {
    pub(super) method: Method,
    /// Lower-cased path; `{id}` stands for a number.
    pub(super) path: &'static [&'static str],
    /// Name in the schema, such as `GET /Tickets/{id}`.
    pub(crate) call: &'static str,
    pub(crate) need: Need,
    pub(crate) run: Run,
}

impl Route {
    /// Whether it answers many rows rather than one.
    pub(super) fn is_list(&self) -> bool {
        self.path.len() == 1
    }
}

const fn get(path: &'static [&'static str], call: &'static str, need: Need, run: Run) -> Route {
    Route {
        method: Method::GET,
        path,
        call,
        need,
        run,
    }
}

const fn write(
    method: Method,
    path: &'static [&'static str],
    call: &'static str,
    need: Need,
    run: Run,
) -> Route {
    Route {
        method,
        path,
        call,
        need,
        run,
    }
}

const fn post(path: &'static [&'static str], call: &'static str, run: Run) -> Route {
    write(Method::POST, path, call, Need::EditTickets, run)
}

const fn delete(path: &'static [&'static str], call: &'static str, run: Run) -> Route {
    write(Method::DELETE, path, call, Need::EditTickets, run)
}

pub(super) static ROUTES: [Route; 44] = [
    post(&["tickets"], "POST /Tickets", tickets::upsert),
    post(
        &["tickets", "object"],
        "POST /Tickets/Object",
        tickets::upsert_object,
    ),
    get(&["tickets"], "GET /Tickets", Need::ReadTickets, tickets::list),
    get(
        &["tickets", "{id}"],
        "GET /Tickets/{id}",
        Need::ReadTickets,
        tickets::by_id,
    ),
    delete(&["tickets", "{id}"], "DELETE /Tickets/{id}", tickets::remove),
    write(
        Method::POST,
        &["actions"],
        "POST /Actions",
        Need::AddActions,
        actions::upsert,
    ),
    get(&["actions"], "GET /Actions", Need::ReadTickets, actions::list),
    get(
        &["actions", "{id}"],
        "GET /Actions/{id}",
        Need::ReadTickets,
        actions::by_id,
    ),
    delete(&["actions", "{id}"], "DELETE /Actions/{id}", actions::remove),
    post(&["attachment"], "POST /Attachment", attachments::add),
    get(
        &["attachment"],
        "GET /Attachment",
        Need::ReadTickets,
        attachments::list,
    ),
    get(
        &["attachment", "{id}"],
        "GET /Attachment/{id}",
        Need::ReadTickets,
        attachments::download,
    ),
    delete(
        &["attachment", "{id}"],
        "DELETE /Attachment/{id}",
        attachments::remove,
    ),
    get(&["users"], "GET /Users", Need::ReadCustomers, people::users),
    get(
        &["users", "{id}"],
        "GET /Users/{id}",
        Need::ReadCustomers,
        people::user,
    ),
    get(&["client"], "GET /Client", Need::ReadCustomers, people::clients),
    get(
        &["client", "{id}"],
        "GET /Client/{id}",
        Need::ReadCustomers,
        people::client,
    ),
    get(&["site"], "GET /Site", Need::ReadCustomers, people::sites),
    get(
        &["site", "{id}"],
        "GET /Site/{id}",
        Need::ReadCustomers,
        people::site,
    ),
    get(&["asset"], "GET /Asset", Need::ReadAssets, devices::assets),
    get(
        &["asset", "{id}"],
        "GET /Asset/{id}",
        Need::ReadAssets,
        devices::asset,
    ),
    get(&["agent"], "GET /Agent", Need::Agent, lookups::agents),
    get(&["agent", "me"], "GET /Agent/me", Need::Agent, lookups::me),
    get(&["agent", "{id}"], "GET /Agent/{id}", Need::Agent, lookups::agent),
    get(
        &["tickettype"],
        "GET /TicketType",
        Need::Agent,
        lookups::ticket_types,
    ),
    get(
        &["tickettype", "{id}"],
        "GET /TicketType/{id}",
        Need::Agent,
        lookups::ticket_type,
    ),
    get(&["status"], "GET /Status", Need::Agent, lookups::statuses),
    get(
        &["status", "{id}"],
        "GET /Status/{id}",
        Need::Agent,
        lookups::status,
    ),
    get(&["team"], "GET /Team", Need::Agent, lookups::teams),
    get(&["team", "{id}"], "GET /Team/{id}", Need::Agent, lookups::team),
    get(&["priority"], "GET /Priority", Need::Agent, lookups::priorities),
    get(&["category"], "GET /Category", Need::Agent, lookups::categories),
    get(&["outcome"], "GET /Outcome", Need::Agent, lookups::outcomes),
    get(
        &["outcome", "{id}"],
        "GET /Outcome/{id}",
        Need::Agent,
        lookups::outcome,
    ),
    get(&["lookup"], "GET /Lookup", Need::Agent, lookups::lookup),
    write(
        Method::POST,
        &["webhook"],
        "POST /Webhook",
        Need::Admin,
        webhooks::upsert,
    ),
    get(&["webhook"], "GET /Webhook", Need::Admin, webhooks::list),
    get(
        &["webhook", "{id}"],
        "GET /Webhook/{id}",
        Need::Admin,
        webhooks::by_id,
    ),
    write(
        Method::DELETE,
        &["webhook", "{id}"],
        "DELETE /Webhook/{id}",
        Need::Admin,
        webhooks::remove,
    ),
    write(
        Method::POST,
        &["notification"],
        "POST /Notification",
        Need::Admin,
        webhooks::subscribe,
    ),
    get(
        &["notification"],
        "GET /Notification",
        Need::Admin,
        webhooks::subscriptions,
    ),
    get(
        &["notification", "{id}"],
        "GET /Notification/{id}",
        Need::Admin,
        webhooks::subscription,
    ),
    get(
        &["webhookevent"],
        "GET /WebhookEvent",
        Need::Admin,
        webhooks::deliveries,
    ),
    get(
        &["webhookevent", "{id}"],
        "GET /WebhookEvent/{id}",
        Need::Admin,
        webhooks::delivery,
    ),
];
