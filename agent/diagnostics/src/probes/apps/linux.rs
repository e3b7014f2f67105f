//! Browsers, office, mail and meetings: which are installed, in what version, and whether they run.

use super::{App, ProbeError};
use crate::probes::linux::{
    files::{name, text, word},
    packages,
    programs::Programs,
};
use std::{collections::HashSet, fs, path::Path, time::Duration};

/// For the list of packages; shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(1300);

/// Processes whose names are looked at. A busy server has some thousands.
const MOST_PROCESSES: usize = 20_000;

/// Where the person's desktop keeps what opens what, in its home folder.
const DEFAULTS: &str = ".config/mimeapps.list";

/// One program that people work with.
struct Known {
    name: &'static str,
    /// What package managers call it. Of snaps and Flatpaks the name without what stands around it.
    packages: &'static [&'static str],
    /// What its processes are called, cut to 15 characters as the kernel does.
    processes: &'static [&'static str],
}

macro_rules! known {
    ($($name:literal: [$($package:literal),+] [$($process:literal),+])+) => {
        &[$(Known { name: $name, packages: &[$($package),+], processes: &[$($process),+] }),+]
    };
}

const KNOWN: &[Known] = known! {
    "Firefox": ["firefox", "firefox-esr", "org.mozilla.firefox"] ["firefox", "firefox-esr", "firefox-bin"]
    "Google Chrome": ["google-chrome-stable", "com.google.Chrome"] ["chrome"]
    "Chromium": ["chromium", "chromium-browser", "org.chromium.Chromium"] ["chromium", "chromium-browse"]
    "Microsoft Edge": ["microsoft-edge-stable", "com.microsoft.Edge"] ["msedge"]
    "Brave": ["brave-browser", "brave", "com.brave.Browser"] ["brave"]
    "LibreOffice": ["libreoffice-core", "libreoffice-fresh", "libreoffice-still", "libreoffice", "org.libreoffice.LibreOffice"] ["soffice.bin"]
    "OnlyOffice": ["onlyoffice-desktopeditors", "org.onlyoffice.desktopeditors"] ["DesktopEditors"]
    "Thunderbird": ["thunderbird", "org.mozilla.Thunderbird"] ["thunderbird", "thunderbird-bin"]
    "Evolution": ["evolution", "org.gnome.Evolution"] ["evolution"]
    "Teams for Linux": ["teams-for-linux", "teams", "com.github.IsmaelMartinez.teams_for_linux"] ["teams-for-linux", "teams"]
    "Zoom": ["zoom", "zoom-client", "us.zoom.Zoom"] ["zoom"]
    "Slack": ["slack-desktop", "slack", "com.slack.Slack"] ["slack"]
    "Nextcloud": ["nextcloud-desktop", "nextcloud-client", "com.nextcloud.desktopclient.nextcloud"] ["nextcloud"]
    "OneDrive (abraunegg)": ["onedrive", "onedrive-abraunegg"] ["onedrive"]
    "AnyDesk": ["anydesk", "com.anydesk.Anydesk"] ["anydesk"]
    "TeamViewer": ["teamviewer"] ["teamviewerd", "TeamViewer"]
    "Remmina": ["remmina", "org.remmina.Remmina"] ["remmina"]
};

pub(super) fn ask(root: &Path) -> Result<Vec<App>, ProbeError> {
    let home = std::env::var_os("HOME").unwrap_or_default();
    ask_of(root, Path::new(&home))
}

fn ask_of(root: &Path, home: &Path) -> Result<Vec<App>, ProbeError> {
    let packages = packages::installed(root, &Programs::below(root, LIMIT))?;
    let running = running(root);
    let opens_links = text(home.join(DEFAULTS)).as_deref().and_then(default_browser);
    let apps = KNOWN.iter().filter_map(|known| {
        let package = packages.iter().find(|package| {
            let bare = package.name.strip_suffix(" (snap)").unwrap_or(&package.name);
            known.packages.contains(&bare)
        })?;
        let opens_links = opens_links.as_ref().is_some_and(|desktop| {
            known.packages.contains(&desktop.as_str()) || known.processes.contains(&desktop.as_str())
        });
        Some(App {
            name: known.name.to_owned(),
            version: package.version.as_deref().map(without_epoch),
            channel: package.name.ends_with(" (snap)").then(|| "snap".to_owned()),
            running: running
                .as_ref()
                .map(|running| known.processes.iter().any(|process| running.contains(*process))),
            note: if opens_links {
                "default browser".to_owned()
            } else {
                String::new()
            },
        })
    });
    Ok(apps.collect())
}

/// Debian's `4:7.4.7-1` is what people know as 7.4.7.
fn without_epoch(version: &str) -> String {
    version
        .split_once(':')
        .map_or(version, |(_, version)| version)
        .to_owned()
}

/// The names of all processes; `None` if they cannot be seen.
fn running(root: &Path) -> Option<HashSet<String>> {
    let processes = fs::read_dir(root.join("proc")).ok()?;
    let names: HashSet<String> = processes
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| name(path).bytes().all(|byte| byte.is_ascii_digit()))
        .take(MOST_PROCESSES)
        .filter_map(|process| word(process.join("comm")))
        .collect();
    (!names.is_empty()).then_some(names)
}

/// What opens `https` links, without its ending: `firefox`. Snap writes `firefox_firefox`.
fn default_browser(defaults: &str) -> Option<String> {
    let mut rows = defaults
        .lines()
        .skip_while(|row| row.trim() != "[Default Applications]")
        .skip(1);
    let programs = rows
        .by_ref()
        .take_while(|row| !row.starts_with('['))
        .find_map(|row| row.strip_prefix("x-scheme-handler/https="))?;
    let desktop = programs.split(';').next()?.trim().strip_suffix(".desktop")?;
    Some(desktop.split('_').next().unwrap_or(desktop).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    #[test]
    fn what_is_installed_is_told_with_version_and_whether_it_runs() {
        let machine = MadeUp::machine()
            .file(
                "var/lib/dpkg/status",
                "Package: firefox-esr\nStatus: install ok installed\nVersion: 128.4.0esr-1\n\n\
                 Package: libreoffice-core\nStatus: install ok installed\nVersion: 4:7.4.7-1\n\n\
                 Package: zoom\nStatus: deinstall ok config-files\nVersion: 6\n",
            )
            .file("var/lib/snapd/snaps/slack_155.snap", "")
            .file("proc/77/comm", "soffice.bin\n")
            .file("proc/78/comm", "Web Content\n")
            .file("home/.config/mimeapps.list", "[Added Associations]\nx-scheme-handler/https=zoom.desktop\n\n[Default Applications]\nx-scheme-handler/https=firefox-esr.desktop;other.desktop\n");
        let apps = ask_of(machine.root(), &machine.root().join("home")).unwrap();
        let told: Vec<(&str, &str, Option<bool>, &str)> = apps
            .iter()
            .map(|app| {
                (
                    app.name.as_str(),
                    app.version.as_deref().unwrap(),
                    app.running,
                    app.note.as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("Firefox", "128.4.0esr-1", Some(false), "default browser"),
                ("LibreOffice", "7.4.7-1", Some(true), ""),
                ("Slack", "revision 155", Some(false), ""),
            ]
        );
        assert_eq!(apps[2].channel.as_deref(), Some("snap"));
    }

    #[test]
    fn where_no_process_can_be_seen_nothing_is_called_stopped() {
        let machine = MadeUp::machine().file(
            "var/lib/dpkg/status",
            "Package: remmina\nStatus: install ok installed\nVersion: 1\n",
        );
        assert_eq!(ask_of(machine.root(), machine.root()).unwrap()[0].running, None);
    }

    #[test]
    fn a_snap_is_the_default_browser_under_its_double_name() {
        let defaults = "[Default Applications]\nx-scheme-handler/https=firefox_firefox.desktop\n";
        assert_eq!(default_browser(defaults).as_deref(), Some("firefox"));
        assert_eq!(
            default_browser("[Default Applications]\n[Other]\nx-scheme-handler/https=a.desktop\n"),
            None
        );
    }

    proptest! {
        #[test]
        fn any_file_of_defaults_is_survived(text in "(\\[Default Applications\\]\n)?(x-scheme-handler/https=)?\\PC{0,100}") {
            let _ = default_browser(&text);
        }
    }
}
