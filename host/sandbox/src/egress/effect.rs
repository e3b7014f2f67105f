//! What a request did to the PSA, by the host's own account: the class on which exactly-once stands.

use super::{client::SendError, wire::Answer};
use helpbell_model::{Effect, connector::Refusal};

/// Answers that always prove that an effect did not happen: the request was not let in, or not understood.
const ALWAYS_REFUSALS: [u16; 8] = [401, 403, 404, 405, 413, 415, 422, 429];

/// Whether an effect happened, from what is known outside the guest.
pub(super) fn effect_of(is_effect: bool, refusals: &[Refusal], result: &Result<Answer, SendError>) -> Effect {
    if !is_effect {
        return Effect::None;
    }
    match result {
        Err(SendError::NotSent { .. }) => Effect::NotApplied,
        Err(_) => Effect::Unknown,
        Ok(response) => {
            let (status, success) = (response.status.as_u16(), response.status.is_success());
            let declared = |refusal: &Refusal| {
                refusal.status == status
                    && refusal
                        .member
                        .as_deref()
                        .map_or(!success, |pointer| has_member(&response.body, pointer))
            };
            if ALWAYS_REFUSALS.contains(&status) || refusals.iter().any(declared) {
                Effect::NotApplied
            } else if success {
                Effect::Applied
            } else {
                Effect::Unknown
            }
        }
    }
}

fn has_member(body: &[u8], pointer: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|answer| answer.pointer(pointer).is_some_and(|found| !found.is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use std::time::Duration;

    fn answer(status: u16, body: &'static str) -> Result<Answer, SendError> {
        Ok(Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        })
    }

    #[test]
    fn an_effect_is_classified_by_what_the_host_saw() {
        let refusals = [
            Refusal {
                status: 400,
                member: None,
            },
            Refusal {
                status: 500,
                member: Some("/errors".into()),
            },
            Refusal {
                status: 200,
                member: Some("/notCreated".into()),
            },
        ];
        let class = |result| effect_of(true, &refusals, &result);
        assert_eq!(class(answer(201, "{}")), Effect::Applied);
        assert_eq!(class(answer(200, "{}")), Effect::Applied);
        assert_eq!(class(answer(200, r#"{"notCreated":{}}"#)), Effect::NotApplied);
        assert_eq!(class(answer(200, r#"{"notCreated":null}"#)), Effect::Applied);
        assert_eq!(class(answer(400, "no")), Effect::NotApplied);
        assert_eq!(class(answer(429, "")), Effect::NotApplied);
        assert_eq!(class(answer(409, "")), Effect::Unknown);
        assert_eq!(class(answer(500, r#"{"errors":["title"]}"#)), Effect::NotApplied);
        assert_eq!(class(answer(500, "<html>")), Effect::Unknown);
        assert_eq!(class(answer(302, "")), Effect::Unknown);
        assert_eq!(
            class(Err(SendError::NotSent {
                reason: "refused".into(),
                cure: None,
                refused: false,
            })),
            Effect::NotApplied
        );
        assert_eq!(
            class(Err(SendError::Timeout(Duration::from_secs(1)))),
            Effect::Unknown
        );
        assert_eq!(class(Err(SendError::Broken("reset".into()))), Effect::Unknown);
    }

    #[test]
    fn a_read_has_no_effect_whatever_came_back() {
        assert_eq!(effect_of(false, &[], &answer(500, "")), Effect::None);
        assert_eq!(
            effect_of(false, &[], &Err(SendError::Broken("reset".into()))),
            Effect::None
        );
    }
}
