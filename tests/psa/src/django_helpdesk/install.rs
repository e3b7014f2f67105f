//! The packages, the site and the database that every desk begins with.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};

use super::DjangoHelpdeskError;

const VERSION: &str = "2.6.1";
const REQUIREMENTS: &str = include_str!("site/requirements.txt");
const SITE: [(&str, &str); 5] = [
    ("desk_settings.py", include_str!("site/desk_settings.py")),
    ("desk_urls.py", include_str!("site/desk_urls.py")),
    ("seed.py", include_str!("site/seed.py")),
    ("serve.py", include_str!("site/serve.py")),
    ("witness.py", include_str!("site/witness.py")),
];
/// Says that nothing was interrupted.
const MADE: &str = "made";

/// The folder with everything, made where it is not there yet: a minute of downloading, once per change of it.
///
/// # Errors
/// With what pip or Django said, and the cure where Python lacks what makes virtual environments.
pub fn install() -> Result<PathBuf, DjangoHelpdeskError> {
    let place = target_folder().join("psa");
    let making = |error: std::io::Error| DjangoHelpdeskError::new("install django-helpdesk", error);
    fs::create_dir_all(&place).map_err(making)?;
    let folder = place.join(name());
    // Several tests begin at once; the first makes it, the others wait. Ends with the process.
    let lock = File::create(place.join("django-helpdesk.lock")).map_err(making)?;
    lock.lock().map_err(making)?;
    if folder.join(MADE).is_file() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(making)?;
    }
    let (site, data) = (site(&folder), folder.join("data"));
    for needed in [&site, &data] {
        fs::create_dir_all(needed).map_err(making)?;
    }
    for (name, text) in SITE {
        fs::write(site.join(name), text).map_err(making)?;
    }
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(making)?;
    let environment = folder.join("python");
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment)).map_err(|error| {
        DjangoHelpdeskError::new(
            "make a virtual environment for django-helpdesk",
            format!("{error}; sudo apt-get install --yes python3-venv"),
        )
    })?;
    run(Command::new(python(&folder))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&requirements))?;
    run(Command::new(python(&folder))
        .current_dir(&site)
        .arg("seed.py")
        .env("HELPDESK_DATA", &data))?;
    fs::write(folder.join(MADE), VERSION).map_err(making)?;
    Ok(folder)
}

/// The interpreter with django-helpdesk.
pub(super) fn python(folder: &Path) -> PathBuf {
    let (programs, program) = if cfg!(windows) {
        ("Scripts", "python.exe")
    } else {
        ("bin", "python")
    };
    folder.join("python").join(programs).join(program)
}

/// The folder of the site's modules.
pub(super) fn site(folder: &Path) -> PathBuf {
    folder.join("site")
}

/// The database that every desk begins with.
pub(super) fn seed(folder: &Path) -> PathBuf {
    folder.join("data").join("desk.sqlite3")
}

/// Another site or other packages are another folder.
fn name() -> String {
    let mut digest = Sha256::new();
    digest.update(REQUIREMENTS);
    for (name, text) in SITE {
        digest.update(name);
        digest.update(text);
    }
    let hex = hex::encode(digest.finalize());
    format!("django-helpdesk-{VERSION}-{}", hex.get(..12).unwrap_or(&hex))
}

fn run(command: &mut Command) -> Result<(), DjangoHelpdeskError> {
    let doing = format!("run {command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| DjangoHelpdeskError::new(&doing, error))?;
    if output.status.success() {
        return Ok(());
    }
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    Err(DjangoHelpdeskError::new(doing, format!("{said}{complained}")))
}

/// Programs lie in `<target>/<profile>`, tests in `<target>/<profile>/deps`.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.parent().unwrap_or(Path::new("."));
    let profile = if beside.ends_with("deps") {
        beside.parent()
    } else {
        Some(beside)
    };
    profile.and_then(Path::parent).unwrap_or(beside).to_owned()
}
