//! The report for programs: written, described and read again.

use helpbell_model::report::{REPORT_VERSION, Report};
use serde::Deserialize;
use std::io::{self, Read};

/// Bytes of a report that is read. With every program of a busy computer it has a tenth of that.
pub const MOST_BYTES: u64 = 16 << 20;

/// The report as indented JSON, pictures left out.
///
/// # Errors
///
/// [`serde_json::Error`] if a value cannot be told in JSON; the types of a report know none.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// The JSON schema of a report, as of [`REPORT_VERSION`]: what [`render`] writes fits it.
///
/// # Errors
///
/// [`serde_json::Error`] if the schema cannot be told in JSON, which takes a failing allocation.
pub fn schema() -> Result<String, serde_json::Error> {
    // By way of a value, whose keys have the same order in every build.
    let mut value = serde_json::to_value(schemars::schema_for!(Report))?;
    value.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    Ok(text)
}

/// Why something is no report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system could not read it.
    #[error("it could not be read: {0}")]
    Io(#[from] io::Error),
    /// Larger than any report.
    #[error("it has more than {MOST_BYTES} bytes, and no report is so large")]
    TooLarge,
    /// Neither UTF-8 nor UTF-16.
    #[error("it is no text")]
    NotText,
    /// No JSON.
    #[error("it is no JSON: {0}")]
    NotJson(serde_json::Error),
    /// JSON, of something else.
    #[error("it is JSON, but no report of Helpbell: it has no `version`, `made_at` and `machine`")]
    NotAReport,
    /// Of a newer Helpbell.
    #[error("it is a report of version {0}, and this Helpbell reads up to {REPORT_VERSION}")]
    Newer(u64),
    /// A report, with something in it that does not belong there.
    #[error("it is a damaged report: {0}")]
    Damaged(serde_json::Error),
}

/// What makes JSON a report.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    made_at: Option<serde::de::IgnoredAny>,
    machine: Option<serde::de::IgnoredAny>,
}

/// Reads a report of this version or an older one. Takes UTF-16 too: redirecting into a file makes that of it in the
/// PowerShell that comes with Windows.
///
/// # Errors
///
/// What it is instead. Each message is a sentence's end that begins with "it".
pub fn read(source: impl Read) -> Result<Report, ReadError> {
    let mut bytes = Vec::new();
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(ReadError::TooLarge);
    }
    let text = text(bytes)?;
    let head: Head = serde_json::from_str(&text).map_err(|error| {
        // JSON of another shape, such as a list.
        if error.is_data() {
            ReadError::NotAReport
        } else {
            ReadError::NotJson(error)
        }
    })?;
    let (Some(version), Some(_), Some(_)) = (head.version, head.made_at, head.machine) else {
        return Err(ReadError::NotAReport);
    };
    if version > u64::from(REPORT_VERSION) {
        return Err(ReadError::Newer(version));
    }
    serde_json::from_str(&text).map_err(ReadError::Damaged)
}

fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    let unit = match bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let text = String::from_utf8(bytes).map_err(|_| ReadError::NotText)?;
            return Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text));
        }
    };
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(ReadError::NotText);
    }
    // Behind the mark of the byte order.
    char::decode_utf16(pairs.iter().skip(1).map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| ReadError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Limits, examine,
        fixtures::{OFFICE_LAPTOP, VERSION_1, office_laptop},
    };
    use helpbell_model::report::{Screen, ScreenImage};
    use proptest::prelude::*;

    #[test]
    fn a_report_survives_the_way_through_json_without_its_pictures() {
        let mut report = examine(Limits::default());
        let screen = Screen {
            name: "\"><svg/onload=alert(1)>".into(),
            width: 3,
            height: 2,
            ..Screen::default()
        };
        report.screens = vec![screen];
        let back = read(render(&report).unwrap().as_bytes()).unwrap();
        assert_eq!(back, report);

        report.screens[0].image = Some(ScreenImage {
            content_type: "image/png".into(),
            bytes: vec![1; 9],
        });
        let back = read(render(&report).unwrap().as_bytes()).unwrap();
        assert_eq!(back.screens[0].image, None);
    }

    #[test]
    fn no_command_line_environment_or_working_folder_has_a_place() {
        let json = render(&examine(Limits::default())).unwrap();
        for key in [
            "\"cmd",
            "\"command",
            "\"env",
            "\"cwd",
            "\"exe\"",
            "\"title\": \"\"",
        ] {
            assert!(!json.contains(key), "{key}");
        }
    }

    #[test]
    fn a_report_of_the_first_version_is_still_read() {
        let report = read(VERSION_1.as_bytes()).unwrap();
        assert_eq!(report.version, 1);
        let disk = &report.machine.disks.unwrap()[0];
        assert_eq!((disk.mount.as_str(), disk.available), ("C:", 61_288_490_189));
        assert_eq!(report.machine.protection.unwrap().secure_boot, Some(true));
    }

    #[test]
    fn a_report_that_powershell_wrote_is_read() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| {
            let text = format!("\u{feff}{OFFICE_LAPTOP}");
            text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        for bytes in [
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
            format!("\u{feff}{OFFICE_LAPTOP}").into_bytes(),
        ] {
            assert_eq!(read(bytes.as_slice()).unwrap(), office_laptop());
        }
    }

    #[test]
    fn what_is_no_report_is_told_apart() {
        let said = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                said(b""),
                said(b"<!doctype html>"),
                said(b"{\"version\": 2"),
                said(b"[1, 2]"),
                said(br#"{"findings": [], "accepted": "01936f7e"}"#),
                said(br#"{"version": "two", "made_at": "", "machine": {}}"#),
                said(br#"{"version": 99, "made_at": "2030-01-01T00:00:00Z", "machine": {}}"#),
                said(br#"{"version": 2, "made_at": "yesterday", "machine": {}}"#),
                said(br#"{"version": 2, "made_at": "2026-01-01T00:00:00Z", "machine": {"disks": "full"}}"#),
                said(&[0x89, b'P', b'N', b'G', 0xff]),
                said(&[0xff, 0xfe, b'{']),
            ]
            .join("\n"),
            @r#"
        it is no JSON: EOF while parsing a value at line 1 column 0
        it is no JSON: expected value at line 1 column 1
        it is no JSON: EOF while parsing an object at line 1 column 13
        it is JSON, but no report of Helpbell: it has no `version`, `made_at` and `machine`
        it is JSON, but no report of Helpbell: it has no `version`, `made_at` and `machine`
        it is JSON, but no report of Helpbell: it has no `version`, `made_at` and `machine`
        it is a report of version 99, and this Helpbell reads up to 2
        it is a damaged report: failed to parse four digit integer as year: invalid digit, expected 0-9 but got y at line 1 column 37
        it is a damaged report: invalid type: string "full", expected a sequence at line 1 column 77
        it is no text
        it is no text
        "#
        );
    }

    #[test]
    fn a_file_without_an_end_is_given_up() {
        let error = read(io::repeat(b' ')).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_reading_ends_with_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(bytes.as_slice());
        }

        #[test]
        fn a_report_that_was_cut_anywhere_is_no_report(at in 1..OFFICE_LAPTOP.len() - 3) {
            let cut = OFFICE_LAPTOP.as_bytes().get(..at).unwrap();
            prop_assert!(read(cut).is_err());
        }
    }
}
