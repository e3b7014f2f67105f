//! Compiled code of components, which outlives the test process: compiling an interpreter takes a minute in a program that is
//! built for tests.

use crate::{
    built,
    desk::{HANGS_AFTER, private_folder},
    platform::{Native, Platform},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{process::Command, sync::Mutex};

/// Where compiled code lies in a state folder.
pub(crate) const CODE: &str = "compiled";

/// Digits of a digest that tell components apart.
const DIGITS: usize = 16;

/// A folder in which this connector's compiled code lies, and what guards it. The code is found again by the digest of
/// the component, and by nothing else, as on any computer.
///
/// # Panics
/// If it cannot be compiled.
pub async fn compiled(connector: &str) -> PathBuf {
    compiled_on(&Native, connector).await
}

/// The same by the program of another system.
pub(crate) async fn compiled_on(platform: &dyn Platform, connector: &str) -> PathBuf {
    static COMPILING: Mutex<()> = Mutex::const_new(());
    let _alone = COMPILING.lock().await;
    let file = built::connector(connector);
    let state = compiling_state(platform, &[&file]);
    inspect(platform, &state, &file).await;
    state.join(CODE)
}

/// The same for the connector of HaloPSA and the engine for rules.
pub(crate) async fn compiled_with_rules() -> PathBuf {
    static COMPILING: Mutex<()> = Mutex::const_new(());
    let _alone = COMPILING.lock().await;
    let (halo, rules) = (built::connector("halo"), built::connector("rules"));
    let state = compiling_state(&Native, &[&halo, &rules]);
    inspect(&Native, &state, &halo).await;
    let compiled = state.join(CODE);
    let sandbox = helpbell_sandbox::Sandbox::new(Some(compiled.clone())).unwrap();
    sandbox.load_rules(&rules).await.unwrap();
    compiled
}

/// One state folder for each system and set of components: whoever copies it takes no other's along.
fn compiling_state(platform: &dyn Platform, components: &[&Path]) -> PathBuf {
    let mut digest = Sha256::new_with_prefix(platform.name());
    for file in components {
        digest.update(Sha256::digest(fs::read(file).unwrap()));
    }
    let state = built::target_folder()
        .join("compiled-for-tests")
        .join(&hex::encode(digest.finalize())[..DIGITS]);
    private_folder(&state);
    state
}

/// Lets the program compile a connector.
async fn inspect(platform: &dyn Platform, state: &Path, file: &Path) {
    let run = Command::from(platform.program())
        .args(["connector", "inspect", "--state"])
        .args([platform.path(state), platform.path(file)])
        .stdin(Stdio::null())
        .output();
    let output = tokio::time::timeout(HANGS_AFTER, run)
        .await
        .expect("compiling hangs")
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The same folder for any component, for a sandbox in the test itself: what is not compiled yet, it compiles.
pub fn code_folder(file: &Path) -> PathBuf {
    compiling_state(&Native, &[file]).join(CODE)
}
