//! The API key on Windows: DPAPI protects its file.

use super::computer;
use helpbell_end_to_end::{Desk, Setup, world};
use helpbell_windows_tests::Wine;
use psa_sandbox::halo::Seed;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) async fn the_key_stands_in_no_file_in_the_clear(wine: Arc<Wine>) {
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo);
    for scope in [&["--key-stdin"][..], &["--key-stdin", "--key-for-machine"]] {
        let desk = computer(&wine).await;
        let init = desk.init_keyed(&setup, scope).await.expect(0);
        init.assert_without(&[&setup.secret()]);
        // It is used, and so it can be read back.
        desk.press().now().await.expect(0);
        assert_eq!(files_with(&desk, &setup.secret()), Vec::<PathBuf>::new());
        let kept = fs::read_to_string(desk.path("helpbell.key")).unwrap();
        assert!(kept.contains("protected by Windows (DPAPI)"), "{kept}");
    }
}

/// The control of the test above: its search finds a key that is there.
pub(super) async fn a_key_in_the_clear_is_found_and_refused_with_the_command_that_protects_it(
    wine: Arc<Wine>,
) {
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo);
    let desk = computer(&wine).await;
    desk.init(&setup).await.expect(0);
    let file = desk.path("helpbell.key");
    fs::write(&file, &setup.key).unwrap();
    assert_eq!(files_with(&desk, &setup.secret()), std::slice::from_ref(&file));

    let refused = desk.press().aloud().await.expect(3);
    assert!(
        refused.stderr.contains("is not protected") && refused.stderr.contains("helpbell key --stdin"),
        "{}",
        refused.said()
    );
    refused.assert_without(&[&setup.secret()]);
    desk.run_with(&["key", "--stdin"], setup.key.as_bytes())
        .await
        .expect(0);
    assert_eq!(files_with(&desk, &setup.secret()), Vec::<PathBuf>::new());
    desk.deliver().await.expect(0);
}

/// The files of a computer that hold this text.
fn files_with(desk: &Desk, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    };
    files_below(&desk.path("")).into_iter().filter(holds).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
