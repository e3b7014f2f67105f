//! What the kernel shows of Secure Boot, of the layers below the root file system, and of open ports; firewalls and
//! programs against malware by the files and services they have.

#[path = "firewall.rs"]
mod firewall;

use super::{ProbeError, Protection};
use crate::probes::linux::{
    files::{entries, text, word},
    programs::Programs,
};
use helpbell_model::report::Antivirus;
use jiff::Timestamp;
use std::{fs, path::Path, time::Duration};

/// For asking the kernel's filter; shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(3000);

/// The firmware's switch, under the vendor identity the UEFI specification gives to all global
/// variables. Four bytes of attributes, then 0 or 1.
const SECURE_BOOT: &str = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// Where the value follows the attributes.
const VALUE_AT: usize = 4;
/// Layers of device mapper under a file system (encryption, volumes, mirrors, ...). Real
/// machines have up to four; a loop in a broken /sys must end.
const DEEPEST: u8 = 8;

/// Kinds of encryption as cryptsetup names them to the kernel, and as people do.
const KINDS: [(&str, &str); 3] = [("LUKS", "LUKS"), ("TCRYPT", "VeraCrypt"), ("BITLK", "BitLocker")];

/// Where desktops let people in from the network: RDP, and VNC with its first displays.
const DESKTOP_PORTS: [u16; 5] = [3389, 5900, 5901, 5902, 5903];

/// Where ClamAV keeps what it knows, one of them.
const CLAMAV: [&str; 2] = ["var/lib/clamav/daily.cld", "var/lib/clamav/daily.cvd"];
/// Days after which that is no longer current: it comes several times a day.
const CLAMAV_CURRENT_DAYS: u32 = 7;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Other programs that look for malware: the service that does it, and a place only they have.
const GUARDS: [(&str, &str, &str); 9] = [
    ("Bitdefender", "bdsec.service", "opt/bitdefender-security-tools"),
    ("CrowdStrike Falcon", "falcon-sensor.service", "opt/CrowdStrike"),
    ("ESET", "eea.service", "opt/eset/eea"),
    ("Microsoft Defender", "mdatp.service", "opt/microsoft/mdatp"),
    ("SentinelOne", "sentinelone.service", "opt/sentinelone"),
    ("Sophos", "sophos-spl.service", "opt/sophos-spl"),
    ("Trend Micro", "ds_agent.service", "opt/ds_agent"),
    ("Trellix", "mfetpd.service", "opt/McAfee/ens/tp"),
    (
        "WithSecure",
        "f-secure-linuxsecurity-lspmd.service",
        "opt/f-secure/linuxsecurity",
    ),
];

pub(super) fn ask(root: &Path) -> Result<Protection, ProbeError> {
    let encryption = system_disk_encryption(root);
    let (firewall, firewall_name) = firewall::firewall(root, &Programs::below(root, LIMIT));
    let protection = Protection {
        secure_boot: secure_boot(root),
        system_disk_encrypted: encryption.map(|kind| kind.is_some()),
        encryption: encryption.flatten().map(str::to_owned),
        tpm: tpm(root),
        firewall,
        firewall_name,
        remote_desktop: remote_desktop(root),
        antivirus: antivirus(root, Timestamp::now()),
        ..Default::default()
    };
    if protection == Protection::default() {
        return Err(ProbeError::unsupported(
            "nothing that protects this machine can be read here",
        ));
    }
    Ok(protection)
}

/// Whether a service of systemd has processes: they stand in a control group of its name.
fn runs(root: &Path, service: &str) -> bool {
    ["sys/fs/cgroup/system.slice", "sys/fs/cgroup/systemd/system.slice"]
        .iter()
        .any(|slice| root.join(slice).join(service).is_dir())
}

/// `2.0`, `1.2`; empty if there is none, `None` on kernels that know nothing of such chips.
fn tpm(root: &Path) -> Option<String> {
    let class = root.join("sys/class/tpm");
    let chips = entries(&class);
    match chips.first() {
        None => class.is_dir().then(String::new),
        // Kernels before 5.6 do not say which.
        Some(chip) => match word(chip.join("tpm_version_major")).as_deref() {
            Some("2") => Some("2.0".to_owned()),
            Some("1") => Some("1.2".to_owned()),
            _ => None,
        },
    }
}

/// Whether anybody listens for desktops from the network.
fn remote_desktop(root: &Path) -> Option<bool> {
    let tables = ["proc/net/tcp", "proc/net/tcp6"];
    let read: Vec<String> = tables.iter().filter_map(|table| text(root.join(table))).collect();
    (!read.is_empty()).then(|| read.iter().any(|table| listens(table, &DESKTOP_PORTS)))
}

/// Whether a table of sockets (proc(5)) has one that listens at one of `ports` for others than this machine.
fn listens(table: &str, ports: &[u16]) -> bool {
    /// The kernel's `TCP_LISTEN`.
    const LISTEN: &str = "0A";
    /// As the kernel writes addresses: every four bytes in the order of the processor.
    const OWN: [&str; 2] = [
        "00000000000000000000000001000000",
        "0000000000000000FFFF00000100007F",
    ];
    table.lines().skip(1).any(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let [_, local, _, state, ..] = fields.as_slice() else {
            return false;
        };
        let Some((address, port)) = local.split_once(':') else {
            return false;
        };
        let own = OWN.contains(&address) || (address.len() == 8 && address.ends_with("7F"));
        *state == LISTEN && !own && u16::from_str_radix(port, 16).is_ok_and(|port| ports.contains(&port))
    })
}

/// Programs that look for malware. Most machines have none, and one we do not know may be there: then nobody can say.
fn antivirus(root: &Path, now: Timestamp) -> Option<Vec<Antivirus>> {
    let clamav = CLAMAV.iter().find_map(|file| {
        let renewed = Timestamp::try_from(fs::metadata(root.join(file)).ok()?.modified().ok()?).ok()?;
        let seconds = now.duration_since(renewed).as_secs().max(0);
        let age_days = u32::try_from(seconds / SECONDS_PER_DAY).unwrap_or(u32::MAX);
        Some(Antivirus {
            name: "ClamAV".to_owned(),
            // Its usual service only looks at what it is given, and many machines are looked through at night.
            active: runs(root, "clamav-clamonacc.service").then_some(true),
            current: Some(age_days <= CLAMAV_CURRENT_DAYS),
            age_days: Some(age_days),
        })
    });
    let others = GUARDS.iter().filter(|(_, _, place)| root.join(place).exists());
    let others = others.map(|(name, service, _)| Antivirus {
        name: (*name).to_owned(),
        active: Some(runs(root, service)),
        ..Antivirus::default()
    });
    let all: Vec<Antivirus> = clamav.into_iter().chain(others).collect();
    (!all.is_empty()).then_some(all)
}

fn secure_boot(root: &Path) -> Option<bool> {
    let bytes = std::fs::read(root.join(SECURE_BOOT)).ok()?;
    Some(*bytes.get(VALUE_AT)? == 1)
}

/// Which layer between the root file system and the disk encrypts, if any. `None` for file
/// systems without one block device, which may encrypt by themselves.
fn system_disk_encryption(root: &Path) -> Option<Option<&'static str>> {
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
    block.exists().then(|| encryption(&block, DEEPEST))
}

/// What device mapper says of a layer and of those below it: `CRYPT-LUKS2-…` or `LVM-…`.
fn encryption(block: &Path, deepest: u8) -> Option<&'static str> {
    let deeper = deepest.checked_sub(1)?;
    let layer = word(block.join("dm/uuid")).unwrap_or_default();
    let here = layer.strip_prefix("CRYPT-").map(|kind| {
        KINDS
            .iter()
            .find(|(start, _)| kind.starts_with(start))
            .map_or("dm-crypt", |(_, name)| *name)
    });
    here.or_else(|| {
        entries(block.join("slaves"))
            .iter()
            .find_map(|below| encryption(below, deeper))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use jiff::SignedDuration;
    use std::os::unix::fs::symlink;

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
        assert_eq!(system_disk_encryption(machine(true).path()), Some(Some("LUKS")));
        assert_eq!(system_disk_encryption(machine(false).path()), Some(None));
    }

    #[test]
    fn a_root_without_a_block_device_is_unknown_not_unencrypted() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        fs::write(root.path().join("proc/self/mounts"), "overlay / overlay rw 0 0\n").unwrap();
        assert_eq!(system_disk_encryption(root.path()), None);
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
        assert_eq!(system_disk_encryption(root.path()), Some(None));
    }

    const SOCKETS: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn socket(address: &str, state: &str) -> String {
        format!(
            "{SOCKETS}   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 12345 1\n"
        )
    }

    #[test]
    fn a_desktop_is_open_only_to_others_than_this_machine() {
        // 3389 is 0x0D3D, 5900 is 0x170C, 8080 is 0x1F90.
        for (address, state, open) in [
            ("00000000:0D3D", "0A", true),
            ("00000000000000000000000000000000:170C", "0A", true),
            ("1401A8C0:0D3D", "0A", true),
            ("0100007F:0D3D", "0A", false),
            ("00000000000000000000000001000000:0D3D", "0A", false),
            ("00000000:0D3D", "01", false),
            ("00000000:1F90", "0A", false),
        ] {
            assert_eq!(
                listens(&socket(address, state), &DESKTOP_PORTS),
                open,
                "{address} {state}"
            );
        }
        assert!(!listens("broken\nx y\n", &DESKTOP_PORTS));
        let machine = MadeUp::machine();
        assert_eq!(remote_desktop(machine.root()), None);
        let machine = machine.file(
            "proc/net/tcp6",
            socket("00000000000000000000000000000000:0D3D", "0A"),
        );
        assert_eq!(remote_desktop(machine.root()), Some(true));
    }

    #[test]
    fn a_security_chip_is_told_by_its_version_and_its_absence_is_not_guessed() {
        assert_eq!(tpm(MadeUp::machine().root()), None);
        assert_eq!(
            tpm(MadeUp::machine().folder("sys/class/tpm").root()).as_deref(),
            Some("")
        );
        let machine = MadeUp::machine().file("sys/class/tpm/tpm0/tpm_version_major", "2\n");
        assert_eq!(tpm(machine.root()).as_deref(), Some("2.0"));
    }

    #[test]
    fn what_clamav_knows_gets_old_and_a_stopped_guard_is_told() {
        let machine = MadeUp::machine();
        let now = Timestamp::now();
        assert_eq!(antivirus(machine.root(), now), None);
        let machine = machine
            .file("var/lib/clamav/daily.cld", "")
            .folder("opt/CrowdStrike")
            .folder("opt/microsoft/mdatp")
            .folder("sys/fs/cgroup/system.slice/mdatp.service");
        let told =
            |days: i64| antivirus(machine.root(), now + SignedDuration::from_hours(24 * days + 1)).unwrap();
        let fresh = told(7);
        assert_eq!((fresh[0].current, fresh[0].age_days), (Some(true), Some(7)));
        assert_eq!(told(8)[0].current, Some(false));
        let guards: Vec<(&str, Option<bool>)> = fresh
            .iter()
            .map(|guard| (guard.name.as_str(), guard.active))
            .collect();
        assert_eq!(
            guards,
            [
                ("ClamAV", None),
                ("CrowdStrike Falcon", Some(false)),
                ("Microsoft Defender", Some(true))
            ]
        );
    }

    #[test]
    fn an_encrypted_disk_is_told_with_how() {
        let protection = ask(machine(true).path()).unwrap();
        assert_eq!(protection.encryption.as_deref(), Some("LUKS"));
        assert_eq!(ask(machine(false).path()).unwrap().encryption, None);
    }
}
