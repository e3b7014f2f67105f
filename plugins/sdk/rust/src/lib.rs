//! What a connector written in Rust depends on.
//!
//! A connector implements one trait, [`Connector`], and exports it with one macro,
//! [`export_connector!`]; the README shows a whole one. What only some PSAs can do are traits of their
//! own, [`Examiner`], [`WebhookReceiver`] and [`Poller`].
//!
//! Built for `wasm32-wasip2` the crate is a component. Everything a function may touch hangs on the
//! [`Call`] it is given (settings, HTTP, cache, files, log), and a `Call` runs over any [`Host`]: inside
//! the sandbox that is [`WasiHost`], in a native unit test it is [`testing::ScriptedHost`].
//!
//! | module | holds |
//! |---|---|
//! | [`setting`], [`describe`] | what the connector is and wants, piece by piece; typed settings |
//! | [`desk`] | a PSA that speaks JSON: addresses, answers, failures by status |
//! | [`header`] | Basic authorisation, encoded words |
//! | [`http`] | requests, answers, addresses, `Retry-After` |
//! | [`json`] | lenient reading: ids as numbers or strings, absent members |
//! | [`pick_list`] | cached lists of names, near misses |
//! | [`marker`] | how a press's reference stands in a ticket and is found again |
//! | [`text`] | HTML escaping, quoting foreign words, shortening |
//! | [`time`] | points in time as PSAs write them |
//! | [`webhook`] | whether a delivery proves that it knows the secret |
//! | [`testing`] | a host made of recorded answers (native builds only) |

#![cfg_attr(
    not(target_family = "wasm"),
    expect(
        clippy::result_large_err,
        reason = "the contract's failure, built once per failed call, needs no box"
    )
)]

/// The README's examples are compiled as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// What wit-bindgen makes of the contract; use the names below instead.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit/psa",
        world: "connector",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_world_connector",
        default_bindings_module: "helpbell_connector::bindings",
    });

    /// The optional world `examiner`.
    pub mod examiner {
        wit_bindgen::generate!({
            path: "../../../wit/psa",
            world: "examiner",
            with: { "helpbell:psa/types@0.1.0": super::helpbell::psa::types },
            pub_export_macro: true,
            export_macro_name: "export_world_examiner",
            default_bindings_module: "helpbell_connector::bindings::examiner",
        });
    }

    /// The optional world `change-poller`.
    pub mod change_poller {
        wit_bindgen::generate!({
            path: "../../../wit/psa",
            world: "change-poller",
            with: { "helpbell:psa/types@0.1.0": super::helpbell::psa::types },
            pub_export_macro: true,
            export_macro_name: "export_world_change_poller",
            default_bindings_module: "helpbell_connector::bindings::change_poller",
        });
    }

    /// The optional world `webhook-receiver`.
    pub mod webhook_receiver {
        wit_bindgen::generate!({
            path: "../../../wit/psa",
            world: "webhook-receiver",
            with: { "helpbell:psa/types@0.1.0": super::helpbell::psa::types },
            pub_export_macro: true,
            export_macro_name: "export_world_webhook_receiver",
            default_bindings_module: "helpbell_connector::bindings::webhook_receiver",
        });
    }
}

mod base64;
mod call;
mod connector;
pub mod describe;
pub mod desk;
mod failure;
pub mod header;
mod host;
pub mod http;
pub mod json;
pub mod marker;
mod optional;
pub mod pick_list;
pub mod setting;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod text;
pub mod time;
mod wasi;
pub mod webhook;

pub use call::{Call, Secrets};
pub use connector::{Adapter, Connector, apply_to_fields};
pub use failure::Pairs;
pub use host::{Host, LogLevel};
pub use optional::{Examiner, Poller, WebhookReceiver, cured, examines, finding, polls, receives_webhooks};
pub use wasi::WasiHost;

pub use bindings::change_poller::exports::helpbell::psa::poller::Changes;
pub use bindings::examiner::exports::helpbell::psa::doctor::{Check, Finding};
pub use bindings::exports::helpbell::psa::auth::{Authorization, Place, Placement};
pub use bindings::exports::helpbell::psa::describe::{
    Description, Limits, LookupStrength, Origin, OriginSource, Refusal, Request as WantedRequest,
    RequestEffect, Secret, Setting,
};
pub use bindings::exports::helpbell::psa::directory::FoundContact;
pub use bindings::exports::helpbell::psa::dispatcher::{Applied, Variable};
pub use bindings::exports::helpbell::psa::notes::{AddedNote, Note};
pub use bindings::exports::helpbell::psa::tickets::{Created, TicketState};
pub use bindings::helpbell::psa::types::{
    Attachment, Choice, Contact, Context, Correction, Device, DeviceFacts, Draft, Failure, FailureKind,
    Person, Ticket,
};
pub use bindings::webhook_receiver::exports::helpbell::psa::webhooks::{Delivery, Hook, Reply};
