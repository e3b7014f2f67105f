//! The report for programs.

use helpbell_model::report::Report;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, examine};
    use helpbell_model::report::{Screen, ScreenImage};

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
        let back: Report = serde_json::from_str(&render(&report).unwrap()).unwrap();
        assert_eq!(back, report);

        report.screens[0].image = Some(ScreenImage {
            content_type: "image/png".into(),
            bytes: vec![1; 9],
        });
        let back: Report = serde_json::from_str(&render(&report).unwrap()).unwrap();
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
}
