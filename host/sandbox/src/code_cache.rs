//! Compiled code on disk.
//!
//! ```text
//! <folder>/                 0700
//!   key                     32 random bytes, 0600: authenticates the files beside it
//!   <sha256 of the component>-<engine compatibility>.cwasm
//!                           HMAC-SHA256 of all that follows, then wasmtime's serialised component
//! ```
//!
//! Loading compiled code executes it natively, so a file counts only with a valid tag; anything
//! else is a miss, never an error. Each name has a key of its own: the genuine code of one connector
//! in the file of another would run with the other's grant. Files are written once under another name and renamed into
//! place: one that is mapped or read is never changed.

use ring::{hmac, rand::SecureRandom as _};
use std::{
    fs,
    hash::{Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
};
use wasmtime::{Engine, component::Component};

/// Bytes of the key and of each tag.
const TAG_BYTES: usize = 32;

pub(crate) struct CodeCache {
    folder: Option<PathBuf>,
}

impl CodeCache {
    pub(crate) const fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// The compiled component, from disk if it is there and genuine.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        digest: &str,
        bytes: &[u8],
    ) -> wasmtime::Result<Component> {
        let place = self.place(engine, digest);
        if let Some((file, key)) = &place
            && let Some(component) = read(engine, file, key)
        {
            return Ok(component);
        }
        let component = Component::from_binary(engine, bytes)?;
        if let Some((file, key)) = &place
            && let Err(error) = component
                .serialize()
                .map_err(|error| format!("{error:#}"))
                .and_then(|code| write(file, key, &code).map_err(|error| error.to_string()))
        {
            tracing::warn!(file = %file.display(), %error, "failed to keep compiled code; the next start compiles again");
        }
        Ok(component)
    }

    fn place(&self, engine: &Engine, digest: &str) -> Option<(PathBuf, hmac::Key)> {
        let folder = self.folder.as_deref()?;
        let key = match crate::private::folder(folder).and_then(|()| key(folder)) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "failed to use the code cache");
                return None;
            }
        };
        let mut compatibility = std::hash::DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compatibility);
        let name = format!("{digest}-{:016x}.cwasm", compatibility.finish());
        let key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, name.as_bytes()).as_ref());
        Some((folder.join(name), key))
    }
}

/// The key beside the files, made on first use.
fn key(folder: &Path) -> std::io::Result<hmac::Key> {
    let file = folder.join("key");
    let bytes = match fs::read(&file) {
        Ok(bytes) if bytes.len() == TAG_BYTES => bytes,
        _ => {
            let mut bytes = vec![0; TAG_BYTES];
            ring::rand::SystemRandom::new()
                .fill(&mut bytes)
                .map_err(|_| std::io::Error::other("the system gave no random bytes"))?;
            crate::private::write(&file, &bytes)?;
            bytes
        }
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn read(engine: &Engine, file: &Path, key: &hmac::Key) -> Option<Component> {
    let bytes = fs::read(file).ok()?;
    let (tag, code) = bytes.split_at_checked(TAG_BYTES)?;
    if hmac::verify(key, code, tag).is_err() {
        tracing::warn!(file = %file.display(), "compiled code was altered or comes from elsewhere; compiling again");
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "the tag proves that this account wrote the code by serialising a component"
    )]
    // SAFETY: `deserialize` wants bytes made by `serialize`; the tag was made over such bytes with a key
    // that only this account can read, and the engine checks its own compatibility header.
    let component = unsafe { Component::deserialize(engine, code) };
    component.ok()
}

fn write(file: &Path, key: &hmac::Key, code: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(hmac::sign(key, code).as_ref())?;
    temporary.write_all(code)?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}
