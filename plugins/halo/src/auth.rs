//! From the API key to a token.

use helpbell_connector::http::{Request, Response, address, path_of};
use helpbell_connector::json::{self, Value};
use helpbell_connector::text::quote;
use helpbell_connector::{Authorization, Call, Failure, Place, Placement, Secrets};

use crate::api::{self, Api};
use crate::describe::{
    API_KEY, API_PREFIX, API_SCREEN, APPLICATIONS_SCREEN, AUTHORISATION_SERVER, HOSTING, ON_PREM,
    RESOURCE_SERVER,
};
use crate::discovery::{self, AuthInfo};
use crate::errors;
use crate::key::{self, Key};

/// What a token may do: everything the application was allowed and no more. Halo cuts the request down
/// to the application's permissions; naming single scopes fails where one of them is missing.
const SCOPE: &str = "all";

/// Code of a hosted Halo's answer that it does not know the tenant.
const TENANT_UNKNOWN: &str = "halo.tenant-unknown";

/// Code of an answer that no Authorisation Server of Halo's gives.
const NO_TOKEN_SERVER: &str = "halo.not-an-authorisation-server";

/// Error codes of OAuth 2.0 (RFC 6749, 5.2) that mean "this application is not let in".
const REFUSED_CLIENT: [&str; 4] = [
    "invalid_client",
    "unauthorized_client",
    "invalid_grant",
    "unsupported_grant_type",
];

pub(crate) fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
    let key = key::parse(secrets.required(API_KEY)?, call.setting(HOSTING) == Some(ON_PREM))?;
    token(call, &key).map_err(|failure| {
        let encoded = helpbell_connector::text::percent_encode(&key.client_secret);
        failure.without(&key.client_secret).without(&encoded)
    })
}

fn token(call: &Call<'_>, key: &Key) -> Result<Authorization, Failure> {
    let url = token_address(call.required(AUTHORISATION_SERVER)?, key.tenant.as_deref());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", key.client_id.as_str()),
        ("client_secret", key.client_secret.as_str()),
        ("scope", SCOPE),
    ];
    let request = Request::post_form(url, &form)
        .header("accept", "application/json")
        .header(api::APP_NAME_HEADER, api::APP_NAME);
    let answer = call.send(request).map_err(|failure| match failure.field {
        None => failure.field(AUTHORISATION_SERVER),
        Some(_) => failure,
    })?;
    if !answer.is_success() || answer.is_web_page() {
        let refused = refusal(&answer, key.tenant.is_some(), call.now_unix());
        return Err(explained(call, key, &answer, refused));
    }
    let body = json::parse(&answer.body, "the Authorisation Server's answer").unwrap_or_default();
    let Some(token) = json::text(&body, "access_token") else {
        return Err(explained(call, key, &answer, not_a_token_server(&answer)));
    };
    Ok(Authorization {
        placements: vec![Placement {
            origin: RESOURCE_SERVER.to_owned(),
            place: Place::Header("Authorization".to_owned()),
            value: format!("Bearer {token}"),
        }],
        endpoint: None,
        expires_in_s: json::id(&body, "expires_in").and_then(|seconds| seconds.parse().ok()),
        identity: identity(key, &body),
    })
}

/// Where tokens are: `/token` below the Authorisation Server as pasted. An On-Prem server may be shown
/// without its `/auth`, which is then added.
fn token_address(server: &str, tenant: Option<&str>) -> String {
    match tenant {
        Some(tenant) => address(server, "/token", &[("tenant", tenant)]),
        None if path_of(server).to_ascii_lowercase().ends_with("/auth") => address(server, "/token", &[]),
        None => address(server, "/auth/token", &[]),
    }
}

/// What Halo tells of itself, or the addresses alone, may say which setting is to blame for a refusal, and what belongs
/// there. Asked only where a wrong server or tenant would be answered so.
fn explained(call: &Call<'_>, key: &Key, answer: &Response, failure: Failure) -> Failure {
    let lost = failure.code == TENANT_UNKNOWN || failure.code == NO_TOKEN_SERVER || answer.status == 500;
    if !lost {
        return failure;
    }
    let pasted = call.setting(AUTHORISATION_SERVER).unwrap_or_default();
    let resource = call.setting(RESOURCE_SERVER).unwrap_or_default();
    if let Some(blamed) = discovered(call).and_then(|info| blamed(info, pasted, key, &failure)) {
        return blamed;
    }
    match misplaced(pasted, resource) {
        Some(help) if failure.code == NO_TOKEN_SERVER => failure.help(help),
        _ => failure,
    }
}

/// The failure by what Halo tells of itself, where that and the settings differ.
fn blamed(info: AuthInfo, pasted: &str, key: &Key, failure: &Failure) -> Option<Failure> {
    if let Some(server) = info
        .server
        .filter(|server| !discovery::is_same_server(server, pasted))
    {
        return Some(failure.clone().field(AUTHORISATION_SERVER).help(format!(
            "This Halo names {} as its Authorisation Server: paste that as {AUTHORISATION_SERVER}.",
            quote(&server)
        )));
    }
    let tenant = info.tenant.as_deref().map(quote);
    Some(match (key.tenant.as_deref(), tenant.as_deref()) {
        (Some(_), Some("")) => failure.clone().field(HOSTING).help(
            "This Halo has no tenant, so it runs On Prem: choose On-Prem, and leave the tenant and the + out of the API key.",
        ),
        (Some(given), Some(tenant)) if !tenant.eq_ignore_ascii_case(given) => Failure::unavailable(
            TENANT_UNKNOWN,
            format!("this Halo has the tenant {tenant}, and the API key begins with another"),
        )
        .field(API_KEY)
        .help(format!(
            "Put {tenant} before the + of the API key, as it is shown under {API_SCREEN}."
        )),
        (None, Some(tenant)) if !tenant.is_empty() => Failure::auth(
            "halo.tenant-missing",
            format!("this Halo is hosted and has the tenant {tenant}, but On-Prem is chosen"),
        )
        .field(HOSTING)
        .help(format!(
            "Choose Cloud Hosted, and put {tenant}+ before the Client ID in the API key."
        )),
        _ => return None,
    })
}

/// What the addresses alone give away.
fn misplaced(authorisation: &str, resource: &str) -> Option<&'static str> {
    let ends = |address: &str, with: &str| path_of(address).to_ascii_lowercase().ends_with(with);
    if ends(authorisation, API_PREFIX) && ends(resource, discovery::AUTH_PATH) {
        Some("Resource Server and Authorisation Server are swapped: paste each into the other's place.")
    } else if ends(authorisation, discovery::TOKEN_PATH) {
        Some("Leave /token out at the end of the Authorisation Server: it is added anyway.")
    } else {
        None
    }
}

/// What the Resource Server says of itself, if it is one.
fn discovered(call: &Call<'_>) -> Option<AuthInfo> {
    let api = Api::new(call).ok()?;
    let answer = api.answer(&api::AUTHINFO).ok()?;
    Some(AuthInfo::of(&api.read(&answer, &api::AUTHINFO).ok()?))
}

fn identity(key: &Key, body: &Value) -> Option<String> {
    let tenant = key.tenant.as_ref().map(|tenant| format!("tenant {tenant}"));
    let scope = json::text(body, "scope").map(|scope| format!("scopes {}", quote(&scope)));
    let parts: Vec<String> = [tenant, scope].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn refusal(answer: &Response, hosted: bool, now_unix: u64) -> Failure {
    let error = serde_error(answer);
    if error
        .as_deref()
        .is_some_and(|error| REFUSED_CLIENT.contains(&error))
        || answer.status == 401
    {
        return Failure::auth(
            "halo.invalid-client",
            format!("Halo does not accept the API key{}", errors::in_words(answer)),
        )
        .field(API_KEY)
        .help(format!(
            "Check Client ID and Client Secret under {APPLICATIONS_SCREEN}: the application must be active and its \
             Method must be Client ID and Secret. A secret cannot be viewed again; generate a new one if in doubt."
        ));
    }
    match answer.status {
        429 | 502..=599 => errors::of_status(answer, "asking for a token", now_unix),
        500..=501 if hosted => Failure::unavailable(
            TENANT_UNKNOWN,
            format!(
                "Halo answered {} to the sign-in, as it does when it does not know the tenant{}",
                answer.status,
                errors::in_words(answer)
            ),
        )
        .field(API_KEY)
        .help(
            "Compare the part of the API key before the + with the \
             tenant shown under Configuration > Integrations > Halo(PSA/ITSM) API.",
        ),
        500..=501 => errors::of_status(answer, "asking for a token", now_unix),
        403 => Failure::forbidden(
            "halo.token-forbidden",
            format!(
                "the Authorisation Server does not let this machine in{}",
                errors::in_words(answer)
            ),
        )
        .help("Check whether your Halo only answers certain networks, and that the application is active."),
        400 if error.is_some() => Failure::auth(
            "halo.token-refused",
            format!("Halo refused to give a token{}", errors::in_words(answer)),
        )
        .field(API_KEY)
        .help(format!(
            "Check the application's Method, Login Type and permissions under {APPLICATIONS_SCREEN}."
        )),
        _ => not_a_token_server(answer),
    }
}

/// OAuth's `error`, where the answer has one.
fn serde_error(answer: &Response) -> Option<String> {
    json::text(&json::parse(&answer.body, "").ok()?, "error")
}

fn not_a_token_server(answer: &Response) -> Failure {
    let title = answer
        .page_title()
        .map(|title| format!(", a web page titled \"{title}\""))
        .unwrap_or_default();
    Failure::invalid_input(
        NO_TOKEN_SERVER,
        format!("this is not Halo's Authorisation Server: it answered with status {}{title}", answer.status),
    )
    .field(AUTHORISATION_SERVER)
    .help(
        "Copy the Authorisation Server from Configuration > Integrations > Halo(PSA/ITSM) API exactly as it is shown \
         there; it is not the Resource Server.",
    )
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
