//! The report in the words and order of the page. Everything foreign is cleaned and bounded here,
//! so that the template only places it.

use super::{
    HtmlContext,
    facts::{self, Fact},
    pictures::Embedded,
    sections::{self, Group},
    session::{self, Bit},
    sparklines::{self, Charts},
    table::{CELL_CHARS, MOST_ROWS},
    verdicts::{FINE, Mark, NOTE, Tile, UNKNOWN, WARNING, mark, sentence, tile},
};
use crate::units::counted;
use helpbell_model::{
    report::{Area, Finding, ProbeRun, ProbeStatus, Report, Screen, ScriptRun},
    text::{one_line, paragraphs},
};
use jiff::{Timestamp, tz::TimeZone};
use std::iter;

/// Characters of a heading; PSAs cut summaries far below.
pub(super) const TITLE_CHARS: usize = 200;
/// Characters of a finding's explanation or a probe's note.
const DETAIL_CHARS: usize = 300;
/// Characters of the person's words. The ticket holds them in full.
const MESSAGE_CHARS: usize = 12_000;
/// Characters that one script may append. The ticket holds them in full.
const APPEND_CHARS: usize = 4_000;
/// Probes of the log. There are about thirty; a report from elsewhere may hold any number.
const MOST_PROBES: usize = 60;

/// The page.
pub(super) struct View {
    pub(super) title: String,
    pub(super) person: String,
    pub(super) message: String,
    pub(super) selections: Vec<String>,
    pub(super) hostname: String,
    pub(super) pressed_at: String,
    pub(super) made_at: String,
    pub(super) reference: String,
    pub(super) version: u32,
    pub(super) session: Vec<Bit>,
    pub(super) tiles: Vec<Tile>,
    pub(super) findings: Vec<FindingView>,
    pub(super) findings_left_out: usize,
    pub(super) fine: Mark,
    pub(super) facts: Vec<Fact>,
    pub(super) charts: Option<Charts>,
    pub(super) screens: Vec<Shot>,
    pub(super) scripts: Vec<ScriptView>,
    pub(super) groups: Vec<Group>,
    pub(super) probes: Vec<ProbeView>,
    pub(super) probes_summary: String,
}

pub(super) struct FindingView {
    pub(super) mark: Mark,
    pub(super) area: Area,
    pub(super) title: String,
    pub(super) detail: String,
}

/// One monitor.
pub(super) struct Shot {
    pub(super) name: String,
    pub(super) size: String,
    /// The whole picture; empty if there is none.
    pub(super) url: String,
    /// A small one of it.
    pub(super) thumbnail: String,
    pub(super) note: String,
}

/// What one script of the provider's brought.
pub(super) struct ScriptView {
    pub(super) name: String,
    /// How it went, in our words.
    pub(super) told: String,
    pub(super) went_well: bool,
    pub(super) append: String,
    pub(super) note: String,
}

pub(super) struct ProbeView {
    pub(super) name: String,
    pub(super) status: ProbeStatus,
    pub(super) class: &'static str,
    pub(super) took: String,
    pub(super) slow: bool,
    pub(super) usual: String,
    pub(super) limit: String,
    pub(super) note: String,
}

impl View {
    /// The page without its screens; see [`shots`].
    pub(super) fn of(report: &Report, context: &HtmlContext<'_>) -> Self {
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.area));
        let machine = &report.machine;
        let hostname = machine
            .os
            .as_ref()
            .map(|os| one_line(&os.hostname, CELL_CHARS))
            .unwrap_or_default();
        let selections = context.selections.iter().map(|text| one_line(text, CELL_CHARS));
        let groups = sections::groups(machine);
        let mut tiles: Vec<Tile> = Area::ALL
            .into_iter()
            .map(|area| tile(report, area, &findings))
            .collect();
        for tile in &mut tiles {
            tile.has_details = groups.iter().any(|group| group.id == tile.anchor);
        }
        Self {
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
            session: machine.session.as_ref().map(session::line).unwrap_or_default(),
            tiles,
            findings: findings
                .iter()
                .take(MOST_ROWS)
                .map(|finding| told(finding))
                .collect(),
            findings_left_out: findings.len().saturating_sub(MOST_ROWS),
            fine: FINE,
            facts: facts::facts(machine),
            charts: machine.usage.as_ref().and_then(sparklines::charts),
            screens: Vec::new(),
            scripts: machine
                .scripts
                .iter()
                .flatten()
                .take(MOST_ROWS)
                .map(script)
                .collect(),
            groups,
            probes: report.probes.iter().take(MOST_PROBES).map(probe).collect(),
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

/// The screens that are shown.
pub(super) fn shown(screens: &[Screen]) -> &[Screen] {
    screens.get(..screens.len().min(MOST_ROWS)).unwrap_or_default()
}

/// These screens with their pictures, as far as there are any.
pub(super) fn shots(screens: &[Screen], pictures: Vec<Option<Result<Embedded, String>>>) -> Vec<Shot> {
    screens
        .iter()
        .zip(pictures.into_iter().chain(iter::repeat_with(|| None)))
        .map(|(screen, picture)| {
            let (url, thumbnail, done) = match picture {
                Some(Ok(embedded)) => (embedded.url, embedded.thumbnail, embedded.note),
                Some(Err(why)) => (String::new(), String::new(), why),
                None => (String::new(), String::new(), String::new()),
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
                thumbnail,
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

fn script(run: &ScriptRun) -> ScriptView {
    let ended = match run.exit_code {
        Some(code) => format!("ended with {code}"),
        None => "did not end by itself".to_owned(),
    };
    let mut told = format!("{ended} after {}", milliseconds(run.ms));
    if !run.files.is_empty() {
        let names: Vec<String> = run
            .files
            .iter()
            .take(MOST_ROWS)
            .map(|name| one_line(name, CELL_CHARS))
            .collect();
        told = format!("{told}; left {}", names.join(", "));
    }
    ScriptView {
        name: one_line(&run.name, CELL_CHARS),
        told: sentence(&told),
        went_well: run.exit_code == Some(0) && run.note.is_empty(),
        append: paragraphs(run.append.as_deref().unwrap_or_default(), APPEND_CHARS),
        note: sentence(&one_line(&run.note, DETAIL_CHARS)),
    }
}

fn probe(run: &ProbeRun) -> ProbeView {
    let told = |ms: u64| {
        if ms == 0 {
            "—".to_owned()
        } else {
            milliseconds(ms)
        }
    };
    ProbeView {
        name: one_line(&run.name, CELL_CHARS),
        status: run.status,
        class: match run.status {
            ProbeStatus::Ok => FINE.class,
            ProbeStatus::Unsupported => UNKNOWN.class,
            ProbeStatus::Denied | ProbeStatus::Pending => NOTE.class,
            ProbeStatus::Timeout | ProbeStatus::Error => WARNING.class,
        },
        took: milliseconds(run.ms),
        slow: is_slow(run),
        usual: told(run.usual_ms),
        limit: told(run.limit_ms),
        note: one_line(&run.note, DETAIL_CHARS),
    }
}

/// It answered, and took longer than a healthy machine does.
fn is_slow(run: &ProbeRun) -> bool {
    run.status == ProbeStatus::Ok && run.usual_ms > 0 && run.ms > run.usual_ms
}

fn milliseconds(ms: u64) -> String {
    format!("{ms} ms")
}

fn probes_summary(runs: &[ProbeRun]) -> String {
    let answered = runs.iter().filter(|run| run.status == ProbeStatus::Ok).count();
    let slow = runs.iter().filter(|run| is_slow(run)).count();
    let mut summary = format!("{answered} of {} answered", runs.len());
    if slow > 0 {
        let slow = counted(u64::try_from(slow).unwrap_or(u64::MAX), "slow one");
        summary = format!("{summary}, {slow}");
    }
    summary
}

/// A moment in the zone everyone shares; who reads the ticket may sit anywhere.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC)
        .strftime("%-d %B %Y, %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::verdicts::PROBLEM;
    use helpbell_model::report::Severity;

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

    #[test]
    fn a_probe_is_slow_when_it_answered_after_its_usual_time() {
        let run = |status, ms, usual_ms| ProbeRun {
            status,
            ms,
            usual_ms,
            ..ProbeRun::default()
        };
        let runs = [
            run(ProbeStatus::Ok, 301, 300),
            run(ProbeStatus::Ok, 300, 300),
            run(ProbeStatus::Ok, 9_000, 0),
            run(ProbeStatus::Timeout, 3_000, 300),
        ];
        assert_eq!(runs.each_ref().map(is_slow), [true, false, false, false]);
        assert_eq!(probes_summary(&runs), "3 of 4 answered, 1 slow one");
    }

    #[test]
    fn a_script_that_was_ended_or_failed_did_not_go_well() {
        let run = |exit_code, note: &str| {
            script(&ScriptRun {
                exit_code,
                note: note.into(),
                ms: 10,
                ..ScriptRun::default()
            })
        };
        assert!(run(Some(0), "").went_well);
        assert!(!run(Some(1), "").went_well);
        assert!(!run(Some(0), "too much output").went_well);
        assert_eq!(run(None, "").told, "Did not end by itself after 10 ms");
    }
}
