//! Installed programs; all their names only where the provider wants that.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::Programs;
#[cfg(any(windows, test))]
use {
    helpbell_model::report::Program,
    jiff::{ToSpan as _, civil::Date},
    std::cmp::Reverse,
};

/// Days within which a program counts as new: what changed before a complaint rarely lies further back.
#[cfg(any(windows, test))]
const RECENT_DAYS: i64 = 30;
/// New programs in the report.
#[cfg(any(windows, test))]
const MOST_RECENT: usize = 20;
/// Programs in the report where all are wanted.
#[cfg(any(windows, test))]
const MOST_PROGRAMS: usize = 500;

/// What is told of the programs found, on the day `today`.
#[cfg(any(windows, test))]
fn told(mut programs: Vec<Program>, scope: &Scope, today: Date) -> Programs {
    let since = today.saturating_sub(RECENT_DAYS.days()).to_string();
    let count = u32::try_from(programs.len()).unwrap_or(u32::MAX);
    let is_recent = |program: &&Program| {
        program
            .installed
            .as_ref()
            .is_some_and(|day| *day >= since && *day <= today.to_string())
    };
    let mut recent: Vec<Program> = programs.iter().filter(is_recent).cloned().collect();
    recent.sort_by(|a, b| (Reverse(&a.installed), &a.name).cmp(&(Reverse(&b.installed), &b.name)));
    recent.truncate(MOST_RECENT);
    programs.truncate(if scope.program_names { MOST_PROGRAMS } else { 0 });
    Programs {
        count,
        recent,
        all: programs,
    }
}

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
    fn new_programs_are_named_and_all_of_them_only_if_that_is_wanted() {
        let found = vec![
            program("Acme VPN", Some("2026-11-24")),
            program("Browser", Some("2026-11-29")),
            program("Clock from the future", Some("2027-01-01")),
            program("Old Ledger", Some("2019-04-01")),
            program("Undated", None),
        ];
        let names = |programs: &[Program]| -> Vec<String> {
            programs.iter().map(|program| program.name.clone()).collect()
        };
        let today = date(2026, 11, 30);
        let few = told(found.clone(), &Scope::default(), today);
        assert_eq!(
            (few.count, names(&few.recent)),
            (5, vec!["Browser".into(), "Acme VPN".into()])
        );
        assert!(few.all.is_empty());
        let wanted = Scope {
            program_names: true,
            ..Scope::default()
        };
        assert_eq!(told(found, &wanted, today).all.len(), 5);
    }

    #[test]
    fn whatever_is_installed_the_lists_end() {
        let many = vec![program("Same", Some("2026-11-24")); 5000];
        let scope = Scope {
            program_names: true,
            ..Scope::default()
        };
        let told = told(many, &scope, date(2026, 11, 30));
        assert_eq!(
            (told.count, told.recent.len(), told.all.len()),
            (5000, MOST_RECENT, MOST_PROGRAMS)
        );
    }
}
