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
        Arc, Mutex, Weak,
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

/// A page in which nothing stands.
const EMPTY_PAGE: &[u8] = &[0; 4096];
/// Bytes of one guest's memory in these tests.
const MEMORY_BYTES: usize = 64 << 20;

/// What stands in guests' memories, at any time and when they are thrown away.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<Memories>>);

#[derive(Default)]
struct Memories {
    all: Vec<Weak<Block>>,
    thrown_away: Vec<Vec<u8>>,
}

impl Guests {
    /// All memories there are now. Nobody runs in them meanwhile: these tests have one thread, and it is here.
    fn look(&self) -> Vec<Vec<u8>> {
        let all = self.0.lock().unwrap().all.clone();
        all.iter()
            .filter_map(Weak::upgrade)
            .map(|block| block.copy())
            .collect()
    }

    /// What stood in memories that were thrown away since this was asked last.
    fn thrown_away(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.0.lock().unwrap().thrown_away)
    }
}

/// The bytes of one memory.
struct Block {
    base: AtomicPtr<u8>,
    size: AtomicUsize,
}

impl Block {
    fn zeroed(size: usize) -> Self {
        let whole = Box::into_raw(vec![0_u8; MEMORY_BYTES].into_boxed_slice());
        Self {
            base: AtomicPtr::new(whole.cast()),
            size: AtomicUsize::new(size),
        }
    }

    /// What stands in it, without the pages in which nothing does: no canary lies across one.
    fn copy(&self) -> Vec<u8> {
        let (base, size) = (self.base.load(Ordering::SeqCst), self.size.load(Ordering::SeqCst));
        #[expect(unsafe_code, reason = "a guest's memory is looked into from outside")]
        // SAFETY: allocated until `self` is dropped, never smaller than `size`, and nobody writes (see `Guests::look`).
        let whole = unsafe { std::slice::from_raw_parts(base, size) };
        whole
            .chunks(EMPTY_PAGE.len())
            .filter(|page| *page != EMPTY_PAGE)
            .collect::<Vec<_>>()
            .concat()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let base = self.base.load(Ordering::SeqCst);
        #[expect(unsafe_code, reason = "takes back what `zeroed` gave away")]
        // SAFETY: made by `Box::into_raw` with this length; nobody has it any more.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(base, MEMORY_BYTES)) });
    }
}

/// A memory as wasmtime has it.
struct Memory {
    block: Arc<Block>,
    guests: Guests,
}

#[expect(
    unsafe_code,
    reason = "wasmtime asks whoever makes memories to promise that they are"
)]
// SAFETY: the block is zeroed, never moves, lives as long as the value, and is larger than any `byte_size`.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.block.size.load(Ordering::SeqCst)
    }

    fn byte_capacity(&self) -> usize {
        MEMORY_BYTES
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > MEMORY_BYTES {
            return Err(wasmtime::Error::msg("this memory is full"));
        }
        self.block.size.store(new_size, Ordering::SeqCst);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.block.base.load(Ordering::SeqCst)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let last = self.block.copy();
        self.guests.0.lock().unwrap().thrown_away.push(last);
    }
}

#[expect(
    unsafe_code,
    reason = "wasmtime asks whoever makes memories to promise that they are"
)]
// SAFETY: no reservation and no guard are asked for (see `sandbox`), so that a memory is what it is.
unsafe impl MemoryCreator for Guests {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        _reserved: Option<usize>,
        _guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let block = Arc::new(Block::zeroed(minimum));
        self.0.lock().unwrap().all.push(Arc::downgrade(&block));
        Ok(Box::new(Memory {
            block,
            guests: self.clone(),
        }))
    }
}

/// The sandbox as ever, except that its guests' memories can be looked into.
fn sandbox(guests: &Guests) -> Sandbox {
    let mut config = engine::config();
    config
        .with_host_memory(Arc::new(guests.clone()))
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_init_cow(false);
    Sandbox::configured(&config, None).unwrap()
}

/// A PSA that gives out a token, and answers everything else with what it was sent. `arrived` hears of every request
/// before it is answered, while the guest waits.
async fn psa(arrived: impl Fn(&str) + Send + Sync + 'static) -> Server {
    Server::speaking(GRANTED, 0, move |head| {
        arrived(head);
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

/// Hears the log of this whole process, of all threads, and keeps what matters here.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    canaries: Vec<String>,
    echo_was_told: bool,
}

impl Write for Listener {
    /// Takes one event: that is what the subscriber writes at a time.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut heard = self.0.lock().unwrap();
        if found(bytes).is_some() {
            heard.canaries.push(String::from_utf8_lossy(bytes).into_owned());
        }
        heard.echo_was_told |= memchr::memmem::find(bytes, b"a server sent the authorisation back").is_some();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens from now on.
fn listener() -> Listener {
    let listener = Listener::default();
    let writer = listener.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    listener
}

#[tokio::test]
async fn no_canary_is_heard_after_whole_calls() {
    let listener = listener();
    let guests = Guests::default();
    // Per request that arrives: whether it asks for a token, and which canaries stood in a guest's memory then.
    let looks = Arc::new(Mutex::new(Vec::new()));
    let psa = {
        let (guests, looks) = (guests.clone(), Arc::clone(&looks));
        psa(move |head| {
            let memory = guests.look().concat();
            let seen = [TOKEN, SECRET].map(|canary| found_of(canary, &memory));
            looks.lock().unwrap().push((head.contains("/auth/token"), seen));
        })
        .await
    };
    let state = tempfile::tempdir().unwrap();
    let sandbox = sandbox(&guests);
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
    let described = guests.thrown_away();
    assert!(!described.is_empty(), "memories are remembered");

    // The controls: whoever authenticates has the key in its memory while it asks for a token, and the token when it is
    // done; what a guest has had is seen.
    let mut told = format!("{:?}", session.authenticate().await);
    let (asks, [_, key]) = looks.lock().unwrap().remove(0);
    assert!(asks && key.is_some(), "the key in the memory of `authenticate`");
    let authenticated = guests.thrown_away().concat();
    assert!(
        found_of(TOKEN, &authenticated).is_some(),
        "the token in the memory of `authenticate`"
    );
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

    drop(session);
    let worked = guests.thrown_away();
    assert!(worked.len() > 5, "{} memories", worked.len());
    for memory in described.iter().chain(&worked) {
        assert_eq!(found(memory), None, "in a guest's memory");
    }
    let looks = std::mem::take(&mut *looks.lock().unwrap());
    assert!(looks.len() > 5, "{looks:?}");
    for look in looks {
        assert_eq!(look, (false, [None, None]), "in a guest's memory while it worked");
    }
    assert_eq!(found(told.as_bytes()), None, "in {told}");
    let kept = files(state.path());
    assert!(
        memchr::memmem::find(&kept, b"[secret]").is_some(),
        "the contact was kept"
    );
    assert_eq!(found(&kept), None, "in the state folder");
    let heard = listener.0.lock().unwrap();
    assert!(heard.echo_was_told, "the program's log is heard");
    assert_eq!(heard.canaries, Vec::<String>::new(), "in the program's log");
}

/// The control: what is looked for is what such a server sends.
#[tokio::test]
async fn every_form_is_found_where_nobody_takes_it_out() {
    // Whichever test comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let psa = psa(|_| ()).await;
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
