//! Reads small files of the system, of whatever size and content they turn out to be.

use crate::probes::some_line;
use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The longest file that is read whole, in bytes. Of the files of /sys, /proc and /etc that probes look at, none has
/// more than a few pages; what is longer is cut.
const MOST_BYTES: u64 = 1 << 20;

/// Entries of a folder that are looked at. A machine has tens of disks and hundreds of devices.
const MOST_ENTRIES: usize = 4096;

/// The text of a file, cut at [`MOST_BYTES`]; what is not UTF-8 is marked. `None` if there is none.
pub(in crate::probes) fn text(path: impl AsRef<Path>) -> Option<String> {
    text_within(path, MOST_BYTES)
}

/// The same, cut at `most` bytes.
pub(in crate::probes) fn text_within(path: impl AsRef<Path>, most: u64) -> Option<String> {
    bytes_within(path, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The bytes of a regular file, cut at `most`. Nothing else is opened: a named pipe would never end.
pub(in crate::probes) fn bytes_within(path: impl AsRef<Path>, most: u64) -> Option<Vec<u8>> {
    let path = path.as_ref();
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The first line of a file, fit to be shown. `None` if there is nothing in it.
pub(in crate::probes) fn word(path: impl AsRef<Path>) -> Option<String> {
    some_line(text(path)?.lines().next()?)
}

/// The number a file holds.
pub(in crate::probes) fn number<N: FromStr>(path: impl AsRef<Path>) -> Option<N> {
    text(path)?.trim().parse().ok()
}

/// What a folder holds, in the order of names; nothing if it is not there.
pub(in crate::probes) fn entries(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .take(MOST_ENTRIES)
        .collect();
    entries.sort();
    entries
}

/// The last part of a path, as text.
pub(in crate::probes) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Where a link leads, by its last part: `driver` to `i915`.
pub(in crate::probes) fn linked(path: impl AsRef<Path>) -> Option<String> {
    some_line(&name(&fs::read_link(path).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(text(folder.path()), None);
        assert_eq!(text("/dev/zero"), None);
    }

    #[test]
    fn a_file_is_cut_at_its_bound_and_a_word_is_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        fs::write(&file, b" 42 \xff\nmore\n").unwrap();
        assert_eq!(text_within(&file, 3).as_deref(), Some(" 42"));
        assert_eq!(word(&file).as_deref(), Some("42 \u{fffd}"));
        assert_eq!(number::<u32>(&file), None);
        fs::write(&file, "-7\n").unwrap();
        assert_eq!((number::<i32>(&file), number::<u32>(&file)), (Some(-7), None));
    }
}
