//! Installed programs; all their names only where the provider wants that.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::{Program, Programs};
use jiff::{ToSpan as _, civil::Date};

/// Days that are lately: what somebody installed when it still worked.
const RECENT_DAYS: i64 = 30;
/// Programs told as recent. A day of updates brings dozens.
const MOST_RECENT: usize = 30;
/// Programs told where all are wanted. A workstation has three thousand packages.
const MOST: usize = 4000;

pub(super) fn ask(scope: &Scope) -> Result<Programs, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"), scope)
    }
    #[cfg(windows)]
    {
        windows::ask(scope)
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        let _ = scope;
        Err(super::not_read_here())
    }
}

/// How many there are, the latest ones, and all if `names` are wanted; on the day `today`.
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    allow(dead_code, reason = "not every system hands out programs")
)]
fn told(all: Vec<Program>, names: bool, today: Date) -> Programs {
    let since = today.checked_sub(RECENT_DAYS.days()).unwrap_or(today).to_string();
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    // Days as text are in the order of days.
    let mut recent: Vec<Program> = all
        .iter()
        .filter(|program| program.installed.as_ref().is_some_and(|day| *day >= since))
        .cloned()
        .collect();
    recent.sort_by(|a, b| b.installed.cmp(&a.installed).then_with(|| a.name.cmp(&b.name)));
    recent.truncate(MOST_RECENT);
    let mut all = if names { all } else { Vec::new() };
    all.truncate(MOST);
    Programs { count, recent, all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn program(name: &str, installed: Option<&str>) -> Program {
        Program {
            name: name.into(),
            installed: installed.map(str::to_owned),
            ..Program::default()
        }
    }

    #[test]
    fn the_programs_of_the_last_month_are_told_and_the_others_only_counted() {
        let all = vec![
            program("old", Some("2026-10-30")),
            program("edge", Some("2026-10-31")),
            program("new", Some("2026-11-29")),
            program("unknown", None),
        ];
        let programs = told(all.clone(), false, date(2026, 11, 30));
        let recent: Vec<&str> = programs
            .recent
            .iter()
            .map(|program| program.name.as_str())
            .collect();
        assert_eq!((programs.count, recent), (4, vec!["new", "edge"]));
        assert_eq!(programs.all, []);
        assert_eq!(told(all.clone(), true, date(2026, 11, 30)).all, all);
    }

    #[test]
    fn no_list_is_endless() {
        let all = vec![program("p", Some("2026-11-29")); 5000];
        let programs = told(all, true, date(2026, 11, 30));
        assert_eq!(
            (programs.count, programs.recent.len(), programs.all.len()),
            (5000, MOST_RECENT, MOST)
        );
    }
}
