//! The account of this process, and to what the machine belongs.

/// What Windows says. `None` is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `CONTOSO\maria`, or the computer's own name in front.
    pub(crate) account: Option<String>,
    pub(crate) display: Option<String>,
    pub(crate) principal: Option<String>,
    /// The domain or workgroup, and whether it is a domain.
    pub(crate) joined: Option<(String, bool)>,
    pub(crate) administrator: Option<bool>,
    /// Of an account that this computer alone knows.
    pub(crate) local: Option<Local>,
    pub(crate) other_sessions: Option<u32>,
}

/// What a computer keeps about an account of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) full_name: String,
    /// Seconds since the password was changed.
    pub(crate) password_age: u32,
    /// Seconds after which it has to be; none if never.
    pub(crate) password_lasts: Option<u32>,
}

#[cfg(windows)]
pub(crate) use calls::seen;

#[cfg(windows)]
mod calls {
    use super::super::memory::{text_at, text_in};
    use super::{Local, Seen};
    use crate::windows::within;
    use std::{ptr, time::Duration};
    use windows::Win32::{
        Foundation::{CloseHandle, HANDLE},
        NetworkManagement::NetManagement::{
            NETSETUP_JOIN_STATUS, NetApiBufferFree, NetGetJoinInformation, NetSetupDomainName,
            NetSetupWorkgroupName, NetUserGetInfo, NetUserModalsGet, UF_DONT_EXPIRE_PASSWD, USER_INFO_2,
            USER_MODALS_INFO_0,
        },
        Security::{
            Authentication::Identity::{
                EXTENDED_NAME_FORMAT, GetUserNameExW, NameDisplay, NameSamCompatible, NameUserPrincipal,
            },
            CheckTokenMembership, CreateWellKnownSid, GetTokenInformation, PSID, SECURITY_MAX_SID_SIZE,
            TOKEN_ELEVATION_TYPE, TOKEN_QUERY, TokenElevationType, TokenElevationTypeFull,
            TokenElevationTypeLimited, WinBuiltinAdministratorsSid,
        },
        System::{
            RemoteDesktop::{
                ProcessIdToSessionId, WTS_SESSION_INFOW, WTSEnumerateSessionsW, WTSFreeMemory,
                WTSQuerySessionInformationW, WTSUserName,
            },
            Threading::{GetCurrentProcess, OpenProcessToken},
        },
    };
    use windows::core::{BOOL, HSTRING, PCWSTR, PWSTR};

    /// Windows may ask a domain controller for a person's name. One that is near answers in a tenth of that.
    const DIRECTORY: Duration = Duration::from_secs(1);
    /// Units of a name; a principal name has at most 1024.
    const NAME_UNITS: u32 = 1100;
    /// Sessions that are looked at; a large terminal server has a few hundred.
    const MOST_SESSIONS: u32 = 1000;
    /// `TIMEQ_FOREVER`.
    const FOR_EVER: u32 = u32::MAX;

    /// Everything about the account of this process.
    pub(crate) fn seen() -> Seen {
        let account = name(NameSamCompatible);
        let local = account.as_deref().and_then(|account| {
            let (owner, user) = account.split_once('\\')?;
            let here = computer()?;
            owner.eq_ignore_ascii_case(&here).then(|| local(user)).flatten()
        });
        // Only a directory knows these, and an account of this computer alone is in none.
        let ask = |format| {
            let of_this_computer = local.is_some();
            (!of_this_computer)
                .then(|| within(DIRECTORY, move || name(format)).ok().flatten())
                .flatten()
        };
        Seen {
            display: ask(NameDisplay),
            principal: ask(NameUserPrincipal),
            joined: joined(),
            administrator: administrator(),
            other_sessions: other_sessions(),
            account,
            local,
        }
    }

    /// The computer's name as accounts carry it: at most fifteen letters.
    fn computer() -> Option<String> {
        std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
    }

    fn name(format: EXTENDED_NAME_FORMAT) -> Option<String> {
        let mut name = vec![0_u16; NAME_UNITS as usize];
        let mut length = NAME_UNITS;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the text has room for `length` units, and both may be written to.
        let found = unsafe { GetUserNameExW(format, Some(PWSTR(name.as_mut_ptr())), &raw mut length) };
        found.then(|| text_in(&name)).filter(|name| !name.is_empty())
    }

    /// What the network functions allocated.
    struct Given<T>(*mut T);

    impl<T> Drop for Given<T> {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "Windows frees what it allocated")]
            // SAFETY: the place came from one of the functions below and is freed once; null is allowed.
            unsafe {
                NetApiBufferFree(Some(self.0.cast()));
            }
        }
    }

    impl<T> Given<T> {
        fn row(&self) -> Option<&T> {
            #[expect(unsafe_code, reason = "what Windows allocated is known by its place alone")]
            // SAFETY: null, or the one row that a successful call left there; it lives until `self` is dropped.
            unsafe {
                self.0.as_ref()
            }
        }
    }

    fn joined() -> Option<(String, bool)> {
        let mut given: Given<u16> = Given(ptr::null_mut());
        let mut status = NETSETUP_JOIN_STATUS::default();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is this machine. `PWSTR` is a place of units, so the place that is written to is `given`'s.
        let answer = unsafe {
            NetGetJoinInformation(
                PCWSTR::null(),
                (&raw mut given.0).cast::<PWSTR>(),
                &raw mut status,
            )
        };
        if answer != 0 {
            return None;
        }
        #[expect(unsafe_code, reason = "a text that Windows allocated")]
        // SAFETY: the call succeeded, so the place is null or a text that ends with a zero, alive until `given` goes.
        let name = unsafe { text_at(PWSTR(given.0)) };
        match status {
            _ if status == NetSetupDomainName => Some((name, true)),
            _ if status == NetSetupWorkgroupName => Some((name, false)),
            _ => None,
        }
    }

    fn local(user: &str) -> Option<Local> {
        const LEVEL: u32 = 2;
        let mut given: Given<USER_INFO_2> = Given(ptr::null_mut());
        let user = HSTRING::from(user);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is this machine; the name is only read; the place that is written to is `given`'s, and a
        // row of level 2 is what it asks for.
        let answer =
            unsafe { NetUserGetInfo(PCWSTR::null(), &user, LEVEL, (&raw mut given.0).cast::<*mut u8>()) };
        let row = (answer == 0).then(|| given.row()).flatten()?;
        let never = row.usri2_flags.0 & UF_DONT_EXPIRE_PASSWD.0 != 0;
        #[expect(unsafe_code, reason = "a text behind the row")]
        // SAFETY: null or a text that ends with a zero, alive until `given` goes.
        let full_name = unsafe { text_at(row.usri2_full_name) };
        Some(Local {
            full_name,
            password_age: row.usri2_password_age,
            password_lasts: password_lasts().filter(|_| !never),
        })
    }

    fn password_lasts() -> Option<u32> {
        let mut given: Given<USER_MODALS_INFO_0> = Given(ptr::null_mut());
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is this machine; the place that is written to is `given`'s, and a row of level 0 is what it
        // asks for.
        let answer = unsafe { NetUserModalsGet(PCWSTR::null(), 0, (&raw mut given.0).cast::<*mut u8>()) };
        let row = (answer == 0).then(|| given.row()).flatten()?;
        Some(row.usrmod0_max_passwd_age).filter(|seconds| *seconds != FOR_EVER)
    }

    struct Token(HANDLE);

    impl Drop for Token {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle was opened by `administrator` and is closed once.
            let _ = unsafe { CloseHandle(self.0) };
        }
    }

    /// Whether the account could change the whole machine, if it confirmed the question.
    fn administrator() -> Option<bool> {
        let mut handle = HANDLE::default();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the first function takes nothing and returns a handle that needs no closing; the other one's may be
        // written to.
        unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut handle) }.ok()?;
        let token = Token(handle);
        let mut kind = TOKEN_ELEVATION_TYPE::default();
        let mut length = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; the answer is one number, and there is room for exactly that.
        let asked = unsafe {
            GetTokenInformation(
                token.0,
                TokenElevationType,
                Some((&raw mut kind).cast()),
                size_of::<TOKEN_ELEVATION_TYPE>().try_into().ok()?,
                &raw mut length,
            )
        };
        // An administrator under UAC holds two tokens; this may be the lesser one, which is in no group.
        if asked.is_ok() && (kind == TokenElevationTypeFull || kind == TokenElevationTypeLimited) {
            return Some(true);
        }
        member_of_administrators()
    }

    fn member_of_administrators() -> Option<bool> {
        let mut group = [0_u64; (SECURITY_MAX_SID_SIZE as usize).div_ceil(size_of::<u64>())];
        let mut length = u32::try_from(size_of_val(&group)).ok()?;
        let sid = PSID(group.as_mut_ptr().cast());
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: `group` has room for `length` bytes, the most that such an identity may take.
        unsafe { CreateWellKnownSid(WinBuiltinAdministratorsSid, None, Some(sid), &raw mut length) }.ok()?;
        let mut is_member = BOOL::default();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the identity was made above; no token is this thread's own; the answer may be written to.
        unsafe { CheckTokenMembership(None, sid, &raw mut is_member) }.ok()?;
        Some(is_member.as_bool())
    }

    /// What the terminal services allocated.
    struct Lent<T>(*mut T);

    impl<T> Drop for Lent<T> {
        fn drop(&mut self) {
            if !self.0.is_null() {
                #[expect(unsafe_code, reason = "Windows frees what it allocated")]
                // SAFETY: the place came from one of the functions below and is freed once.
                unsafe {
                    WTSFreeMemory(self.0.cast());
                }
            }
        }
    }

    fn other_sessions() -> Option<u32> {
        let mut own = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the number may be written to.
        unsafe { ProcessIdToSessionId(std::process::id(), &raw mut own) }.ok()?;
        let mut list: Lent<WTS_SESSION_INFOW> = Lent(ptr::null_mut());
        let mut count = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is this machine; the place that is written to is `list`'s; the version is the only one.
        unsafe { WTSEnumerateSessionsW(None, 0, 1, &raw mut list.0, &raw mut count) }.ok()?;
        if list.0.is_null() {
            return None;
        }
        #[expect(unsafe_code, reason = "Windows allocated the list")]
        // SAFETY: the call succeeded, so `count` rows stand there until `list` goes.
        let rows = unsafe { std::slice::from_raw_parts(list.0, count.min(MOST_SESSIONS) as usize) };
        let others = rows
            .iter()
            .filter(|session| session.SessionId != own && has_user(session.SessionId));
        u32::try_from(others.count()).ok()
    }

    fn has_user(session: u32) -> bool {
        let mut name: Lent<u16> = Lent(ptr::null_mut());
        let mut length = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: no server is this machine; `PWSTR` is a place of units, so the place that is written to is `name`'s.
        let asked = unsafe {
            WTSQuerySessionInformationW(
                None,
                session,
                WTSUserName,
                (&raw mut name.0).cast::<PWSTR>(),
                &raw mut length,
            )
        };
        if asked.is_err() {
            return false;
        }
        #[expect(unsafe_code, reason = "a text that Windows allocated")]
        // SAFETY: the call succeeded, so the place is null or a text that ends with a zero, alive until `name` goes.
        let name = unsafe { text_at(PWSTR(name.0)) };
        !name.is_empty()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_account_has_a_name() {
            let seen = seen();
            let account = seen.account.unwrap_or_default();
            assert!(account.contains('\\'), "{account:?}");
            assert!(seen.administrator.is_some());
        }
    }
}
