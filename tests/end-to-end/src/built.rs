//! The program and the connectors under test: given, or built once.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Where Rust puts components for WASI 0.2.
const WASM_TARGET: &str = "wasm32-wasip2";
/// The profile that connectors are shipped with.
const WASM_PROFILE: &str = "connector";

/// The `helpbell` program.
///
/// # Panics
/// If it is neither given nor can be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(given) = given("HELPBELL_BIN") {
            return given;
        }
        cargo(
            &["build", "--package", "helpbell", "--bin", "helpbell"],
            "HELPBELL_BIN",
        );
        target_folder()
            .join("debug")
            .join(format!("helpbell{}", env::consts::EXE_SUFFIX))
    })
}

/// The folder with the connectors: `halo.wasm`.
///
/// # Panics
/// If it is neither given nor can be built.
pub fn connectors() -> &'static Path {
    static CONNECTORS: OnceLock<PathBuf> = OnceLock::new();
    CONNECTORS.get_or_init(|| {
        if let Some(given) = given("HELPBELL_CONNECTORS") {
            return given;
        }
        let build = [
            "build",
            "--package",
            "helpbell-halo",
            "--target",
            WASM_TARGET,
            "--profile",
            WASM_PROFILE,
        ];
        cargo(&build, "HELPBELL_CONNECTORS");
        let folder = target_folder().join("connectors");
        fs::create_dir_all(&folder).unwrap();
        let built = target_folder()
            .join(WASM_TARGET)
            .join(WASM_PROFILE)
            .join("helpbell_halo.wasm");
        place(&built, &folder, "halo.wasm");
        folder
    })
}

/// One connector's file, by name.
pub fn connector(name: &str) -> PathBuf {
    connectors().join(format!("{name}.wasm"))
}

fn given(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(variable)?);
    assert!(
        path.exists(),
        "{variable} is set to {}, which does not exist",
        path.display()
    );
    // Tests start the program in folders of their own.
    Some(fs::canonicalize(&path).unwrap())
}

/// Copies under another name first: another test process may be reading the file.
fn place(from: &Path, folder: &Path, name: &str) {
    let bytes = fs::read(from).unwrap_or_else(|error| panic!("failed to read {}: {error}", from.display()));
    if fs::read(folder.join(name)).is_ok_and(|there| there == bytes) {
        return;
    }
    let temporary = tempfile::NamedTempFile::new_in(folder).unwrap();
    fs::write(temporary.path(), bytes).unwrap();
    temporary.persist(folder.join(name)).unwrap();
}

/// Test programs lie in `<target>/<profile>/deps`.
fn target_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    program
        .ancestors()
        .nth(3)
        .expect("a test program lies in <target>/<profile>/deps")
        .to_owned()
}

fn cargo(arguments: &[&str], instead: &str) {
    let told = format!("cargo {}", arguments.join(" "));
    eprintln!("building what is tested: {told} (to skip this, set {instead})");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .arg("--quiet")
        .arg("--target-dir")
        .arg(target_folder())
        // Any folder of the workspace does. Cargo tells it to the tests it starts.
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()))
        .status()
        .unwrap_or_else(|error| {
            panic!("failed to start `{told}`: {error}; build it elsewhere and set {instead}")
        });
    assert!(
        status.success(),
        "`{told}` failed; its messages stand above. If the target is missing: rustup target add {WASM_TARGET}. \
         Or build elsewhere and set {instead}"
    );
}
