//! Compiled code on disk: used when genuine, made again when not.

use helpbell_end_to_end::built;
use helpbell_sandbox::Sandbox;
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Loads the connector in a sandbox of its own, as a new process does.
async fn load(folder: &Path) {
    let sandbox = Sandbox::new(Some(folder.to_owned())).unwrap();
    let connector = sandbox.load(&built::connector("halo")).await.unwrap();
    assert_eq!(connector.description().id, "halo");
}

/// The one file with compiled code.
fn code(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "cwasm"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// Tells a file that was written anew from one that was left alone: new files come in by another name.
fn identity(file: &Path) -> (u64, i64, i64) {
    let metadata = fs::metadata(file).unwrap();
    (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
}

#[tokio::test]
async fn the_second_load_takes_the_compiled_code_and_leaves_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path()).await;
    let file = code(folder.path());
    let written = identity(&file);
    load(folder.path()).await;
    assert_eq!(identity(&file), written);
    for private in [file, folder.path().join("key")] {
        assert_eq!(fs::metadata(private).unwrap().permissions().mode() & 0o077, 0);
    }
}

#[tokio::test]
async fn compiled_code_that_was_tampered_with_is_never_run_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path()).await;
    let file = code(folder.path());
    let genuine = fs::read(&file).unwrap();
    let mut in_code = genuine.clone();
    let middle = in_code.len() / 2;
    in_code[middle] ^= 1;
    let mut in_tag = genuine.clone();
    in_tag[0] ^= 1;
    let longer = [genuine.as_slice(), b"x"].concat();
    for tampered in [
        in_code,
        in_tag,
        longer,
        genuine[..genuine.len() / 2].to_vec(),
        genuine[..20].to_vec(),
        vec![],
    ] {
        fs::write(&file, tampered).unwrap();
        let before = identity(&file);
        load(folder.path()).await;
        assert_ne!(identity(&file), before, "it was made again");
        assert_eq!(fs::read(&file).unwrap().len(), genuine.len());
    }
}

#[tokio::test]
async fn compiled_code_of_another_account_is_never_run() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    load(ours.path()).await;
    load(theirs.path()).await;
    let file = code(ours.path());
    fs::write(&file, fs::read(code(theirs.path())).unwrap()).unwrap();
    let before = identity(&file);
    load(ours.path()).await;
    assert_ne!(identity(&file), before);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_costs_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "not a folder").unwrap();
    load(&file).await;
}
