//! Which addresses are dialled.

use super::*;
use helpbell_end_to_end::network::nobody;

/// Servers on the granted and on the forbidden address, at the same port.
async fn pair() -> (Server, Server) {
    let granted = Server::answering(GRANTED, 0, answer("200 OK", "", "granted")).await;
    let forbidden = Server::answering(
        FORBIDDEN,
        granted.address.port(),
        answer("200 OK", "", "forbidden"),
    )
    .await;
    (granted, forbidden)
}

/// What the operator granted, and the control: so much that nothing is refused.
fn narrow() -> NetworkGrant {
    network(&["127.0.0.1/32"])
}
fn wide() -> NetworkGrant {
    network(&["127.0.0.0/8"])
}

#[tokio::test]
async fn a_name_that_comes_to_lead_elsewhere_is_judged_anew_at_every_connection() {
    let (granted, forbidden) = pair().await;
    let origin = format!("http://psa.example:{}", granted.address.port());
    for (network, reaches) in [(narrow(), false), (wide(), true)] {
        let (names, asked) = Names::of(&[&[GRANTED], &[FORBIDDEN]]);
        let transport = Transport::direct().resolving_by(names);
        let policy = policy(&origin, &network);
        let before = forbidden.connections();
        // Two pools, so that the second request needs a connection of its own.
        let names_lead_to = async |client: Client| {
            let mut egress = Guestless::new(policy.clone(), client, Limits::work());
            egress.get(&format!("{origin}/x")).await
        };
        let (_, _, body) = names_lead_to(client(&network, &transport)).await.unwrap();
        assert_eq!(body, "granted");
        let second = names_lead_to(client(&network, &transport)).await;
        if reaches {
            assert_eq!(second.unwrap().2, "forbidden", "the control reaches it");
        } else {
            assert_refused(second, "127.0.0.2 is loopback");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2, "each connection asked once");
        assert_eq!(forbidden.connections() - before, usize::from(reaches));
    }
}

#[tokio::test]
async fn of_a_name_with_granted_and_forbidden_addresses_only_the_granted_are_dialled() {
    let (granted, forbidden) = pair().await;
    for addresses in [[FORBIDDEN, GRANTED], [GRANTED, FORBIDDEN]] {
        let (names, _) = Names::of(&[&addresses]);
        let origin = format!("http://psa.example:{}", granted.address.port());
        let transport = Transport::direct().resolving_by(names);
        assert_eq!(get(&origin, &narrow(), &transport).await.unwrap().2, "granted");
    }
    assert_eq!(forbidden.connections(), 0);
}

#[tokio::test]
async fn a_forbidden_address_is_not_dialled_even_if_nobody_answers_at_the_granted_one() {
    let port: u16 = nobody().await.rsplit(':').next().unwrap().parse().unwrap();
    let forbidden = Server::answering(FORBIDDEN, port, answer("200 OK", "", "forbidden")).await;
    for (network, reaches) in [(narrow(), false), (wide(), true)] {
        let (names, _) = Names::of(&[&[GRANTED, FORBIDDEN]]);
        let transport = Transport::direct().resolving_by(names);
        let answer = get(&format!("http://psa.example:{port}"), &network, &transport).await;
        match answer {
            Err(failure) => assert_eq!(failure.code, "host.unreachable"),
            Ok((_, _, body)) => assert_eq!(body, "forbidden"),
        }
        assert_eq!(forbidden.connections(), usize::from(reaches));
    }
}

#[tokio::test]
async fn a_host_written_as_an_address_is_judged_although_no_resolver_sees_it() {
    let (_granted, forbidden) = pair().await;
    let port = forbidden.address.port();
    let forms = [
        format!("http://{FORBIDDEN}:{port}"),
        format!("http://2130706434:{port}"),
        format!("http://0x7f.2:{port}"),
        format!("http://[::ffff:{FORBIDDEN}]:{port}"),
    ];
    let (names, asked) = Names::of(&[&[GRANTED]]);
    let transport = Transport::direct().resolving_by(names);
    for origin in &forms {
        assert_refused(get(origin, &narrow(), &transport).await, "is loopback");
    }
    // The second lock, should the policy ever let one through.
    let url = url::Url::parse(&format!("http://{FORBIDDEN}:{port}/x")).unwrap();
    let (request, patience) = bare(url);
    let refused = client(&narrow(), &transport)
        .send(request, patience)
        .await
        .unwrap_err();
    assert!(refused.cure().is_some(), "{refused:?}");
    assert_eq!((forbidden.connections(), asked.load(Ordering::SeqCst)), (0, 0));
    // The control: with the grant they arrive, and the resolver is not asked either.
    for origin in &forms[..3] {
        assert_eq!(get(origin, &wide(), &transport).await.unwrap().2, "forbidden");
    }
    assert_eq!(forbidden.connections(), 3);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

fn bare(url: url::Url) -> (super::super::client::Outgoing, super::super::client::Patience) {
    let limits = Limits::work();
    (
        super::super::client::Outgoing {
            method: http::Method::GET,
            url,
            headers: http::HeaderMap::new(),
            body: Bytes::new(),
        },
        super::super::client::Patience {
            timeout: limits.deadline,
            body_bytes: limits.response_bytes,
            headers: limits.headers,
            header_bytes: limits.header_bytes,
        },
    )
}

#[tokio::test]
async fn redirects_are_handed_to_the_guest_and_lead_nowhere() {
    let forbidden = Server::answering(FORBIDDEN, 0, answer("200 OK", "", "forbidden")).await;
    let elsewhere = format!("http://{}/x", forbidden.address);
    for target in [
        elsewhere.as_str(),
        "http://169.254.169.254/latest/meta-data/",
        "//evil.example/x",
        "/y",
    ] {
        let redirecting = answer("302 Found", &format!("location: {target}\r\n"), "");
        let granted = Server::answering(GRANTED, 0, redirecting).await;
        let origin = format!("http://{}", granted.address);
        let mut egress = Guestless::new(
            policy(&origin, &narrow()),
            client(&narrow(), &Transport::direct()),
            Limits::work(),
        );
        let (status, headers, _) = egress.get(&format!("{origin}/x")).await.unwrap();
        assert_eq!((status, headers["location"].to_str().unwrap()), (302, target));
        assert_eq!(granted.requests().len(), 1, "once, and no further");
        // A guest that follows it is judged like any other.
        let next = url::Url::parse(&origin).unwrap().join(target).unwrap();
        let followed = egress.get(next.as_str()).await.unwrap_err();
        assert_eq!(followed.code, "host.egress-denied", "{followed:?}");
    }
    assert_eq!(forbidden.connections(), 0);
    // The control: a client that follows redirects gets there.
    let granted = Server::answering(
        GRANTED,
        0,
        answer("302 Found", &format!("location: {elsewhere}\r\n"), ""),
    )
    .await;
    let naive = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = naive
        .get(format!("http://{}/x", granted.address))
        .send()
        .await
        .unwrap();
    assert_eq!(body.text().await.unwrap(), "forbidden");
    assert_eq!(forbidden.connections(), 1);
}

#[tokio::test]
async fn a_narrower_grant_uses_no_connection_of_the_wider_one() {
    let (_granted, server) = pair().await;
    let origin = format!("http://psa.example:{}", server.address.port());
    let transport = || Transport::direct().resolving_by(Names::of(&[&[FORBIDDEN]]).0);
    let wider = client(&wide(), &transport());
    let send = async |network: &NetworkGrant, client: Client| {
        let policy = policy(&origin, network);
        Guestless::new(policy, client, Limits::work())
            .get(&format!("{origin}/x"))
            .await
    };
    send(&wide(), wider.clone()).await.unwrap();
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
    assert_refused(
        send(&narrow(), client(&narrow(), &transport())).await,
        "127.0.0.2",
    );
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
    // The control: with the wider grant's pool the request would have left on its open connection.
    send(&narrow(), wider).await.unwrap();
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn nothing_leaves_for_a_call_that_has_been_accounted_for() {
    let granted = Server::answering(GRANTED, 0, answer("200 OK", "", "granted")).await;
    let origin = format!("http://{}", granted.address);
    for closed in [true, false] {
        let mut egress = Guestless::new(
            policy(&origin, &narrow()),
            client(&narrow(), &Transport::direct()),
            Limits::work(),
        );
        egress.frame.record.lock().closed = closed;
        let post = egress
            .send(http::Request::post(format!("{origin}/x")), Bytes::new())
            .await;
        assert_eq!(post.is_err(), closed);
        assert_eq!(granted.connections(), usize::from(!closed));
    }
}
