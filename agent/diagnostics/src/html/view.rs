//! The report in the words and order of the page. Everything foreign is cleaned and bounded here,
//! so that the template only places it.

use super::{
    HtmlContext, pictures, sections,
    verdicts::{FINE, Mark, NOTE, PROBLEM, Tile, UNKNOWN, WARNING, mark, sentence, tile},
};
use helpbell_model::{
    report::{Area, Finding, ProbeRun, ProbeStatus, Report, Screen},
    text::{one_line, paragraphs},
};
use jiff::{Timestamp, tz::TimeZone};

/// Characters of a heading; PSAs cut summaries far below.
pub(super) const TITLE_CHARS: usize = 200;
/// Characters of names, titles and table cells.
pub(super) const CELL_CHARS: usize = 120;
/// Characters of a cell with several addresses in it.
const LONG_CELL_CHARS: usize = 240;
/// Characters of a finding's explanation or a probe's note.
const DETAIL_CHARS: usize = 300;
/// Characters of the person's words. The ticket holds them in full.
const MESSAGE_CHARS: usize = 12_000;
/// Rows of each list. What the examination writes stays below; a report from elsewhere may not.
pub(super) const MOST_ROWS: usize = 30;

/// The page.
pub(super) struct View<'a> {
    pub(super) title: String,
    pub(super) person: String,
    pub(super) message: String,
    pub(super) selections: Vec<String>,
    pub(super) hostname: String,
    pub(super) pressed_at: String,
    pub(super) made_at: String,
    pub(super) reference: String,
    pub(super) version: u32,
    pub(super) tiles: Vec<Tile>,
    pub(super) findings: Vec<FindingView>,
    pub(super) findings_left_out: usize,
    pub(super) fine: Mark,
    pub(super) facts: Vec<Fact>,
    pub(super) screens: Vec<Shot>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) probes: Vec<ProbeView>,
    pub(super) probes_summary: String,
}

pub(super) struct FindingView {
    pub(super) mark: Mark,
    pub(super) area: Area,
    pub(super) title: String,
    pub(super) detail: String,
}

/// One line of "this machine".
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) bar: Option<Bar>,
}

/// A filled share, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) percent: u8,
    pub(super) class: &'static str,
}

impl Bar {
    /// A bar that turns to the colour of a warning from `warning` percent on, of a problem from `problem` on.
    pub(super) fn of(percent: f64, warning: f64, problem: f64) -> Self {
        let class = match percent {
            percent if percent >= problem => PROBLEM.class,
            percent if percent >= warning => WARNING.class,
            _ => "",
        };
        // Between 0 and 100, so the cast cuts the fraction only; NaN becomes 0.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let percent = percent.clamp(0.0, 100.0).round() as u8;
        Self { percent, class }
    }
}

/// One monitor.
pub(super) struct Shot {
    pub(super) name: String,
    pub(super) size: String,
    pub(super) url: String,
    pub(super) note: String,
}

/// A table behind a fold.
pub(super) struct Table<'a> {
    pub(super) title: &'static str,
    pub(super) summary: String,
    pub(super) head: &'a [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A table cell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) number: bool,
    pub(super) bar: Option<Bar>,
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self {
            text: one_line(text, CELL_CHARS),
            ..Self::default()
        }
    }

    pub(super) fn long(text: &str) -> Self {
        Self {
            text: one_line(text, LONG_CELL_CHARS),
            ..Self::default()
        }
    }

    pub(super) fn number(text: String) -> Self {
        Self {
            text,
            number: true,
            bar: None,
        }
    }

    pub(super) fn with(self, bar: Bar) -> Self {
        Self {
            bar: Some(bar),
            ..self
        }
    }
}

pub(super) struct ProbeView {
    pub(super) name: String,
    pub(super) status: ProbeStatus,
    pub(super) class: &'static str,
    pub(super) ms: u64,
    pub(super) note: String,
}

impl View<'_> {
    pub(super) fn of(report: &Report, context: &HtmlContext<'_>) -> Self {
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.area));
        let hostname = report
            .machine
            .os
            .as_ref()
            .map(|os| one_line(&os.hostname, CELL_CHARS))
            .unwrap_or_default();
        let selections = context.selections.iter().map(|text| one_line(text, CELL_CHARS));
        View {
            title: Some(one_line(context.title, TITLE_CHARS))
                .filter(|title| !title.is_empty())
                .unwrap_or_else(|| "Help requested".to_owned()),
            person: one_line(context.person, CELL_CHARS),
            message: paragraphs(context.message, MESSAGE_CHARS),
            selections: selections
                .filter(|text| !text.is_empty())
                .take(MOST_ROWS)
                .collect(),
            hostname,
            pressed_at: moment(context.pressed_at),
            made_at: moment(report.made_at),
            reference: one_line(context.reference, CELL_CHARS),
            version: report.version,
            tiles: Area::ALL
                .into_iter()
                .map(|area| tile(report, area, &findings))
                .collect(),
            findings: findings
                .iter()
                .take(MOST_ROWS)
                .map(|finding| told(finding))
                .collect(),
            findings_left_out: findings.len().saturating_sub(MOST_ROWS),
            fine: FINE,
            facts: sections::facts(&report.machine),
            screens: shots(&report.screens),
            tables: sections::tables(&report.machine),
            probes: report.probes.iter().take(MOST_ROWS).map(probe).collect(),
            probes_summary: probes_summary(&report.probes),
        }
    }
}

fn told(finding: &Finding) -> FindingView {
    FindingView {
        mark: mark(finding.severity),
        area: finding.area,
        title: one_line(&finding.title, TITLE_CHARS),
        detail: one_line(&finding.detail, DETAIL_CHARS),
    }
}

fn shots(screens: &[Screen]) -> Vec<Shot> {
    let shown = screens.get(..screens.len().min(MOST_ROWS)).unwrap_or_default();
    let images: Vec<_> = shown.iter().map(|screen| screen.image.as_ref()).collect();
    shown
        .iter()
        .zip(pictures::embed(&images))
        .map(|(screen, picture)| {
            let (url, done) = match picture {
                Some(Ok(embedded)) => (embedded.url, embedded.note),
                Some(Err(why)) => (String::new(), why),
                None => (String::new(), String::new()),
            };
            let notes = [
                one_line(&screen.note, DETAIL_CHARS),
                one_line(&done, DETAIL_CHARS),
            ];
            let known = screen.width > 0 && screen.height > 0;
            Shot {
                name: one_line(&screen.name, CELL_CHARS),
                size: if known {
                    format!("{} × {}", screen.width, screen.height)
                } else {
                    String::new()
                },
                url,
                note: sentence(
                    &notes
                        .iter()
                        .filter(|note| !note.is_empty())
                        .cloned()
                        .collect::<Vec<_>>()
                        .join("; "),
                ),
            }
        })
        .collect()
}

fn probe(run: &ProbeRun) -> ProbeView {
    ProbeView {
        name: one_line(&run.name, CELL_CHARS),
        status: run.status,
        class: match run.status {
            ProbeStatus::Ok => FINE.class,
            ProbeStatus::Unsupported => UNKNOWN.class,
            ProbeStatus::Denied | ProbeStatus::Pending => NOTE.class,
            ProbeStatus::Timeout | ProbeStatus::Error => WARNING.class,
        },
        ms: run.ms,
        note: one_line(&run.note, DETAIL_CHARS),
    }
}

fn probes_summary(runs: &[ProbeRun]) -> String {
    let answered = runs.iter().filter(|run| run.status == ProbeStatus::Ok).count();
    format!("{answered} of {} answered", runs.len())
}

/// A moment in the zone everyone shares; who reads the ticket may sit anywhere.
fn moment(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC)
        .strftime("%-d %B %Y, %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Severity;

    #[test]
    fn bars_change_colour_at_their_thresholds_and_stay_within_the_scale() {
        assert_eq!(
            Bar::of(50.4, 80.0, 95.0),
            Bar {
                percent: 50,
                class: ""
            }
        );
        assert_eq!(
            Bar::of(80.0, 80.0, 95.0),
            Bar {
                percent: 80,
                class: "warning"
            }
        );
        assert_eq!(
            Bar::of(170.0, 80.0, 95.0),
            Bar {
                percent: 100,
                class: "problem"
            }
        );
        assert_eq!(Bar::of(f64::NAN, 80.0, 95.0).percent, 0);
    }

    #[test]
    fn a_tile_shows_the_worst_of_its_area_and_counts_the_rest() {
        let finding = |area, severity, title: &str| Finding {
            area,
            severity,
            title: title.into(),
            detail: String::new(),
        };
        let mut report = Report::new(Timestamp::UNIX_EPOCH);
        report.findings = vec![
            finding(Area::Hardware, Severity::Info, "small"),
            finding(Area::Hardware, Severity::Problem, "disk full"),
            finding(Area::Network, Severity::Problem, "offline"),
        ];
        let context = HtmlContext {
            title: "",
            person: "",
            message: "",
            selections: &[],
            pressed_at: Timestamp::UNIX_EPOCH,
            reference: "",
        };
        let view = View::of(&report, &context);
        let hardware = view
            .tiles
            .iter()
            .find(|tile| tile.area == Area::Hardware)
            .unwrap();
        assert_eq!(
            (hardware.mark, hardware.line.as_str(), hardware.more.as_str()),
            (PROBLEM, "disk full", "and 1 more")
        );
        let order: Vec<&str> = view
            .findings
            .iter()
            .map(|finding| finding.title.as_str())
            .collect();
        assert_eq!(order, ["offline", "disk full", "small"]);
    }

    #[test]
    fn moments_are_told_in_the_zone_everyone_shares() {
        assert_eq!(
            moment("2026-11-03T07:05:59Z".parse().unwrap()),
            "3 November 2026, 07:05 UTC"
        );
    }
}
