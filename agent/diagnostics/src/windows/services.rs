//! The service manager's list.

/// A service as the service manager lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) title: String,
    /// `SERVICE_STOPPED` to `SERVICE_PAUSED`.
    pub(crate) state: u32,
    pub(crate) exit_code: u32,
    /// What counts if the exit code says that the service has a number of its own.
    pub(crate) own_exit_code: u32,
}

#[cfg(windows)]
pub(crate) use calls::list;

#[cfg(windows)]
mod calls {
    use super::super::{
        memory::{Room, text_at},
        refusal,
    };
    use super::Listed;
    use crate::part::ProbeError;
    use windows::Win32::{
        Foundation::ERROR_MORE_DATA,
        System::Services::{
            CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, EnumServicesStatusExW, OpenSCManagerW,
            SC_ENUM_PROCESS_INFO, SC_HANDLE, SC_MANAGER_CONNECT, SC_MANAGER_ENUMERATE_SERVICE,
            SERVICE_STATE_ALL, SERVICE_WIN32,
        },
    };
    use windows::core::PCWSTR;

    /// The most that one answer may hold, as the function's documentation says.
    const ANSWER_BYTES: u32 = 256 * 1024;

    /// Answers until somebody goes round in circles: 256 KB hold about a thousand services.
    const MOST_ANSWERS: usize = 8;

    struct Manager(SC_HANDLE);

    impl Drop for Manager {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle was opened by `open` and is closed once.
            let _ = unsafe { CloseServiceHandle(self.0) };
        }
    }

    fn open() -> Result<Manager, ProbeError> {
        let rights = SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: both names are null: this machine and its only database.
        unsafe { OpenSCManagerW(PCWSTR::null(), PCWSTR::null(), rights) }
            .map(Manager)
            .map_err(|error| refusal("the service manager", &error))
    }

    /// Every service, running or not.
    pub(crate) fn list() -> Result<Vec<Listed>, ProbeError> {
        let manager = open()?;
        let mut room = Room::of(ANSWER_BYTES);
        let mut listed = Vec::new();
        let mut resume = 0;
        for _ in 0..MOST_ANSWERS {
            let (mut needed, mut count) = (0, 0);
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle is open; the room tells its own length and may be written to, as may the three numbers; no
            // group is given.
            let asked = unsafe {
                EnumServicesStatusExW(
                    manager.0,
                    SC_ENUM_PROCESS_INFO,
                    SERVICE_WIN32,
                    SERVICE_STATE_ALL,
                    Some(room.bytes()),
                    &raw mut needed,
                    &raw mut count,
                    Some(&raw mut resume),
                    PCWSTR::null(),
                )
            };
            let more = match asked {
                Ok(()) => false,
                Err(error) if error.code() == ERROR_MORE_DATA.to_hresult() => true,
                Err(error) => return Err(refusal("the list of services", &error)),
            };
            listed.extend(rows(&room, count));
            if !more || count == 0 {
                break;
            }
        }
        Ok(listed)
    }

    fn rows(room: &Room, count: u32) -> Vec<Listed> {
        #[expect(unsafe_code, reason = "Windows filled the room")]
        // SAFETY: the function above returned `count` rows of this type at the beginning of the room.
        let rows: &[ENUM_SERVICE_STATUS_PROCESSW] = unsafe { room.rows(count) };
        rows.iter()
            .map(|row| {
                #[expect(unsafe_code, reason = "the texts of a row stand behind the list")]
                // SAFETY: both are null or point into the room, which is alive, at texts that end with a zero.
                let (name, title) = unsafe { (text_at(row.lpServiceName), text_at(row.lpDisplayName)) };
                let status = &row.ServiceStatusProcess;
                Listed {
                    name,
                    title,
                    state: status.dwCurrentState.0,
                    exit_code: status.dwWin32ExitCode,
                    own_exit_code: status.dwServiceSpecificExitCode,
                }
            })
            .collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_machine_lists_its_services() {
            let listed = list().unwrap();
            assert!(!listed.is_empty());
            assert!(listed.iter().all(|service| !service.name.is_empty()));
        }
    }
}
