//! What connectors keep between calls: pick-lists, contacts. One folder per tenant and connector digest.
//!
//! ```text
//! <folder>/                       0700
//!   <sha256 of the key>           8 bytes expiry (seconds since 1970, little endian), then the value
//! ```
//!
//! Every reason not to find something is the same as its not being there.

use crate::token::now;
use sha2::{Digest as _, Sha256};
use std::{fs, path::PathBuf};

/// Bytes of one value: the widest pick-list of a large installation.
const VALUE_BYTES: usize = 512 << 10;
/// Values in one folder; a large office has so many people.
const VALUES: usize = 2_000;
/// Bytes of all values in one folder; a large office's pick-lists and contacts take two megabytes.
const FOLDER_BYTES: u64 = 64 << 20;
/// Nothing is kept longer: a week-old pick-list misleads.
const LONGEST_TTL_S: u32 = 7 * 24 * 3600;
/// Bytes of the expiry in front of each value.
const EXPIRY_BYTES: usize = 8;

#[derive(Debug, Clone)]
pub(crate) struct GuestCache {
    folder: Option<PathBuf>,
    read_only: bool,
}

impl GuestCache {
    /// Without a folder, or if it cannot be made private, nothing is kept.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let usable = folder.filter(|folder| {
            crate::private::folder(folder)
                .inspect_err(|error| tracing::warn!(folder = %folder.display(), %error, "failed to use the connector's cache"))
                .is_ok()
        });
        Self {
            folder: usable,
            read_only: false,
        }
    }

    /// The same, in which nothing can be put.
    pub(crate) fn read_only(self) -> Self {
        Self {
            read_only: true,
            ..self
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let content = fs::read(self.file(key)?).ok()?;
        let (expiry, value) = content.split_first_chunk::<EXPIRY_BYTES>()?;
        (now() < u64::from_le_bytes(*expiry)).then(|| value.to_vec())
    }

    pub(crate) fn put(&self, key: &str, value: &[u8], ttl_s: u32) {
        let Some(file) = self.file(key).filter(|_| !self.read_only) else {
            return;
        };
        if value.len() > VALUE_BYTES {
            tracing::debug!(
                bytes = value.len(),
                "a connector's cache value is too large to be kept"
            );
            return;
        }
        self.make_room();
        let expiry = now() + u64::from(ttl_s.min(LONGEST_TTL_S));
        let mut content = expiry.to_le_bytes().to_vec();
        content.extend_from_slice(value);
        if let Err(error) = crate::private::write(&file, &content) {
            tracing::debug!(%error, "failed to keep a connector's cache value");
        }
    }

    fn file(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(hex::encode(Sha256::digest(key))))
    }

    /// Drops everything once the folder is full: simple, bounded, and only ever costs requests.
    fn make_room(&self) {
        let Some(files) = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else {
            return;
        };
        let files: Vec<_> = files.flatten().collect();
        let sizes = files.iter().filter_map(|file| file.metadata().ok());
        let bytes: u64 = sizes.map(|metadata| metadata.len()).sum();
        if files.len() >= VALUES || bytes >= FOLDER_BYTES {
            for file in files {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_another_handle_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let cache = |name: &str| GuestCache::new(Some(folder.path().join(name)));
        cache("a").put("teams", b"1st Line", 60);
        assert_eq!(cache("a").get("teams").as_deref(), Some(b"1st Line".as_slice()));
        assert_eq!(cache("b").get("teams"), None, "another tenant sees nothing");
        cache("a").put("teams", b"old", 0);
        assert_eq!(cache("a").get("teams"), None);
    }

    #[test]
    fn a_cache_that_is_only_read_keeps_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let cache = GuestCache::new(Some(folder.path().to_owned()));
        cache.put("teams", b"1st Line", 60);
        let looking = cache.clone().read_only();
        looking.put("teams", b"another", 60);
        assert_eq!(looking.get("teams").as_deref(), Some(b"1st Line".as_slice()));
    }

    #[test]
    fn a_folder_that_is_full_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = GuestCache::new(Some(folder.path().to_owned()));
        cache.put("first", b"1", 60);
        // Sparse: takes no room on the disk.
        let large = fs::File::create(folder.path().join("large")).unwrap();
        large.set_len(FOLDER_BYTES).unwrap();
        cache.put("second", b"2", 60);
        assert_eq!(
            (cache.get("first"), cache.get("second")),
            (None, Some(b"2".to_vec()))
        );
    }

    #[test]
    fn a_value_too_large_is_silently_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = GuestCache::new(Some(folder.path().to_owned()));
        cache.put("big", &vec![0; VALUE_BYTES + 1], 60);
        assert_eq!(cache.get("big"), None);
    }
}
