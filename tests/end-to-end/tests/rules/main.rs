//! `helpbell rules …` by the real program, with the real engine, with and without a PSA.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod check;
mod explain;
mod import;
mod test;
mod variables;

use helpbell_end_to_end::Desk;

/// Writes a file on a computer.
fn write(desk: &Desk, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(desk.path(name), text).unwrap();
}

/// Reads a file of a computer.
fn read(desk: &Desk, name: &str) -> String {
    std::fs::read_to_string(desk.path(name)).unwrap()
}

#[tokio::test]
async fn every_command_shows_examples() {
    let desk = Desk::cold();
    for command in ["check", "test", "variables", "explain", "import"] {
        let help = desk.run(&["rules", command, "--help"]).await.expect(0).stdout;
        assert!(
            help.contains("Examples:") && help.contains(&format!("helpbell rules {command}")),
            "{help}"
        );
    }
    desk.run(&["rules", "chek"]).await.expect(2);
}

#[tokio::test]
async fn without_the_engine_it_is_told_where_it_was_looked_for() {
    let desk = Desk::cold().with_own_connectors();
    write(&desk, "rules.py", "a = 1\n");
    let run = desk.run(&["rules", "check", "rules.py"]).await.expect(2);
    assert!(
        run.stderr.contains("rules.wasm, is not there") && run.stderr.contains("own-connectors"),
        "{}",
        run.said()
    );
}
