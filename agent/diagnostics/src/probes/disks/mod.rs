//! Local file systems and their free space.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "linux", windows)), path = "portable.rs")]
mod platform;

use crate::part::ProbeError;
use helpbell_model::report::Disk;

/// Rows in the report. A container host may mount hundreds; the fullest matter.
const MOST_DISKS: usize = 24;

pub(super) fn ask() -> Result<Vec<Disk>, ProbeError> {
    let mut disks = platform::disks()?;
    disks.retain(|disk| disk.total > 0);
    Ok(tidy(disks))
}

/// One entry per device (bind mounts and subvolumes show the same space again), the shortest
/// mount point wins; in the order of mount points.
fn tidy(mut disks: Vec<Disk>) -> Vec<Disk> {
    disks.sort_by(|a, b| {
        a.mount
            .len()
            .cmp(&b.mount.len())
            .then_with(|| a.mount.cmp(&b.mount))
    });
    let mut kept: Vec<Disk> = Vec::new();
    for disk in disks {
        if !kept
            .iter()
            .any(|other| other.device == disk.device && other.total == disk.total && !disk.device.is_empty())
        {
            kept.push(disk);
        }
    }
    if kept.len() > MOST_DISKS {
        kept.sort_by_key(|disk| disk.available);
        kept.truncate(MOST_DISKS);
    }
    kept.sort_by(|a, b| a.mount.cmp(&b.mount));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(mount: &str, device: &str, available: u64) -> Disk {
        Disk {
            mount: mount.into(),
            device: device.into(),
            total: 100,
            available,
            ..Disk::default()
        }
    }

    #[test]
    fn a_device_mounted_twice_is_one_disk_under_its_shortest_name() {
        let kept = tidy(vec![
            disk("/var/lib/x", "/dev/sda1", 5),
            disk("/", "/dev/sda1", 5),
            disk("/home", "/dev/sda2", 5),
        ]);
        let mounts: Vec<&str> = kept.iter().map(|disk| disk.mount.as_str()).collect();
        assert_eq!(mounts, ["/", "/home"]);
    }

    #[test]
    fn volumes_without_a_label_stay_apart() {
        assert_eq!(tidy(vec![disk("C:", "", 5), disk("D:", "", 5)]).len(), 2);
    }

    #[test]
    fn of_too_many_disks_the_fullest_stay() {
        let many = (0..100)
            .map(|n| disk(&format!("/{n:03}"), &format!("/dev/{n}"), 1000 - n))
            .collect();
        let kept = tidy(many);
        assert_eq!(kept.len(), MOST_DISKS);
        assert_eq!(kept.last().unwrap().mount, "/099");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_that_can_hang_is_asked_for_its_size() {
        let table = "server:/share /mnt/nfs nfs4 rw 0 0\n\
            /dev/fuse /mnt/cloud fuse.sshfs rw 0 0\n\
            tmpfs /run tmpfs rw 0 0\n\
            /dev/loop3 /snap/core squashfs ro 0 0\n\
            /dev/nvme0n1p2 / ext4 rw,relatime 0 0\n\
            /dev/sdb1 /media/me/My\\040Disk fuseblk rw 0 0\n\
            broken row\n";
        let found: Vec<(String, String)> = platform::mounts(table)
            .into_iter()
            .map(|m| (m.device, m.point))
            .collect();
        assert_eq!(
            found,
            [
                ("/dev/nvme0n1p2".into(), "/".into()),
                ("/dev/sdb1".into(), "/media/me/My Disk".to_owned())
            ]
        );
    }

    #[test]
    fn no_disk_of_this_machine_has_more_space_than_it_is_large() {
        for disk in ask().unwrap() {
            assert!(disk.available <= disk.total && disk.total > 0, "{disk:?}");
        }
    }
}
