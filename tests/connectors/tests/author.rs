//! The author's guide, executed: every block of commands in `docs/writing-a-connector.md`, from nothing.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a step that fails must stop the test")]

use helpbell_end_to_end::built;
use std::{path::Path, process::Command, time::Instant};

const GUIDE: &str = include_str!("../../../docs/writing-a-connector.md");
/// What begins and ends a block of commands.
const FENCE: &str = "```console\n";
const END: &str = "```";
/// What stands before a command.
const PROMPT: &str = "$ ";

/// The commands of each block.
fn blocks() -> Vec<Vec<&'static str>> {
    let texts = GUIDE
        .split(FENCE)
        .skip(1)
        .filter_map(|rest| rest.split(END).next());
    texts
        .map(|text| {
            text.lines()
                .filter_map(|line| line.strip_prefix(PROMPT))
                .collect()
        })
        .collect()
}

/// Runs commands one after the other in one shell, as an author types them.
fn shell(folder: &Path, commands: &[&str]) -> (bool, String) {
    let path = std::env::join_paths(
        [built::program().parent().unwrap().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("set -e\n{}", commands.join("\n")))
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env("HELPBELL_STATE", folder.join("state"))
        // An author's project builds into its own folder.
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn every_block_of_the_authors_guide_does_what_it_says() {
    let blocks = blocks();
    assert!(blocks.len() >= 3, "one block for each language");
    for commands in blocks {
        let folder = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let (done, said) = shell(folder.path(), &commands);
        println!("{:>4} s  {}", began.elapsed().as_secs(), commands.join("; "));
        assert!(done, "{commands:?}:\n{said}");
        assert!(said.contains(" 0 failed"), "{commands:?}:\n{said}");
    }
}

/// The control: what an author breaks is told, with exit code 1.
#[test]
fn a_connector_that_forgets_the_reference_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let commands = [
        "helpbell connector new forgetful --lang js >/dev/null",
        "cd forgetful",
        "sed -i 's/ + marker.footerHtml(call.reference)//' src/forgetful.js",
        "helpbell connector test || test $? = 1",
    ];
    let (done, said) = shell(folder.path(), &commands);
    assert!(done, "{said}");
    assert!(said.contains("FAILED   found-again"), "{said}");
}
