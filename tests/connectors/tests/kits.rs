//! The kits' own tests, each by its language's own runner: those of the JavaScript kit and its connector. (Those in Python
//! run beside django-helpdesk's, those in Rust are the workspace's.)

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a step that fails must stop the test")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn repository() -> PathBuf {
    std::fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}

/// Where the workshop has installed what JavaScript is built with.
fn tools() -> Option<PathBuf> {
    let connectors = PathBuf::from(std::env::var_os("HELPBELL_CONNECTORS")?);
    let tools = std::fs::read_dir(connectors.parent()?.join("tools")).ok()?;
    tools.filter_map(|entry| Some(entry.ok()?.path())).find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("js-"))
    })
}

fn run(folder: &Path, program: &str, arguments: &[&str], tools: Option<&Path>) {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    if let Some(tools) = tools {
        command.env("HELPBELL_JS_TOOLS", tools);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{program} {}:\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_javascript_kit_and_the_redmine_connector_pass_their_own_tests() {
    let kit = repository().join("plugins/sdk/js");
    let tools = tools();
    assert!(
        tools.is_some() || std::env::var_os("CI").is_none(),
        "what JavaScript is built with is not installed"
    );
    run(
        &kit,
        "node",
        &["--import", "./register.mjs", "--test", "test/"],
        tools.as_deref(),
    );
    let redmine = repository().join("plugins/redmine");
    run(
        &redmine,
        "node",
        &["--import", "../sdk/js/register.mjs", "--test", "test/"],
        None,
    );
}

#[test]
fn the_javascript_kit_and_the_redmine_connector_have_types_that_fit() {
    let Some(tools) = tools() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the type checker is not installed"
        );
        return;
    };
    let checker = tools.join("node_modules/.bin/tsc").display().to_string();
    for folder in ["plugins/sdk/js", "plugins/redmine"] {
        run(
            &repository().join(folder),
            &checker,
            &["--project", "jsconfig.json"],
            None,
        );
    }
}
