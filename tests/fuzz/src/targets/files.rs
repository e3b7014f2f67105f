//! Files that people and other programs write.

use crate::{
    promises::can_be_shown,
    surroundings::{file, folder},
};
use helpbell::fuzzing;
use helpbell_delivery::parcel as parcels;

/// Reads `helpbell.toml`.
///
/// # Panics
/// If what is wrong cannot be shown.
pub fn configuration(input: &[u8]) {
    let (_writing, path) = file("helpbell.toml", input);
    if let Err(told) = fuzzing::configuration(&path) {
        can_be_shown(&told);
    }
}

/// Reads `connectors.lock`, and reads again what would be written back.
///
/// # Panics
/// If what is wrong cannot be shown, or if the second reading differs.
pub fn lock(input: &[u8]) {
    let (writing, path) = file("connectors.lock", input);
    match fuzzing::lock(&path) {
        Err(told) => can_be_shown(&told),
        Ok(text) => {
            drop(writing);
            let (_writing, path) = file("connectors.lock", text.as_bytes());
            assert_eq!(fuzzing::lock(&path).as_ref(), Ok(&text));
        }
    }
}

/// Reads an exported press whose `press.json` is the input, and reads again what would be exported.
///
/// # Panics
/// If what is wrong cannot be shown, or if the second reading differs.
pub fn parcel(input: &[u8]) {
    let (_writing, path) = file("press/press.json", input);
    let parcel = path.parent().unwrap();
    file_beside(parcel, "files/0");
    file_beside(parcel, "files/1");
    match parcels::read(parcel) {
        Err(error) => can_be_shown(&error.to_string()),
        Ok((submission, journal)) => {
            let parent = folder().join("again");
            let again = parcels::write(&parent, &submission, journal.clone()).unwrap();
            assert_eq!(parcels::read(&again).unwrap(), (submission, journal));
            std::fs::remove_dir_all(parent).unwrap();
        }
    }
}

fn file_beside(parcel: &std::path::Path, name: &str) {
    let path = parcel.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"a report").unwrap();
}
