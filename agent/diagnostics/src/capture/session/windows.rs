//! What Windows knows of the session this program runs in.
//!
//! All of it is C, which is why this module contains unsafe code. Each call stands in a function of its own, and what
//! Windows hands out is owned by something that gives it back.

use super::name;
use helpbell_model::report::{Foreground, Session, SessionKind};
use std::{collections::BTreeSet, mem::offset_of, slice};
use windows::{
    Win32::{
        Foundation::{HANDLE, HWND},
        System::{
            RemoteDesktop::{
                ProcessIdToSessionId, WTS_CURRENT_SESSION, WTS_INFO_CLASS, WTS_SESSIONSTATE_LOCK,
                WTS_SESSIONSTATE_UNLOCK, WTSClientProtocolType, WTSFreeMemory, WTSINFOEX_LEVEL1_W,
                WTSINFOEXW, WTSQuerySessionInformationW, WTSSessionInfoEx,
            },
            StationsAndDesktops::{DESKTOP_CONTROL_FLAGS, DESKTOP_READOBJECTS, HDESK, OpenInputDesktop},
            Threading::{
                OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION,
                QueryFullProcessImageNameW,
            },
        },
        UI::WindowsAndMessaging::{
            GW_CHILD, GW_HWNDNEXT, GetDesktopWindow, GetForegroundWindow, GetSystemMetrics, GetWindow,
            GetWindowDisplayAffinity, GetWindowThreadProcessId, IsIconic, IsWindowVisible, SM_REMOTESESSION,
            WDA_NONE,
        },
    },
    core::{Owned, PWSTR},
};

/// Where services live, out of sight.
const SERVICES: u32 = 0;

/// How Windows numbers the screen of the machine itself among the ways to reach a session.
const AT_THE_MACHINE: u16 = 0;

/// Busy desktops have a few hundred. The walk could go round in circles while windows come and go.
const MOST_WINDOWS: usize = 4096;

/// UTF-16 units of a program's path. Longer ones exist; their programs stay without a name.
const PATH_UNITS: usize = 1024;

/// The session, without its monitors.
pub(in crate::capture) fn now() -> Session {
    Session {
        kind: kind(),
        display: Some("windows".to_owned()),
        locked: locked(),
        foreground: foreground(),
        hidden_from_capture: hidden(),
        ..Session::default()
    }
}

fn kind() -> SessionKind {
    if session_number() == Some(SERVICES) {
        return SessionKind::None;
    }
    if std::env::var_os("SSH_CONNECTION").is_some() {
        return SessionKind::Ssh;
    }
    // Sessions that draw by the graphics card do not call themselves remote; how they are reached tells.
    let far = protocol().map(|protocol| protocol != AT_THE_MACHINE);
    if calls_itself_remote() || far == Some(true) {
        SessionKind::Remote
    } else {
        SessionKind::Console
    }
}

fn locked() -> Option<bool> {
    match session_flags() {
        Some(WTS_SESSIONSTATE_LOCK) => Some(true),
        Some(WTS_SESSIONSTATE_UNLOCK) => Some(false),
        // What gets the keys is then the desktop that asks for the password, which belongs to Windows alone.
        _ => Some(desktop_with_the_keys().is_none()),
    }
}

fn foreground() -> Option<Foreground> {
    let pid = process_of(front()?)?;
    Some(Foreground {
        name: program(pid)?,
        pid: Some(pid),
    })
}

/// The programs of windows that Windows keeps out of pictures because they asked for it.
fn hidden() -> Vec<String> {
    let mut programs = BTreeSet::new();
    let mut next = first_window();
    for _ in 0..MOST_WINDOWS {
        let Some(window) = next else { break };
        if is_shown(window) && keeps_out_of_pictures(window) {
            programs.extend(process_of(window).and_then(program));
        }
        next = window_below(window);
    }
    programs.into_iter().collect()
}

/// The file name of a process's program.
fn program(pid: u32) -> Option<String> {
    let process = process(pid)?;
    let path = path(&process)?;
    name(path.rsplit('\\').next().unwrap_or_default())
}

/// Number of the session of this process.
fn session_number() -> Option<u32> {
    let mut number = 0;
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: the number may be written to; a process that does not exist is an error, not undefined.
    let done = unsafe { ProcessIdToSessionId(std::process::id(), &raw mut number) };
    done.ok().map(|()| number)
}

fn calls_itself_remote() -> bool {
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: takes a number and returns one.
    let metric = unsafe { GetSystemMetrics(SM_REMOTESESSION) };
    metric != 0
}

/// How the session is reached.
fn protocol() -> Option<u16> {
    let given = Given::about_this_session(WTSClientProtocolType)?;
    Some(u16::from_le_bytes(given.bytes().get(..2)?.try_into().ok()?))
}

/// Whether the session is locked, as the service for sessions numbers it.
fn session_flags() -> Option<u32> {
    /// The only level of detail there is.
    const DETAILED: u32 = 1;
    const FLAGS: usize = offset_of!(WTSINFOEXW, Data) + offset_of!(WTSINFOEX_LEVEL1_W, SessionFlags);

    let given = Given::about_this_session(WTSSessionInfoEx)?;
    let number = |offset: usize| -> Option<u32> {
        let bytes = given.bytes().get(offset..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    };
    (number(offset_of!(WTSINFOEXW, Level))? == DETAILED)
        .then(|| number(FLAGS))
        .flatten()
}

/// What the service for sessions answered.
struct Given {
    place: PWSTR,
    len: u32,
}

impl Given {
    fn about_this_session(what: WTS_INFO_CLASS) -> Option<Self> {
        let this_server = None;
        let mut given = Self {
            place: PWSTR::null(),
            len: 0,
        };
        #[expect(unsafe_code, reason = "a C function of Windows")]
        // SAFETY: both members may be written to; no server stands for this machine, as is documented.
        let done = unsafe {
            WTSQuerySessionInformationW(
                this_server,
                WTS_CURRENT_SESSION,
                what,
                &raw mut given.place,
                &raw mut given.len,
            )
        };
        done.ok().map(|()| given)
    }

    fn bytes(&self) -> &[u8] {
        if self.place.is_null() {
            return &[];
        }
        #[expect(
            unsafe_code,
            reason = "what Windows allocated is known to it by place and length alone"
        )]
        // SAFETY: the place is not null, so Windows allocated so many bytes there, which nobody else knows and which live
        // until `self` is dropped.
        unsafe {
            slice::from_raw_parts(self.place.as_ptr().cast(), self.len as usize)
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if !self.place.is_null() {
            #[expect(unsafe_code, reason = "Windows frees what it allocated")]
            // SAFETY: allocated by the function above, and freed once, since `Given` is not copied.
            unsafe {
                WTSFreeMemory(self.place.as_ptr().cast());
            }
        }
    }
}

/// A process that may be asked for its name; nothing if it is gone or protected.
fn process(pid: u32) -> Option<Owned<HANDLE>> {
    #[expect(unsafe_code, reason = "a C function of Windows, and a handle of its own")]
    // SAFETY: takes numbers; the handle is known to nobody else.
    unsafe {
        let handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, false, pid).ok()?;
        Some(Owned::new(handle))
    }
}

fn path(process: &HANDLE) -> Option<String> {
    let mut path = [0_u16; PATH_UNITS];
    let mut len = u32::try_from(PATH_UNITS).ok()?;
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: the path has as many units as `len` says, and both may be written to.
    let done = unsafe {
        QueryFullProcessImageNameW(
            *process,
            PROCESS_NAME_WIN32,
            PWSTR(path.as_mut_ptr()),
            &raw mut len,
        )
    };
    done.ok()?;
    path.get(..len as usize).map(String::from_utf16_lossy)
}

/// The desktop that gets the keys; nothing if it is one that programs may not even look at.
fn desktop_with_the_keys() -> Option<Owned<HDESK>> {
    #[expect(unsafe_code, reason = "a C function of Windows, and a handle of its own")]
    // SAFETY: takes numbers; the handle is known to nobody else.
    unsafe {
        let handle = OpenInputDesktop(DESKTOP_CONTROL_FLAGS(0), false, DESKTOP_READOBJECTS).ok()?;
        Some(Owned::new(handle))
    }
}

/// The window in front; none while another is being brought there.
fn front() -> Option<HWND> {
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: takes nothing and returns a number.
    let window = unsafe { GetForegroundWindow() };
    (!window.is_invalid()).then_some(window)
}

fn first_window() -> Option<HWND> {
    #[expect(unsafe_code, reason = "C functions of Windows")]
    // SAFETY: windows are numbers to those who do not own them; the inner function gives one that lives as long as the
    // session.
    unsafe {
        GetWindow(GetDesktopWindow(), GW_CHILD).ok()
    }
}

fn window_below(window: HWND) -> Option<HWND> {
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: the number of a window that is gone is an error, not undefined.
    unsafe {
        GetWindow(window, GW_HWNDNEXT).ok()
    }
}

/// Whether a window takes part in the desktop, seen or covered.
fn is_shown(window: HWND) -> bool {
    #[expect(unsafe_code, reason = "C functions of Windows")]
    // SAFETY: as in `window_below`.
    unsafe {
        IsWindowVisible(window).as_bool() && !IsIconic(window).as_bool()
    }
}

fn keeps_out_of_pictures(window: HWND) -> bool {
    let mut affinity = WDA_NONE.0;
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: as in `window_below`; the answer may be written to.
    let done = unsafe { GetWindowDisplayAffinity(window, &raw mut affinity) };
    done.is_ok() && affinity != WDA_NONE.0
}

fn process_of(window: HWND) -> Option<u32> {
    let mut pid = 0;
    #[expect(unsafe_code, reason = "a C function of Windows")]
    // SAFETY: as in `window_below`; the answer may be written to.
    unsafe {
        GetWindowThreadProcessId(window, Some(&raw mut pid));
    }
    (pid != 0).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_is_named_by_its_file() {
        let own = std::env::current_exe().unwrap();
        assert_eq!(
            program(std::process::id()),
            name(&own.file_name().unwrap().to_string_lossy())
        );
        // No process has this number: they are multiples of four.
        assert_eq!(program(3), None);
    }

    #[test]
    fn a_session_that_runs_tests_is_of_some_kind_and_hides_nothing() {
        let session = now();
        assert_ne!(session.kind, SessionKind::Unknown);
        assert_eq!(session.hidden_from_capture, Vec::<String>::new());
    }
}
