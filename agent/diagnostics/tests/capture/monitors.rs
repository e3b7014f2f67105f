//! A real X server without a graphics card: it has as many monitors as it is told.

use super::server::XServer;
use std::{fs, path::Path, process::Command};

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

/// A server with three 4K monitors side by side, the second of them primary; `folder` is for its files. `None` if there
/// is no such server on this machine.
pub(crate) fn three_4k(folder: &Path) -> Option<XServer> {
    let config = folder.join("dummy.conf");
    fs::write(&config, DUMMY).unwrap();
    let mut command = Command::new("Xorg");
    command.arg("-config").arg(config).arg("-logfile");
    command
        .arg(folder.join("log"))
        .args(["-noreset", "-nolisten", "tcp"]);
    let server = XServer::of(command)?;
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
