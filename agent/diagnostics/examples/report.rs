//! Examines this machine and writes `report.html` and `report.json` into a folder.
//!
//! ```console
//! $ cargo run -p helpbell-diagnostics --example report -- ./out "The printer is on fire"
//! ```

use helpbell_diagnostics::{Limits, capture, examine, html, json};
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: report FOLDER [MESSAGE]")?);
    let message = arguments.next().unwrap_or_default();
    let person = env::var("USER").unwrap_or_default();

    let limits = Limits::default();
    let pressed_at = jiff::Timestamp::now();
    let screens = capture::screens(limits);
    let mut report = examine(limits);
    report.screens = screens;

    let title = if message.is_empty() {
        "A look at this machine"
    } else {
        &message
    };
    let context = html::HtmlContext {
        title,
        person: &person,
        message: &message,
        selections: &[],
        pressed_at,
        reference: "",
    };
    fs::create_dir_all(&folder)?;
    for (name, text) in [
        ("report.html", html::render(&report, &context)?),
        ("report.json", json::render(&report)?),
    ] {
        let path = folder.join(name);
        fs::write(&path, text)?;
        println!("{}", path.display());
    }
    Ok(())
}
