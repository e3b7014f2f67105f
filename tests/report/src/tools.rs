//! What examines pages and runs on Node.js: a validator of HTML, and axe. Pinned, and installed once beside the build.

use serde_json::Value;
use std::{env, fs, io::Write as _, path::PathBuf, process::Command, sync::OnceLock};

/// What is installed, and in which versions.
const FILES: [(&str, &str); 2] = [
    ("package.json", include_str!("../tools/package.json")),
    ("package-lock.json", include_str!("../tools/package-lock.json")),
];

/// What a page is held to: that it is HTML as the standard has it, and what can be said of accessibility without
/// looking.
const RULES: &str = r#"{"root": true, "extends": ["html-validate:standard", "html-validate:a11y", "html-validate:document"]}"#;

/// The folder of the installed tools; none where there is no Node.js, except under continuous integration, which must
/// have it.
fn folder() -> Option<&'static PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(install).as_ref()
}

fn install() -> Option<PathBuf> {
    let program = env::current_exe().unwrap();
    // Test programs lie in `<target>/<profile>/deps`.
    let target = program.ancestors().nth(3).unwrap();
    let whole = target.join("report-tools");
    let is_whole =
        |name: &str, text: &str| fs::read_to_string(whole.join(name)).is_ok_and(|there| there == text);
    if FILES.iter().all(|(name, text)| is_whole(name, text)) {
        return Some(whole);
    }
    // Under another name until it is whole, so that a test program that is started meanwhile finds all or nothing.
    let begun = tempfile::Builder::new()
        .prefix("report-tools-")
        .tempdir_in(target)
        .unwrap();
    for (name, text) in FILES {
        fs::write(begun.path().join(name), text).unwrap();
    }
    let npm = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(begun.path())
        .status();
    match npm {
        Ok(status) => assert!(status.success(), "npm could not install the validator and axe"),
        Err(error) => {
            assert!(env::var_os("CI").is_none(), "npm is not installed: {error}");
            eprintln!("skipped: npm is not installed (apt-get install nodejs npm)");
            return None;
        }
    }
    let _ = fs::remove_dir_all(&whole);
    // Another test program may have been quicker; its tools are the same.
    let _ = fs::rename(begun.keep(), &whole);
    Some(whole)
}

/// What is wrong with a page as HTML: rule, line and message. `None` without Node.js.
///
/// # Panics
/// If the validator fails.
#[must_use]
pub fn invalid(page: &str) -> Option<Vec<String>> {
    let tools = folder()?;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".htmlvalidate.json"), RULES).unwrap();
    let mut file = fs::File::create(folder.path().join("page.html")).unwrap();
    file.write_all(page.as_bytes()).unwrap();
    let output = Command::new(tools.join("node_modules/.bin/html-validate"))
        .args(["--formatter", "json", "page.html"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "the validator said no JSON ({error}): {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let messages = told.as_array().unwrap().iter().flat_map(|file| {
        let messages = file["messages"].as_array().unwrap();
        messages.iter().map(|message| {
            format!(
                "{} in line {}: {}",
                message["ruleId"], message["line"], message["message"]
            )
        })
    });
    Some(messages.collect())
}

/// The source of axe. `None` without Node.js.
///
/// # Panics
/// If it is not where npm puts it.
#[must_use]
pub fn axe() -> Option<String> {
    Some(fs::read_to_string(folder()?.join("node_modules/axe-core/axe.min.js")).unwrap())
}
