//! Which firewall filters what comes in, as far as can be known.
//!
//! Front ends tell it in files that everybody may read. The kernel's own rules are shown to root alone; without rights
//! and without a front end it is not known.

use crate::probes::linux::{files::text, programs::Programs};
use serde_json::Value;
use std::path::Path;

const UFW: &str = "etc/ufw/ufw.conf";
/// Names the tables of the older filter, if that is in use.
const LEGACY_TABLES: &str = "proc/net/ip_tables_names";

/// Whether it filters, and which one it is.
pub(super) fn firewall(root: &Path, programs: &Programs) -> (Option<bool>, Option<String>) {
    let ufw = text(root.join(UFW)).is_some_and(|settings| {
        let mut rows = settings.lines();
        rows.any(|row| row.trim().eq_ignore_ascii_case("enabled=yes"))
    });
    if ufw {
        return (Some(true), Some("ufw".to_owned()));
    }
    if super::runs(root, "firewalld.service") {
        return (Some(true), Some("firewalld".to_owned()));
    }
    let rules = programs.ask("nft", &["-j", "list", "ruleset"]).ok();
    let Some(filters) = rules.and_then(|printed| filters(&printed.if_it_went_well("nft").ok()?)) else {
        return (None, None);
    };
    if filters {
        (Some(true), Some("nftables".to_owned()))
    } else if text(root.join(LEGACY_TABLES)).is_some_and(|tables| tables.contains("filter")) {
        // Two filters may be in use side by side, and the older one cannot be seen here.
        (None, None)
    } else {
        (Some(false), None)
    }
}

/// Whether any rule, or a policy, stands where packets for this machine come in. `None` if this is no list of rules.
fn filters(json: &str) -> Option<bool> {
    let list: Value = serde_json::from_str(json).ok()?;
    let items = list.get("nftables")?.as_array()?;
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let place =
        |item: &Value, chain: &str| Some((text(item, "family")?, text(item, "table")?, text(item, chain)?));
    let entrances: Vec<&Value> = items
        .iter()
        .filter_map(|item| item.get("chain"))
        .filter(|chain| {
            text(chain, "hook").as_deref() == Some("input")
                && text(chain, "type").as_deref() == Some("filter")
        })
        .collect();
    let strict = entrances
        .iter()
        .any(|chain| text(chain, "policy").as_deref() == Some("drop"));
    let ruled = items.iter().filter_map(|item| item.get("rule")).any(|rule| {
        let of = place(rule, "chain");
        of.is_some() && entrances.iter().any(|chain| place(chain, "name") == of)
    });
    Some(strict || ruled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;
    use std::time::Duration;

    fn told(machine: &MadeUp) -> (Option<bool>, Option<String>) {
        firewall(
            machine.root(),
            &Programs::below(machine.root(), Duration::from_secs(60)),
        )
    }

    fn nft(chain_and_rules: &str) -> String {
        format!(
            r#"{{"nftables":[{{"metainfo":{{"version":"1.0.6","json_schema_version":1}}}},{{"table":{{"family":"inet","name":"filter","handle":1}}}}{chain_and_rules}]}}"#
        )
    }

    const OPEN: &str = r#",{"chain":{"family":"inet","table":"filter","name":"input","handle":1,"type":"filter","hook":"input","prio":0,"policy":"accept"}}"#;
    const RULE: &str =
        r#",{"rule":{"family":"inet","table":"filter","chain":"input","handle":4,"expr":[{"drop":null}]}}"#;
    /// As container engines leave it.
    const FORWARDING: &str = r#",{"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","prio":0,"policy":"drop"}},{"rule":{"family":"ip","table":"filter","chain":"FORWARD","expr":[]}}"#;

    #[test]
    fn front_ends_are_believed() {
        let machine = MadeUp::machine().file(UFW, "# comment\nENABLED=yes\nLOGLEVEL=low\n");
        assert_eq!(told(&machine), (Some(true), Some("ufw".into())));
        let machine = MadeUp::machine()
            .file(UFW, "ENABLED=no\n")
            .folder("sys/fs/cgroup/system.slice/firewalld.service");
        assert_eq!(told(&machine), (Some(true), Some("firewalld".into())));
    }

    #[test]
    fn without_rights_and_front_end_nothing_is_known() {
        assert_eq!(told(&MadeUp::machine()), (None, None));
        let machine = MadeUp::machine()
            .file(UFW, "ENABLED=no\n")
            .program("nft", "exit 1");
        assert_eq!(told(&machine), (None, None));
    }

    #[test]
    fn rules_count_only_where_packets_come_in() {
        assert_eq!(filters(&nft("")), Some(false));
        assert_eq!(filters(&nft(FORWARDING)), Some(false));
        assert_eq!(filters(&nft(OPEN)), Some(false));
        assert_eq!(filters(&nft(&format!("{OPEN}{RULE}"))), Some(true));
        assert_eq!(filters(&nft(&OPEN.replace("accept", "drop"))), Some(true));
        assert_eq!(filters("{}"), None);
    }

    #[test]
    fn an_open_kernel_is_off_unless_the_older_filter_is_in_use() {
        let machine = MadeUp::machine()
            .file("rules", nft(OPEN))
            .program("nft", "cat \"${0%/usr/bin/nft}/rules\"");
        assert_eq!(told(&machine), (Some(false), None));
        let machine = machine.file(LEGACY_TABLES, "filter\nnat\n");
        assert_eq!(told(&machine), (None, None));
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(json in "(\\{\"nftables\":\\[)?[ -~]{0,100}(\\]\\})?") {
            let _ = filters(&json);
        }
    }
}
