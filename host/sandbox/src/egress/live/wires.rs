//! What a wire hears, and what it may answer.

use super::*;
use crate::egress::wire::{self, Carried, Lost, Outcome, Wire};
use futures::FutureExt as _;
use helpbell_model::Effect;
use std::time::Duration;

/// Hears what passes, and answers every POST itself.
#[derive(Default)]
struct Ear(Mutex<Vec<String>>);

impl Wire for Ear {
    fn carry<'a>(&'a self, request: Carried<'a>, onward: BoxFuture<'a, Outcome>) -> BoxFuture<'a, Outcome> {
        let line = format!(
            "{} {} effect={}",
            request.method,
            request.url.path(),
            request.effect
        );
        self.0.lock().unwrap().push(line);
        if request.effect {
            return async { Err(Lost::silent(Duration::from_secs(1))) }.boxed();
        }
        async move {
            let answer = onward.await?;
            Ok(wire::Answer {
                body: [b"heard ", &answer.body[..]].concat().into(),
                ..answer
            })
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_wire_hears_what_was_allowed_and_may_answer_instead_of_the_server() {
    let server = Server::answering(GRANTED, 0, answer("200 OK", "", "word")).await;
    let origin = format!("http://{}", server.address);
    let network = network(&["127.0.0.1/32"]);
    let ear = Arc::new(Ear::default());
    let transport = Transport::direct().past(ear.clone());
    let mut egress = Guestless::new(
        policy(&origin, &network),
        client(&network, &transport),
        Limits::work(),
    );

    let (_, _, body) = egress.get(&format!("{origin}/x")).await.unwrap();
    assert_eq!(&body[..], b"heard word");
    let post = egress.send(http::Request::post(format!("{origin}/x")), Bytes::new());
    assert_eq!(post.await.unwrap_err().code, "host.no-answer");
    assert_refused(egress.get(&format!("{origin}/other")).await, "/other");

    assert_eq!(
        *ear.0.lock().unwrap(),
        ["GET /x effect=false", "POST /x effect=true"],
        "what is refused never comes to the wire"
    );
    assert_eq!(
        server.requests().len(),
        1,
        "the wire kept the other from being sent"
    );
    assert_eq!(
        egress.frame.record.lock().effect(false),
        Effect::Unknown,
        "silence is judged like a server's"
    );
}
