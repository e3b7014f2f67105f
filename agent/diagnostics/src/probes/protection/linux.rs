//! What the kernel shows of Secure Boot and of the layers below the root file system.

use super::{ProbeError, Protection};
use std::path::Path;

/// The firmware's switch, under the vendor identity the UEFI specification gives to all global
/// variables. Four bytes of attributes, then 0 or 1.
const SECURE_BOOT: &str = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// Where the value follows the attributes.
const VALUE_AT: usize = 4;
/// Layers of device mapper under a file system (encryption, volumes, mirrors, ...). Real
/// machines have up to four; a loop in a broken /sys must end.
const DEEPEST: u8 = 8;

pub(super) fn ask(root: &Path) -> Result<Protection, ProbeError> {
    let protection = Protection {
        secure_boot: secure_boot(root),
        system_disk_encrypted: system_disk_encrypted(root),
        ..Default::default()
    };
    if protection == Protection::default() {
        return Err(ProbeError::unsupported(
            "neither Secure Boot nor the system disk can be read here",
        ));
    }
    Ok(protection)
}

fn secure_boot(root: &Path) -> Option<bool> {
    let bytes = std::fs::read(root.join(SECURE_BOOT)).ok()?;
    Some(*bytes.get(VALUE_AT)? == 1)
}

/// Whether any layer between the root file system and the disk encrypts. `None` for file
/// systems without one block device, which may encrypt by themselves.
fn system_disk_encrypted(root: &Path) -> Option<bool> {
    let mounts = std::fs::read_to_string(root.join("proc/self/mounts")).ok()?;
    let device = mounts
        .lines()
        .filter_map(|row| {
            let mut fields = row.split(' ');
            Some((fields.next()?, fields.next()?))
        })
        .find_map(|(device, point)| (point == "/").then_some(device))?;
    let relative = device.strip_prefix("/dev/")?;
    // `/dev/mapper/NAME` is a link to `/dev/dm-N`, which is the name /sys knows.
    let real = root.join("dev").join(relative).canonicalize().ok()?;
    let block = root.join("sys/class/block").join(real.file_name()?);
    block.exists().then(|| encrypts(&block, DEEPEST))
}

fn encrypts(block: &Path, deepest: u8) -> bool {
    let Some(deeper) = deepest.checked_sub(1) else {
        return false;
    };
    let here = std::fs::read_to_string(block.join("dm/uuid")).is_ok_and(|uuid| uuid.starts_with("CRYPT-"));
    here || std::fs::read_dir(block.join("slaves"))
        .is_ok_and(|below| below.flatten().any(|entry| encrypts(&entry.path(), deeper)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    /// A root file system on a volume, on an optional encryption layer, on a partition.
    fn machine(encrypted: bool) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for folder in [
            "proc/self",
            "dev/mapper",
            "sys/class/block/dm-1/slaves",
            "sys/class/block/dm-1/dm",
        ] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(
            at("proc/self/mounts"),
            "proc /proc proc rw 0 0\n/dev/mapper/vg-root / ext4 rw 0 0\n",
        )
        .unwrap();
        fs::write(at("dev/dm-1"), "").unwrap();
        symlink("../dm-1", at("dev/mapper/vg-root")).unwrap();
        fs::write(at("sys/class/block/dm-1/dm/uuid"), "LVM-abc\n").unwrap();
        fs::create_dir_all(at("sys/class/block/dm-0/dm")).unwrap();
        let uuid = if encrypted {
            "CRYPT-LUKS2-xyz-root\n"
        } else {
            "LVM-pv\n"
        };
        fs::write(at("sys/class/block/dm-0/dm/uuid"), uuid).unwrap();
        symlink("../../dm-0", at("sys/class/block/dm-1/slaves/dm-0")).unwrap();
        root
    }

    #[test]
    fn encryption_below_the_volume_manager_is_found() {
        assert_eq!(system_disk_encrypted(machine(true).path()), Some(true));
        assert_eq!(system_disk_encrypted(machine(false).path()), Some(false));
    }

    #[test]
    fn a_root_without_a_block_device_is_unknown_not_unencrypted() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        fs::write(root.path().join("proc/self/mounts"), "overlay / overlay rw 0 0\n").unwrap();
        assert_eq!(system_disk_encrypted(root.path()), None);
    }

    #[test]
    fn secure_boot_is_the_byte_after_the_attributes() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(secure_boot(root.path()), None);
        let file = root.path().join(SECURE_BOOT);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, [6, 0, 0, 0, 1]).unwrap();
        assert_eq!(secure_boot(root.path()), Some(true));
        fs::write(&file, [6, 0, 0, 0, 0]).unwrap();
        assert_eq!(secure_boot(root.path()), Some(false));
        fs::write(&file, [6]).unwrap();
        assert_eq!(secure_boot(root.path()), None);
    }

    #[test]
    fn a_loop_in_the_layers_ends() {
        let root = machine(false);
        fs::create_dir_all(root.path().join("sys/class/block/dm-0/slaves")).unwrap();
        symlink("../../dm-1", root.path().join("sys/class/block/dm-0/slaves/dm-1")).unwrap();
        assert_eq!(system_disk_encrypted(root.path()), Some(false));
    }
}
