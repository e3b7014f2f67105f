//! What connectors share whose API is elsewhere than where the operator types it.

use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::glue::{Base, required_setting};

/// Scheme, host and port of a setting, whatever path was pasted along: the origin `setting-origin`.
pub(crate) fn setting_origin(context: &Context, name: &str) -> Result<Base, Failure> {
    let typed = required_setting(context, name)?;
    Base::parse(typed)
        .and_then(|base| Base::parse(&base.origin()))
        .map_err(|failure| failure.at(name))
}

/// What `authenticate` found and the host pinned: the origin `discovered`.
pub(crate) fn endpoint(context: &Context) -> Result<Base, Failure> {
    match &context.endpoint {
        Some(endpoint) => Base::parse(endpoint),
        None => Err(Failure::new(
            FailureKind::Internal,
            "endpoint-missing",
            "the host gave no address to talk to",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(setting: &str, endpoint: Option<&str>) -> Context {
        Context {
            settings: vec![("place".to_owned(), setting.to_owned())],
            endpoint: endpoint.map(ToOwned::to_owned),
            reference: String::new(),
            locale: String::new(),
            deadline_ms: 0,
        }
    }

    #[test]
    fn a_pasted_path_does_not_count_and_a_port_does() {
        let origin = setting_origin(
            &context("https://cw.example.com:8443/v4_6_release", None),
            "place",
        );
        assert_eq!(origin.unwrap().to_string(), "https://cw.example.com:8443");
    }

    #[test]
    fn a_setting_that_is_no_address_is_blamed_by_name() {
        let failure = setting_origin(&context("two words", None), "place").unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("place"));
    }

    #[test]
    fn the_endpoint_keeps_its_path_and_its_absence_is_a_failure() {
        let found = endpoint(&context("https://a", Some("https://api.example.com/v1/api"))).unwrap();
        assert_eq!(found.to_string(), "https://api.example.com/v1/api");
        assert_eq!(
            endpoint(&context("https://a", None)).unwrap_err().kind,
            FailureKind::Internal
        );
    }
}
