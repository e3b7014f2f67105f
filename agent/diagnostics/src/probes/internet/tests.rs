use super::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

/// Longer than any test run.
const AMPLE: Duration = Duration::from_secs(600);
/// For those who keep silent.
const SHORT: Duration = Duration::from_millis(300);

/// Somebody who signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

fn authority(organisation: &str) -> Authority {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::OrganizationName, organisation);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().der().clone();
    Authority {
        issuer: Issuer::new(params, key),
        root,
    }
}

fn roots(of: &[&Authority]) -> RootCertStore {
    let mut store = RootCertStore::empty();
    for authority in of {
        store.add(authority.root.clone()).unwrap();
    }
    store
}

/// Reads the head of a request and tells its first line.
fn asked(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            break;
        }
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A server on loopback that handles every connection by `handle`, until the test ends.
fn serve(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            thread::spawn(move || handle(stream));
        }
    });
    address
}

/// One that says the same to everybody, over plain HTTP.
fn says(text: &'static str) -> SocketAddr {
    serve(move |mut stream| {
        asked(&mut stream);
        let _ = stream.write_all(text.as_bytes());
    })
}

/// One for `name` over TLS, certified by `authority`, whose clock shows `date`.
fn secure(authority: &Authority, name: &str, date: &str) -> SocketAddr {
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &authority.issuer).unwrap().der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let answer = format!("HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
    serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        asked(&mut stream);
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.flush();
    })
}

/// An address where nobody listens.
fn refused() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// An address where somebody accepts and never says a word.
fn silent() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn direct(trust: Arc<Trust>) -> Way {
    Way {
        settings: Settings::default(),
        trust: Ok(trust),
        private_too: true,
    }
}

fn nobody() -> Arc<Trust> {
    let somebody = authority("Somebody");
    Trust::of_roots(roots(&[&somebody]), roots(&[&somebody]))
}

fn plan(page: SocketAddr, sites: &[String], way: Way, limit: Duration) -> Plan {
    Plan {
        page: Page::at("127.0.0.1", page.port()),
        sites: sites.to_vec(),
        way,
        system: |_| Some("internet".to_owned()),
        end: Instant::now() + limit,
    }
}

fn local(server: SocketAddr) -> String {
    format!("localhost:{}", server.port())
}

fn now() -> String {
    http_date(0)
}

/// What a clock shows that is `ahead` of this one by so many seconds.
fn http_date(ahead: i64) -> String {
    let moment = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap()
}

const OPEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\nMicrosoft Connect Test";

fn site(server: SocketAddr, trust: Arc<Trust>) -> Site {
    site::ask(&local(server), &direct(trust), Instant::now() + AMPLE).0
}

#[test]
fn an_open_internet_is_told_with_its_sites() {
    let public = authority("Public Trust Inc.");
    let server = secure(&public, "localhost", &now());
    let way = direct(Trust::of_roots(roots(&[&public]), roots(&[&public])));
    let internet = look(plan(says(OPEN), &[local(server)], way, AMPLE));
    assert_eq!(internet.access, Access::Open);
    assert_eq!(internet.system_says.as_deref(), Some("internet"));
    assert!(internet.clock_skew_seconds.unwrap().abs() <= 5, "{internet:?}");
    let [site] = internet.sites.as_slice() else {
        panic!("{internet:?}")
    };
    assert_eq!(
        (site.host.as_str(), site.answered, site.status),
        ("localhost", true, Some(403))
    );
    assert_eq!(
        (site.issuer.as_deref(), site.inspected),
        (Some("Public Trust Inc."), Some(false))
    );
    assert_eq!(site.note, "");
    assert!(site.ms.unwrap() > 0.0);
}

#[test]
fn a_portal_is_told_by_its_host() {
    let portal = says("HTTP/1.1 302 Found\r\nLocation: https://login.hotel.example/?mac=aabbcc\r\n\r\n");
    let internet = look(plan(portal, &[], direct(nobody()), AMPLE));
    assert_eq!(
        (internet.access, internet.portal.as_deref()),
        (Access::Portal, Some("login.hotel.example"))
    );
    let welcome = says("HTTP/1.1 200 OK\r\n\r\n<html>Welcome");
    assert_eq!(
        look(plan(welcome, &[], direct(nobody()), AMPLE)).access,
        Access::Portal
    );
}

#[test]
fn whoever_looks_into_connections_is_told_by_name() {
    let public = authority("Public Trust Inc.");
    let filter = authority("Web Filter Ltd.");
    let server = secure(&filter, "localhost", &now());
    let both = || Trust::of_roots(roots(&[&public, &filter]), roots(&[&public]));
    let inspected = site(server, both());
    assert_eq!(
        (inspected.inspected, inspected.issuer.as_deref()),
        (Some(true), Some("Web Filter Ltd."))
    );
    assert_eq!(inspected.note, "");
    // An own server in the house with an own certificate is not inspected.
    let way = Way {
        private_too: false,
        ..direct(both())
    };
    let own = site::ask(&local(server), &way, Instant::now() + AMPLE).0;
    assert_eq!((own.inspected, own.answered), (None, true));
}

#[test]
fn a_certificate_nobody_believes_is_told_and_the_site_still_asked() {
    let stranger = authority("Stranger");
    let site = site(secure(&stranger, "localhost", &now()), nobody());
    assert_eq!(
        site.note,
        "shows a certificate signed by nobody this computer trusts"
    );
    assert_eq!((site.inspected, site.status), (None, Some(403)));
    assert_eq!(site.issuer.as_deref(), Some("Stranger"));
}

#[test]
fn a_certificate_of_another_host_is_told_as_one() {
    let public = authority("Public Trust Inc.");
    let trust = Trust::of_roots(roots(&[&public]), roots(&[&public]));
    let site = site(secure(&public, "other.example", &now()), trust);
    assert_eq!(
        (site.note.as_str(), site.inspected),
        ("shows a certificate of another host", None)
    );
}

#[test]
fn a_wrong_clock_is_measured_even_if_certificates_do_not_fit() {
    let stranger = authority("Stranger");
    let ahead = secure(&stranger, "localhost", &http_date(-3600));
    let internet = look(plan(refused(), &[local(ahead)], direct(nobody()), AMPLE));
    let skew = internet.clock_skew_seconds.unwrap();
    assert!((3595..=3605).contains(&skew), "{skew}");
}

#[test]
fn refusal_silence_and_strangers_are_told_apart_within_the_limit() {
    let (_held, quiet) = silent();
    let babble = says("SSH-2.0-OpenSSH\r\n");
    let sites = [local(refused()), local(quiet), local(babble)];
    let began = Instant::now();
    let each: Vec<String> = sites
        .iter()
        .map(|name| site::ask(name, &direct(nobody()), Instant::now() + SHORT).0)
        .map(|site| {
            assert!(!site.answered && site.ms.is_none(), "{site:?}");
            site.note
        })
        .collect();
    assert_eq!(each[..2], ["refuses connections", "does not answer"]);
    assert!(!each[2].is_empty(), "{each:?}");
    assert!(began.elapsed() < AMPLE);
}

#[test]
fn whoever_is_not_heard_of_in_time_is_told_as_late() {
    let (_held, quiet) = silent();
    let plan = plan(quiet, &[local(quiet)], direct(nobody()), SHORT);
    let internet = look(plan);
    assert!(
        matches!(internet.access, Access::None | Access::Unknown),
        "{internet:?}"
    );
    assert_eq!(internet.sites.len(), 1);
    assert!(
        internet.sites[0].note.starts_with("does not answer"),
        "{internet:?}"
    );
}

/// A proxy that opens a tunnel to wherever it is asked to, and tells what it was asked.
fn proxy(refuses: Option<&'static str>) -> (SocketAddr, Receiver<String>) {
    let (sender, receiver) = channel();
    let address = serve(move |mut stream| {
        let line = asked(&mut stream);
        sender.send(line.clone()).unwrap();
        if let Some(refusal) = refuses {
            let _ = stream.write_all(refusal.as_bytes());
            return;
        }
        if line.starts_with("GET ") {
            let _ = stream.write_all(OPEN.as_bytes());
            return;
        }
        let port: u16 = line.split([':', ' ']).nth(2).unwrap().parse().unwrap();
        let mut there = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let mut back = (there.try_clone().unwrap(), stream.try_clone().unwrap());
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .unwrap();
        thread::spawn(move || std::io::copy(&mut back.0, &mut back.1));
        let _ = std::io::copy(&mut stream, &mut there);
    });
    (address, receiver)
}

fn through(proxy: SocketAddr, trust: Arc<Trust>) -> Way {
    Way {
        settings: Settings {
            proxy: proxy::parse(&format!("http://maria:s3cret@{proxy}")),
            ..Settings::default()
        },
        ..direct(trust)
    }
}

#[test]
fn where_a_proxy_is_set_everything_goes_through_it_and_no_password_is_told() {
    let public = authority("Public Trust Inc.");
    let server = secure(&public, "localhost", &now());
    let (address, heard) = proxy(None);
    let way = through(address, Trust::of_roots(roots(&[&public]), roots(&[&public])));
    let internet = look(plan(refused(), &[local(server)], way, AMPLE));
    assert_eq!(
        (internet.access, internet.proxy_answers),
        (Access::Open, Some(true))
    );
    assert_eq!(internet.proxy, Some(address.to_string()));
    assert_eq!(
        (internet.sites[0].status, internet.sites[0].inspected),
        (Some(403), Some(false))
    );
    let mut heard: Vec<String> = heard.try_iter().filter(|line| !line.is_empty()).collect();
    heard.sort();
    assert_eq!(
        heard,
        [
            format!("CONNECT localhost:{} HTTP/1.1", server.port()),
            "GET http://127.0.0.1/connecttest.txt HTTP/1.1".to_owned()
        ]
    );
    assert!(!serde_json::to_string(&internet).unwrap().contains("s3cret"));
}

#[test]
fn a_dead_proxy_and_one_that_wants_a_sign_in_are_told_apart() {
    let dead = look(plan(
        says(OPEN),
        &["a.example".to_owned()],
        through(refused(), nobody()),
        AMPLE,
    ));
    assert_eq!((dead.access, dead.proxy_answers), (Access::None, Some(false)));
    assert!(dead.sites[0].note.ends_with("refuses connections"), "{dead:?}");
    let (address, _heard) = proxy(Some("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    let strict = look(plan(
        says(OPEN),
        &["a.example".to_owned()],
        through(address, nobody()),
        AMPLE,
    ));
    assert_eq!((strict.access, strict.proxy_answers), (Access::None, Some(true)));
    assert_eq!(strict.sites[0].note, "cannot be asked: the proxy wants a sign-in");
}

#[test]
fn a_script_is_told_with_whether_its_server_accepts() {
    let with = |server: SocketAddr| {
        let mut way = direct(nobody());
        way.settings.script = Some(format!("http://{server}/proxy.pac?token=1"));
        look(plan(says(OPEN), &[], way, AMPLE))
    };
    let (_held, quiet) = silent();
    let told = with(quiet);
    assert_eq!(told.proxy_script, Some(format!("http://{quiet}/proxy.pac")));
    assert_eq!(told.proxy_script_answers, Some(true));
    assert_eq!(with(refused()).proxy_script_answers, Some(false));
}

#[test]
fn the_certificates_of_this_machine_can_be_read() {
    assert!(Trust::of_this_machine().is_ok());
}
