//! What may change once the contract is released, tried on changed copies of it.
//!
//! The direction is the one a plugin host needs: a connector built against the original must run
//! in a host that speaks the copy.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use anyhow::Result;
use helpbell_contract_tests::contract::{beside_changed_copy, connector_contract, world};
use wit_component::semver_check;

/// The last item of an interface that every connector exports.
const CLOSE: &str = "close: func(context: context, id: string, reason: string) -> result<_, failure>;";

fn check(changes: &[(&str, &str)]) -> Result<()> {
    // A change that does not parse is no verdict.
    let (resolve, original, changed) = beside_changed_copy(changes).unwrap();
    let original = world(&resolve, original, "connector").unwrap();
    let changed = world(&resolve, changed, "connector").unwrap();
    semver_check(resolve, original, changed)
}

fn passes(changes: &[(&str, &str)]) {
    check(changes).unwrap();
}

fn fails(changes: &[(&str, &str)]) {
    let error = check(changes).unwrap_err();
    // Any other failure would be one of the check itself.
    assert!(error.to_string().contains("not semver-compatible"), "{error:?}");
}

#[test]
fn every_world_of_the_contract_is_compatible_with_itself() {
    let (resolve, package) = connector_contract().unwrap();
    for (name, id) in &resolve.packages[package].worlds {
        semver_check(resolve.clone(), *id, *id).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}

#[test]
fn an_unchanged_copy_passes() {
    passes(&[]);
}

#[test]
fn a_new_function_of_the_host_passes() {
    let function = "write: func(level: level, message: string);";
    passes(&[(function, &format!("{function}\n    /// New.\n    flush: func();"))]);
}

#[test]
fn a_new_import_passes() {
    let new = "/// New.\ninterface clockwork { /// New.\n tick: func(); }\n/// What every connector can use.";
    passes(&[
        ("/// What every connector can use.", new),
        ("import cache;", "import cache;\n    import clockwork;"),
    ]);
}

/// How strings grow: what they may say is documentation.
#[test]
fn a_new_documented_meaning_of_a_string_passes() {
    let known = "`requests-per-hour` and `concurrent-requests` as whole numbers";
    passes(&[(
        known,
        "`requests-per-hour`, `requests-per-minute` and `concurrent-requests`",
    )]);
}

#[test]
fn a_new_optional_world_passes() {
    let new = "/// New.\nworld archivist { export doctor; }\n/// What every connector can use.";
    passes(&[("/// What every connector can use.", new)]);
}

#[test]
fn a_removed_function_of_the_host_fails() {
    fails(&[("write: func(level: level, message: string);", "")]);
}

#[test]
fn a_removed_import_fails() {
    fails(&[("    import blobs;\n", "")]);
}

#[test]
fn a_new_required_interface_fails() {
    fails(&[(
        "    export dispatcher;\n",
        "    export dispatcher;\n    export doctor;\n",
    )]);
}

#[test]
fn a_new_function_that_connectors_must_export_fails() {
    fails(&[(
        CLOSE,
        &format!("{CLOSE}\n    /// New.\n    reopen: func(id: string);"),
    )]);
}

#[test]
fn a_removed_function_of_connectors_does_not_hurt_those_that_still_have_it() {
    passes(&[(CLOSE, "")]);
}

#[test]
fn a_new_record_field_fails() {
    fails(&[(
        "deadline-ms: u64,",
        "deadline-ms: u64,\n        /// New.\n        tenant: string,",
    )]);
}

#[test]
fn a_new_enum_case_fails() {
    fails(&[(
        "        internal,\n",
        "        internal,\n        /// New.\n        offline,\n",
    )]);
}

#[test]
fn a_new_variant_case_fails() {
    fails(&[(
        "        query(string),\n",
        "        query(string),\n        /// New.\n        cookie(string),\n",
    )]);
}

#[test]
fn a_removed_variant_case_fails() {
    let case = "        /// Scheme, host and port of the setting of this name, without its path.\n        setting-origin(string),\n";
    fails(&[(case, "")]);
}

#[test]
fn a_variant_case_of_another_type_fails() {
    fails(&[(
        "discovered(list<string>),",
        "discovered(list<tuple<string, string>>),",
    )]);
}

#[test]
fn a_renamed_record_field_fails() {
    fails(&[("deadline-ms: u64,", "time-left-ms: u64,")]);
}

#[test]
fn a_change_that_is_not_in_the_text_is_no_change() {
    let error = beside_changed_copy(&[("no such piece", "")]).unwrap_err();
    assert!(error.to_string().contains("0 times"), "{error}");
}
