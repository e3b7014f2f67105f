//! What Python and JavaScript need to be built: installed once, kept apart by what was asked for.
//!
//! ```text
//! <tools>/
//!   python-<digest of requirements.txt>/    a virtual environment with componentize-py
//!   js-<digest of package-lock.json>/       node_modules with componentize-js and esbuild
//! ```
//!
//! A folder is made beside its place and renamed into it: what is there is whole.

use crate::{ProjectError, disk};
use sha2::{Digest as _, Sha256};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Hexadecimal digits of a digest that tell two apart.
const DIGITS: usize = 12;

/// The interpreter of an environment in which the kit's requirements are installed.
pub(crate) fn python(tools: &Path, kit: &Path) -> Result<PathBuf, ProjectError> {
    let requirements = kit.join("requirements.txt");
    let folder = place(tools, "python", &requirements)?;
    let within = |folder: &Path| {
        if cfg!(windows) {
            folder.join("Scripts").join("python.exe")
        } else {
            folder.join("bin").join("python")
        }
    };
    if !folder.exists() {
        let system = ["python3", "python"].into_iter().find(|name| is_there(name));
        let system = system.ok_or(ProjectError::Missing {
            program: "python3",
            purpose: "connectors in Python are built by componentize-py, which runs on it",
            cure: "install Python 3.11 or newer, with its module venv (Debian: apt install python3-venv)",
        })?;
        // Environments hold their own address, so it is made where it stays, and marked when it is whole.
        let building = Building::at(&folder);
        run(
            Command::new(system).args(["-m", "venv"]).arg(&folder),
            "making a Python environment",
        )?;
        run(
            Command::new(within(&folder))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                ])
                .arg(&requirements),
            "installing componentize-py",
        )?;
        building.whole();
    }
    Ok(within(&folder))
}

/// The folder in which the kit's packages are installed.
pub(crate) fn js(tools: &Path, kit: &Path) -> Result<PathBuf, ProjectError> {
    node()?;
    let folder = place(tools, "js", &kit.join("package-lock.json"))?;
    if !folder.exists() {
        if !is_there(npm()) {
            return Err(ProjectError::Missing {
                program: "npm",
                purpose: "it installs componentize-js and esbuild, which build connectors in JavaScript",
                cure: "install Node.js 18 or newer with npm (Debian: apt install nodejs npm)",
            });
        }
        let building = Building::at(&folder);
        fs::create_dir_all(&folder).map_err(disk("make", &folder))?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(kit.join(file), folder.join(file)).map_err(disk("copy", kit.join(file)))?;
        }
        run(
            Command::new(npm())
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&folder),
            "installing componentize-js",
        )?;
        building.whole();
    }
    Ok(folder)
}

/// Node.js itself.
pub(crate) fn node() -> Result<&'static str, ProjectError> {
    if is_there("node") {
        return Ok("node");
    }
    Err(ProjectError::Missing {
        program: "node",
        purpose: "connectors in JavaScript are built by componentize-js, which runs on it",
        cure: "install Node.js 18 or newer with npm (Debian: apt install nodejs npm)",
    })
}

const fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

/// Removes what was begun and not finished, so that the next try begins anew.
struct Building<'a> {
    folder: &'a Path,
    whole: bool,
}

impl<'a> Building<'a> {
    const fn at(folder: &'a Path) -> Self {
        Self { folder, whole: false }
    }

    fn whole(mut self) {
        self.whole = true;
    }
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        if !self.whole {
            let _ = fs::remove_dir_all(self.folder);
        }
    }
}

fn place(tools: &Path, language: &str, asked: &Path) -> Result<PathBuf, ProjectError> {
    let text = fs::read(asked).map_err(disk("read", asked))?;
    let digest: String = hex::encode(Sha256::digest(&text)).chars().take(DIGITS).collect();
    fs::create_dir_all(tools).map_err(disk("make", tools))?;
    let tools = fs::canonicalize(tools).map_err(disk("find", tools))?;
    Ok(tools.join(format!("{language}-{digest}")))
}

/// Whether a program can be started by its name.
fn is_there(name: &str) -> bool {
    let Some(path) = env::var_os("PATH") else {
        return false;
    };
    let file = if cfg!(windows) && !name.contains('.') {
        format!("{name}.exe")
    } else {
        name.to_owned()
    };
    env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

/// Runs a program; what it says is kept for the error.
pub(crate) fn run(command: &mut Command, doing: &str) -> Result<(), ProjectError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(disk("start", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(ProjectError::Failed {
        doing: doing.to_owned(),
        status: output.status.to_string(),
        said: String::from_utf8_lossy(&said).trim().to_owned(),
    })
}
