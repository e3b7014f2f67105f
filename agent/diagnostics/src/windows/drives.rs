//! Drives by letter. A drive of another machine is told apart by its kind alone and never touched: its server may be
//! gone, and asking for its size would wait for that.

use super::memory::text_in;
use helpbell_model::report::Disk;
use windows::Win32::{
    Storage::FileSystem::{GetDiskFreeSpaceExW, GetDriveTypeW, GetLogicalDrives, GetVolumeInformationW},
    System::{
        Diagnostics::Debug::{SEM_FAILCRITICALERRORS, SetThreadErrorMode},
        WindowsProgramming::{DRIVE_FIXED, DRIVE_REMOVABLE},
    },
};
use windows::core::HSTRING;

/// `FILE_READ_ONLY_VOLUME`.
const READ_ONLY: u32 = 0x0008_0000;
/// Units of a label or of the name of a file system, with its zero, as the function's documentation says.
const NAME_UNITS: usize = 261;

/// The drives of this machine with something in them.
pub(crate) fn local() -> Vec<Disk> {
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: it takes nothing but numbers. An empty card reader must not ask the person for a card.
    let _ = unsafe { SetThreadErrorMode(SEM_FAILCRITICALERRORS, None) };
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: it takes nothing.
    let letters = unsafe { GetLogicalDrives() };
    ('A'..='Z')
        .enumerate()
        .filter(|(bit, _)| letters >> bit & 1 == 1)
        .filter_map(|(_, letter)| drive(letter))
        .collect()
}

fn drive(letter: char) -> Option<Disk> {
    let root = HSTRING::from(format!(r"{letter}:\"));
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: the name lives until after the call and is only read. The answer comes from the letter's own entry, not
    // from the drive.
    let kind = unsafe { GetDriveTypeW(&root) };
    if kind != DRIVE_FIXED && kind != DRIVE_REMOVABLE {
        return None;
    }
    let (mut label, mut file_system) = ([0_u16; NAME_UNITS], [0_u16; NAME_UNITS]);
    let mut flags = 0;
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: the name is only read; both texts tell their own lengths and may be written to, as may the flags.
    unsafe {
        GetVolumeInformationW(
            &root,
            Some(&mut label),
            None,
            None,
            Some(&raw mut flags),
            Some(&mut file_system),
        )
    }
    .ok()?;
    let (mut available, mut total) = (0, 0);
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: the name is only read, and both numbers may be written to.
    unsafe { GetDiskFreeSpaceExW(&root, Some(&raw mut available), Some(&raw mut total), None) }.ok()?;
    Some(Disk {
        mount: format!("{letter}:"),
        device: text_in(&label),
        file_system: text_in(&file_system),
        total,
        available,
        removable: kind == DRIVE_REMOVABLE,
        read_only: flags & READ_ONLY != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drive_of_the_system_is_found_with_its_size() {
        let drives = local();
        let system = drives.iter().find(|drive| drive.mount == "C:").unwrap();
        assert!(system.total > 0 && system.available <= system.total, "{system:?}");
    }
}
