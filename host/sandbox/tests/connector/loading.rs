//! Files that are not a connector for this host: which ones, and what whoever has such a file reads.

use helpbell_sandbox::{LoadError, Sandbox};
use std::{fmt::Write as _, path::Path};

/// The interfaces that every connector exports.
const REQUIRED: [&str; 6] = ["describe", "auth", "directory", "tickets", "notes", "dispatcher"];

/// What is said about this file.
async fn refused(bytes: Vec<u8>) -> LoadError {
    let loaded = Sandbox::new(None).unwrap().load_bytes("mine.wasm", bytes).await;
    loaded.err().expect("this is no connector")
}

/// A component that exports each interface in this version, with nothing in them.
fn hollow(version: &str, imports: &str) -> Vec<u8> {
    let mut text = format!("(component {imports} (instance $empty)");
    for interface in REQUIRED {
        let _ = write!(
            text,
            "(export \"helpbell:psa/{interface}@{version}\" (instance $empty))"
        );
    }
    wat::parse_str(text + ")").unwrap()
}

#[tokio::test]
async fn an_empty_file_is_no_webassembly() {
    let error = refused(vec![]).await;
    assert!(matches!(error, LoadError::NotWasm { .. }));
    insta::assert_snapshot!(error, @r"mine.wasm is not a WebAssembly file (it does not begin with \0asm); give the .wasm file that the connector's build wrote");
}

#[tokio::test]
async fn a_text_file_is_no_webassembly() {
    for text in [
        "<!doctype html><title>404</title>",
        "(component)",
        "\0as",
        "asm\0\x0d\0\x01\0",
    ] {
        let error = refused(text.as_bytes().to_vec()).await;
        assert!(matches!(error, LoadError::NotWasm { .. }), "{text:?}: {error}");
    }
}

#[tokio::test]
async fn a_core_module_is_told_how_to_become_a_component() {
    let error = refused(wat::parse_str("(module (func (export \"describe\")))").unwrap()).await;
    assert!(matches!(error, LoadError::CoreModule { .. }));
    insta::assert_snapshot!(error, @"mine.wasm is a core WebAssembly module, not a component; build it with: cargo build --release --target wasm32-wasip2");
}

#[tokio::test]
async fn a_truncated_component_is_damaged() {
    let mut bytes = wat::parse_str("(component (core module (func (export \"f\"))))").unwrap();
    bytes.truncate(bytes.len() - 3);
    let error = refused(bytes).await;
    assert!(matches!(error, LoadError::Invalid { .. }));
    insta::assert_snapshot!(error);

    let whole = std::fs::read(helpbell_end_to_end::built::connector("halo")).unwrap();
    // Only the preamble, half of it, all but the last byte.
    for length in [8, whole.len() / 2, whole.len() - 1] {
        let error = refused(whole[..length].to_vec()).await;
        let expected = matches!(
            error,
            LoadError::Invalid { .. } | LoadError::NotOfThisWorld { .. }
        );
        assert!(expected, "{length} of {} bytes: {error}", whole.len());
    }
}

#[tokio::test]
async fn a_component_that_is_no_connector_is_told_the_world_to_build_for() {
    let error = refused(wat::parse_str("(component)").unwrap()).await;
    assert!(matches!(error, LoadError::NotOfThisWorld { .. }));
    insta::assert_snapshot!(error, @"mine.wasm is a component, but no connector: it does not export helpbell:psa/describe@0.1.0; build it for the world helpbell:psa/connector@0.1.0");
}

#[tokio::test]
async fn half_a_connector_is_told_what_it_lacks() {
    let text = "(component (instance $empty) (export \"helpbell:psa/describe@0.1.0\" (instance $empty)))";
    let error = refused(wat::parse_str(text).unwrap()).await;
    assert!(
        error
            .to_string()
            .contains("does not export helpbell:psa/auth@0.1.0"),
        "{error}"
    );
}

#[tokio::test]
async fn connectors_for_other_versions_of_the_contract_are_told_which_side_is_older() {
    let newer = refused(hollow("0.9.0", "")).await;
    assert!(matches!(newer, LoadError::OtherVersion { .. }));
    insta::assert_snapshot!(newer, @"mine.wasm was built for version 0.9.0 of the contract helpbell:psa; this Helpbell speaks 0.1.0. Get the connector's build for 0.1.0, or a newer Helpbell");
    let older = refused(hollow("0.0.7", "")).await;
    assert!(older.to_string().ends_with("or an older Helpbell"), "{older}");
    let much_newer = refused(hollow("10.0.0", "")).await;
    assert!(
        much_newer.to_string().ends_with("or a newer Helpbell"),
        "{much_newer}"
    );
}

#[tokio::test]
async fn a_connector_that_wants_more_than_any_connector_gets_is_told_what() {
    let raw = "(import \"acme:raw/disk@1.0.0\" (instance (export \"read\" (func))))";
    let error = refused(hollow("0.1.0", raw)).await;
    assert!(
        matches!(&error, LoadError::UnknownImport { import, .. } if import == "acme:raw/disk@1.0.0"),
        "{error}"
    );
    insta::assert_snapshot!(error);
}

#[tokio::test]
async fn a_connector_whose_interfaces_have_another_shape_is_refused() {
    let error = refused(hollow("0.1.0", "")).await;
    assert!(
        error
            .to_string()
            .contains("`helpbell:psa/describe@0.1.0` does not have export `describe`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_or_too_large_is_named() {
    let sandbox = Sandbox::new(None).unwrap();
    let error = sandbox
        .load(Path::new("/nonexistent/halo.wasm"))
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, LoadError::Read { .. }) && error.to_string().contains("/nonexistent/halo.wasm"),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fat.wasm");
    // Sparse: takes no room on the disk.
    std::fs::File::create(&file)
        .unwrap()
        .set_len((64 << 20) + 1)
        .unwrap();
    let error = sandbox.load(&file).await.err().unwrap();
    assert!(
        matches!(error, LoadError::TooLarge { .. }) && error.to_string().contains("fat.wasm"),
        "{error}"
    );
}
