//! X servers that tests start by themselves.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// An X server of its own, gone with the value.
pub(crate) struct XServer {
    process: Child,
    /// As `DISPLAY` has it.
    pub(crate) display: String,
}

impl XServer {
    /// One of usual size in memory; `None` if there is no Xvfb on this machine.
    pub(crate) fn start(more: &[&str]) -> Option<Self> {
        let mut server = Command::new("Xvfb");
        server
            .args(["-screen", "0", "1280x720x24", "-noreset"])
            .args(more);
        if !more.contains(&"-listen") {
            server.args(["-nolisten", "tcp"]);
        }
        Self::of(server)
    }

    /// The server that this command starts; `None` if its program is not on this machine. Where nobody reads that,
    /// it is an error.
    pub(crate) fn of(mut server: Command) -> Option<Self> {
        let spawned = server
            // The server picks a free display and writes its number once it is ready.
            .args(["-displayfd", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && env::var_os("CI").is_none() => {
                eprintln!("skipped: {} is not installed", server.get_program().display());
                return None;
            }
            other => other.unwrap(),
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        Some(Self {
            process,
            display: format!(":{}", number.trim()),
        })
    }
}

/// A real X server without a graphics card: it has as many monitors as it is told.
const DUMMY: &str = r#"
Section "Device"
  Identifier "none"
  Driver "dummy"
  VideoRam 512000
EndSection
Section "Monitor"
  Identifier "any"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
EndSection
Section "Screen"
  Identifier "all"
  Device "none"
  Monitor "any"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 11520 2160
  EndSubSection
EndSection
"#;

/// 3840 x 2160 at 60 pictures a second, as `xrandr --newmode` takes it.
const MODE_4K: &str = "533.25 3840 3888 3920 4000 2160 2163 2168 2222 +hsync -vsync";

impl XServer {
    /// A server with three 4K monitors, the second of them primary; `folder` is for its files.
    pub(crate) fn with_three_4k_monitors(folder: &std::path::Path) -> Option<Self> {
        let config = folder.join("dummy.conf");
        std::fs::write(&config, DUMMY).unwrap();
        let mut command = Command::new("Xorg");
        command.arg("-config").arg(config).arg("-logfile");
        command
            .arg(folder.join("log"))
            .args(["-noreset", "-nolisten", "tcp"]);
        let server = Self::of(command)?;
        let xrandr = |arguments: &str| {
            let status = Command::new("xrandr")
                .env("DISPLAY", &server.display)
                .args(arguments.split_whitespace())
                .status()
                .unwrap();
            assert!(status.success(), "xrandr {arguments}");
        };
        xrandr(&format!("--newmode 4k {MODE_4K}"));
        for monitor in 0..3 {
            xrandr(&format!("--addmode DUMMY{monitor} 4k"));
            xrandr(&format!(
                "--output DUMMY{monitor} --mode 4k --pos {}x0",
                monitor * 3840
            ));
        }
        xrandr("--output DUMMY1 --primary");
        Some(server)
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
