//! What a press is measured in: a local Halo, a connector, a person with a machine, and a report.

use super::Case;
use anyhow::{Context as _, Result, anyhow};
use helpbell_delivery::{
    Clock, Custodian, Delivery, LOOK_EVERY, Pace, Stand, Store as _, Submission, Worker, store::Sqlite,
};
use helpbell_model::{Attachment, DeviceFacts, Person, Press, PressId, Receipt, connector::Grant};
use helpbell_sandbox::{Binding, Limits, NetworkGrant, Sandbox, Session, Transport};
use psa_sandbox::halo::{Behaviour, Halo, HaloConfig, Seed, Settings, seed::Asset};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Bytes of the report as a page: one picture of a screen of ordinary size and the examination.
const REPORT_BYTES: usize = 300_000;
/// Bytes of the same report for programs, as an ordinary machine makes it.
const DATA_BYTES: usize = 6_000;

/// A person and their machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    name: &'static str,
    email: &'static str,
    hostname: &'static str,
}

/// Who presses while it is measured.
pub(super) const KNOWN: Who = Who {
    name: "Maria Rossi",
    email: "maria.rossi@bianchi.example",
    hostname: "BENCH-PC",
};
/// Who pressed before, on another machine at another client: it is not they who are found in the cache.
const OTHER: Who = Who {
    name: "Priya Patel",
    email: "priya.patel@northgate-dental.example",
    hostname: "RECEPTION-PC",
};

/// The machine of [`KNOWN`] in the local Halo: an id that the built-in world does not use, at their site.
const BENCH_PC: (i64, i64) = (900, 101);

/// Everything that stays the same between presses.
pub(super) struct Scene {
    /// The PSA.
    pub(super) halo: Halo,
    /// What a client is configured with.
    pub(super) settings: Settings,
    connector: PathBuf,
    /// What processes left on disk that delivered a press of [`OTHER`], and one of [`KNOWN`] too.
    after_other: TempDir,
    after_known: TempDir,
    /// Where the local Halo runs; dropped after it.
    _server: tokio::runtime::Runtime,
}

/// A bound connector and an outbox.
pub(super) struct Ready {
    delivery: Delivery,
    store: Sqlite,
    me: Custodian,
}

impl Ready {
    /// Takes a press into custody, on disk, and delivers it, every step journaled.
    pub(super) async fn deliver(&self, submission: &Submission) -> Result<Receipt> {
        let clock = Clock::system();
        self.store
            .accept(submission, &self.me, clock.now(), vec![])
            .await?;
        let worker = Worker {
            store: &self.store,
            delivery: &self.delivery,
            clock,
            me: &self.me,
            pace: &Pace::new(clock.now()),
            look_every: LOOK_EVERY,
            observer: &|_| (),
        };
        let outcome = worker.deliver_now(submission.press.id).await?;
        match (outcome.stand, outcome.receipt) {
            (Stand::Delivered, Some(receipt)) => Ok(receipt),
            (stand, _) => Err(anyhow!("failed to deliver a press: {stand:?}")),
        }
    }
}

impl Scene {
    /// Starts the local Halo without a rate limit and leaves the traces of earlier presses.
    pub(super) fn set(connector: &Path) -> Result<Self> {
        let server = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("local-halo")
            .enable_all()
            .build()
            .context("failed to start the runtime of the local Halo")?;
        let halo = server
            .block_on(Halo::start(HaloConfig {
                seed: seed(),
                behaviour: Behaviour {
                    rate_limit: None,
                    ..Behaviour::default()
                },
                ..HaloConfig::default()
            }))
            .context("failed to start the local Halo")?;
        let scene = Self {
            settings: halo.settings(),
            halo,
            connector: connector.to_owned(),
            after_other: folder()?,
            after_known: folder()?,
            _server: server,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("failed to start the runtime")?;
        runtime.block_on(async {
            let other = scene.submission(OTHER)?;
            scene
                .open(scene.after_other.path())
                .await?
                .deliver(&other)
                .await?;
            copy(scene.after_other.path(), scene.after_known.path())?;
            let known = scene.submission(KNOWN)?;
            scene
                .open(scene.after_known.path())
                .await?
                .deliver(&known)
                .await?;
            anyhow::Ok(())
        })?;
        Ok(scene)
    }

    /// A state folder as the case finds it, of its own.
    pub(super) fn state(&self, case: Case) -> Result<TempDir> {
        let state = folder()?;
        match case {
            Case::Cold => {}
            Case::Warm => copy(self.after_other.path(), state.path())?,
            Case::WarmKnown | Case::Remembered => copy(self.after_known.path(), state.path())?,
        }
        Ok(state)
    }

    /// What a new process does before it can deliver: the sandbox, the connector, the session.
    pub(super) async fn open(&self, state: &Path) -> Result<Ready> {
        let sandbox = Sandbox::new(Some(state.join("compiled")))?;
        let connector = sandbox.load(&self.connector).await?;
        let description = connector.description();
        let secret = description
            .secrets
            .first()
            .context("the connector takes no secret")?;
        let binding = Binding {
            tenant: "bench".to_owned(),
            settings: vec![
                (
                    "resource-server".to_owned(),
                    self.settings.resource_server.clone(),
                ),
                (
                    "authorisation-server".to_owned(),
                    self.settings.authorisation_server.clone(),
                ),
            ],
            secrets: vec![(secret.name.clone(), self.settings.api_key.clone().into())],
            grant: Grant::everything(description, connector.sha256()),
            network: NetworkGrant {
                allow_http: true,
                allow_addresses: vec![std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST).into()],
            },
            transport: Transport::direct(),
            state_folder: Some(state.to_owned()),
            limits: Limits::work(),
        };
        let session = Session::bind(connector, binding)?;
        let defaults = [("team", "1st Line Support"), ("impact", "3"), ("urgency", "3")];
        let defaults = defaults.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Ready {
            delivery: Delivery::new(session, defaults.into()),
            store: Sqlite::open(&state.join("outbox")).await?,
            me: Custodian::new(),
        })
    }

    /// A connector that has delivered for this person and machine already, in this process.
    pub(super) async fn remembering(&self) -> Result<Ready> {
        let ready = self.open(self.after_known.path()).await?;
        ready.deliver(&self.submission(KNOWN)?).await?;
        Ok(ready)
    }

    /// A complete press with its report. All presses are of the same size.
    pub(super) fn submission(&self, who: Who) -> Result<Submission> {
        let id = PressId::new();
        let press = Press {
            id,
            pressed_at: jiff::Timestamp::now(),
            person: Person {
                name: who.name.to_owned(),
                email: who.email.to_owned(),
                phone: Some("040 123 456".to_owned()),
                company: None,
            },
            message: "The printer on the second floor does nothing, and the invoice must go out today."
                .to_owned(),
            selections: vec!["This is affecting my work".to_owned()],
            append: None,
            device: DeviceFacts {
                hostname: who.hostname.to_owned(),
                macs: vec!["02:00:00:00:00:07".to_owned()],
                serial: None,
                ip: Some("192.0.2.7".to_owned()),
                os: "Debian GNU/Linux 12".to_owned(),
                user: Some("maria".to_owned()),
            },
            locale: "en".to_owned(),
        };
        let file = |name: &str, content_type: &str, bytes: usize| Attachment {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            bytes: content(bytes),
            reference: format!("{id}/{name}"),
        };
        let files = vec![
            file("report.html", "text/html; charset=utf-8", REPORT_BYTES),
            file("report.json", "application/json", DATA_BYTES),
        ];
        Ok(Submission::new(press, vec![], files)?)
    }
}

fn seed() -> Seed {
    let mut seed = Seed::default();
    let (id, site_id) = BENCH_PC;
    seed.assets.push(Asset {
        id,
        site_id,
        hostname: KNOWN.hostname.to_owned(),
        inventory_number: KNOWN.hostname.to_owned(),
        type_id: 131,
        type_name: "Desktop".to_owned(),
        serial: String::new(),
        mac: String::new(),
        inactive: false,
    });
    seed
}

fn folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("helpbell-bench-")
        .tempdir()
        .context("failed to make a temporary folder")
}

/// Copies a folder with all below it. Rights go along; the sandbox trusts only what is private.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("failed to copy {} to {}", from.display(), to.display());
    fs::create_dir_all(to).with_context(failed)?;
    let rights = fs::metadata(from).with_context(failed)?.permissions();
    fs::set_permissions(to, rights).with_context(failed)?;
    for entry in fs::read_dir(from).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).with_context(failed)?;
        }
    }
    Ok(())
}

/// Letters and digits without a pattern, as an embedded picture has them, and the same in every run.
fn content(bytes: usize) -> Vec<u8> {
    const ALPHABET: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = SEED;
    let next = || {
        // xorshift64: even enough, and no dependency.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let index = usize::try_from(state % 64).unwrap_or_default();
        ALPHABET.get(index).copied()
    };
    std::iter::from_fn(next).take(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_has_its_size_and_every_letter_of_its_alphabet() {
        let content = content(REPORT_BYTES);
        assert_eq!(content.len(), REPORT_BYTES);
        let letters: std::collections::BTreeSet<u8> = content.into_iter().collect();
        assert_eq!(letters.len(), 64);
    }

    #[test]
    fn a_folder_is_copied_with_its_folders_and_their_rights() {
        let (from, to) = (folder().unwrap(), folder().unwrap());
        let inner = from.path().join("cache");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("a"), "1").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&inner, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        copy(from.path(), to.path()).unwrap();
        let copied = to.path().join("cache");
        assert_eq!(fs::read_to_string(copied.join("a")).unwrap(), "1");
        assert_eq!(
            fs::metadata(copied).unwrap().permissions(),
            fs::metadata(inner).unwrap().permissions()
        );
    }

    #[test]
    fn the_persons_machine_is_in_the_local_halo_once_and_at_their_site() {
        let seed = seed();
        let person = seed.users.iter().find(|user| user.email == KNOWN.email).unwrap();
        let machines: Vec<_> = seed
            .assets
            .iter()
            .filter(|asset| asset.hostname == KNOWN.hostname)
            .collect();
        assert_eq!(machines.len(), 1);
        assert_eq!(machines[0].site_id, person.site_id);
        assert_eq!(
            seed.assets.iter().filter(|asset| asset.id == BENCH_PC.0).count(),
            1
        );
    }
}
