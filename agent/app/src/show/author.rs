//! What authors of connectors are told.

use helpbell_conformance::practice::KEY;
use helpbell_connector_project::Language;
use owo_colors::OwoColorize as _;
use std::path::Path;

/// A project was made.
pub(crate) fn project_made(folder: &Path, language: Language) {
    let needs = match language {
        Language::Rust => "needs: rustup target add wasm32-wasip2",
        Language::Python => "needs Python 3.11 or newer with venv; the rest is installed at the first build",
        Language::Js => "needs Node.js 18 or newer with npm; the rest is installed at the first build",
    };
    anstream::println!("made {}, in {language}", folder.display());
    anstream::println!("  {needs}");
    anstream::println!("\n{}", "Next".bold());
    anstream::println!("  cd {}", folder.display());
    anstream::println!("  helpbell connector test");
}

/// A component was built.
pub(crate) fn built(file: &Path) {
    let size = std::fs::metadata(file)
        .map(|about| about.len())
        .unwrap_or_default();
    anstream::println!("{} ({size} bytes)", file.display());
}

/// Changes are waited for.
pub(crate) fn watching(folder: &Path) {
    anstream::eprintln!(
        "{} {} for changes; Ctrl+C ends",
        "watching".bold(),
        folder.display()
    );
}

/// The practice desk listens.
pub(crate) fn practice_desk(url: &str) {
    anstream::println!("{} {url}", "practice desk".bold());
    anstream::println!("  key: {KEY}");
    anstream::println!("  try it: curl -H 'Authorization: Bearer {KEY}' {url}/queues");
}
