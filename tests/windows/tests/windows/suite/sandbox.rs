//! Connectors in their sandbox: native code made for Windows, kept and stopped there.

use super::computer;
use helpbell_end_to_end::built;
use helpbell_hostile::components::{LOOP, tiny};
use helpbell_windows_tests::Wine;
use std::{fs, sync::Arc, time::SystemTime};

pub(super) async fn compiled_code_is_kept_and_used_again(wine: Arc<Wine>) {
    let desk = computer(&wine).await;
    fs::copy(built::connector("halo"), desk.path("halo.wasm")).unwrap();
    let inspect = ["connector", "inspect", &desk.told("halo.wasm"), "--json"];
    let code = || -> Vec<(String, SystemTime)> {
        let files = fs::read_dir(desk.state().join("compiled")).unwrap();
        let mut code: Vec<_> = files
            .map(|file| file.unwrap())
            .map(|file| {
                let written = file.metadata().unwrap().modified().unwrap();
                (file.file_name().into_string().unwrap(), written)
            })
            .filter(|(name, _)| name.ends_with(".cwasm"))
            .collect();
        code.sort();
        code
    };
    let before = code();
    assert_eq!(before.len(), 1, "{before:?}");
    let told = desk.run(&inspect).await.expect(0).json();
    assert_eq!(code(), before, "nothing was compiled anew");

    // The control: without its code it is compiled, and says the same.
    fs::remove_dir_all(desk.state().join("compiled")).unwrap();
    assert_eq!(desk.run(&inspect).await.expect(0).json(), told);
    assert_ne!(code(), before);
    assert_eq!(code().len(), 1);
}

pub(super) async fn a_connector_that_never_ends_is_stopped(wine: Arc<Wine>) {
    let desk = computer(&wine).await;
    fs::write(desk.path("endless.wasm"), tiny(LOOP)).unwrap();
    let run = desk
        .run(&["connector", "inspect", &desk.told("endless.wasm")])
        .await
        .expect(2);
    assert!(
        run.stderr.contains("did not finish within") && run.stderr.contains("was stopped"),
        "{}",
        run.said()
    );
}
