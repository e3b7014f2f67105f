//! Where things are on this machine.
//!
//! | what | where, first match wins |
//! |---|---|
//! | configuration | `--config`, `$HELPBELL_CONFIG`, `./helpbell.toml`, `helpbell/helpbell.toml` in the account's configuration folder |
//! | state (kept presses, used rules, caches, sealed token, compiled code) | `--state`, `$HELPBELL_STATE`, `helpbell` in the account's state folder, on Windows `%LOCALAPPDATA%` |
//! | connectors, and the engine for rules (`rules`) | a path in the configuration; else `NAME.wasm` in `$HELPBELL_CONNECTORS`, `connectors/` beside the configuration, `connectors/` beside the program |

use etcetera::BaseStrategy as _;
use std::{
    env,
    path::{Path, PathBuf},
};

/// Name of the engine for rules that comes with Helpbell. It lies where connectors lie, and is none.
pub(crate) const RULES_ENGINE: &str = "rules";

/// File name of the configuration.
pub(crate) const CONFIG_NAME: &str = "helpbell.toml";

/// The configuration file to read, whether it exists or not.
pub(crate) fn config(given: Option<&Path>) -> PathBuf {
    if let Some(path) = given {
        return path.to_owned();
    }
    let here = PathBuf::from(CONFIG_NAME);
    if here.exists() {
        return here;
    }
    let account =
        etcetera::choose_base_strategy().map(|base| base.config_dir().join("helpbell").join(CONFIG_NAME));
    account.ok().filter(|path| path.exists()).unwrap_or(here)
}

/// The folder for everything that must outlive the process; absolute, since its paths are shown for later use.
pub(crate) fn state(given: Option<&Path>) -> PathBuf {
    let folder = given.map_or_else(
        || {
            etcetera::choose_base_strategy().map_or_else(
                |_| PathBuf::from(".helpbell"),
                |base| {
                    // Windows alone has no folder for state. What its programs are to keep in `%APPDATA%` may be
                    // redirected to a file server, where SQLite's locks do not hold; what etcetera calls the cache is
                    // `%LOCALAPPDATA%`, which stays on this computer.
                    base.state_dir()
                        .unwrap_or_else(|| base.cache_dir())
                        .join("helpbell")
                },
            )
        },
        Path::to_owned,
    );
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The folder a path in a configuration file is relative to.
pub(crate) fn beside(config: &Path) -> PathBuf {
    config
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Folders in which a connector is looked for by name.
pub(crate) fn connector_folders(config: &Path) -> Vec<PathBuf> {
    let named = env::var_os("HELPBELL_CONNECTORS").map(PathBuf::from);
    let beside_program = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("connectors")));
    named
        .into_iter()
        .chain([beside(config).join("connectors")])
        .chain(beside_program)
        .collect()
}

/// The connector of this name, and where it was looked for if there is none.
pub(crate) fn connector(name: &str, config: &Path) -> Result<PathBuf, Vec<PathBuf>> {
    let folders = connector_folders(config);
    let found = folders
        .iter()
        .map(|folder| folder.join(format!("{name}.wasm")))
        .find(|file| file.is_file());
    found.ok_or(folders)
}

/// Names of all connectors that can be found.
pub(crate) fn connector_names(config: &Path) -> Vec<String> {
    let mut names: Vec<String> = connector_folders(config)
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten())
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".wasm")?.to_owned()))
        .filter(|name| name != RULES_ENGINE)
        .collect();
    names.sort();
    names.dedup();
    names
}
