//! The real Redmine 5, as Debian packages it, on data of its own.
//!
//! `serve.rb` seeds a fresh database and serves it, in one process that ends with this one. Everything lies in a
//! temporary folder, laid out as Redmine wants an instance of it:
//!
//! ```text
//! config/database.yml, secret_key.txt   redmine.sqlite   files/   log/   tmp/   Gemfile
//! ```
//!
//! The world: the public project `help-desk` with Maria Rossi as a customer and a technician, the public project
//! `operations`, where neither Maria nor the integration is a member, and the private project `helpbell-reports`.

mod client;
mod look;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

pub use client::Answer;

/// What Debian's package `redmine` brings.
const APPLICATION: &str = "/usr/share/redmine";
/// The database that Debian's package `redmine-sqlite` makes: the schema, and nothing in it.
const EMPTY_DATABASE: &str = "/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default";
/// How to get both.
const CURE: &str = "cargo xtask psa redmine installs it; by hand: apt-get install --no-install-recommends redmine \
                    redmine-sqlite, with dbconfig";
/// Starting takes five seconds, and a minute on a machine that also compiles.
const STARTS_WITHIN: Duration = Duration::from_secs(240);

/// What the server is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wish {
    /// Port on the loopback interface; 0 takes any free one.
    pub port: u16,
    /// `textile`, `markdown`, `common_mark`, or empty for none: Administration > Settings > General.
    pub text_formatting: String,
    /// KiB of one attachment: Administration > Settings > Files.
    pub attachment_max_kib: u32,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            port: 0,
            text_formatting: "textile".to_owned(),
            // Redmine's own default.
            attachment_max_kib: 5120,
        }
    }
}

/// What an operator and the tests need to know of the seeded world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// Address of the server, without a slash at its end.
    #[serde(default)]
    pub server: String,
    /// Where it listens.
    pub port: u16,
    /// Key of the user that connectors work as, with exactly the rights that the guide asks for.
    pub api_key: String,
    /// Key of an administrator.
    pub admin_key: String,
    /// Key of Maria Rossi, a customer.
    pub maria_key: String,
    /// Key of a technician, who sees private notes and reports.
    pub technician_key: String,
    /// Identifier of the project for issues.
    pub project: String,
    /// Identifier of the private project for reports.
    pub reports: String,
}

/// A running Redmine. It ends with this value.
#[derive(Debug)]
pub struct Redmine {
    world: World,
    folder: TempDir,
    // Killed and waited for when dropped; without its standard input it also ends by itself.
    _server: Child,
    _input: ChildStdin,
}

impl Redmine {
    /// Starts one with the usual world on a free port.
    ///
    /// # Errors
    ///
    /// Redmine is not installed, or does not start; then its own words are in the error.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(Wish::default()).await
    }

    /// Starts one.
    ///
    /// # Errors
    ///
    /// See [`Self::start`].
    pub async fn start_with(wish: Wish) -> anyhow::Result<Self> {
        let folder = instance()?;
        let script = folder.path().join("serve.rb");
        fs::write(&script, include_str!("serve.rb")).context("write the script that serves Redmine")?;
        let errors = folder.path().join("log/errors.txt");
        let mut server = Command::new("ruby")
            .arg(&script)
            .current_dir(folder.path())
            .env("REDMINE_INSTANCE", relative_to_root(folder.path()))
            .env("BUNDLE_GEMFILE", folder.path().join("Gemfile"))
            .env("RAILS_ENV", "production")
            // Of the outer world nothing else may choose Ruby's gems or Redmine's data.
            .env_remove("X_DEBIAN_SITEID")
            .env_remove("RUBYOPT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&errors).context("write Redmine's errors")?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start ruby ({CURE})"))?;
        let mut input = server.stdin.take().context("write to Redmine")?;
        let line = format!("{}\n", serde_json::to_string(&wish).context("write the wish")?);
        input
            .write_all(line.as_bytes())
            .await
            .context("write to Redmine")?;
        let output = BufReader::new(server.stdout.take().context("read from Redmine")?);
        let said = tokio::time::timeout(STARTS_WITHIN, world_line(output)).await;
        let Ok(Some(line)) = said else {
            let words = fs::read_to_string(&errors).unwrap_or_default();
            bail!("start Redmine: it ended or hung: {words}");
        };
        let mut world: World = serde_json::from_str(&line).context("read what Redmine says of itself")?;
        world.server = format!("http://127.0.0.1:{}", world.port);
        Ok(Self {
            world,
            folder,
            _server: server,
            _input: input,
        })
    }

    /// Keys, projects and address.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What Redmine wrote into its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/production.log")).unwrap_or_default()
    }
}

/// The line of JSON; gems may warn before it.
async fn world_line(output: impl tokio::io::AsyncBufRead + Unpin) -> Option<String> {
    let mut lines = output.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with('{') {
            return Some(line);
        }
    }
    None
}

/// An instance as Redmine wants it, in a folder of its own.
fn instance() -> anyhow::Result<TempDir> {
    if !Path::new(APPLICATION).is_dir() {
        bail!("start Redmine: it is not installed; {CURE}");
    }
    let folder = tempfile::Builder::new()
        .prefix("helpbell-redmine-")
        .tempdir()
        .context("make a folder for Redmine")?;
    for name in ["config", "files", "log", "tmp", "public"] {
        fs::create_dir(folder.path().join(name)).context("make a folder for Redmine")?;
    }
    let database = folder.path().join("redmine.sqlite");
    // Only root and the web server's account may read it; for anybody else `serve.rb` makes the schema, which takes longer.
    let _ = fs::copy(EMPTY_DATABASE, &database);
    let write = |name: &str, text: String| {
        fs::write(folder.path().join(name), text).with_context(|| format!("write Redmine's {name}"))
    };
    write(
        "config/database.yml",
        format!(
            "production:\n  adapter: sqlite3\n  database: {}\n  timeout: 10000\n",
            database.display()
        ),
    )?;
    write(
        "config/secret_key.txt",
        uuid::Uuid::now_v7().simple().to_string().repeat(4),
    )?;
    // Debian's Gemfile looks for databases in the system's configuration, which not everybody may read; and bundler
    // writes its lock beside the Gemfile.
    write(
        "Gemfile",
        format!(
            "eval_gemfile '{APPLICATION}/Gemfile'\ngem 'sqlite3', '~> 1.4.0', platforms: [:mri, :mingw, :x64_mingw]\n"
        ),
    )?;
    Ok(folder)
}

/// Debian's Redmine looks for instances below a folder of its own; this path leads out of it, from however deep.
fn relative_to_root(folder: &Path) -> PathBuf {
    let up = PathBuf::from("../".repeat(16));
    up.join(folder.strip_prefix("/").unwrap_or(folder))
}
