//! The key's format, the zone, and what requests carry.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::bindings::exports::helpbell::psa::auth::{Authorization, Place, Placement};
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::{ZONE, ZONE_INFORMATION, ZONE_SUFFIX, ZONES, ZONES_ADDRESS};
use crate::glue::{Answer, Base, Request, header, refused, secret_value, send};

/// The query parameter that names whose zone is asked for.
const USER: &str = "user";

/// An API-only resource.
struct ApiUser<'a> {
    name: &'a str,
    password: &'a str,
}

/// The database a user lives in.
struct Zone {
    endpoint: String,
    name: String,
}

/// Finds the zone and builds the three headers.
pub(crate) fn authenticate(_: &Context, secrets: &[(String, String)]) -> Result<Authorization, Failure> {
    let user = parse_key(secret_value(secrets, "api-user")?)?;
    let integration_code = secret_value(secrets, "integration-code")?;
    let zones = Base::parse(ZONES_ADDRESS)?;
    let zone = read_zone(&send(&zones, &zone_request(user.name))?)?;
    Ok(authorization(&user, integration_code, zone))
}

/// `username@domain:password`. A user name has no colon, a password may.
fn parse_key(text: &str) -> Result<ApiUser<'_>, Failure> {
    match text.split_once(':') {
        Some((name, password)) if name.contains('@') && !password.is_empty() => {
            Ok(ApiUser { name, password })
        }
        _ => Err(Failure::new(
            FailureKind::Auth,
            "key-format",
            "the API user is not username@domain:password",
        )
        .at("api-user")
        .cure("Paste the user name of an API-only resource, a colon and its password, in one line.")),
    }
}

fn zone_request(user: &str) -> Request {
    Request {
        method: "GET",
        path: format!(
            "{ZONE_INFORMATION}?{USER}={}",
            utf8_percent_encode(user, NON_ALPHANUMERIC)
        ),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        body: Vec::new(),
    }
}

fn read_zone(answer: &Answer) -> Result<Zone, Failure> {
    let zone = answer.json().unwrap_or(Value::Null);
    // An unknown user is a 500 with a reason.
    if answer.status == 500 && zone.get("errors").is_some() {
        return Err(Failure::new(
            FailureKind::Auth,
            "user-unknown",
            "Autotask knows no zone for this API user",
        )
        .at("api-user")
        .cure("Check the user name in Admin, Resources/Users: the resource must be an active API user."));
    }
    if answer.status != 200 {
        return Err(refused(answer, None));
    }
    let unreadable = |message: &str| Failure::new(FailureKind::Internal, "answer-unreadable", message);
    let url = zone
        .get("url")
        .and_then(Value::as_str)
        .ok_or_else(|| unreadable("the zone has no address"))?;
    let base = Base::parse(url)?;
    if !is_autotask(&base) {
        return Err(unreadable("the zone is not an Autotask address"));
    }
    let name = zone
        .get("zoneName")
        .and_then(Value::as_str)
        .unwrap_or("an unnamed zone")
        .to_owned();
    Ok(Zone {
        endpoint: base.to_string(),
        name,
    })
}

/// Whether the host would take this address for the zone's: https on the usual port.
pub(crate) fn is_autotask(base: &Base) -> bool {
    base.origin().starts_with("https://") && base.origin().ends_with(ZONE_SUFFIX)
}

fn authorization(user: &ApiUser<'_>, integration_code: &str, zone: Zone) -> Authorization {
    Authorization {
        placements: vec![
            header(ZONE, "ApiIntegrationCode", integration_code.to_owned()),
            header(ZONE, "UserName", user.name.to_owned()),
            header(ZONE, "Secret", user.password.to_owned()),
            // Only this call knows the user; with it, any other may ask for the zone's addresses.
            Placement {
                origin: ZONES.to_owned(),
                place: Place::Query(USER.to_owned()),
                value: user.name.to_owned(),
            },
        ],
        endpoint: Some(zone.endpoint),
        // Until refused: a database that moves to another zone answers 401, and the zone is looked up again.
        expires_in_s: None,
        identity: Some(format!("API user {} in {}", user.name, zone.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::describe;
    use crate::glue::check::{answer, covers};

    #[test]
    fn a_key_falls_into_user_and_password() {
        let user = parse_key("api@acme.example:pa:ss").unwrap();
        assert_eq!((user.name, user.password), ("api@acme.example", "pa:ss"));
    }

    #[test]
    fn a_key_of_another_form_says_how_it_is_composed() {
        for text in ["", "api@acme.example", "api:secret", "api@acme.example:"] {
            let failure = parse_key(text).err().unwrap();
            assert_eq!(failure.code, "autotask.key-format", "{text}");
        }
    }

    #[test]
    fn a_user_name_cannot_add_to_the_query() {
        assert_eq!(
            zone_request("a@b&x=1").path,
            "/v1.0/zoneInformation?user=a%40b%26x%3D1"
        );
    }

    #[test]
    fn the_lookup_is_declared_for_authentication() {
        let request = zone_request("a@b");
        let path = request.path.split('?').next().unwrap();
        let declared = &describe().auth_requests[0];
        assert_eq!(
            (declared.origin.as_str(), declared.method.as_str()),
            (ZONES, request.method)
        );
        assert!(covers(&declared.path, path), "{path}");
    }

    #[test]
    fn the_zone_is_the_endpoint_and_each_origin_gets_what_it_needs() {
        let zone = read_zone(&answer(
            200,
            r#"{"zoneName":"America East 2","url":"https://webservices5.autotask.net//atservicesrest/",
            "webUrl":"https://ww5.autotask.net/","ci":12}"#,
        ))
        .unwrap();
        let authorization = authorization(&parse_key("api@acme.example:pw").unwrap(), "CODE", zone);
        assert_eq!(
            authorization.endpoint.as_deref(),
            Some("https://webservices5.autotask.net/atservicesrest")
        );
        let placed: Vec<_> = authorization
            .placements
            .iter()
            .map(|p| match &p.place {
                Place::Header(name) => (p.origin.as_str(), "header", name.as_str(), p.value.as_str()),
                Place::Query(name) => (p.origin.as_str(), "query", name.as_str(), p.value.as_str()),
            })
            .collect();
        assert_eq!(
            placed,
            [
                (ZONE, "header", "ApiIntegrationCode", "CODE"),
                (ZONE, "header", "UserName", "api@acme.example"),
                (ZONE, "header", "Secret", "pw"),
                (ZONES, "query", "user", "api@acme.example"),
            ]
        );
    }

    #[test]
    fn an_unknown_user_is_an_auth_failure_although_autotask_says_500() {
        let failure = read_zone(&answer(
            500,
            r#"{"errors":["Zone information could not be determined"]}"#,
        ))
        .err()
        .unwrap();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Auth, "autotask.user-unknown")
        );
    }

    #[test]
    fn a_500_without_a_reason_is_a_fault() {
        assert_eq!(
            read_zone(&answer(500, "oops")).err().unwrap().kind,
            FailureKind::Unavailable
        );
    }

    #[test]
    fn a_zone_outside_autotask_is_not_believed() {
        for url in [
            "https://autotask.net.evil.example/",
            "https://evilautotask.net/",
            "http://webservices5.autotask.net/",
            "https://webservices5.autotask.net:8443/",
            "",
        ] {
            assert!(
                read_zone(&answer(200, &format!(r#"{{"url":"{url}"}}"#))).is_err(),
                "{url}"
            );
        }
    }
}
