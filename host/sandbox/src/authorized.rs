//! What `authenticate` may hand over. The one function that sees the secret is the one with the least to say:
//! everything it returns is looked at before anything of it is kept.
//!
//! | part | is taken if |
//! |---|---|
//! | placements | few, small, one per place, for an origin of the connector, and a header that only says who asks |
//! | endpoint | an address, short, without the secret; that it lies within the declared origins is seen where it is used |
//! | identity | anything; the secret is taken out |

use crate::{
    contract::bindings::exports::helpbell::psa::auth as wit,
    egress::{headers, policy::Base},
    limits::GUEST_NAME_CHARS,
    secret_forms::SecretForms,
    token::{self, Authorization, Place, Placement},
};
use helpbell_model::{Failure, FailureKind, connector::Description, text};
use http::{HeaderName, HeaderValue, header};

/// Two headers and a query parameter are the most that any PSA wants; several origins may want them.
const PLACEMENTS: usize = 16;
/// Bytes of one value. Tokens with many claims reach four KiB, and servers refuse headers of more than eight.
const VALUE_BYTES: usize = 8 << 10;
/// Characters of an endpoint: the longest known, with zone and code base, has sixty.
const ENDPOINT_CHARS: usize = 200;

/// Takes over what `authenticate` returned. `who` names the connector in failures.
///
/// # Errors
/// What no honest connector returns.
pub(crate) fn take(
    given: wit::Authorization,
    description: &Description,
    secrets: &SecretForms,
    who: &str,
) -> Result<Authorization, Failure> {
    let refused = |reason: &str| {
        Failure::new(
            FailureKind::Internal,
            "host.authorization-refused",
            format!("{who} signed in with something that is not taken: {reason}"),
        )
        .with_help("this is a fault of the connector; tell its author")
    };
    if given.placements.len() > PLACEMENTS {
        return Err(refused("more values than any PSA wants"));
    }
    let mut placements: Vec<Placement> = Vec::new();
    for placement in given.placements {
        let placement = place(placement, description).map_err(refused)?;
        if placements
            .iter()
            .any(|earlier| (&earlier.origin, &earlier.place) == (&placement.origin, &placement.place))
        {
            return Err(refused("two values for the same place"));
        }
        placements.push(placement);
    }
    if let Some(endpoint) = &given.endpoint {
        check_endpoint(endpoint, secrets).map_err(refused)?;
    }
    Ok(Authorization {
        placements,
        endpoint: given.endpoint,
        identity: given
            .identity
            .map(|identity| text::one_line(&secrets.scrub(&identity), GUEST_NAME_CHARS)),
        expires: given
            .expires_in_s
            .map(|seconds| token::now() + u64::from(seconds)),
    })
}

fn place(given: wit::Placement, description: &Description) -> Result<Placement, &'static str> {
    if !description
        .origins
        .iter()
        .any(|origin| origin.name == given.origin)
    {
        return Err("a value for an origin that the connector does not have");
    }
    if given.value.len() > VALUE_BYTES {
        return Err("a value larger than servers take");
    }
    let place = match given.place {
        wit::Place::Query(name) => Place::Query(name),
        wit::Place::Header(name) => {
            let name = HeaderName::try_from(name).map_err(|_| "a header with an impossible name")?;
            if headers::is_the_hosts(&name) || name == header::CONTENT_LENGTH {
                return Err("a header that says more than who asks");
            }
            HeaderValue::from_str(&given.value)
                .map_err(|_| "a value with characters that no header can carry")?;
            Place::Header(name.as_str().to_owned())
        }
    };
    Ok(Placement {
        origin: given.origin,
        place,
        value: given.value,
    })
}

/// An endpoint is told to all other functions: it must not be a way for the secret.
fn check_endpoint(endpoint: &str, secrets: &SecretForms) -> Result<(), &'static str> {
    if endpoint.chars().count() > ENDPOINT_CHARS {
        return Err("an address longer than any PSA's");
    }
    let base = Base::parse(endpoint).map_err(|_| "an address that is none")?;
    if secrets.occur_in(endpoint) || secrets.occur_in(&base.as_text()) {
        return Err("an address that holds the secret");
    }
    Ok(())
}
