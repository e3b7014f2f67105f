//! One computer with Helpbell on it: its own configuration, state and environment.

use crate::{
    Run, Setup, built,
    compiled::{CODE, compiled, compiled_on, compiled_with_rules},
    platform::{Native, Platform},
};
use psa_sandbox::halo::Halo;
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// A run that takes longer hangs: the slowest takes some seconds on a machine that also compiles.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(240);

/// Lets probes of the program under test fail, or leaves them out.
pub const FAULTS: &str = "HELPBELL_PROBE_FAULTS";

/// What takes a second of a whole processor at each press, and tells nothing that most tests are about: a package manager
/// that works out updates, programs that read a journal. Where they matter, tests set the variable themselves.
pub const LEFT_OUT: &str = "updates=skip,events=skip,disk-health=skip,programs=skip";

/// Between two looks at what a process in the background does; it is no part of what is tested.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The computer.
pub struct Desk {
    platform: Arc<dyn Platform>,
    folder: TempDir,
    connectors: PathBuf,
    display: Option<String>,
    variables: Vec<(String, String)>,
}

impl Desk {
    /// A computer where Helpbell has run before: the connector's compiled code is there, nothing else.
    /// Compiling it is a second of computing per test that proves nothing here.
    pub async fn new() -> Self {
        Self::knowing("halo").await
    }

    /// The same with another connector.
    pub async fn knowing(connector: &str) -> Self {
        Self::cold().copying(&compiled(connector).await)
    }

    /// The same with another system on it.
    pub async fn on(platform: Arc<dyn Platform>) -> Self {
        let compiled = compiled_on(&*platform, "halo").await;
        Self::cold_on(platform).copying(&compiled)
    }

    /// A computer where `helpbell init` has been run with these settings, and where these rules judge every press.
    pub async fn judging(setup: &Setup, rules: &str) -> Self {
        let desk = Self::ruling().await;
        desk.init(setup).await.expect(0);
        desk.edit("# [rules]\n# file = ", "[rules]\nfile = ");
        desk.judge_by(rules);
        desk
    }

    /// A computer where rules have been tried before, and where no PSA is configured.
    pub async fn ruling() -> Self {
        Self::cold().copying(&compiled_with_rules().await)
    }

    /// The same computer with this compiled code.
    fn copying(self, compiled: &Path) -> Self {
        let folder = self.state().join(CODE);
        private_folder(&folder);
        for (path, bytes) in files_below(compiled) {
            fs::write(folder.join(path.file_name().unwrap()), bytes).unwrap();
        }
        self
    }

    /// A computer where Helpbell was just installed.
    #[must_use]
    pub fn cold() -> Self {
        Self::cold_on(Arc::new(Native))
    }

    fn cold_on(platform: Arc<dyn Platform>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix(platform.folder())
            .tempdir()
            .unwrap();
        let desk = Self {
            platform,
            folder,
            connectors: built::connectors().to_owned(),
            display: None,
            variables: vec![],
        };
        private_folder(&desk.state());
        desk
    }

    /// A computer where `helpbell init` has been run for this Halo.
    pub async fn at(halo: &Halo) -> Self {
        Self::with(&Setup::of(halo)).await
    }

    /// A computer where `helpbell init` has been run with these settings.
    pub async fn with(setup: &Setup) -> Self {
        let desk = Self::new().await;
        desk.init(setup).await.expect(0);
        desk
    }

    /// The same computer with a screen.
    #[must_use]
    pub fn with_display(mut self, display: &str) -> Self {
        self.display = Some(display.to_owned());
        self
    }

    /// The same computer with a variable in its environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same computer with connectors of its own, which a test may change.
    #[must_use]
    pub fn with_own_connectors(mut self) -> Self {
        let folder = self.path("own-connectors");
        fs::create_dir(&folder).unwrap();
        fs::copy(built::connector("halo"), folder.join("halo.wasm")).unwrap();
        self.connectors = folder;
        self
    }

    /// A path in the computer's home folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the computer's home folder, as the program is told it.
    ///
    /// # Panics
    /// If it is not Unicode.
    #[must_use]
    pub fn told(&self, name: &str) -> String {
        self.platform.path(&self.path(name)).into_string().unwrap()
    }

    /// `helpbell.toml`.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path("helpbell.toml")
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// Where this computer's connectors are.
    #[must_use]
    pub fn connectors(&self) -> &Path {
        &self.connectors
    }

    /// Changes `helpbell.toml` as with an editor. The text to be replaced must be there.
    ///
    /// # Panics
    /// If it is not.
    pub fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(from), "{from:?} is not in\n{text}");
        fs::write(self.config(), text.replacen(from, to, 1)).unwrap();
    }

    /// From now on these rules judge every press.
    ///
    /// # Panics
    /// If they cannot be written.
    pub fn judge_by(&self, rules: impl AsRef<[u8]>) {
        fs::write(self.path("rules.py"), rules).unwrap();
    }

    /// The presses that are not delivered yet, oldest first.
    ///
    /// # Panics
    /// If they cannot be listed.
    pub async fn kept(&self) -> Vec<String> {
        let listed = self.run(&["outbox", "list", "--json"]).await.expect(0).json();
        let presses = listed.get("presses").unwrap().as_array().unwrap();
        let ids = presses
            .iter()
            .rev()
            .map(|press| press.get("press").unwrap().as_str().unwrap());
        ids.map(str::to_owned).collect()
    }

    /// `helpbell init`, over what is there.
    pub async fn init(&self, setup: &Setup) -> Run {
        self.init_keyed(setup, &["--key-stdin"]).await
    }

    /// The same with other arguments that say where the key is; it stands on standard input in any case.
    pub async fn init_keyed(&self, setup: &Setup, key: &[&str]) -> Run {
        let mut settings = vec![
            ("hosting".to_owned(), setup.hosting.clone()),
            ("resource-server".to_owned(), setup.resource_server.clone()),
            (
                "authorisation-server".to_owned(),
                setup.authorisation_server.clone(),
            ),
        ];
        settings.extend(setup.settings.iter().cloned());
        self.init_connector("halo", &settings, &setup.defaults, key, &setup.key)
            .await
    }

    /// `helpbell init` for any connector, over what is there: its settings, integration defaults, where the key is, and
    /// the key on standard input.
    pub async fn init_connector(
        &self,
        connector: &str,
        settings: &[(String, String)],
        defaults: &[(String, String)],
        key: &[&str],
        secret: &str,
    ) -> Run {
        let mut arguments: Vec<String> = [
            "init",
            "--force",
            "--connector",
            connector,
            "--allow-http",
            "--allow-address",
            "127.0.0.1/32",
        ]
        .iter()
        .chain(key)
        .map(|argument| (*argument).to_owned())
        .collect();
        for (option, pairs) in [("--set", settings), ("--default", defaults)] {
            for (name, value) in pairs {
                arguments.extend([option.to_owned(), format!("{name}={value}")]);
            }
        }
        let run = self.run_with(&arguments, secret.as_bytes()).await;
        if run.code == Some(0) {
            // What a press is worth does not hang on the network around the machine that runs the tests.
            self.edit("# [diagnosis]\n# network = true", "[diagnosis]\nnetwork = false");
        }
        run
    }

    /// A press of Maria Rossi, whom the local Halo knows, about her printer.
    #[must_use]
    pub fn press(&self) -> Press<'_> {
        Press {
            desk: self,
            name: "Maria Rossi".to_owned(),
            email: "maria.rossi@bianchi.example".to_owned(),
            message: "The printer does nothing".to_owned(),
            more: vec![],
            environment: vec![],
        }
    }

    /// A press of Maria Rossi that does not wait.
    pub async fn press_in_background(&self) -> Run {
        let press = self.press();
        let arguments = [
            "press",
            "--no-dialog",
            "--no-wait",
            "--json",
            "--name",
            &press.name,
            "--email",
            &press.email,
            "--message",
            &press.message,
        ];
        self.start(&arguments, b"", &[]).await
    }

    /// Waits until no press is open any more.
    ///
    /// # Panics
    /// If that takes as long as a run that hangs.
    pub async fn until_delivered(&self) {
        let waiting = async {
            while !self.kept().await.is_empty() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::time::timeout(HANGS_AFTER, waiting)
            .await
            .expect("a press stays open");
    }

    /// `helpbell deliver --json`.
    pub async fn deliver(&self) -> Run {
        self.run(&["deliver", "--json"]).await
    }

    /// The program with these arguments.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, b"").await
    }

    /// The program with these arguments and this on its standard input.
    ///
    /// # Panics
    /// If it cannot be started, or hangs.
    pub async fn run_with(&self, arguments: &[impl AsRef<str>], input: &[u8]) -> Run {
        // A test sees what it started end.
        self.start(arguments, input, &[("HELPBELL_NO_BACKGROUND", "1")])
            .await
    }

    async fn start(&self, arguments: &[impl AsRef<str>], input: &[u8], environment: &[(&str, &str)]) -> Run {
        let (mut command, all) = self.command(arguments, environment);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start {command:?}: {error}"));
        let mut stdin = child.stdin.take().unwrap();
        let write = async {
            // A program that does not read its input closes it, which is its right.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        let running = async { tokio::join!(write, child.wait_with_output()).1 };
        let output = tokio::time::timeout(HANGS_AFTER, running)
            .await
            .unwrap_or_else(|_| panic!("{all} did not end within {HANGS_AFTER:?}"))
            .unwrap();
        Run {
            arguments: all,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The program with these arguments, which are also told in one piece.
    pub(crate) fn command(
        &self,
        arguments: &[impl AsRef<str>],
        environment: &[(&str, &str)],
    ) -> (Command, String) {
        let mut all: Vec<OsString> = vec![
            "--config".into(),
            self.platform.path(&self.config()),
            "--state".into(),
            self.platform.path(&self.state()),
        ];
        all.extend(arguments.iter().map(|argument| argument.as_ref().into()));
        let mut command = Command::from(self.platform.program());
        command
            .args(&all)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env(FAULTS, LEFT_OUT)
            .env("HELPBELL_CONNECTORS", self.platform.path(&self.connectors))
            .envs(environment.iter().copied())
            .envs(self.display.as_ref().map(|display| ("DISPLAY", display)))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        (command, format!("{all:?}"))
    }

    /// Checks that no file of the state folder holds any of these texts.
    ///
    /// # Panics
    /// With the file that does.
    pub fn assert_state_without(&self, secrets: &[&str]) {
        assert!(
            secrets.iter().all(|secret| !secret.is_empty()),
            "an empty secret is everywhere"
        );
        for (path, bytes) in files_below(&self.state()) {
            for secret in secrets {
                assert!(
                    !contains(&bytes, secret.as_bytes()),
                    "{} holds a secret",
                    path.display()
                );
            }
        }
    }
}

/// A press to be made.
pub struct Press<'a> {
    desk: &'a Desk,
    name: String,
    email: String,
    message: String,
    more: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Press<'_> {
    /// By somebody else.
    #[must_use]
    pub fn by(mut self, name: &str, email: &str) -> Self {
        (self.name, self.email) = (name.to_owned(), email.to_owned());
        self
    }

    /// About something else.
    #[must_use]
    pub fn about(mut self, message: &str) -> Self {
        self.message = message.to_owned();
        self
    }

    /// With one more option and its value.
    #[must_use]
    pub fn option(mut self, option: &str, value: &str) -> Self {
        self.more.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// With a variable in the environment of this press alone.
    #[must_use]
    pub fn under(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a flag.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.more.push(flag.to_owned());
        self
    }

    /// Presses, and reads the JSON answer. The message goes over standard input, which any text fits through.
    pub async fn now(self) -> Run {
        self.start(&["--json"]).await
    }

    /// Presses and lets the program talk as to people.
    pub async fn aloud(self) -> Run {
        self.start(&[]).await
    }

    async fn start(self, form: &[&str]) -> Run {
        let mut arguments = vec![
            "press",
            "--no-dialog",
            "--name",
            &self.name,
            "--email",
            &self.email,
            "--message",
            "-",
        ];
        arguments.extend(form);
        arguments.extend(self.more.iter().map(String::as_str));
        let mut environment = vec![("HELPBELL_NO_BACKGROUND", "1")];
        environment.extend(
            self.environment
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        self.desk
            .start(&arguments, self.message.as_bytes(), &environment)
            .await
    }
}

/// All files below a folder with their bytes.
fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    files
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A folder that only this account may enter, as the program wants its own.
pub(crate) fn private_folder(path: &Path) {
    fs::create_dir_all(path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    }
}
