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
/// What stands for Windows where there is none.
const WINDOWS_TARGET: &str = "x86_64-pc-windows-gnu";

/// What building came to. A failure is kept too: eighty tests need not fail to build the same eighty times.
type Built = OnceLock<Result<PathBuf, String>>;

/// The `helpbell` program.
///
/// # Panics
/// If it is neither given nor can be built.
pub fn program() -> &'static Path {
    static PROGRAM: Built = OnceLock::new();
    once(&PROGRAM, "HELPBELL_BIN", || {
        cargo(&["build", "--package", "helpbell", "--bin", "helpbell"])?;
        Ok(target_folder()
            .join("debug")
            .join(format!("helpbell{}", env::consts::EXE_SUFFIX)))
    })
}

/// The program for Windows, built elsewhere.
///
/// # Panics
/// If it is neither given nor can be built.
pub fn windows_program() -> &'static Path {
    static PROGRAM: Built = OnceLock::new();
    once(&PROGRAM, "HELPBELL_WINDOWS_BIN", || {
        cargo(&[
            "build",
            "--package",
            "helpbell",
            "--bin",
            "helpbell",
            "--target",
            WINDOWS_TARGET,
        ])?;
        Ok(target_folder()
            .join(WINDOWS_TARGET)
            .join("debug")
            .join("helpbell.exe"))
    })
}

/// The connectors written in Rust, by the names under which the program finds them. Those in other languages, and the engine
/// for rules, are built by
/// the workshop alone.
const TESTED: [(&str, &str); 2] = [
    ("halo.wasm", "helpbell-halo"),
    ("request-tracker.wasm", "helpbell-request-tracker"),
];

/// The folder with the connectors: `halo.wasm`, `request-tracker.wasm`.
///
/// # Panics
/// If it is neither given nor can be built.
pub fn connectors() -> &'static Path {
    static CONNECTORS: Built = OnceLock::new();
    once(&CONNECTORS, "HELPBELL_CONNECTORS", || {
        let folder = target_folder().join("connectors");
        fs::create_dir_all(&folder).unwrap();
        for (name, package) in TESTED {
            place(&component(package)?, &folder, name);
        }
        Ok(folder)
    })
}

/// Builds a package into a component, as connectors are shipped, and gives its file.
///
/// # Errors
/// What cargo said, and what may be missing.
pub fn component(package: &str) -> Result<PathBuf, String> {
    cargo(&[
        "build",
        "--package",
        package,
        "--target",
        WASM_TARGET,
        "--profile",
        WASM_PROFILE,
    ])?;
    Ok(target_folder()
        .join(WASM_TARGET)
        .join(WASM_PROFILE)
        .join(format!("{}.wasm", package.replace('-', "_"))))
}

/// The path in `variable`, or what `build` makes, once per test process.
fn once(
    built: &'static Built,
    variable: &str,
    build: impl FnOnce() -> Result<PathBuf, String>,
) -> &'static Path {
    let found = built.get_or_init(|| match env::var_os(variable) {
        // Tests start the program in folders of their own.
        Some(given) => fs::canonicalize(&given)
            .map_err(|error| format!("{variable} is set to {}: {error}", given.display())),
        None => build().map_err(|reason| format!("{reason}; or build elsewhere and set {variable}")),
    });
    match found {
        Ok(path) => path,
        Err(reason) => panic!("{reason}"),
    }
}

/// One connector's file, by name.
pub fn connector(name: &str) -> PathBuf {
    connectors().join(format!("{name}.wasm"))
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
pub(crate) fn target_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    program
        .ancestors()
        .nth(3)
        .expect("a test program lies in <target>/<profile>/deps")
        .to_owned()
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    let told = format!("cargo {}", arguments.join(" "));
    eprintln!("building what is tested: {told}");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .arg("--quiet")
        .arg("--target-dir")
        .arg(target_folder())
        // Any folder of the workspace does. Cargo tells it to the tests it starts.
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()))
        .status()
        .map_err(|error| format!("failed to start `{told}`: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "`{told}` failed, its messages stand above; if a target is missing: rustup target add {WASM_TARGET} {WINDOWS_TARGET}"
    ))
}
