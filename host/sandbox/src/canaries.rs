//! Secrets that sing: a key and a token that stand nowhere else, looked for after whole calls of a real connector
//! in all that is left of them. The PSA here sends back whatever it is sent, in every form.

use crate::{
    Binding, CallContext, Limits, NetworkGrant, Sandbox, Session, Transport,
    egress::live::{GRANTED, Server, answer},
    engine,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use helpbell_end_to_end::built;
use helpbell_model::{DeviceFacts, Draft, Person, PressId, connector::Grant};
use std::{
    fs,
    io::Write,
    path::Path,
    ptr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicPtr, AtomicUsize, Ordering},
    },
};
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.canary/token+part.x9";
const SECRET: &str = "canary-secret/part+of==the-key";

/// Every form in which a canary may turn up. Base64 depends on where in a text it begins: what is the same at
/// each of the three places is looked for.
fn forms(canary: &str) -> Vec<String> {
    let mut forms = vec![
        canary.to_owned(),
        canary.replace('/', "\\/"),
        url::form_urlencoded::byte_serialize(canary.as_bytes()).collect(),
        hex::encode(canary),
        hex::encode_upper(canary),
    ];
    for before in ["", "x", "xx"] {
        let encoded = STANDARD.encode(format!("{before}{canary}"));
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms
}

/// The first form of either canary that is in there.
fn found(bytes: &[u8]) -> Option<String> {
    found_of(TOKEN, bytes).or_else(|| found_of(SECRET, bytes))
}

fn found_of(canary: &str, bytes: &[u8]) -> Option<String> {
    forms(canary)
        .into_iter()
        .find(|form| memchr::memmem::find(bytes, form.as_bytes()).is_some())
}

/// Bytes of one guest's memory in these tests.
const MEMORY_BYTES: usize = 64 << 20;

/// Remembers what stood in every guest's memory when it was thrown away.
#[derive(Default)]
struct Remembering(Arc<Mutex<Vec<Vec<u8>>>>);

struct Memory {
    base: AtomicPtr<u8>,
    size: AtomicUsize,
    remembered: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[expect(
    unsafe_code,
    reason = "wasmtime asks whoever makes memories to promise that they are"
)]
// SAFETY: the allocation is zeroed, never moves, lives as long as the value, and is larger than any `byte_size`.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.size.load(Ordering::SeqCst)
    }

    fn byte_capacity(&self) -> usize {
        MEMORY_BYTES
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > MEMORY_BYTES {
            return Err(wasmtime::Error::msg("this memory is full"));
        }
        self.size.store(new_size, Ordering::SeqCst);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.base.load(Ordering::SeqCst)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "takes back what `new_memory` gave away")]
        // SAFETY: made by `Box::into_raw` with this length; nobody runs in it any more.
        let whole = unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(self.as_ptr(), MEMORY_BYTES)) };
        self.remembered
            .lock()
            .unwrap()
            .push(whole[..self.byte_size()].to_vec());
    }
}

#[expect(
    unsafe_code,
    reason = "wasmtime asks whoever makes memories to promise that they are"
)]
// SAFETY: no reservation and no guard are asked for (see `sandbox`), so that a memory is what it is.
unsafe impl MemoryCreator for Remembering {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        _reserved: Option<usize>,
        _guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let whole = Box::into_raw(vec![0_u8; MEMORY_BYTES].into_boxed_slice());
        Ok(Box::new(Memory {
            base: AtomicPtr::new(whole.cast()),
            size: AtomicUsize::new(minimum),
            remembered: Arc::clone(&self.0),
        }))
    }
}

/// The sandbox as ever, except that its guests' memories are remembered.
fn sandbox() -> (Sandbox, Arc<Mutex<Vec<Vec<u8>>>>) {
    let remembering = Remembering::default();
    let remembered = Arc::clone(&remembering.0);
    let mut config = engine::config();
    config
        .with_host_memory(Arc::new(remembering))
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_init_cow(false);
    (Sandbox::configured(&config, None).unwrap(), remembered)
}

/// A PSA that gives out a token, and answers everything else with what it was sent.
async fn psa() -> Server {
    Server::speaking(GRANTED, 0, |head| {
        if head.contains("/auth/token") {
            let token = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#);
            return answer("200 OK", "content-type: application/json\r\nconnection: close\r\n", &token).into();
        }
        let json = |text: &str| serde_json::to_string(text).unwrap();
        let body = format!(
            r#"{{"record_count":1,"users":[{{"id":7,"emailaddress":"maria@acme.example","name":{head},"client_id":3,
            "client_name":{base64},"site_id":4,"site_name":{hex}}}],"escaped":{escaped},"slashed":"{slashed}","key":{key}}}"#,
            head = json(head),
            base64 = json(&STANDARD.encode(head)),
            hex = json(&hex::encode(head)),
            escaped = json(&url::form_urlencoded::byte_serialize(head.as_bytes()).collect::<String>()),
            slashed = TOKEN.replace('/', "\\/"),
            key = json(&format!("client:{SECRET}")),
        );
        let line = head.replace("\r\n", " ");
        let headers = format!("content-type: application/json\r\nx-echo: {line}\r\nset-cookie: {TOKEN}\r\nconnection: close\r\n");
        answer("200 OK", &headers, &body).into()
    })
    .await
}

/// All files below a folder, with their names.
fn files(folder: &Path) -> Vec<u8> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        all.extend(entry.file_name().into_encoded_bytes());
        all.extend(if entry.path().is_dir() {
            files(&entry.path())
        } else {
            fs::read(entry.path()).unwrap()
        });
    }
    all
}

/// Where the program's own log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_canary_is_heard_after_whole_calls() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);

    let (psa, state) = (psa().await, tempfile::tempdir().unwrap());
    let (sandbox, remembered) = sandbox();
    let take = || std::mem::take(&mut *remembered.lock().unwrap());
    let connector = sandbox.load(&built::connector("halo")).await.unwrap();
    let settings = [
        ("hosting", "hosted".to_owned()),
        ("resource-server", format!("http://{}/api", psa.address)),
        ("authorisation-server", format!("http://{}/auth", psa.address)),
    ];
    let binding = Binding {
        tenant: "test".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        secrets: vec![("api-key".to_owned(), format!("acme+client:{SECRET}").into())],
        grant: Grant::everything(connector.description(), connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        },
        transport: Transport::direct(),
        state_folder: Some(state.path().to_owned()),
        limits: Limits::work(),
    };
    let session = Session::bind(Arc::clone(&connector), binding).unwrap();
    let described = take();
    assert!(!described.is_empty(), "memories are remembered");

    // The control: whoever authenticates has had both in its memory, and what it has not written over since is found.
    let mut told = format!("{:?}", session.authenticate().await);
    let authenticated = take().concat();
    let seen = [TOKEN, SECRET].map(|canary| found_of(canary, &authenticated));
    assert!(seen.iter().any(Option::is_some), "{seen:?}");
    told += &format!("{:?}", session.identity().await);

    let context = CallContext {
        press: Some(PressId::new()),
        locale: "en".to_owned(),
        not_after: None,
    };
    let maria = Person {
        name: "Maria".to_owned(),
        email: "maria@acme.example".to_owned(),
        phone: None,
        company: None,
    };
    let contact = session.find_contact(&context, &maria).await;
    assert!(
        format!("{contact:?}").contains("[secret]"),
        "the echo came that far: {contact:?}"
    );
    told += &format!("{contact:?}");
    let draft = Draft {
        summary: "x".to_owned(),
        body_html: "x".to_owned(),
        body_text: "x".to_owned(),
        person: maria,
        contact: contact.result.ok().flatten().map(|(contact, _)| contact),
        device: None,
        facts: DeviceFacts::default(),
        fields: vec![("team".to_owned(), "1st Line".to_owned())],
    };
    told += &format!("{:?}", session.create(&context, &draft).await);
    told += &format!("{:?}", session.find_tickets(&context, PressId::new()).await);
    told += &format!("{:?}", session.choices(&context, "team", &[]).await);
    for check in session.checks(&context).await.result.unwrap_or_default() {
        told += &format!(
            "{:?}",
            session
                .examine(&context, &check.id, crate::Configured::default())
                .await
        );
    }
    assert!(psa.requests().len() > 5, "{:?}", psa.requests());
    assert!(
        psa.requests().iter().any(|head| head.contains(TOKEN)),
        "it was sent"
    );

    drop((session, logging));
    let worked = take();
    assert!(worked.len() > 5, "{} memories", worked.len());
    for memory in described.iter().chain(&worked) {
        assert_eq!(found(memory), None, "in a guest's memory");
    }
    assert_eq!(found(told.as_bytes()), None, "in {told}");
    let kept = files(state.path());
    assert!(
        memchr::memmem::find(&kept, b"[secret]").is_some(),
        "the contact was kept"
    );
    assert_eq!(found(&kept), None, "in the state folder");
    let log = log.0.lock().unwrap();
    assert!(
        memchr::memmem::find(&log, b"a server sent the authorisation back").is_some(),
        "the program's log is heard"
    );
    assert_eq!(found(&log), None, "in the program's log");
}

/// The control: what is looked for is what such a server sends.
#[tokio::test]
async fn every_form_is_found_where_nobody_takes_it_out() {
    // Whichever test comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let psa = psa().await;
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = request
        .get(format!("http://{}/api/Users", psa.address))
        .header("authorization", format!("Bearer {TOKEN}"))
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    let forms = forms(TOKEN);
    let heard = forms.iter().filter(|form| text.contains(*form)).count();
    // One of the three places in base64.
    assert_eq!(heard, forms.len() - 3, "{text}");
}
