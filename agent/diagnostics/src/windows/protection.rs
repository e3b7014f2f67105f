//! The security chip, and what the shell knows about the encryption of a drive.

use super::com::Com;
use super::within;
use std::time::Duration;
use windows::Win32::{
    Foundation::{PROPERTYKEY, TBS_E_TPM_NOT_FOUND},
    System::{
        Com::COINIT_APARTMENTTHREADED,
        TpmBaseServices::{TPM_DEVICE_INFO, Tbsi_GetDeviceInfo},
    },
    UI::Shell::{IShellItem2, PropertiesSystem::PSGetPropertyKeyFromName, SHCreateItemFromParsingName},
};
use windows::core::{HSTRING, w};

/// The shell reads it from a driver; one that takes longer does not answer at all.
const SHELL: Duration = Duration::from_secs(2);

/// The version of the chip: `2.0`, `1.2`; empty if there is none, `None` if Windows does not know.
pub(crate) fn tpm() -> Option<String> {
    const SUCCESS: u32 = 0;
    let mut info = TPM_DEVICE_INFO::default();
    let size = u32::try_from(size_of::<TPM_DEVICE_INFO>()).ok()?;
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: `info` may be written to and has the size that is told.
    let answer = unsafe { Tbsi_GetDeviceInfo(size, (&raw mut info).cast()) };
    if answer == TBS_E_TPM_NOT_FOUND.0.cast_unsigned() {
        return Some(String::new());
    }
    match (answer, info.tpmVersion) {
        (SUCCESS, 1) => Some("1.2".to_owned()),
        (SUCCESS, 2) => Some("2.0".to_owned()),
        _ => None,
    }
}

/// `System.Volume.BitLockerProtection` of a drive (`C:\`), which the shell tells everybody, while the rest of `BitLocker`
/// is for administrators.
pub(crate) fn bitlocker(drive: String) -> Option<i32> {
    within(SHELL, move || {
        let _com = Com::begin(COINIT_APARTMENTTHREADED)?;
        let mut key = PROPERTYKEY::default();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the name is a constant, and the key may be written to.
        unsafe { PSGetPropertyKeyFromName(w!("System.Volume.BitLockerProtection"), &raw mut key) }.ok()?;
        let path = HSTRING::from(drive);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the path lives until after the call and is only read; COM was begun on this thread.
        let item: IShellItem2 = unsafe { SHCreateItemFromParsingName(&path, None) }.ok()?;
        #[expect(unsafe_code, reason = "a function of COM")]
        // SAFETY: the item is alive, and the key is only read.
        unsafe { item.GetInt32(&raw const key) }.ok()
    })
    .ok()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_tells_both_or_neither_and_comes_back() {
        let version = tpm();
        assert!(version.is_none_or(|version| ["", "1.2", "2.0"].contains(&version.as_str())));
        // The answer depends on the machine; that there is one, in time and without a crash, is the point.
        let began = std::time::Instant::now();
        let _ = bitlocker(r"C:\".to_owned());
        assert!(began.elapsed() < SHELL * 2);
    }
}
