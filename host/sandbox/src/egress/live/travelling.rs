//! TLS for the name, authorities of one's own, and proxies.

use super::super::transport::{Authorities, Proxy};
use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A private authority, and a server on this machine with its certificate for one name.
struct Secure {
    authority: String,
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Secure {
    async fn named(name: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((GRANTED, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut head = vec![];
                    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                        if stream.read_buf(&mut head).await.is_ok_and(|read| read == 0) {
                            break;
                        }
                    }
                    let _ = stream.write_all(answer("200 OK", "", "secure").as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        Self {
            authority,
            port,
            task,
        }
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn here() -> NetworkGrant {
    NetworkGrant {
        allow_http: false,
        allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
    }
}

fn resolving() -> Transport {
    Transport::direct().resolving_by(Names::of(&[&[GRANTED]]).0)
}

#[tokio::test]
async fn tls_is_for_the_name_and_trusts_only_who_was_named() {
    let server = Secure::named("psa.example").await;
    let authorities = Authorities::from_pem(server.authority.as_bytes()).unwrap();
    assert_eq!(authorities.count(), 1);
    let trusting = resolving().trusting(authorities);
    let origin = |name: &str| format!("https://{name}:{}", server.port);
    let (status, _, body) = get(&origin("psa.example"), &here(), &trusting).await.unwrap();
    assert_eq!((status, body.as_ref()), (200, b"secure".as_slice()));
    // The same address by another name: the certificate is not for it.
    let other = get(&origin("other.example"), &here(), &trusting)
        .await
        .unwrap_err();
    assert_eq!(other.code, "host.unreachable", "{other:?}");
    assert!(other.message.contains("certificate"), "{other:?}");
    // By its address, which the certificate does not name either.
    let address = get(&origin(GRANTED), &here(), &trusting).await.unwrap_err();
    assert_eq!(address.code, "host.unreachable", "{address:?}");
    // An authority nobody named.
    let unknown = get(&origin("psa.example"), &here(), &resolving())
        .await
        .unwrap_err();
    assert_eq!(unknown.code, "host.unreachable", "{unknown:?}");
}

#[tokio::test]
async fn a_proxy_is_given_names_and_the_policy_holds_before_it() {
    let proxy = Server::answering(GRANTED, 0, answer("200 OK", "", "by proxy")).await;
    let (names, asked) = Names::of(&[&[FORBIDDEN]]);
    let transport = Transport::direct()
        .resolving_by(names)
        .through(Proxy::parse(&format!("http://{}", proxy.address)).unwrap());
    // Neither the proxy's address nor the name's needs a grant.
    let open = network(&[]);
    let answer = get("http://psa.example", &open, &transport).await.unwrap();
    assert_eq!(answer.2, "by proxy");
    assert!(
        proxy.requests()[0].starts_with("GET http://psa.example/x HTTP/1.1"),
        "{:?}",
        proxy.requests()
    );
    // https is a tunnel: this proxy is no good at it, but it was asked.
    get("https://psa.example", &open, &transport).await.unwrap_err();
    assert!(
        proxy.requests()[1].starts_with("CONNECT psa.example:443 HTTP/1.1"),
        "{:?}",
        proxy.requests()
    );
    assert_eq!(asked.load(Ordering::SeqCst), 0, "names are the proxy's");
    // What needs no address is judged as ever.
    let closed = NetworkGrant::default();
    assert_refused(
        get("http://psa.example", &closed, &transport).await,
        "is plain http",
    );
    assert_refused(
        get("https://169.254.169.254", &open, &transport).await,
        "cannot be granted",
    );
    assert_refused(get("https://10.0.0.5", &open, &transport).await, "is private");
    assert_eq!(proxy.requests().len(), 2);
    // The control: without a proxy the name leads to an address that is refused.
    let direct = Transport::direct().resolving_by(Names::of(&[&[FORBIDDEN]]).0);
    assert_refused(
        get("http://psa.example", &open, &direct).await,
        "127.0.0.2 is loopback",
    );
}

#[tokio::test]
async fn a_proxy_is_found_by_its_name() {
    let proxy = Server::answering(GRANTED, 0, answer("200 OK", "", "by proxy")).await;
    let (names, asked) = Names::of(&[&[GRANTED]]);
    let transport = Transport::direct()
        .resolving_by(names)
        .through(Proxy::parse(&format!("http://proxy.example:{}", proxy.address.port())).unwrap());
    assert_eq!(
        get("http://psa.example", &network(&[]), &transport)
            .await
            .unwrap()
            .2,
        "by proxy"
    );
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "the operator chose it: its address needs no grant"
    );
}
