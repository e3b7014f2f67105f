//! Where the API key is, reading it and keeping it. It is never printed, logged or serialised.
//!
//! | source | who guards it |
//! |---|---|
//! | a file, on Linux and macOS | its mode: readable by this account alone, else it is refused |
//! | a file, on Windows | DPAPI: the account, or the computer; a plain one is refused |
//! | a systemd credential | systemd: nobody but the unit sees it |
//! | an environment variable | whoever starts the program |
//!
//! Every copy that is made here is wiped after use. What cannot be wiped: the environment of the process itself, the
//! system's cache of the file, the terminal in which the key was typed, and what the connector's memory, HTTP and TLS
//! hold while a token is asked for. That memory ends with the call or the process.

#[cfg(windows)]
mod dpapi;
mod protected;

use super::ConfigError;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    env,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Bytes of a key, or of the file that holds it; larger ones are something else.
const KEY_BYTES: u64 = 16 << 10;

/// Bytes more than that in the place into which a key is read. It must never grow, which would leave a copy behind,
/// and readers grow a place with less room than this.
const SPARE_BYTES: usize = 64;

/// Where systemd puts the credentials of a unit.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Bytes of a credential's name, as systemd allows.
const CREDENTIAL_NAME_BYTES: usize = 255;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A file that only this account may read.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A credential that systemd gives to the unit.
    Credential(String),
}

/// For whom a key file is protected, where the system does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// For this account.
    Account,
    /// For every account of this computer. Windows only.
    Computer,
}

impl KeySource {
    /// Reads the key.
    ///
    /// # Errors
    /// If it is not there, is empty, or others can read it.
    pub(crate) fn read(&self) -> Result<SecretString, ConfigError> {
        let key = match self {
            Self::Environment(variable) => from_environment(variable)?,
            Self::File(path) => from_file(path)?,
            Self::Credential(name) => from_credential(
                env::var_os(CREDENTIALS_DIRECTORY).map(PathBuf::from).as_deref(),
                name,
            )?,
        };
        if key.expose_secret().is_empty() {
            return Err(ConfigError::Key {
                message: format!("the API key in {} is empty", self.place()),
                help: "it must hold the key, as one line".into(),
            });
        }
        Ok(key)
    }

    /// Where it is, for a sentence.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Environment(variable) => format!("the environment variable {variable}"),
            Self::Credential(name) => format!("the systemd credential {name}"),
        }
    }

    /// Who guards it, for a sentence.
    pub(crate) fn guarded(&self) -> String {
        match self {
            Self::File(_) if cfg!(windows) => "the key is protected by Windows".into(),
            Self::File(_) => "the key is readable by you alone".into(),
            Self::Environment(_) | Self::Credential(_) => format!("the key comes from {}", self.place()),
        }
    }
}

impl Scope {
    /// Who can read a key file that was kept so, for a sentence.
    pub(crate) const fn reach(self) -> &'static str {
        match self {
            Self::Account => "readable by you alone",
            Self::Computer => "readable by every account of this computer",
        }
    }
}

/// Writes a key file: readable by this account alone, or by all of this computer's.
///
/// # Errors
/// If the folder cannot be written to, or Windows does not protect it.
pub(crate) fn keep(path: &Path, key: &SecretString, scope: Scope) -> io::Result<()> {
    let content = Zeroizing::new(content(key.expose_secret(), scope)?);
    helpbell_sandbox::private::write(path, content.as_bytes())
}

#[cfg(windows)]
fn content(key: &str, scope: Scope) -> io::Result<String> {
    Ok(protected::render(&dpapi::protect(key.as_bytes(), scope)?, scope))
}

/// The mode of the file protects it.
#[cfg(not(windows))]
fn content(key: &str, scope: Scope) -> io::Result<String> {
    match scope {
        Scope::Account => Ok(key.to_owned()),
        Scope::Computer => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "only Windows protects a key for a whole computer",
        )),
    }
}

/// Reads a key from wherever, without blanks around it, and leaves no copy.
///
/// # Errors
/// If it cannot be read, is no text, or is too long to be a key.
pub(crate) fn read(source: impl Read) -> io::Result<SecretString> {
    let bytes = read_bytes(source)?;
    let text = str::from_utf8(&bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))?;
    Ok(SecretString::from(text.trim()))
}

fn read_bytes(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let room = usize::try_from(KEY_BYTES).unwrap_or_default() + SPARE_BYTES;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    source.take(KEY_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > KEY_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is too large to be an API key; it must hold the key and nothing else",
        ));
    }
    Ok(bytes)
}

/// Whether systemd knows credentials of this name; the error says what would be right. A name with a separator
/// would lead out of the unit's folder.
pub(crate) fn check_credential_name(name: &str) -> Result<(), &'static str> {
    let is_fine = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b':');
    if (1..=CREDENTIAL_NAME_BYTES).contains(&name.len())
        && name.bytes().all(is_fine)
        && !matches!(name, "." | "..")
    {
        Ok(())
    } else {
        Err("the name of a credential, such as helpbell-key: letters, digits, dots and dashes, no path")
    }
}

fn from_environment(variable: &str) -> Result<SecretString, ConfigError> {
    let value = env::var(variable).map_err(|error| {
        let state = match error {
            env::VarError::NotPresent => "is not set",
            env::VarError::NotUnicode(_) => "is not text",
        };
        ConfigError::Key {
            message: format!("the environment variable {variable}, which should hold the API key, {state}"),
            help: format!("set {variable}, or name a file in helpbell.toml: [key] file = \"helpbell.key\""),
        }
    })?;
    Ok(SecretString::from(Zeroizing::new(value).trim()))
}

/// `folder` is where this process's credentials are, if it has any.
fn from_credential(folder: Option<&Path>, name: &str) -> Result<SecretString, ConfigError> {
    let unit = format!(
        "let the unit that starts helpbell load it: LoadCredential={name}:FILE, or LoadCredentialEncrypted={name}:FILE \
         for a file written by `systemd-creds encrypt`"
    );
    let Some(folder) = folder else {
        return Err(ConfigError::Key {
            message: format!(
                "there is no systemd credential {name}, which should hold the API key: {CREDENTIALS_DIRECTORY} is not set"
            ),
            help: unit,
        });
    };
    let path = folder.join(name);
    let failed = |error: io::Error| ConfigError::Key {
        message: format!("failed to read the API key from {}: {error}", path.display()),
        help: unit.clone(),
    };
    let file = File::open(&path).map_err(failed)?;
    // Access lists show as rights of the group; only systemd's own folder keeps others out.
    #[cfg(unix)]
    private_to(&file, &path, OTHERS)?;
    read(file).map_err(failed)
}

fn from_file(path: &Path) -> Result<SecretString, ConfigError> {
    let failed = |error: io::Error| ConfigError::Key {
        message: format!("failed to read the API key from {}: {error}", path.display()),
        help: "write it with: helpbell key".into(),
    };
    let file = File::open(path).map_err(failed)?;
    #[cfg(unix)]
    private_to(&file, path, GROUP_AND_OTHERS)?;
    let bytes = read_bytes(file).map_err(failed)?;
    match protected::parse(&bytes) {
        Some(protected) => unprotected(path, protected),
        None if cfg!(windows) => Err(ConfigError::Key {
            message: format!("the API key in {} is not protected", path.display()),
            help: format!(
                "let Windows protect it: type \"{}\" | helpbell key --stdin\nand renew it in the PSA if others may have \
                 used this computer",
                path.display()
            ),
        }),
        None => read(bytes.as_slice()).map_err(failed),
    }
}

/// What Windows gives back of a protected key.
fn unprotected(
    path: &Path,
    protected: Result<Vec<u8>, protected::Damaged>,
) -> Result<SecretString, ConfigError> {
    let anew = |message: String| ConfigError::Key {
        message,
        help: "write the key anew, as the account that presses: helpbell key".into(),
    };
    let shown = path.display();
    let blob =
        protected.map_err(|damaged| anew(format!("failed to read the API key from {shown}: {damaged}")))?;
    #[cfg(windows)]
    return dpapi::unprotect(&blob, |bytes| read(bytes))
        .and_then(|key| key)
        .map_err(|error| {
            anew(format!(
                "Windows does not give back the API key in {shown}, which was protected for another account or computer: {error}"
            ))
        });
    #[cfg(not(windows))]
    Err(anew(format!(
        "the API key in {shown} ({} bytes) was protected by Windows, on another computer than this",
        blob.len()
    )))
}

/// Bits of a mode that let others in.
#[cfg(unix)]
const GROUP_AND_OTHERS: u32 = 0o077;
/// Bits of a mode that let everybody in.
#[cfg(unix)]
const OTHERS: u32 = 0o007;

/// Refuses an open file whose mode has any of these bits.
#[cfg(unix)]
fn private_to(file: &File, path: &Path, bits: u32) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = path.display();
    let metadata = file.metadata().map_err(|error| ConfigError::Key {
        message: format!("failed to look at {shown}: {error}"),
        help: "write it with: helpbell key".into(),
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & bits == 0 {
        return Ok(());
    }
    Err(ConfigError::Key {
        message: format!("others can read the API key: {shown} has mode {mode:03o}"),
        help: format!(
            "run: chmod 600 {shown}\nand renew the key in the PSA if others may have used this computer"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KEY: &str = "acme+id:secret";

    fn told(error: &ConfigError) -> String {
        format!("{error} | {}", error.help().unwrap_or_default())
    }

    /// A file as somebody leaves it.
    fn file(folder: &Path, content: &[u8], mode: u32) -> PathBuf {
        let path = folder.join("helpbell-key");
        let _ = fs::remove_file(&path);
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        #[cfg(not(unix))]
        let _ = mode;
        path
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_cures_it() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
            let path = file(folder.path(), b"acme+id:secret\n", mode);
            let error = KeySource::File(path).read().unwrap_err();
            assert!(error.help().unwrap().contains("chmod 600"), "{error}");
            assert!(!told(&error).contains("secret"), "{error}");
        }
        for mode in [0o600, 0o400] {
            let path = file(folder.path(), b" acme+id:secret\r\n", mode);
            assert_eq!(KeySource::File(path).read().unwrap().expose_secret(), KEY);
        }
    }

    #[test]
    fn a_missing_key_names_its_place() {
        let error = KeySource::Environment("HELPBELL_NO_SUCH_VARIABLE".into())
            .read()
            .unwrap_err();
        assert!(error.to_string().contains("HELPBELL_NO_SUCH_VARIABLE"));
        let error = KeySource::File("/nonexistent/key".into()).read().unwrap_err();
        assert!(error.to_string().contains("/nonexistent/key"));
        let error = from_credential(None, "helpbell-key").unwrap_err();
        assert!(
            told(&error).contains("CREDENTIALS_DIRECTORY is not set | let the unit"),
            "{error}"
        );
        assert!(
            told(&error).contains("LoadCredential=helpbell-key:FILE"),
            "{error}"
        );
        let error = from_credential(Some(Path::new("/nonexistent")), "helpbell-key").unwrap_err();
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }

    #[test]
    fn a_kept_key_is_read_back_and_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helpbell.key");
        keep(&path, &SecretString::from(KEY), Scope::Account).unwrap();
        assert_eq!(KeySource::File(path.clone()).read().unwrap().expose_secret(), KEY);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let error = keep(&path, &SecretString::from(KEY), Scope::Computer).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        }
        #[cfg(windows)]
        {
            assert!(!fs::read_to_string(&path).unwrap().contains("secret"));
            keep(&path, &SecretString::from(KEY), Scope::Computer).unwrap();
            assert_eq!(KeySource::File(path.clone()).read().unwrap().expose_secret(), KEY);
            fs::write(&path, KEY).unwrap();
            let error = KeySource::File(path).read().unwrap_err();
            assert!(
                told(&error).contains("not protected | let Windows protect it"),
                "{error}"
            );
            assert!(!told(&error).contains("secret"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_credential_is_read_as_systemd_leaves_it() {
        let folder = tempfile::tempdir().unwrap();
        // 0440 is what an access list for the unit's account looks like.
        for mode in [0o400, 0o440] {
            file(folder.path(), b"acme+id:secret\n", mode);
            let key = from_credential(Some(folder.path()), "helpbell-key").unwrap();
            assert_eq!(key.expose_secret(), KEY);
        }
        file(folder.path(), b"acme+id:secret\n", 0o444);
        let error = from_credential(Some(folder.path()), "helpbell-key").unwrap_err();
        assert!(error.to_string().contains("others can read"), "{error}");
    }

    #[test]
    fn a_credentials_name_leads_nowhere_else() {
        for name in ["helpbell-key", "key", "a.b_c@1"] {
            assert_eq!(check_credential_name(name), Ok(()), "{name}");
        }
        let long = "x".repeat(CREDENTIAL_NAME_BYTES + 1);
        for name in [
            "",
            ".",
            "..",
            "../key",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "C:key",
            "a b",
            "schlüssel",
            "a\n",
            &long,
        ] {
            assert!(check_credential_name(name).is_err(), "{name}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn a_key_that_windows_protected_elsewhere_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(
            folder.path(),
            protected::render(b"sealed", Scope::Account).as_bytes(),
            0o600,
        );
        let error = told(&KeySource::File(path).read().unwrap_err());
        assert!(
            error.contains("was protected by Windows, on another computer"),
            "{error}"
        );
        assert!(error.contains("helpbell key"), "{error}");
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        let largest = vec![b'x'; usize::try_from(KEY_BYTES).unwrap()];
        assert_eq!(
            read(largest.as_slice()).unwrap().expose_secret().len(),
            largest.len()
        );
        let larger = vec![b'x'; largest.len() + 1];
        assert_eq!(
            read(larger.as_slice()).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        assert_eq!(
            read(&b"\xff\xfe"[..]).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        let folder = tempfile::tempdir().unwrap();
        let empty = KeySource::File(file(folder.path(), b" \n", 0o600)).read();
        if cfg!(unix) {
            assert!(empty.unwrap_err().to_string().contains("is empty"));
        }
    }

    #[test]
    fn the_place_a_key_is_read_into_never_grows() {
        /// Gives one byte at a time, as a terminal may.
        struct Slow(u64);
        impl Read for Slow {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Some(first) = buffer.first_mut().filter(|_| self.0 > 0) else {
                    return Ok(0);
                };
                *first = b'x';
                self.0 -= 1;
                Ok(1)
            }
        }
        let before = Vec::<u8>::with_capacity(usize::try_from(KEY_BYTES).unwrap() + SPARE_BYTES).capacity();
        for length in [1, 100, KEY_BYTES - 1, KEY_BYTES] {
            let bytes = read_bytes(Slow(length)).unwrap();
            assert_eq!((bytes.len() as u64, bytes.capacity()), (length, before));
        }
    }
}
