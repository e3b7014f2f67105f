//! What the machine lacks: found out first, installed where that is possible without a question, and otherwise told
//! with the command that does it.
//!
//! Nothing here asks anything or reads standard input, so that it behaves the same in continuous integration.

use crate::{
    build::{WASM, WINDOWS},
    process,
    show::{self, cured},
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use std::{path::Path, process::Command, process::Stdio};

/// Something a package of the system brings.
struct Need {
    /// Programs that do it, by name or by path; one is enough.
    programs: &'static [&'static str],
    /// The packages of Debian and Ubuntu.
    packages: &'static [&'static str],
    /// What to answer to the questions that these packages ask, as `debconf-set-selections` reads it.
    answers: &'static [&'static str],
    /// What it is for, after "for".
    purpose: &'static str,
}

impl Need {
    fn is_there(&self) -> bool {
        self.programs.iter().any(|program| {
            let path = Path::new(program);
            if path.is_absolute() {
                path.exists()
            } else {
                process::find(program).is_some()
            }
        })
    }
}

/// `ring` compiles C and assembler.
const C_COMPILER: Need = Need {
    programs: &["cc", "gcc", "clang"],
    packages: &["gcc", "libc6-dev"],
    answers: &[],
    purpose: "the cryptography that is written in C",
};

/// The tests photograph screens of an X server that exists in memory only.
const X_SERVER: Need = Need {
    programs: &["Xvfb"],
    packages: &["xvfb"],
    answers: &[],
    purpose: "the tests that photograph screens",
};

/// The tests photograph several large screens of a real X server without a graphics card, too, as Xvfb has one screen.
const SCREENS: Need = Need {
    programs: &["/usr/lib/xorg/modules/drivers/dummy_drv.so"],
    packages: &[
        "xserver-xorg-core",
        "xserver-xorg-video-dummy",
        "x11-xserver-utils",
    ],
    answers: &[],
    purpose: "the tests that photograph several large screens",
};

/// What else photographs screens is measured beside this program.
const PHOTOGRAPHERS: [Need; 2] = [
    Need {
        programs: &["maim"],
        packages: &["maim"],
        answers: &[],
        purpose: "the benchmark of photographs, which stand beside its own",
    },
    Need {
        programs: &["scrot"],
        packages: &["scrot"],
        answers: &[],
        purpose: "the benchmark of photographs, which stand beside its own",
    },
];

/// The tests play the desktop of a Wayland session on a bus of their own.
const BUS: Need = Need {
    programs: &["dbus-daemon"],
    packages: &["dbus"],
    answers: &[],
    purpose: "the tests that photograph Wayland sessions",
};

/// The tests look at pages with a real browser. It draws no text without a font.
const BROWSER: Need = Need {
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
    packages: &["chromium", "fontconfig", "fonts-dejavu-core"],
    answers: &[],
    purpose: "the tests that open pages in a browser",
};

/// `ring` compiles C and assembler for Windows too.
const WINDOWS_COMPILER: Need = Need {
    programs: &["x86_64-w64-mingw32-gcc"],
    packages: &["gcc-mingw-w64-x86-64"],
    answers: &[],
    purpose: "compiling for Windows what is written in C",
};

/// The tests run the program for Windows. Windows programs of 64 bits are enough, and so is the package that runs only these.
/// It leaves its program outside `PATH`; elsewhere it is found there.
const WINE: Need = Need {
    programs: &["/usr/lib/wine/wine64", "wine64", "wine"],
    packages: &["wine64"],
    answers: &[],
    purpose: "the tests that run the program for Windows",
};

/// Connectors written in Python are built, and PSAs written in it are run, in virtual environments of their own.
const PYTHON: Need = Need {
    programs: &["python3"],
    packages: &["python3", "python3-venv"],
    answers: &[],
    purpose: "connectors and PSAs written in Python",
};

/// Connectors written in JavaScript are built by it.
const NODE: Need = Need {
    programs: &["npm"],
    packages: &["nodejs", "npm"],
    answers: &[],
    purpose: "connectors written in JavaScript",
};

/// The tests file tickets in a real Request Tracker. Each makes a database of its own, so that none is set up by the
/// packages; nothing is mailed by the tests, and a mail server that comes with the packages delivers on this machine only.
const REQUEST_TRACKER: Need = Need {
    programs: &["/usr/share/request-tracker5/libexec/rt-server"],
    packages: &["request-tracker5", "rt5-db-sqlite", "rt5-standalone"],
    answers: &[
        "request-tracker5 request-tracker5/dbconfig-install boolean false",
        "request-tracker5 request-tracker5/install-cronjobs boolean false",
        "exim4-config exim4/dc_eximconfig_configtype select local delivery only; not on a network",
    ],
    purpose: "the tests that file tickets in Request Tracker",
};

/// The tests run the real Redmine, each on data of its own, made with the schema of the packages' database.
const REDMINE: Need = Need {
    programs: &["/usr/share/redmine/config.ru"],
    packages: &["redmine", "redmine-sqlite"],
    answers: &[
        "redmine redmine/instances/default/dbconfig-install boolean true",
        "redmine redmine/instances/default/database-type select sqlite3",
    ],
    purpose: "the tests of the connector for Redmine",
};

/// Another package manager at work is waited for so long, in seconds: an unattended upgrade takes minutes.
const APT_LOCK_S: u32 = 300;

/// Everything a build of connectors and programs takes.
pub(crate) fn toolchain(workspace: &Workspace) -> Result<()> {
    c_compiler()?;
    target(&workspace.root, WASM)
}

/// What it takes to compile for Windows elsewhere.
pub(crate) fn windows(workspace: &Workspace) -> Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    c_compiler()?;
    system(&WINDOWS_COMPILER)?;
    target(&workspace.root, WINDOWS)
}

/// A C compiler, where it is a program of its own. On Windows it comes with what links Rust.
pub(crate) fn c_compiler() -> Result<()> {
    if cfg!(unix) { system(&C_COMPILER) } else { Ok(()) }
}

/// A Python that makes virtual environments: Debian's is there without the part that does.
pub(crate) fn python() -> Result<()> {
    let whole = PYTHON.is_there()
        && process::ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok();
    if whole {
        return Ok(());
    }
    install(&PYTHON, right_to_install())
}

/// What connectors in JavaScript are built by.
pub(crate) fn node() -> Result<()> {
    system(&NODE)
}

/// What the tests of the program for Windows start beside them, on Linux; elsewhere they do not exist.
pub(crate) fn windows_test_programs() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    system(&X_SERVER)?;
    system(&WINE)
}

/// What all other tests start beside them, on Linux; elsewhere those tests do not exist. Says whether nothing had to be
/// left out.
///
/// Only the browser may be: Ubuntu has it as a snap alone, which cannot be installed everywhere. Then its tests skip
/// themselves, but under continuous integration, where nobody reads that, its absence is an error.
pub(crate) fn test_programs() -> Result<bool> {
    if !cfg!(target_os = "linux") {
        return Ok(true);
    }
    system(&X_SERVER)?;
    system(&SCREENS)?;
    system(&BUS)?;
    python()?;
    node()?;
    system(&REQUEST_TRACKER)?;
    system(&REDMINE)?;
    match system(&BROWSER) {
        Ok(()) => Ok(true),
        Err(error) if std::env::var_os("CI").is_some() => Err(error),
        Err(error) => {
            show::note(&format!("{error:#}"));
            show::note("going on without a browser: the tests that need one skip themselves");
            Ok(false)
        }
    }
}

/// What the benchmark of photographs starts beside it.
pub(crate) fn photographs() -> Result<()> {
    system(&SCREENS)?;
    PHOTOGRAPHERS.iter().try_for_each(system)?;
    python()
}

/// What a local PSA of this name takes besides its program.
pub(crate) fn psa(name: &str) -> Result<()> {
    match name {
        "request-tracker" => system(&REQUEST_TRACKER),
        "redmine" => system(&REDMINE),
        // Written in Python, and installed by the program itself.
        "django-helpdesk" => python(),
        _ => Ok(()),
    }
}

/// The formatter and the linter; small installations of Rust come without.
pub(crate) fn components(workspace: &Workspace) -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let mut cargo = process::cargo(&workspace.root);
        if process::ask(cargo.args([command, "--version"])).is_err() {
            rustup(&workspace.root, &["component", "add", component])?;
        }
    }
    Ok(())
}

/// The standard library for a target. Asked of the compiler, so that a Rust without rustup will do too.
fn target(root: &Path, name: &str) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(root)
        .args(["--print", "target-libdir", "--target", name]);
    let folder = process::ask(&mut rustc).context("failed to ask the compiler where its targets are")?;
    if Path::new(&folder).is_dir() {
        return Ok(());
    }
    rustup(root, &["target", "add", name])
}

fn rustup(root: &Path, arguments: &[&str]) -> Result<()> {
    let typed = format!("rustup {}", arguments.join(" "));
    let cure = format!(
        "install Rust from https://rustup.rs, or get what `{typed}` does from whoever packaged yours"
    );
    let rustup = process::need("rustup", &cure)?;
    show::note(&typed);
    let mut command = Command::new(rustup);
    // In the folder of the workspace, whose rust-toolchain.toml says for which compiler.
    command.current_dir(root).args(arguments).stdin(Stdio::null());
    process::run(&mut command)
}

/// Installs what is missing.
fn system(need: &Need) -> Result<()> {
    if need.is_there() {
        return Ok(());
    }
    install(need, right_to_install())
}

/// Installs the packages of a need with apt-get, with the words before it that give the right to.
fn install(need: &Need, right: Option<&[&str]>) -> Result<()> {
    let packages = need.packages.join(", ");
    let what = format!("{packages} is missing, for {}", need.purpose);
    let typed = format!("sudo apt-get install --yes {}", need.packages.join(" "));
    let Some(right) = right else {
        return Err(cured(
            what,
            format!("{typed}    (or what your system calls these)"),
        ));
    };
    show::note(&what);
    let apt = |arguments: &[&str]| {
        let mut command = apt_get(right, arguments);
        show::note(&process::line(&command));
        process::run(&mut command)
    };
    // A fresh machine has no list of packages yet, and an old list names versions that are gone. A source that
    // cannot be read now may not be the one that matters: the installation decides.
    if let Err(error) = apt(&["update"]) {
        show::note(&format!("{error:#}; going on with the lists that are there"));
    }
    if !need.answers.is_empty() {
        let mut answer = answered(right, need.answers);
        show::note(&process::line(&answer));
        process::run(&mut answer)
            .map_err(|error| cured(format!("failed to prepare {packages}: {error:#}"), typed.as_str()))?;
    }
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(need.packages);
    apt(&arguments)
        .map_err(|error| cured(format!("failed to install {packages}: {error:#}"), typed.as_str()))?;
    if need.is_there() {
        return Ok(());
    }
    Err(cured(
        format!(
            "{packages} is installed, but brought none of: {}",
            need.programs.join(", ")
        ),
        "put one of these into a folder of PATH",
    ))
}

/// Leaves answers for packages that are not there yet.
fn answered(right: &[&str], answers: &[&str]) -> Command {
    let mut words = right.to_vec();
    words.extend(["sh", "-c", r#"printf '%s\n' "$@" | debconf-set-selections"#, "sh"]);
    words.extend(answers);
    let mut command = Command::new(words.remove(0));
    command.args(words).stdin(Stdio::null());
    command
}

/// `apt-get`, which asks nothing and waits its turn.
fn apt_get(right: &[&str], arguments: &[&str]) -> Command {
    let mut words = right.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words.remove(0));
    command.args(words).stdin(Stdio::null());
    command.args(["-o", &format!("DPkg::Lock::Timeout={APT_LOCK_S}"), "--quiet=2"]);
    command.args(arguments);
    command
}

/// The words before `apt-get` that let it install without a question; none where nothing does.
fn right_to_install() -> Option<&'static [&'static str]> {
    process::find("apt-get")?;
    let user = process::ask(Command::new("id").arg("-u")).ok()?;
    if user == "0" {
        return Some(&[]);
    }
    process::find("sudo")?;
    let may = process::ask(Command::new("sudo").args(["-n", "true"])).is_ok();
    may.then_some(&["sudo", "-n"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEED: Need = Need {
        programs: &["no-such-program-of-helpbell"],
        packages: &["package-a", "package-b"],
        answers: &[],
        purpose: "this test",
    };

    #[test]
    fn what_is_there_is_not_installed() {
        // What links this test.
        assert!(C_COMPILER.is_there());
        assert!(!NEED.is_there());
    }

    #[test]
    fn something_missing_on_a_machine_without_rights_is_told_with_its_cure() {
        let error = install(&NEED, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "package-a, package-b is missing, for this test"
        );
        let cure = &error.downcast_ref::<show::Cured>().unwrap().cure;
        assert!(
            cure.starts_with("sudo apt-get install --yes package-a package-b"),
            "{cure}"
        );
    }

    #[test]
    fn something_is_found_by_its_path_too() {
        let by_path = |programs| Need { programs, ..NEED }.is_there();
        assert!(by_path(&["/"]));
        assert!(!by_path(&["/no/such/file/of/helpbell"]));
    }

    #[test]
    fn answers_are_lines_of_their_own() {
        let mut command = answered(&[], &["a b c", "d e 'f'"]);
        // What would read them is replaced by what shows them.
        let words: Vec<String> = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let shown: Vec<String> = words
            .iter()
            .map(|word| word.replace("debconf-set-selections", "cat"))
            .collect();
        command = Command::new("sh");
        command.args(shown);
        assert_eq!(process::ask(&mut command).unwrap(), "a b c\nd e 'f'");
    }

    #[test]
    fn the_package_manager_asks_nothing_and_waits_its_turn() {
        let line = |right| process::line(&apt_get(right, &["update"]));
        let apt = "env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 --quiet=2 update";
        assert_eq!(line(&[]), apt);
        assert_eq!(line(&["sudo", "-n"]), format!("sudo -n {apt}"));
    }
}
