//! What a display tells of the session: the program in front, a locked screen, the monitors.
//!
//! Whatever cannot be found out is left out: none of it is worth losing a picture for.

use super::{Display, Monitor};
use crate::capture::session::name;
use helpbell_model::report::{self, Foreground, Session};
use std::{collections::HashMap, fs, path::Path};
use x11rb::{
    errors::ReplyError,
    protocol::{
        randr::{ConnectionExt as _, Mode, ModeFlag, ModeInfo, Output},
        res::{ClientIdMask, ClientIdSpec, ConnectionExt as _},
        xproto::{AtomEnum, ConnectionExt as _, MapState, Window},
    },
};

/// Programs whose window over the whole screen means that it is locked. What only darkens the screen is not here.
const LOCKERS: [&str; 10] = [
    "cinnamon-screensaver",
    "gnome-screensaver",
    "i3lock",
    "kscreenlocker_greet",
    "light-locker",
    "mate-screensaver",
    "slock",
    "xfce4-screensaver",
    "xscreensaver-auth",
    "xsecurelock",
];

/// A locker keeps itself on top; a few windows of its own may lie above it, such as the field for the password.
const MOST_ON_TOP: usize = 8;

/// Words of 4 bytes that are read of a property: 16 KB, of which most displays use one.
const MOST_PROPERTY_WORDS: u32 = 4096;

/// Dots per inch that programs draw at if nobody says otherwise.
const USUAL_DPI: f32 = 96.0;

/// A window, as the server numbers them, and not one of the two that stand for none and for the root window.
const FIRST_WINDOW: Window = 2;

impl Display {
    /// What this display tells of the session.
    pub(super) fn described(&self, monitors: &[Monitor]) -> Session {
        Session {
            display: Some("x11".to_owned()),
            foreground: self.foreground().unwrap_or_default(),
            locked: self.locked(monitors).unwrap_or_default(),
            monitors: self.arranged(monitors),
            ..Session::default()
        }
    }

    /// The program that the window manager says is in front, or else the one that gets the keys.
    fn foreground(&self) -> Result<Option<Foreground>, ReplyError> {
        let active = self
            .numbers(self.root, b"_NET_ACTIVE_WINDOW", AtomEnum::WINDOW.into())?
            .first()
            .copied()
            .filter(|window| *window >= FIRST_WINDOW);
        let window = match active {
            Some(window) => window,
            None => self.connection.get_input_focus()?.reply()?.focus,
        };
        if window < FIRST_WINDOW || window == self.root {
            return Ok(None);
        }
        let pid = self.process(window)?;
        let program = match pid.and_then(program) {
            Some(program) => Some(program),
            // A program on another machine: the window at least says what kind it is.
            None => self.class(window)?,
        };
        Ok(program.map(|name| Foreground { name, pid }))
    }

    /// The process that a window belongs to, on this machine.
    fn process(&self, window: Window) -> Result<Option<u32>, ReplyError> {
        // The server knows who is at the other end of each connection. What windows say of themselves is wrong for
        // programs in containers.
        let asked = ClientIdSpec {
            client: window,
            mask: ClientIdMask::LOCAL_CLIENT_PID,
        };
        let known = self
            .connection
            .res_query_client_ids(&[asked])
            .map_err(ReplyError::from)
            .and_then(x11rb::cookie::Cookie::reply);
        if let Ok(reply) = known {
            let pid = reply.ids.iter().find_map(|id| id.value.first().copied());
            return Ok(pid.filter(|pid| *pid != 0));
        }
        Ok(self
            .numbers(window, b"_NET_WM_PID", AtomEnum::CARDINAL.into())?
            .first()
            .copied())
    }

    /// The second of the two names that a window has for looking up its settings.
    fn class(&self, window: Window) -> Result<Option<String>, ReplyError> {
        let value = self
            .connection
            .get_property(
                false,
                window,
                AtomEnum::WM_CLASS,
                AtomEnum::STRING,
                0,
                MOST_PROPERTY_WORDS,
            )?
            .reply()?
            .value;
        let class = value.split(|byte| *byte == 0).nth(1).unwrap_or_default();
        Ok(name(&String::from_utf8_lossy(class)))
    }

    /// Whether a known locker lies over a whole monitor; what is not seen is not known.
    fn locked(&self, monitors: &[Monitor]) -> Result<Option<bool>, ReplyError> {
        let windows = self.connection.query_tree(self.root)?.reply()?.children;
        let mut seen = 0;
        // The topmost comes last.
        for window in windows.into_iter().rev() {
            // It may have closed since.
            let Ok(attributes) = self.connection.get_window_attributes(window)?.reply() else {
                continue;
            };
            if attributes.map_state != MapState::VIEWABLE {
                continue;
            }
            seen += 1;
            if seen > MOST_ON_TOP {
                break;
            }
            let Ok(place) = self.connection.get_geometry(window)?.reply() else {
                continue;
            };
            let covers = |monitor: &Monitor| place.width >= monitor.width && place.height >= monitor.height;
            if attributes.override_redirect
                && monitors.iter().any(covers)
                && self
                    .process(window)?
                    .and_then(program)
                    .is_some_and(|program| LOCKERS.contains(&program.as_str()))
            {
                return Ok(Some(true));
            }
        }
        Ok(None)
    }

    /// The monitors, the primary one first.
    fn arranged(&self, monitors: &[Monitor]) -> Vec<report::Monitor> {
        let scale_percent = self.scale_percent().unwrap_or_default();
        let refresh = self.refresh().unwrap_or_default();
        let mut arranged: Vec<report::Monitor> = monitors
            .iter()
            .map(|monitor| {
                let (width, height) = monitor.size();
                report::Monitor {
                    name: name(&monitor.name).unwrap_or_default(),
                    width,
                    height,
                    x: monitor.x.into(),
                    y: monitor.y.into(),
                    scale_percent,
                    primary: monitor.primary,
                    refresh_hz: monitor
                        .outputs
                        .iter()
                        .find_map(|output| refresh.get(output))
                        .copied(),
                }
            })
            .collect();
        arranged.sort_by_key(|monitor| !monitor.primary);
        arranged
    }

    /// How large desktops tell programs to draw. The millimetres of a monitor say nothing of that, and are often wrong.
    fn scale_percent(&self) -> Result<Option<u32>, ReplyError> {
        let settings = self
            .connection
            .get_property(
                false,
                self.root,
                AtomEnum::RESOURCE_MANAGER,
                AtomEnum::STRING,
                0,
                MOST_PROPERTY_WORDS,
            )?
            .reply()?
            .value;
        Ok(percent_of(&String::from_utf8_lossy(&settings)))
    }

    /// Pictures a second of every output that shows something.
    fn refresh(&self) -> Result<HashMap<Output, f32>, ReplyError> {
        let resources = self
            .connection
            .randr_get_screen_resources_current(self.root)?
            .reply()?;
        let modes: HashMap<Mode, f32> = resources
            .modes
            .iter()
            .filter_map(|mode| Some((mode.id, hertz(mode)?)))
            .collect();
        let mut refresh = HashMap::new();
        for crtc in resources.crtcs {
            let shown = self
                .connection
                .randr_get_crtc_info(crtc, resources.config_timestamp)?
                .reply()?;
            if let Some(hertz) = modes.get(&shown.mode) {
                refresh.extend(shown.outputs.into_iter().map(|output| (output, *hertz)));
            }
        }
        Ok(refresh)
    }

    /// A property that is a list of numbers.
    fn numbers(&self, window: Window, property: &[u8], kind: u32) -> Result<Vec<u32>, ReplyError> {
        let atom = self.connection.intern_atom(true, property)?.reply()?.atom;
        if atom == x11rb::NONE {
            return Ok(Vec::new());
        }
        let reply = self
            .connection
            .get_property(false, window, atom, kind, 0, MOST_PROPERTY_WORDS)?
            .reply()?;
        Ok(reply.value32().map(Iterator::collect).unwrap_or_default())
    }
}

/// The program of a process: its name, which the kernel cuts after 15 characters, or that of its file if it is the same
/// and whole. For scripts the file would be the interpreter.
fn program(pid: u32) -> Option<String> {
    let process = Path::new("/proc").join(pid.to_string());
    let short = fs::read_to_string(process.join("comm")).ok()?;
    let short = short.trim_end();
    let whole = fs::read_link(process.join("exe"))
        .ok()
        .and_then(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
        .filter(|whole| whole.starts_with(short));
    name(whole.as_deref().unwrap_or(short))
}

/// What desktops put into the settings for a larger screen: `Xft.dpi: 192`.
fn percent_of(settings: &str) -> Option<u32> {
    let dpi: f32 = settings
        .lines()
        .find_map(|line| line.strip_prefix("Xft.dpi:"))?
        .trim()
        .parse()
        .ok()?;
    let percent = (dpi / USUAL_DPI * 100.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within a few hundred, just compared"
    )]
    (50.0..=1000.0).contains(&percent).then_some(percent as u32)
}

/// Pictures a second in a mode.
fn hertz(mode: &ModeInfo) -> Option<f32> {
    let mut lines = f64::from(mode.vtotal);
    if mode.mode_flags.contains(ModeFlag::DOUBLE_SCAN) {
        lines *= 2.0;
    }
    if mode.mode_flags.contains(ModeFlag::INTERLACE) {
        lines /= 2.0;
    }
    let dots = f64::from(mode.htotal) * lines;
    #[expect(clippy::cast_possible_truncation, reason = "a rate of two digits, rounded")]
    (dots > 0.0).then(|| ((f64::from(mode.dot_clock) / dots * 100.0).round() / 100.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_settings_are_told_in_percent_and_nonsense_is_not() {
        assert_eq!(
            percent_of("*customization: -color\nXft.dpi:\t192\nXft.hinting: 1"),
            Some(200)
        );
        assert_eq!(percent_of("Xft.dpi: 120"), Some(125));
        assert_eq!(percent_of("Xft.dpi: 0"), None);
        assert_eq!(percent_of("Xft.dpi: many"), None);
        assert_eq!(percent_of("Xft.hinting: 1"), None);
    }

    #[test]
    fn the_rate_of_a_mode_comes_from_its_clock() {
        let mode = ModeInfo {
            dot_clock: 533_250_000,
            htotal: 4000,
            vtotal: 2222,
            ..ModeInfo::default()
        };
        assert_eq!(hertz(&mode), Some(60.0));
        let interlaced = ModeInfo {
            mode_flags: ModeFlag::INTERLACE,
            ..mode
        };
        assert_eq!(hertz(&interlaced), Some(119.99));
        assert_eq!(hertz(&ModeInfo::default()), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_is_named_by_its_whole_file_name() {
        let own = std::env::current_exe().unwrap();
        assert_eq!(
            program(std::process::id()),
            name(&own.file_name().unwrap().to_string_lossy())
        );
    }
}
