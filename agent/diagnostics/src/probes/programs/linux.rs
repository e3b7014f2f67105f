//! What the package managers keep.

use super::{ProbeError, Programs, told};
use crate::{
    probes::linux::{packages, programs},
    scope::Scope,
};
use helpbell_model::report::Program;
use jiff::{Timestamp, tz::TimeZone};
use std::{path::Path, time::Duration};

/// For `rpm`, which takes a second on a slow disk; shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(1800);

pub(super) fn ask(root: &Path, scope: &Scope) -> Result<Programs, ProbeError> {
    let packages = packages::installed(root, &programs::Programs::below(root, LIMIT))?;
    let zone = TimeZone::system();
    let all = packages
        .into_iter()
        .map(|package| Program {
            name: package.name,
            version: package.version,
            maker: None,
            installed: package
                .at
                .map(|at| at.to_zoned_datetime(zone.clone()).date().to_string()),
        })
        .collect();
    Ok(told(
        all,
        scope.program_names,
        Timestamp::now().to_zoned_datetime(zone).date(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;

    #[test]
    fn what_was_installed_today_is_told_and_the_rest_only_if_wanted() {
        let machine = MadeUp::machine()
            .file(
                "var/lib/dpkg/status",
                "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\nPackage: nano\nStatus: install ok installed\n",
            )
            .file("var/lib/dpkg/info/nano.list", "");
        let programs = ask(machine.root(), &Scope::default()).unwrap();
        assert_eq!(programs.count, 2);
        assert_eq!(programs.recent.len(), 1);
        assert_eq!(programs.recent[0].name, "nano");
        assert_eq!(programs.all, []);
        let scope = Scope {
            program_names: true,
            ..Scope::default()
        };
        assert_eq!(ask(machine.root(), &scope).unwrap().all.len(), 2);
    }
}
