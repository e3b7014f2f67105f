//! Block devices as the kernel shows them, and what `smartctl` makes of them where it may.

use super::{DiskHealth, ProbeError};
use crate::probes::{
    line,
    linux::{
        files::{entries, name, number, word},
        programs::Programs,
    },
    some_line,
};
use serde_json::Value;
use std::{path::Path, time::Duration};

/// Disks told. Whoever has more has a storage system that is watched otherwise.
const MOST: usize = 16;

/// For asking all disks; shorter than the probe's own limit. A dying disk takes seconds to answer.
const LIMIT: Duration = Duration::from_millis(4500);

/// The kernel counts sizes in these, whatever the disk's own are.
const SECTOR: u64 = 512;

/// How the names begin of block devices that are no disks: images, memory, layers upon disks, drives.
const NO_DISKS: [&str; 9] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "rbd"];

/// What virtual machines call their disks.
const VIRTUAL_MODELS: [&str; 5] = ["VBOX", "QEMU", "VMware", "Virtual", "Msft"];

pub(super) fn ask(root: &Path) -> Result<Vec<DiskHealth>, ProbeError> {
    let programs = Programs::below(root, LIMIT);
    let disks = entries(root.join("sys/block"))
        .into_iter()
        .filter(|block| !NO_DISKS.iter().any(|start| name(block).starts_with(start)))
        .filter_map(|block| {
            let disk = seen_by_the_kernel(&block)?;
            Some(asked(disk, &name(&block), &programs))
        })
        .take(MOST)
        .collect();
    Ok(disks)
}

/// What needs no rights. `None` for an empty card reader.
fn seen_by_the_kernel(block: &Path) -> Option<DiskHealth> {
    let bytes = number::<u64>(block.join("size"))?.saturating_mul(SECTOR);
    if bytes == 0 {
        return None;
    }
    let device = name(block);
    let model = word(block.join("device/model")).or_else(|| word(block.join("device/name")));
    let model = model.unwrap_or_default();
    let on_usb = block.canonicalize().is_ok_and(|place| {
        place
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("usb"))
    });
    let virtual_disk = device.starts_with("vd")
        || device.starts_with("xvd")
        || VIRTUAL_MODELS.iter().any(|word| model.contains(word));
    let kind = if virtual_disk {
        "Virtual"
    } else if on_usb {
        "USB"
    } else if device.starts_with("nvme") {
        "NVMe"
    } else if device.starts_with("mmcblk") {
        "Card"
    } else if number::<u8>(block.join("queue/rotational")) == Some(1) {
        "HDD"
    } else {
        "SSD"
    };
    Some(DiskHealth {
        device: line(&device),
        model,
        kind: Some(kind.to_owned()),
        bytes: Some(bytes),
        celsius: celsius(block),
        ..DiskHealth::default()
    })
}

/// The disk's own sensor: NVMe has one, others where the kernel's `drivetemp` is loaded.
fn celsius(block: &Path) -> Option<i32> {
    let device = block.join("device");
    let sensors = entries(&device).into_iter().chain(entries(device.join("hwmon")));
    sensors
        .filter(|place| name(place).starts_with("hwmon"))
        .find_map(|sensor| number::<i32>(sensor.join("temp1_input")))
        .map(|thousandths| thousandths / 1000)
}

/// The same disk with what it says of itself, or why it says nothing.
fn asked(mut disk: DiskHealth, device: &str, programs: &Programs) -> DiskHealth {
    if disk.kind.as_deref() == Some("Virtual") {
        "a virtual disk knows nothing of its health".clone_into(&mut disk.note);
        return disk;
    }
    // A sleeping disk is left asleep: waking it takes ten seconds.
    let arguments = [
        "-j",
        "-n",
        "standby,3",
        "-i",
        "-H",
        "-A",
        &format!("/dev/{device}"),
    ];
    match programs.ask("smartctl", &arguments) {
        Ok(printed) => judged(disk, &printed.text),
        Err(error) => {
            disk.note = line(&error.to_string());
            disk
        }
    }
}

/// Numbers of ATA attributes, as all makers use them.
mod ata {
    pub(super) const REALLOCATED: u64 = 5;
    /// Errors that no correction helped; `Reported_Uncorrect` and `Offline_Uncorrectable`.
    pub(super) const UNCORRECTABLE: [u64; 2] = [187, 198];
    /// What is left of an SSD's life, counted down from 100: `Wear_Leveling_Count`, `Percent_Lifetime_Remain`,
    /// `SSD_Life_Left`, `Media_Wearout_Indicator`.
    pub(super) const LIFE_LEFT: [u64; 4] = [231, 202, 233, 177];
    /// Some makers use those numbers for other things; what is meant has one of these in its name.
    pub(super) const LIFE_LEFT_NAMES: [&str; 2] = ["Life", "Wear"];
}

/// Adds what `smartctl -j` printed.
fn judged(mut disk: DiskHealth, json: &str) -> DiskHealth {
    let told: Value = serde_json::from_str(json).unwrap_or_default();
    let at = |pointer: &str| told.pointer(pointer);
    disk.healthy = at("/smart_status/passed").and_then(Value::as_bool);
    disk.celsius = at("/temperature/current")
        .and_then(Value::as_i64)
        .and_then(|celsius| i32::try_from(celsius).ok())
        .or(disk.celsius);
    disk.hours = at("/power_on_time/hours").and_then(Value::as_u64);
    if let Some(log) = at("/nvme_smart_health_information_log") {
        disk.wear_percent = small(log.get("percentage_used"));
        disk.media_errors = log.get("media_errors").and_then(Value::as_u64);
    }
    if let Some(rows) = at("/ata_smart_attributes/table").and_then(Value::as_array) {
        let of = |id: u64| {
            rows.iter()
                .find(|row| row.get("id").and_then(Value::as_u64) == Some(id))
        };
        let raw = |row: &Value| row.pointer("/raw/value").and_then(Value::as_u64);
        disk.reallocated = of(ata::REALLOCATED).and_then(raw);
        // Some makers keep further counts in the upper bits.
        disk.media_errors = ata::UNCORRECTABLE
            .into_iter()
            .filter_map(|id| Some(raw(of(id)?)? & u64::from(u32::MAX)))
            .max();
        if at("/rotation_rate").and_then(Value::as_u64) == Some(0) {
            let tells_life = |row: &&Value| {
                let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
                ata::LIFE_LEFT_NAMES.iter().any(|word| name.contains(word))
            };
            let mut rows = ata::LIFE_LEFT.into_iter().filter_map(of).filter(tells_life);
            let left = rows.next().and_then(|row| small(row.get("value")));
            disk.wear_percent = left.filter(|left| *left <= 100).map(|left| 100 - left);
        }
    }
    // Newer versions work this out for every kind of disk.
    disk.wear_percent = small(at("/endurance_used/current_percent")).or(disk.wear_percent);
    if disk.healthy.is_none() {
        let why = at("/smartctl/messages/0/string")
            .and_then(Value::as_str)
            .unwrap_or_default();
        disk.note = if why.contains("Permission denied") {
            "only an administrator may ask it".to_owned()
        } else if why.contains("STANDBY") {
            "it sleeps and was not woken".to_owned()
        } else {
            some_line(why).unwrap_or_else(|| "it does not tell its health".to_owned())
        };
    }
    disk
}

fn small(value: Option<&Value>) -> Option<u32> {
    value?.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    /// As smartctl 7.3 prints it, shortened to what is read and a little more.
    const NVME: &str = r#"{"json_format_version":[1,0],"smartctl":{"version":[7,3],"exit_status":0},
        "device":{"name":"/dev/nvme0n1","type":"nvme","protocol":"NVMe"},
        "model_name":"SAMSUNG MZVL2512HCJQ-00BL7","serial_number":"S64KNX0T123456",
        "smart_status":{"passed":true,"nvme":{"value":0}},
        "nvme_smart_health_information_log":{"critical_warning":0,"temperature":44,"available_spare":100,
        "available_spare_threshold":10,"percentage_used":93,"media_errors":2,"unsafe_shutdowns":41},
        "temperature":{"current":44},"power_cycle_count":1203,"power_on_time":{"hours":4711}}"#;

    const ATA: &str = r#"{"smartctl":{"exit_status":24},"rotation_rate":5400,"smart_status":{"passed":false},
        "ata_smart_attributes":{"revision":16,"table":[
        {"id":5,"name":"Reallocated_Sector_Ct","value":62,"worst":62,"thresh":140,"raw":{"value":1576,"string":"1576"}},
        {"id":177,"name":"Wear_Leveling_Count","value":3,"raw":{"value":1}},
        {"id":187,"name":"Reported_Uncorrect","value":1,"raw":{"value":4294967299}},
        {"id":198,"name":"Offline_Uncorrectable","value":100,"raw":{"value":0}}]},
        "power_on_time":{"hours":31200},"temperature":{"current":51}}"#;

    #[test]
    fn a_worn_nvme_disk_is_told_with_its_numbers() {
        let disk = judged(DiskHealth::default(), NVME);
        assert_eq!((disk.healthy, disk.wear_percent), (Some(true), Some(93)));
        assert_eq!(
            (disk.media_errors, disk.hours, disk.celsius),
            (Some(2), Some(4711), Some(44))
        );
        assert_eq!(disk.note, "");
        assert!(!format!("{disk:?}").contains("S64KNX0T"));
    }

    #[test]
    fn a_dying_disk_says_so_and_a_turning_one_has_no_wear() {
        let disk = judged(DiskHealth::default(), ATA);
        assert_eq!((disk.healthy, disk.reallocated), (Some(false), Some(1576)));
        assert_eq!((disk.media_errors, disk.wear_percent), (Some(3), None));
        let solid = judged(DiskHealth::default(), &ATA.replace("5400", "0"));
        assert_eq!(solid.wear_percent, Some(97));
    }

    #[test]
    fn a_disk_that_says_nothing_says_why() {
        for (json, note) in [
            (
                r#"{"smartctl":{"messages":[{"string":"Smartctl open device: /dev/sda failed: Permission denied","severity":"error"}],"exit_status":2}}"#,
                "only an administrator may ask it",
            ),
            (
                r#"{"smartctl":{"messages":[{"string":"/dev/sdb: Unable to detect device type","severity":"error"}]}}"#,
                "/dev/sdb: Unable to detect device type",
            ),
            (
                r#"{"smartctl":{"messages":[{"string":"Device is in STANDBY mode, exit(3)","severity":"information"}]}}"#,
                "it sleeps and was not woken",
            ),
            ("<html>", "it does not tell its health"),
            ("", "it does not tell its health"),
        ] {
            let disk = judged(DiskHealth::default(), json);
            assert_eq!((disk.healthy, disk.note.as_str()), (None, note));
        }
    }

    fn machine() -> MadeUp {
        MadeUp::machine()
            .file("sys/block/loop0/size", "100\n")
            .file("sys/block/sr0/size", "100\n")
            .file("sys/block/sdb/size", "0\n")
            .file("sys/block/vda/size", "1000\n")
            .file("sys/block/nvme0n1/size", "1000215216\n")
            .file(
                "sys/block/nvme0n1/device/model",
                "SAMSUNG MZVL2512HCJQ-00BL7            \n",
            )
            .file("sys/block/nvme0n1/device/hwmon3/temp1_input", "43850\n")
            .file("sys/block/sda/size", "2000\n")
            .file("sys/block/sda/queue/rotational", "1\n")
            .file("sys/block/sda/device/hwmon/hwmon4/temp1_input", "31000\n")
    }

    #[test]
    fn without_smartctl_the_kernel_tells_kind_size_and_heat() {
        let machine = machine();
        let disks = ask(machine.root()).unwrap();
        let told: Vec<(&str, &str, Option<i32>)> = disks
            .iter()
            .map(|disk| (disk.device.as_str(), disk.kind.as_deref().unwrap(), disk.celsius))
            .collect();
        assert_eq!(
            told,
            [
                ("nvme0n1", "NVMe", Some(43)),
                ("sda", "HDD", Some(31)),
                ("vda", "Virtual", None)
            ]
        );
        assert_eq!(disks[0].bytes, Some(512_110_190_592));
        assert_eq!(disks[0].model, "SAMSUNG MZVL2512HCJQ-00BL7");
        assert_eq!(disks[0].note, "smartctl is not installed");
    }

    #[test]
    fn with_smartctl_every_real_disk_is_asked_by_name() {
        let machine = machine().file("nvme.json", NVME).program(
            "smartctl",
            "case \"$*\" in *nvme0n1) cat \"${0%/usr/bin/smartctl}/nvme.json\";; esac",
        );
        let disks = ask(machine.root()).unwrap();
        assert_eq!(disks[0].wear_percent, Some(93));
        assert_eq!(disks[1].note, "it does not tell its health");
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(json in "\\PC{0,200}") {
            let disk = judged(DiskHealth::default(), &json);
            prop_assert!(disk.note.chars().count() <= 120);
        }
    }
}
