//! Servers that send back what they were sent.

use super::*;
use crate::token::{Authenticate, Authorization, Authorizer, Place, Placement};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const TOKEN: &str = "eyJhbGciOi.canary/token+1==";
const SECRET: &str = "bianchi+client:canary-secret/2";

/// An authoriser that carries this value.
fn carrying(place: Place, value: &'static str) -> Arc<Authorizer> {
    let authenticate: Authenticate = Box::new(move || {
        let authorization = Authorization {
            placements: vec![Placement {
                origin: "here".to_owned(),
                place: place.clone(),
                value: value.to_owned(),
            }],
            endpoint: None,
            identity: None,
            expires: None,
        };
        Box::pin(async move { (Ok(authorization), vec![]) })
    });
    let secrets = vec![("api-key".to_owned(), SECRET.into())];
    Arc::new(Authorizer::new(authenticate, None, Arc::new(secrets)))
}

/// What a debugging server makes of a request: its head in every form, in body and headers.
fn echo(head: &str) -> Vec<u8> {
    let forms = [
        head.to_owned(),
        STANDARD.encode(head),
        hex::encode(head),
        hex::encode_upper(head),
        url::form_urlencoded::byte_serialize(head.as_bytes()).collect(),
        serde_json::to_string(head).unwrap(),
        serde_json::to_string(head).unwrap().replace('/', "\\/"),
        // It looked the secret up.
        format!("secret={SECRET}"),
    ];
    let line = head.replace("\r\n", " ");
    let headers = format!("x-echo: {line}\r\nset-cookie: s={TOKEN}\r\nwww-authenticate: Bearer {TOKEN}\r\n");
    answer("500 Oops", &headers, &forms.join("\n")).into_bytes()
}

/// All that a guest gets to see of such an answer.
async fn seen(
    authorizer: Option<Arc<Authorizer>>,
    request: impl Fn(http::request::Builder) -> http::request::Builder,
) -> String {
    let server = Server::speaking(GRANTED, 0, echo).await;
    let (origin, network) = (format!("http://{}", server.address), network(&["127.0.0.1/32"]));
    let policy = policy(&origin, &network);
    let frame = Frame::begin(Limits::work());
    let egress = Egress::new(
        Arc::new(policy),
        client(&network, &Transport::direct()),
        authorizer,
        frame.clone(),
    );
    let mut egress = Guestless { egress, frame };
    let request = request(http::Request::get(format!("{origin}/x")));
    let (status, headers, body) = egress.send(request, Bytes::new()).await.unwrap();
    assert_eq!(status, 500, "the answer comes through all the same");
    assert_eq!(server.requests().len(), 1);
    format!("{headers:?}\n{}", String::from_utf8(body.to_vec()).unwrap())
}

fn canaries() -> Vec<String> {
    let whole = [TOKEN, SECRET, "canary-secret/2"];
    let forms = whole.iter().flat_map(|canary| {
        [
            (*canary).to_owned(),
            STANDARD.encode(canary),
            hex::encode(canary),
            hex::encode_upper(canary),
            url::form_urlencoded::byte_serialize(canary.as_bytes()).collect::<String>(),
            canary.replace('/', "\\/"),
        ]
    });
    forms.collect()
}

#[tokio::test]
async fn what_a_server_sends_back_of_the_authorisation_never_reaches_the_guest() {
    for place in [Place::Header("authorization".into()), Place::Query("key".into())] {
        let seen = seen(Some(carrying(place, TOKEN)), |request| request).await;
        for canary in canaries() {
            assert!(!seen.contains(&canary), "{canary} is in {seen}");
        }
        // Within a longer text, base64 depends on where it begins.
        let decoded = seen.lines().filter_map(|line| STANDARD.decode(line).ok());
        for text in decoded {
            assert!(!String::from_utf8_lossy(&text).contains("canary"), "{seen}");
        }
        assert!(
            seen.contains("[secret]") && !seen.contains("set-cookie") && !seen.contains("www-authenticate"),
            "{seen}"
        );
    }
}

/// The controls: this server does send everything back, and what is not known as a secret arrives.
#[tokio::test]
async fn without_the_veil_the_guest_would_see_it() {
    let own = seen(None, |request| {
        request.header("authorization", format!("Bearer {TOKEN}"))
    })
    .await;
    for canary in [TOKEN.to_owned(), SECRET.to_owned(), TOKEN.replace('/', "\\/")] {
        assert!(own.contains(&canary), "{canary} is not in {own}");
    }
    // Too short to be called a secret.
    let short = seen(Some(carrying(Place::Header("x-key".into()), "tiny")), |request| {
        request
    })
    .await;
    assert!(short.contains("x-key: tiny"), "{short}");
}
