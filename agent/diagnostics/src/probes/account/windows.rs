//! The account as Windows signs it in, and the directory that the computer has joined.

#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{accounts, registry::ThisMachine},
};
use crate::{
    probes::{line, some_line},
    windows::{accounts::Seen, registry::Registry},
};
use helpbell_model::report::{Account, Joined};
use jiff::{SignedDuration, Timestamp};

const CLOUD: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\CloudDomainJoin";

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems may fail")]
pub(super) fn ask() -> Result<Account, ProbeError> {
    Ok(judge(&ThisMachine, &accounts::seen(), Timestamp::now()))
}

/// What Windows saw, with what the registry keeps about Entra.
fn judge(registry: &impl Registry, seen: &Seen, now: Timestamp) -> Account {
    let account = seen.account.as_deref().unwrap_or_default();
    let user = account.rsplit('\\').next().unwrap_or_default();
    let in_cloud = !registry.keys(&format!(r"{CLOUD}\JoinInfo")).is_empty();
    let (domain, joined) = match (&seen.joined, in_cloud) {
        (Some((domain, true)), true) => (some_line(domain), Some(Joined::Hybrid)),
        (Some((domain, true)), false) => (some_line(domain), Some(Joined::Domain)),
        (_, true) => (tenant(registry), Some(Joined::Entra)),
        (Some((group, false)), false) => (some_line(group), Some(Joined::Workgroup)),
        (None, false) => (None, None),
    };
    let full_name = seen
        .display
        .as_deref()
        .or_else(|| seen.local.as_ref().map(|local| local.full_name.as_str()));
    let password_expires = seen.local.as_ref().and_then(|local| {
        let left = i64::from(local.password_lasts?) - i64::from(local.password_age);
        now.checked_add(SignedDuration::from_secs(left)).ok()
    });
    Account {
        user: line(user),
        full_name: full_name.and_then(some_line),
        principal: seen.principal.as_deref().and_then(some_line),
        domain,
        joined,
        administrator: seen.administrator,
        password_expires,
        other_sessions: seen.other_sessions,
    }
}

/// The organisation's name, as its directory shows it.
fn tenant(registry: &impl Registry) -> Option<String> {
    let tenants = format!(r"{CLOUD}\TenantInfo");
    let id = registry.keys(&tenants).into_iter().next()?;
    registry
        .text(&format!(r"{tenants}\{id}"), "DisplayName")
        .and_then(|name| some_line(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::{accounts::Local, registry::Exported};

    fn now() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_computer_in_the_cloud_belongs_to_its_tenant() {
        let seen = Seen {
            account: Some(r"AzureAD\MariaRossi".into()),
            display: Some("Maria Rossi".into()),
            principal: Some("maria.rossi@contoso.example".into()),
            joined: Some(("WORKGROUP".into(), false)),
            administrator: Some(false),
            other_sessions: Some(0),
            local: None,
        };
        let account = judge(&Exported::laptop(), &seen, now());
        assert_eq!(account.user, "MariaRossi");
        assert_eq!(account.full_name.as_deref(), Some("Maria Rossi"));
        assert_eq!(account.joined, Some(Joined::Entra));
        assert_eq!(account.domain.as_deref(), Some("Contoso GmbH"));
        assert_eq!(account.password_expires, None);
    }

    #[test]
    fn how_a_computer_belongs_is_told_apart() {
        let seen = |joined: Option<(&str, bool)>| Seen {
            joined: joined.map(|(name, domain)| (name.to_owned(), domain)),
            ..Seen::default()
        };
        let cloud = Exported::laptop();
        let alone = Exported::default();
        let domain = seen(Some(("CONTOSO", true)));
        assert_eq!(judge(&cloud, &domain, now()).joined, Some(Joined::Hybrid));
        assert_eq!(judge(&alone, &domain, now()).joined, Some(Joined::Domain));
        let group = judge(&alone, &seen(Some(("WORKGROUP", false))), now());
        assert_eq!(group.joined, Some(Joined::Workgroup));
        assert_eq!(group.domain.as_deref(), Some("WORKGROUP"));
        assert_eq!(
            judge(&alone, &seen(None), now()).joined,
            None,
            "not known is not none"
        );
    }

    #[test]
    fn the_password_of_a_local_account_expires_when_its_age_is_up() {
        const DAY: u32 = 24 * 60 * 60;
        let seen = |password_lasts| Seen {
            account: Some(r"DESK-7\maria".into()),
            local: Some(Local {
                full_name: "Maria Rossi".into(),
                password_age: 40 * DAY,
                password_lasts,
            }),
            ..Seen::default()
        };
        let account = judge(&Exported::default(), &seen(Some(42 * DAY)), now());
        assert_eq!(
            account.password_expires.unwrap().to_string(),
            "2026-12-02T12:00:00Z"
        );
        assert_eq!(account.full_name.as_deref(), Some("Maria Rossi"));
        assert_eq!(
            judge(&Exported::default(), &seen(None), now()).password_expires,
            None
        );
    }

    #[test]
    fn hostile_names_stay_one_line() {
        let seen = Seen {
            account: Some("DESK\\ma\u{202e}ria\n\u{1b}[2J".into()),
            display: Some("\"><svg/onload=x>\r\n".into()),
            ..Seen::default()
        };
        let account = judge(&Exported::default(), &seen, now());
        assert_eq!(account.user, "maria [2J");
        assert_eq!(account.full_name.as_deref(), Some("\"><svg/onload=x>"));
    }
}
