//! The processes: making a database, changing it, serving it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::client::Client;

/// Where the packages put the server.
const RT_SERVER: &str = "/usr/share/request-tracker5/libexec/rt-server";
/// Where they put what makes a database.
const SETUP: &str = "/usr/sbin/rt-setup-database-5";
/// What to install, for those who lack it.
const PACKAGES: &str = "request-tracker5 rt5-db-sqlite rt5-standalone";

/// Processes that answer. Two let one long request and a short one go on beside each other.
const WORKERS: &str = "2";

/// A start that takes longer has failed. It takes 3 s alone, and many times that on a machine that also compiles.
const STARTS_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks whether it answers.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A server that was killed is gone after so many tenths of [`LOOK_AGAIN`] at the latest.
const ENDS_WITHIN: u32 = 300;

/// Runs the server until standard input ends, which it does when whoever started this is gone, however that happened;
/// then ends the whole group of processes and removes the folder, whose path is `$0`.
const UNTIL_INPUT_ENDS: &str =
    r#""$@" </dev/null & read -r _; trap '' TERM; kill -TERM 0; rm -rf "$0"; kill -KILL 0"#;

/// Keeps a mail. The number of the process that sends it is its name: each mail is sent by one of its own.
const SENDMAIL: &str = "#!/bin/sh\nexec cat >'FOLDER/mail/'$$\n";

/// Whether the packages are there.
#[must_use]
pub fn is_installed() -> bool {
    [RT_SERVER, SETUP].iter().all(|file| Path::new(file).exists())
}

/// An instance's folder and, once started, its processes.
#[derive(Debug)]
pub(super) struct Server {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl Server {
    /// A folder with a configuration, for a port that is free now.
    pub(super) fn prepare(port: u16, site: &str) -> Result<Self> {
        if !is_installed() {
            bail!(
                "find Request Tracker 5: it is not installed; next: sudo apt-get install --no-install-recommends {PACKAGES}"
            );
        }
        let folder = tempfile::Builder::new()
            .prefix("helpbell-rt-")
            .tempdir()
            .context("make a folder")?;
        let port = match port {
            0 => TcpListener::bind(("127.0.0.1", 0))
                .and_then(|free| free.local_addr())
                .context("find a free port")?
                .port(),
            port => port,
        };
        let path = folder.path().display().to_string();
        let filled = |text: &str| text.replace("FOLDER", &path).replace("PORT", &port.to_string());
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).with_context(|| format!("write {name}"))
        };
        for name in ["mail", "mason", "sessions", "site.d"] {
            fs::create_dir(folder.path().join(name)).with_context(|| format!("make {name}"))?;
        }
        let (most, end) = include_str!("config.pl").rsplit_once("1;").unwrap_or_default();
        write("site.pm", &format!("{}{site}\n1;{end}", filled(most)))?;
        write("sendmail", &filled(SENDMAIL))?;
        write("password", "root-password")?;
        executable(&folder.path().join("sendmail"))?;
        Ok(Self {
            folder,
            port,
            running: None,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.path().join("rt.sqlite")
    }

    /// A database as a new installation has it.
    pub(super) async fn make_database(&self) -> Result<()> {
        let mut command = self.command(SETUP);
        command.args(["--action", "init", "--root-password-file"]);
        command.arg(self.folder.path().join("password"));
        output(command, "make the database of Request Tracker")
            .await
            .map(drop)
    }

    /// Runs statements of `world.pl`.
    pub(super) async fn run(&self, statements: &str) -> Result<String> {
        let mut command = self.command("perl");
        command.args(["-e", include_str!("world.pl"), statements]);
        output(command, "change the world of Request Tracker").await
    }

    /// Starts the server and waits until it answers.
    pub(super) async fn start(mut self) -> Result<Self> {
        let mut command = self.command("sh");
        let (port, folder) = (self.port.to_string(), self.folder.path().display().to_string());
        command.args([
            "-c",
            UNTIL_INPUT_ENDS,
            &folder,
            RT_SERVER,
            "--server",
            "Starlet",
            "--host",
            "127.0.0.1",
        ]);
        command.args(["--port", &port, "--webpath", "/rt", "--max-workers", WORKERS]);
        let log = fs::File::create(self.folder.path().join("log")).context("make the log")?;
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0);
        self.running = Some(command.spawn().context("start Request Tracker")?);
        let client = Client::new(self.address(), String::new());
        let answers = async {
            // Without a token it says so, which is an answer.
            while !matches!(client.get("/rt").await, Ok(answer) if answer.status == 401) {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if tokio::time::timeout(STARTS_WITHIN, answers).await.is_err() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            bail!("start Request Tracker within {STARTS_WITHIN:?}; its log:\n{log}");
        }
        Ok(self)
    }

    pub(super) fn mails(&self) -> Result<Vec<String>> {
        let files = fs::read_dir(self.folder.path().join("mail")).context("list the mails")?;
        files
            .map(|file| {
                let bytes = fs::read(file.context("list the mails")?.path()).context("read a mail")?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("RT_SITE_CONFIG", self.folder.path().join("site.pm"))
            .env("RT_SITE_CONFIG_DIR", self.folder.path().join("site.d"))
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .stdin(Stdio::null())
            .kill_on_drop(false);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        // The end of its input ends the group. Waited for, the last of it too, because the folder goes next.
        drop(running.stdin.take());
        for _ in 0..ENDS_WITHIN {
            let ended = !matches!(running.try_wait(), Ok(None));
            if ended && TcpStream::connect(self.address()).is_err() {
                return;
            }
            std::thread::sleep(LOOK_AGAIN / 10);
        }
    }
}

async fn output(mut command: Command, doing: &str) -> Result<String> {
    let output = command.output().await.with_context(|| doing.to_owned())?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{doing}: {}", String::from_utf8_lossy(&said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o700)).context("make sendmail executable")
}
