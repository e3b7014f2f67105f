//! The account by the machine's own files. Neither the name service nor the directory is asked: where their server is
//! out of reach, they answer after half a minute.

use super::{Account, ProbeError};
use crate::{
    device::user,
    probes::{
        linux::files::{entries, text},
        some_line,
    },
};
use helpbell_model::report::Joined;
use jiff::Timestamp;
use rustix::process::{getegid, getgroups, getuid};
use std::{collections::HashSet, path::Path};

/// Groups whose members may become root.
const ADMINISTRATORS: [&str; 3] = ["sudo", "wheel", "admin"];

/// Days of a password that never expires.
const NEVER: i64 = 99_999;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Where systemd-logind writes down who is signed in.
const SESSIONS: &str = "run/systemd/sessions";

/// What joins a machine to Entra ID.
const ENTRA: &str = "etc/himmelblau/himmelblau.conf";
/// The machine's own key in a Kerberos realm: whoever has one was joined.
const KEYTAB: &str = "etc/krb5.keytab";
const KERBEROS: &str = "etc/krb5.conf";
const SAMBA: &str = "etc/samba/smb.conf";
const FREEIPA: &str = "etc/ipa/default.conf";

/// Who asks.
struct Asker {
    uid: u32,
    groups: Vec<u32>,
    /// As the session names it.
    name: Option<String>,
}

pub(super) fn ask(root: &Path) -> Result<Account, ProbeError> {
    let mut groups: Vec<u32> = getgroups()
        .unwrap_or_default()
        .into_iter()
        .map(rustix::process::Gid::as_raw)
        .collect();
    groups.push(getegid().as_raw());
    let asker = Asker {
        uid: getuid().as_raw(),
        groups,
        name: user(|name| std::env::var(name).ok()),
    };
    ask_of(root, &asker)
}

fn ask_of(root: &Path, asker: &Asker) -> Result<Account, ProbeError> {
    let accounts = text(root.join("etc/passwd")).unwrap_or_default();
    // An account of the directory is in no file.
    let (name, full_name) = match of_uid(&accounts, asker.uid) {
        Some((name, full_name)) => (Some(name), full_name),
        None => (None, None),
    };
    let Some(user) = name.or_else(|| asker.name.clone()) else {
        return Err(ProbeError::Failed("the account has no name".to_owned()));
    };
    let groups = text(root.join("etc/group")).unwrap_or_default();
    let (joined, domain) = joined(root);
    Ok(Account {
        administrator: Some(asker.uid == 0 || administrates(&groups, &asker.groups, &user)),
        // Only root can read it.
        password_expires: text(root.join("etc/shadow")).and_then(|shadow| expires(&shadow, &user)),
        other_sessions: other_sessions(root, asker.uid),
        user,
        full_name,
        principal: None,
        domain,
        joined,
    })
}

/// Name and full name of an account in passwd(5).
fn of_uid(accounts: &str, uid: u32) -> Option<(String, Option<String>)> {
    accounts.lines().find_map(|row| {
        let fields: Vec<&str> = row.split(':').collect();
        let [name, _, number, _, described, ..] = fields.as_slice() else {
            return None;
        };
        if number.parse::<u32>().ok()? != uid {
            return None;
        }
        // Then room and phone numbers follow.
        let full_name = described.split(',').next().and_then(some_line);
        Some((some_line(name)?, full_name))
    })
}

/// Whether one of the groups in group(5) that may become root is among `mine`, or has `user` as a member.
fn administrates(groups: &str, mine: &[u32], user: &str) -> bool {
    groups.lines().any(|row| {
        let fields: Vec<&str> = row.split(':').collect();
        let [name, _, number, members] = fields.as_slice() else {
            return false;
        };
        ADMINISTRATORS.contains(name)
            && (number.parse().is_ok_and(|number| mine.contains(&number))
                || members.split(',').any(|member| member == user))
    })
}

/// When the password has to be changed, by shadow(5). Nothing else of that file is looked at.
fn expires(shadow: &str, user: &str) -> Option<Timestamp> {
    let fields: Vec<&str> = shadow
        .lines()
        .map(|row| row.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&user))?;
    let day = |field: usize| fields.get(field)?.parse::<i64>().ok();
    let (changed, longest) = (day(2)?, day(4)?);
    if !(0..NEVER).contains(&longest) {
        return None;
    }
    Timestamp::from_second(changed.checked_add(longest)?.checked_mul(SECONDS_PER_DAY)?).ok()
}

/// How many other accounts are signed in.
fn other_sessions(root: &Path, uid: u32) -> Option<u32> {
    if !root.join(SESSIONS).is_dir() {
        return None;
    }
    let others: HashSet<u32> = entries(root.join(SESSIONS))
        .iter()
        .filter_map(text)
        .filter_map(|session| {
            let value = |name: &str| {
                let mut rows = session.lines();
                rows.find_map(|row| row.strip_prefix(name)?.strip_prefix('='))
            };
            // Greeters of the sign-in screen and managers of background services are nobody.
            (value("CLASS")? == "user" && value("STATE")? != "closing").then(|| value("UID")?.parse().ok())?
        })
        .filter(|other| *other != uid)
        .collect();
    u32::try_from(others.len()).ok()
}

/// To what the machine belongs, by the files that joining leaves behind.
fn joined(root: &Path) -> (Option<Joined>, Option<String>) {
    let setting = |file: &str, name: &str| setting(&text(root.join(file))?, name);
    if root.join(ENTRA).exists() {
        return (
            Some(Joined::Entra),
            setting(ENTRA, "domains").or_else(|| setting(ENTRA, "domain")),
        );
    }
    let realm = setting(FREEIPA, "domain")
        .or_else(|| setting(KERBEROS, "default_realm"))
        .or_else(|| setting(SAMBA, "realm"))
        .map(|realm| realm.to_lowercase());
    let active_directory = setting(SAMBA, "security").is_some_and(|kind| kind.eq_ignore_ascii_case("ads"));
    if root.join(KEYTAB).exists() || root.join(FREEIPA).exists() || active_directory {
        (Some(Joined::Domain), realm)
    } else {
        // A realm without the machine's own key is one that people sign in to by hand.
        (Some(Joined::Workgroup), None)
    }
}

/// `name = value` in a file of settings, whatever the blanks.
fn setting(settings: &str, name: &str) -> Option<String> {
    settings
        .lines()
        .filter_map(|row| row.split_once('='))
        .find_map(|(key, value)| (key.trim().eq_ignore_ascii_case(name)).then(|| some_line(value))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/bash\n\
        maria:x:1000:1000:Maria Rossi,Room 3,040 123456,:/home/maria:/bin/bash\n\
        guest:x:1001:1001:,,,:/home/guest:/bin/sh\nbroken\n";
    const GROUPS: &str = "root:x:0:\nsudo:x:27:paolo,maria\nwheel:x:998:\nusers:x:100:\n";

    fn office() -> MadeUp {
        MadeUp::machine()
            .file("etc/passwd", ACCOUNTS)
            .file("etc/group", GROUPS)
    }

    fn asker(uid: u32, groups: &[u32]) -> Asker {
        Asker {
            uid,
            groups: groups.to_vec(),
            name: Some("CONTOSO\\rossi".into()),
        }
    }

    #[test]
    fn an_account_is_told_with_its_full_name_and_whether_it_administrates() {
        let account = ask_of(office().root(), &asker(1000, &[1000])).unwrap();
        assert_eq!(
            (account.user.as_str(), account.full_name.as_deref()),
            ("maria", Some("Maria Rossi"))
        );
        assert_eq!(account.administrator, Some(true));
        let account = ask_of(office().root(), &asker(1001, &[1001, 100])).unwrap();
        assert_eq!((account.full_name, account.administrator), (None, Some(false)));
        let account = ask_of(office().root(), &asker(1001, &[1001, 998])).unwrap();
        assert_eq!(account.administrator, Some(true));
        assert_eq!(
            ask_of(office().root(), &asker(0, &[])).unwrap().administrator,
            Some(true)
        );
    }

    #[test]
    fn an_account_of_the_directory_is_known_by_the_sessions_word() {
        let account = ask_of(office().root(), &asker(4711, &[4711])).unwrap();
        assert_eq!(account.user, "CONTOSO\\rossi");
        let nobody = Asker {
            name: None,
            ..asker(4711, &[])
        };
        assert!(matches!(
            ask_of(office().root(), &nobody),
            Err(ProbeError::Failed(_))
        ));
    }

    #[test]
    fn a_machine_with_its_own_key_is_joined_and_one_that_only_knows_the_realm_is_not() {
        let settings = "[libdefaults]\n  default_realm = CORP.EXAMPLE.COM\n";
        let machine = office().file(KERBEROS, settings);
        assert_eq!(joined(machine.root()), (Some(Joined::Workgroup), None));
        let machine = machine.file(KEYTAB, "");
        assert_eq!(
            joined(machine.root()),
            (Some(Joined::Domain), Some("corp.example.com".into()))
        );
        let entra = office().file(ENTRA, "[global]\ndomains = contoso.com\n");
        assert_eq!(
            joined(entra.root()),
            (Some(Joined::Entra), Some("contoso.com".into()))
        );
        let samba = office().file(SAMBA, "[global]\n   security = ADS\n   realm = AD.EXAMPLE\n");
        assert_eq!(
            joined(samba.root()),
            (Some(Joined::Domain), Some("ad.example".into()))
        );
    }

    #[test]
    fn a_password_expires_so_many_days_after_it_was_changed() {
        let shadow = "root:*:19000:0:99999:7:::\nmaria:$y$secret:20000:0:90:7:::\n";
        assert_eq!(
            expires(shadow, "maria").unwrap().to_string(),
            "2025-01-02T00:00:00Z"
        );
        assert_eq!(expires(shadow, "root"), None);
        assert_eq!(expires("maria:x::::", "maria"), None);
    }

    #[test]
    fn other_people_are_counted_and_not_named() {
        let session =
            |machine: MadeUp, name: &str, text: &str| machine.file(&format!("{SESSIONS}/{name}"), text);
        assert_eq!(other_sessions(office().root(), 1000), None);
        let machine = session(office(), "2", "UID=1000\nUSER=maria\nSTATE=active\nCLASS=user\n");
        let machine = session(machine, "3", "UID=1001\nUSER=guest\nSTATE=online\nCLASS=user\n");
        let machine = session(machine, "4", "UID=1001\nUSER=guest\nSTATE=online\nCLASS=user\n");
        let machine = session(machine, "5", "UID=1002\nSTATE=closing\nCLASS=user\n");
        let machine = session(machine, "c1", "UID=115\nSTATE=online\nCLASS=greeter\n");
        assert_eq!(other_sessions(machine.root(), 1000), Some(1));
    }

    proptest! {
        #[test]
        fn any_files_are_survived(text in "([a-z:0-9=,\\u{202e} -]{0,40}\n){0,8}", uid in 0u32..2000) {
            if let Some((name, _)) = of_uid(&text, uid) {
                prop_assert!(!name.is_empty() && name.chars().count() <= 120);
            }
            let _ = (administrates(&text, &[uid], "a"), expires(&text, "a"), setting(&text, "a"));
        }
    }
}
