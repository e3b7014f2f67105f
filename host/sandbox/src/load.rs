//! From a file to a connector that can be called.

use crate::{
    call::Frame,
    contract::{
        PACKAGE, REQUIRED, VERSION,
        bindings::{
            Connector as Exports, ConnectorPre, change_poller::ChangePollerPre, examiner::ExaminerPre,
            webhook_receiver::WebhookReceiverPre,
        },
        from_guest,
    },
    egress::hook::Egress,
    engine::Sandbox,
    guest::{self, Guest, Role},
    limits::Limits,
    run::{self, Instance},
};
use helpbell_model::{Failure, connector::Description};
use sha2::{Digest as _, Sha256};
use std::{path::Path, sync::Arc};
use wasmtime::{
    Engine, Store,
    component::{Component, InstancePre, types::ComponentItem},
};

/// Larger files are no connectors: the fattest interpreters stay below forty megabytes.
const FILE_BYTES: u64 = 64 << 20;

/// Characters shown of a name or a version out of a file.
const SHOWN_CHARS: usize = 100;

/// Why a file is not a connector that this host can run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// wasmtime does not run here.
    #[error("failed to start the sandbox: {0}")]
    Engine(String),
    /// The file cannot be read.
    #[error("failed to read the connector {file}: {reason}")]
    Read {
        /// Its path.
        file: String,
        /// The system's reason.
        reason: String,
    },
    /// Larger than any connector.
    #[error("{file} is larger than {FILE_BYTES} bytes and therefore no connector")]
    TooLarge {
        /// Its path.
        file: String,
    },
    /// Not WebAssembly at all.
    #[error(
        "{file} is not a WebAssembly file (it does not begin with \\0asm); give the .wasm file that the connector's build wrote"
    )]
    NotWasm {
        /// Its path.
        file: String,
    },
    /// WebAssembly, but a core module.
    #[error(
        "{file} is a core WebAssembly module, not a component; build it with: cargo build --release --target wasm32-wasip2"
    )]
    CoreModule {
        /// Its path.
        file: String,
    },
    /// Damaged, or made with proposals this host does not know.
    #[error("{file} is damaged or not valid WebAssembly: {reason}")]
    Invalid {
        /// Its path.
        file: String,
        /// wasmtime's reason.
        reason: String,
    },
    /// A component, but for another purpose.
    #[error(
        "{file} is a component, but no {noun}: it does not export {missing}; build it for the world {world}"
    )]
    NotOfThisWorld {
        /// Its path.
        file: String,
        /// What it was taken for.
        noun: &'static str,
        /// What it lacks.
        missing: String,
        /// The world it should be of.
        world: String,
    },
    /// For another version of the contract.
    #[error(
        "{file} was built for version {theirs} of the contract {package}; this Helpbell speaks {version}. Get the {noun}'s build for {version}, or {}",
        if older(.theirs, .version) { "an older Helpbell" } else { "a newer Helpbell" }
    )]
    OtherVersion {
        /// Its path.
        file: String,
        /// The version in its export names.
        theirs: String,
        /// What it was taken for.
        noun: &'static str,
        /// The contract.
        package: &'static str,
        /// The version this host speaks.
        version: &'static str,
    },
    /// It wants something that no guest gets.
    #[error("{file} imports {import}, which Helpbell does not offer to {noun}s ({reason})")]
    UnknownImport {
        /// Its path.
        file: String,
        /// The first such import.
        import: String,
        /// What it is.
        noun: &'static str,
        /// wasmtime's reason.
        reason: String,
    },
    /// It exports the right interfaces with other functions or types in them.
    #[error(
        "{file} names the contract {package} {version}, but its exports have another shape ({reason}); build it against the wit/{} of this Helpbell",
        .package.rsplit(':').next().unwrap_or(.package)
    )]
    OtherShape {
        /// Its path.
        file: String,
        /// The contract.
        package: &'static str,
        /// The version this host speaks.
        version: &'static str,
        /// wasmtime's reason.
        reason: String,
    },
    /// `describe` failed.
    #[error("{file} does not describe itself: {failure}")]
    Describe {
        /// Its path.
        file: String,
        /// Why.
        failure: Box<Failure>,
    },
}

fn older(theirs: &str, ours: &str) -> bool {
    let numbers = |text: &str| {
        text.split(['.', '-'])
            .map(|part| part.parse::<u32>().unwrap_or(0))
            .collect::<Vec<_>>()
    };
    numbers(theirs) < numbers(ours)
}

/// A loaded connector. Knows no tenant and no secret; [`crate::Session`] binds it to one.
pub struct Connector {
    pub(crate) pre: ConnectorPre<Guest>,
    /// There if the component exports the optional world.
    pub(crate) examiner: Option<ExaminerPre<Guest>>,
    /// There if the component exports the optional world.
    pub(crate) webhooks: Option<WebhookReceiverPre<Guest>>,
    /// There if the component exports the optional world.
    pub(crate) poller: Option<ChangePollerPre<Guest>>,
    pub(crate) engine: Engine,
    description: Description,
    sha256: String,
    size: u64,
}

impl Connector {
    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// Whether its integration can be examined (world `examiner`).
    #[must_use]
    pub const fn examines(&self) -> bool {
        self.examiner.is_some()
    }

    /// Whether it understands its PSA's webhooks (world `webhook-receiver`).
    #[must_use]
    pub const fn receives_webhooks(&self) -> bool {
        self.webhooks.is_some()
    }

    /// Whether it can be asked what changed (world `change-poller`).
    #[must_use]
    pub const fn polls(&self) -> bool {
        self.poller.is_some()
    }

    /// SHA-256 of the file, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Bytes of the file.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl Sandbox {
    /// Reads a connector from a file, compiles it (or finds the compiled code), checks that it speaks
    /// this contract, and asks it to describe itself in an instance that can reach nothing.
    ///
    /// # Errors
    /// If the file is not a connector that this host can run: the error says which, and what to do.
    pub async fn load(&self, file: &Path) -> Result<Arc<Connector>, LoadError> {
        let bytes = read_file(file).await?;
        self.load_bytes(&file.display().to_string(), bytes).await
    }

    /// The same from bytes; `name` stands in errors. The bytes that are hashed are those compiled.
    ///
    /// # Errors
    /// As for [`Sandbox::load`].
    pub async fn load_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<Arc<Connector>, LoadError> {
        let file = name.to_owned();
        let Compiled {
            instance,
            size,
            sha256,
        } = self.compiled(&file, bytes, &CONNECTORS).await?;
        // A component that lacks an optional world simply is not of that world.
        let examiner = ExaminerPre::new(instance.clone()).ok();
        let webhooks = WebhookReceiverPre::new(instance.clone()).ok();
        let poller = ChangePollerPre::new(instance.clone()).ok();
        let pre = ConnectorPre::new(instance).map_err(|error| CONNECTORS.other_shape(&file, &error))?;
        let description = describe(&self.engine, &pre, self.describing)
            .await
            .map_err(|failure| LoadError::Describe {
                file: file.clone(),
                failure: Box::new(failure),
            })?;
        Ok(Arc::new(Connector {
            pre,
            examiner,
            webhooks,
            poller,
            engine: self.engine.clone(),
            description,
            sha256,
            size,
        }))
    }
}

/// What a component has to export to be of use here.
pub(crate) struct Wanted {
    /// What such a component is called.
    pub(crate) noun: &'static str,
    /// The package of the contract.
    pub(crate) package: &'static str,
    /// The version this host speaks.
    pub(crate) version: &'static str,
    /// Its world.
    pub(crate) world: &'static str,
    /// The interfaces that must be there.
    pub(crate) exports: &'static [&'static str],
}

const CONNECTORS: Wanted = Wanted {
    noun: "connector",
    package: PACKAGE,
    version: VERSION,
    world: "connector",
    exports: &REQUIRED,
};

impl Wanted {
    /// The right names with other functions or types behind them.
    pub(crate) fn other_shape(&self, file: &str, error: &wasmtime::Error) -> LoadError {
        LoadError::OtherShape {
            file: file.to_owned(),
            package: self.package,
            version: self.version,
            reason: first_line(error),
        }
    }
}

/// A file that is what it should be, compiled and linked.
pub(crate) struct Compiled {
    pub(crate) instance: InstancePre<Guest>,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// All of a component's bytes.
pub(crate) async fn read_file(file: &Path) -> Result<Vec<u8>, LoadError> {
    let shown = file.display().to_string();
    let read = |error: std::io::Error| LoadError::Read {
        file: shown.clone(),
        reason: error.to_string(),
    };
    if tokio::fs::metadata(file).await.map_err(read)?.len() > FILE_BYTES {
        return Err(LoadError::TooLarge { file: shown });
    }
    tokio::fs::read(file).await.map_err(read)
}

impl Sandbox {
    /// Compiles a component (or finds the compiled code), checks that it exports what is wanted, and links it.
    pub(crate) async fn compiled(
        &self,
        file: &str,
        bytes: Vec<u8>,
        wanted: &Wanted,
    ) -> Result<Compiled, LoadError> {
        check_preamble(file, &bytes)?;
        let (size, sha256) = (bytes.len() as u64, hex::encode(Sha256::digest(&bytes)));
        let (engine, code, digest) = (self.engine.clone(), Arc::clone(&self.code), sha256.clone());
        // Compiling takes up to seconds of pure computing: not on the threads that serve others.
        let component = tokio::task::spawn_blocking(move || code.component(&engine, &digest, &bytes))
            .await
            .map_err(|error| LoadError::Engine(error.to_string()))?
            .map_err(|error| LoadError::Invalid {
                file: file.to_owned(),
                reason: first_line(&error),
            })?;
        check_contract(file, &component, &self.engine, wanted)?;
        let linker = guest::linker(&self.engine).map_err(|error| LoadError::Engine(format!("{error:#}")))?;
        let unknown = |error: wasmtime::Error| LoadError::UnknownImport {
            file: file.to_owned(),
            import: unknown_import(&component, &self.engine)
                .unwrap_or_else(|| "an interface of another shape".into()),
            noun: wanted.noun,
            reason: first_line(&error),
        };
        Ok(Compiled {
            instance: linker.instantiate_pre(&component).map_err(unknown)?,
            size,
            sha256,
        })
    }
}

/// A component begins `\0asm`, version 13, layer 1; a core module has layer 0.
fn check_preamble(file: &str, bytes: &[u8]) -> Result<(), LoadError> {
    match bytes {
        [0, b'a', b's', b'm', _, _, 0, 0, ..] => Err(LoadError::CoreModule {
            file: file.to_owned(),
        }),
        [0, b'a', b's', b'm', ..] => Ok(()),
        _ => Err(LoadError::NotWasm {
            file: file.to_owned(),
        }),
    }
}

/// Compares names before linking, so that a difference in versions is called that and not a link error.
fn check_contract(
    file: &str,
    component: &Component,
    engine: &Engine,
    wanted: &Wanted,
) -> Result<(), LoadError> {
    let shape = component.component_type();
    let exported: Vec<String> = shape.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let Wanted { package, version, .. } = wanted;
    for interface in wanted.exports {
        let prefix = format!("{package}/{interface}@");
        let versions: Vec<&str> = exported
            .iter()
            .filter_map(|name| name.strip_prefix(&prefix))
            .collect();
        if versions.iter().any(|theirs| compatible(theirs, version)) {
            continue;
        }
        return Err(match versions.first() {
            Some(theirs) => LoadError::OtherVersion {
                file: file.to_owned(),
                theirs: helpbell_model::text::one_line(theirs, SHOWN_CHARS),
                noun: wanted.noun,
                package,
                version,
            },
            None => LoadError::NotOfThisWorld {
                file: file.to_owned(),
                noun: wanted.noun,
                missing: format!("{package}/{interface}@{version}"),
                world: format!("{package}/{}@{version}", wanted.world),
            },
        });
    }
    Ok(())
}

/// Below 1.0 a minor version is a contract of its own.
fn compatible(theirs: &str, ours: &str) -> bool {
    let minor = |text: &str| text.split('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    minor(theirs) == minor(ours)
}

/// The first import that is neither ours nor WASI 0.2 as linked; for the error only.
fn unknown_import(component: &Component, engine: &Engine) -> Option<String> {
    const OFFERED: [&str; 8] = [
        "helpbell:psa/",
        "wasi:http/",
        "wasi:io/",
        "wasi:clocks/",
        "wasi:random/",
        "wasi:cli/",
        "wasi:filesystem/",
        "wasi:sockets/",
    ];
    let shape = component.component_type();
    shape
        .imports(engine)
        .filter(|(_, item)| {
            matches!(
                item.ty,
                ComponentItem::ComponentInstance(_) | ComponentItem::ComponentFunc(_)
            )
        })
        .map(|(name, _)| helpbell_model::text::one_line(name, SHOWN_CHARS))
        .find(|name| !OFFERED.iter().any(|offered| name.starts_with(offered)))
}

pub(crate) fn first_line(error: &wasmtime::Error) -> String {
    helpbell_model::text::one_line(&format!("{error:#}"), crate::limits::GUEST_NAME_CHARS)
}

async fn describe(
    engine: &Engine,
    pre: &ConnectorPre<Guest>,
    limits: Limits,
) -> Result<Description, Failure> {
    let frame = Frame::begin(limits);
    let guest = Guest::new(Role::Alone, Egress::closed(frame.clone()), &frame);
    let call = run::call(
        "the connector",
        engine,
        frame,
        guest,
        async |store: &mut Store<Guest>| pre.instantiate_async(store).await,
        async |instance: &mut Instance<Exports>| {
            instance
                .exports
                .helpbell_psa_describe()
                .call_describe(&mut instance.store)
                .await
                .map(Ok)
        },
    );
    call.await.result.map(from_guest::description)
}
