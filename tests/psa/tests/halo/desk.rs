//! A running instance and a plain client with a token.

use std::sync::Once;

use psa_sandbox::halo::{Behaviour, Halo, HaloConfig};
use reqwest::Method;
use serde_json::{Value, json};

/// Scopes an MSP is told to tick.
pub(crate) const SCOPES: &str = "read:tickets edit:tickets read:customers read:crm read:assets";

pub(crate) struct Desk {
    pub(crate) halo: Halo,
    pub(crate) http: reqwest::Client,
    token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        assert!(
            self.status < 300,
            "expected a success: {} {}",
            self.status,
            self.text
        );
        self.any_json()
    }

    pub(crate) fn any_json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The message of a serialised exception.
    pub(crate) fn message(&self) -> String {
        let body = self.any_json();
        assert_eq!(body["ClassName"], "System.Exception", "{body}");
        body["Message"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // reqwest wants a provider even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn read(response: reqwest::Response) -> Reply {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    Reply {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

/// Client id and secret of the settings' API key.
pub(crate) fn credentials(halo: &Halo) -> (String, String) {
    let key = halo.settings().api_key;
    let pair = key.rsplit('+').next().unwrap();
    let (id, secret) = pair.split_once(':').unwrap();
    (id.to_owned(), secret.to_owned())
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A desk whose instance has some switches changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut config = HaloConfig::default();
        change(&mut config.behaviour);
        let halo = Halo::start(config).await.unwrap();
        let mut desk = Self {
            halo,
            http: client(),
            token: String::new(),
        };
        desk.take_token(SCOPES).await;
        desk
    }

    pub(crate) async fn take_token(&mut self, scopes: &str) {
        let (id, secret) = credentials(&self.halo);
        self.take_token_as(&id, &secret, scopes).await;
    }

    pub(crate) async fn take_token_as(&mut self, id: &str, secret: &str, scopes: &str) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", scopes),
        ];
        let url = format!("{}/token?tenant=lantern", self.halo.authorisation_server());
        let answer = read(self.http.post(url).form(&form).send().await.unwrap())
            .await
            .json();
        answer["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.token);
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A path on the server's root, such as `/api/Tickets`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.halo.address())
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.unwrap()).await
    }

    /// GET below the Resource Server.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, &format!("/api{path}"), None).await
    }

    /// POST below the Resource Server.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, &format!("/api{path}"), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, &format!("/api{path}"), None).await
    }

    /// POST of one ticket in its array.
    pub(crate) async fn ticket(&self, fields: Value) -> Reply {
        self.post("/Tickets", &json!([fields])).await
    }

    /// A ticket of Maria Rossi's; gives its id.
    pub(crate) async fn maria(&self, summary: &str) -> i64 {
        let fields = json!({"summary": summary, "user_id": 55, "client_id": 12, "site_id": 101});
        self.ticket(fields).await.json()["id"].as_i64().unwrap()
    }

    /// POST of one note in its array.
    pub(crate) async fn note(&self, fields: Value) -> Reply {
        self.post("/Actions", &json!([fields])).await
    }
}
