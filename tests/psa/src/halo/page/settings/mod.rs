//! `/settings`: every switch of the instance on one page of plain forms.
//!
//! Each section is a form of its own and posts to `/settings`; the answer leads back to that section. A form carries a
//! key that only this instance's own pages know, and is taken only under a loopback host name: a page from elsewhere can
//! neither guess the one nor, by rebinding a name, read it.

mod change;
mod form;
mod view;

use std::net::IpAddr;

use askama::Template as _;
use axum::http::StatusCode;

use crate::halo::reply::{Answer, Refusal};
use crate::halo::server::Call;
use crate::halo::store::Store;
use form::Form;

/// Policy of this page: as of our other pages, and forms that post to this server.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// The page as it stands.
pub(super) fn show(store: &Store, call: &Call) -> Result<Answer, Refusal> {
    local(call)?;
    render(store, StatusCode::OK, "")
}

/// Takes one section's form.
pub(super) fn take(store: &mut Store, call: &Call) -> Result<Answer, Refusal> {
    local(call)?;
    if !call.content_type_is("application/x-www-form-urlencoded") {
        return Err(Refusal::Bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let form = Form::read(&call.body);
    if form.text("key") != store.form_key {
        let message =
            "That form is not from this instance's settings page, or from before its last start. Try again.";
        return render(store, StatusCode::FORBIDDEN, message);
    }
    match change::apply(store, &form) {
        Ok(section) => Ok(Answer::SeeOther(format!("/settings#{section}"))),
        Err(message) => render(store, StatusCode::BAD_REQUEST, &message),
    }
}

/// Refuses host names that are not this machine's own.
fn local(call: &Call) -> Result<(), Refusal> {
    let url = url::Url::parse(&format!("http://{}/", call.host));
    let ours = url.is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    });
    if ours {
        Ok(())
    } else {
        Err(Refusal::Bare(StatusCode::FORBIDDEN))
    }
}

fn render(store: &Store, status: StatusCode, message: &str) -> Result<Answer, Refusal> {
    let html = view::settings(store, message).render().map_err(|error| {
        tracing::error!(%error, "the settings page could not be written");
        Refusal::Bare(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(Answer::Page {
        status,
        html,
        policy: POLICY,
    })
}
