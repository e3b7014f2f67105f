//! Where the API key is, and reading it. The key is never printed, logged or serialised.

use super::ConfigError;
use secrecy::SecretString;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Larger files are no keys.
const KEY_BYTES: u64 = 16 << 10;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A file that only this account may read.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

impl KeySource {
    /// Reads the key.
    ///
    /// # Errors
    /// If it is not there, is empty, or others can read it.
    pub(crate) fn read(&self) -> Result<SecretString, ConfigError> {
        let text = match self {
            Self::Environment(variable) => std::env::var(variable).map_err(|_| ConfigError::Key {
                message: format!(
                    "the environment variable {variable}, which should hold the API key, is not set"
                ),
                help: format!(
                    "set {variable}, or name a file in helpbell.toml: [key] file = \"helpbell.key\""
                ),
            })?,
            Self::File(path) => read_file(path)?,
        };
        let key = text.trim();
        if key.is_empty() {
            return Err(ConfigError::Key {
                message: format!("the API key in {} is empty", self.place()),
                help: "paste it there, as one line".into(),
            });
        }
        Ok(SecretString::from(key))
    }

    fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Environment(variable) => format!("the environment variable {variable}"),
        }
    }
}

fn read_file(path: &Path) -> Result<String, ConfigError> {
    let shown = path.display();
    let failed = |error: std::io::Error| ConfigError::Key {
        message: format!("failed to read the API key from {shown}: {error}"),
        help: "write it with: helpbell init --force --key-stdin".into(),
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(ConfigError::Key {
                message: format!("others can read the API key: {shown} has mode {mode:03o}"),
                help: format!(
                    "run: chmod 600 {shown}\nand renew the key in the PSA if others may have used this computer"
                ),
            });
        }
    }
    if metadata.len() > KEY_BYTES {
        return Err(ConfigError::Key {
            message: format!("{shown} is too large to be an API key"),
            help: "it must hold the key and nothing else".into(),
        });
    }
    fs::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_cures_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("helpbell.key");
        fs::write(&file, "acme+id:secret\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let error = KeySource::File(file.clone()).read().unwrap_err();
        assert!(error.help().unwrap().contains("chmod 600"), "{error}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            KeySource::File(file).read().unwrap().expose_secret(),
            "acme+id:secret"
        );
    }

    #[test]
    fn a_missing_key_names_its_place() {
        let error = KeySource::Environment("HELPBELL_NO_SUCH_VARIABLE".into())
            .read()
            .unwrap_err();
        assert!(error.to_string().contains("HELPBELL_NO_SUCH_VARIABLE"));
        let error = KeySource::File("/nonexistent/key".into()).read().unwrap_err();
        assert!(error.to_string().contains("/nonexistent/key"));
    }
}
