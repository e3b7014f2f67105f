//! A Windows of its own: its drive, its session, its screen. All gone with the value.

use helpbell_end_to_end::{Platform, built, display::Screen};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// The person at this computer: what a folder's name may hold at most.
pub const USER_NAME: &str = "Jörg O'Neill & Söhne";

/// The computer's name. Windows itself is stricter; what stands in its registry need not be.
pub const HOST_NAME: &str = "<IMG SRC=X>&'Ü";

/// Where Debian's package leaves Wine, outside `PATH`, and what others call it.
const WINE: [&str; 3] = ["/usr/lib/wine/wine64", "wine64", "wine"];
/// The same of what stands behind all processes of one Windows.
const WINE_SERVER: [&str; 2] = ["/usr/lib/wine/wineserver", "wineserver"];
/// Compiles [`SHIM`].
const COMPILER: &str = "x86_64-w64-mingw32-gcc";
/// The DLL that Rust's standard library wants and older Wines lack.
const SHIM: &str = include_str!("bcryptprimitives.c");

/// Which Windows it says to be: the oldest that Helpbell runs on.
const VERSION: &str = "win10";

/// Where Windows keeps the computer's name: as the network knows it, and as programs for NetBIOS do.
const NAMES: [(&str, &str); 2] = [
    (
        r"HKLM\System\CurrentControlSet\Services\Tcpip\Parameters",
        "Hostname",
    ),
    (
        r"HKLM\System\CurrentControlSet\Control\ComputerName\ActiveComputerName",
        "ComputerName",
    ),
];

/// The Windows.
pub struct Wine {
    folder: TempDir,
    wine: PathBuf,
    server: PathBuf,
    screen: Screen,
    /// As long as it runs, Windows does not shut down, which would take a second before each start of the program.
    session: Option<Child>,
}

impl Wine {
    /// Installs Windows and the program on it, and logs on. `None` where Wine or Xvfb is not installed, except under
    /// continuous integration, which must have both.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let (Some(wine), Some(server)) = (find(&WINE), find(&WINE_SERVER)) else {
            assert!(
                env::var_os("CI").is_none(),
                "Wine is not installed; it comes with: apt-get install wine64"
            );
            eprintln!("skipped: Wine is not installed (apt-get install wine64)");
            return None;
        };
        let mut windows = Self {
            // A blank and a letter outside ASCII in every path.
            folder: tempfile::Builder::new()
                .prefix("helpbell für Windows ")
                .tempdir()
                .unwrap(),
            wine,
            server,
            screen: Screen::white()?,
            session: None,
        };
        windows.install();
        windows.log_on();
        Some(windows)
    }

    fn install(&self) {
        let folder = self.program_folder();
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("helpbell.exe");
        // Hundreds of megabytes with what a debugger wants; a link where the disk is the same.
        fs::hard_link(built::windows_program(), &program)
            .or_else(|_| fs::copy(built::windows_program(), &program).map(drop))
            .unwrap();
        let source = self.folder.path().join("bcryptprimitives.c");
        fs::write(&source, SHIM).unwrap();
        run(Command::new(COMPILER)
            .args(["-shared", "-o"])
            .arg(folder.join("bcryptprimitives.dll"))
            .arg(source)
            .arg("-ladvapi32"));
        run(&mut self.command(&["wineboot", "--init"]));
        run(&mut self.command(&["winecfg", "/v", VERSION]));
    }

    fn log_on(&mut self) {
        let session = self
            .command(&["cmd"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.session = Some(session);
        // Wine takes the name of the system that tests whenever Windows starts.
        for (key, value) in NAMES {
            run(&mut self.command(&["reg", "add", key, "/v", value, "/d", HOST_NAME, "/f"]));
        }
    }

    fn program_folder(&self) -> PathBuf {
        self.folder.path().join("Program Files").join("Helpbell")
    }

    /// Where Windows keeps what programs write for the person who is logged on: `Local` and `Roaming`.
    ///
    /// # Panics
    /// If there is not one person.
    #[must_use]
    pub fn appdata(&self) -> PathBuf {
        let people = fs::read_dir(self.folder.path().join("windows/drive_c/users")).unwrap();
        let mut people: Vec<PathBuf> = people
            .map(|entry| entry.unwrap().path().join("AppData"))
            .filter(|folder| folder.is_dir() && !folder.ends_with("Public/AppData"))
            .collect();
        assert_eq!(people.len(), 1, "{people:?}");
        people.remove(0)
    }

    /// A program of this Windows.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bare(&self.wine);
        command.args(words);
        command
    }

    /// A program in an environment that says which Windows it belongs to, and nothing of the system that tests.
    fn bare(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("USER", USER_NAME)
            .env("HOME", self.folder.path())
            .env("DISPLAY", self.screen.name())
            .env("WINEPREFIX", self.folder.path().join("windows"))
            .env("WINEDEBUG", "-all")
            // Neither .NET nor Internet Explorer, for which Wine would ask whether to fetch them.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=;winemenubuilder.exe=d")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Shuts Windows down and says which of its processes are still there.
    ///
    /// # Panics
    /// If it cannot be shut down.
    pub fn stop(&mut self) -> Vec<u32> {
        if let Some(mut session) = self.session.take() {
            let _ = session.kill();
            let _ = session.wait();
        }
        // Without a server there is nothing to shut down, which it says as a failure.
        let _ = self.bare(&self.server).arg("--kill").status();
        let _ = self.bare(&self.server).arg("--wait").status();
        self.processes()
    }

    /// The processes of this Windows, as the system that tests numbers them: whatever has its folder in its environment.
    ///
    /// # Panics
    /// If processes cannot be listed.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let folder = self.folder.path().as_os_str().as_encoded_bytes();
        let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
        fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| number(entry.ok()?))
            .filter(|process| {
                fs::read(format!("/proc/{process}/environ"))
                    .is_ok_and(|environment| environment.windows(folder.len()).any(|part| part == folder))
            })
            .collect()
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Platform for Wine {
    fn name(&self) -> &'static str {
        "windows"
    }

    fn folder(&self) -> &'static str {
        "helpbell Büro "
    }

    fn program(&self) -> Command {
        let program = self.program_folder().join("helpbell.exe");
        let mut command = self.bare(&self.wine);
        command.arg(program);
        command
    }

    /// Windows finds the disk of this system as drive `Z:`.
    fn path(&self, path: &Path) -> OsString {
        let path = path.to_str().expect("tests name their files in Unicode");
        format!("Z:{}", path.replace('/', "\\")).into()
    }
}

/// The first of these programs that is there.
fn find(programs: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    programs
        .iter()
        .flat_map(|program| folders.iter().map(move |folder| folder.join(program)))
        .find(|file| file.is_file())
}

/// Runs a step of the installation.
fn run(command: &mut Command) {
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("failed to start {:?}: {error}", command.get_program()));
    assert!(
        status.success(),
        "{:?} {:?} failed: {status}",
        command.get_program(),
        command.get_args().collect::<Vec<&OsStr>>()
    );
}
