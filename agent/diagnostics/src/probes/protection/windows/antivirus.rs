//! Programs that look for malware, as they sign in with the Security Center.

use crate::{
    probes::{line, some_line},
    windows::registry::Registry,
};
use helpbell_model::report::Antivirus;
use jiff::Timestamp;

/// Where the Security Center keeps its list, should it not answer itself. Servers have none.
const LIST: &str = r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\Av";
const DEFENDER: &str = r"HKLM\SOFTWARE\Microsoft\Windows Defender";
const DEFENDER_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender";
const SIGNATURES: &str = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Signature Updates";

/// Rows in the report. What remains of former ones counts too.
const MOST: usize = 8;
const HOURS_PER_DAY: i64 = 24;

/// One program as the Security Center lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Product {
    pub(super) display_name: String,
    pub(super) product_state: u32,
}

/// A number of the Security Center: twelve bits of who, four of on or off, four of how current, four of who made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct State(pub(super) u64);

impl State {
    /// 1 is on; 0 is off, 2 is snoozed, 3 is expired.
    pub(super) const fn is_on(self) -> bool {
        self.0 >> 12 & 0xf == 1
    }

    const fn is_current(self) -> bool {
        self.0 >> 4 & 0xf == 0
    }
}

/// The Security Center's list, or what the registry keeps of it; `None` if nobody can say.
pub(super) fn list(
    registry: &impl Registry,
    answered: Option<&[Product]>,
    now: Timestamp,
) -> Option<Vec<Antivirus>> {
    let defender_age = age(registry, now);
    let products: Vec<Product> = match answered {
        Some(products) => products.to_vec(),
        None => kept(registry),
    };
    let mut list: Vec<Antivirus> = products
        .iter()
        .filter(|product| !product.display_name.trim().is_empty())
        .take(MOST)
        .map(|product| {
            let state = State(product.product_state.into());
            Antivirus {
                name: line(&product.display_name),
                active: Some(state.is_on()),
                // What is switched off does not renew itself, and that is nobody's trouble.
                current: state.is_on().then(|| state.is_current()),
                age_days: defender_age.filter(|_| is_defender(&product.display_name)),
            }
        })
        .collect();
    if list.is_empty() {
        list.extend(defender_alone(registry, defender_age));
    }
    let known = answered.is_some() || !list.is_empty();
    known.then_some(list)
}

fn kept(registry: &impl Registry) -> Vec<Product> {
    let keys = registry.keys(LIST).into_iter();
    keys.filter_map(|id| {
        let key = format!(r"{LIST}\{id}");
        Some(Product {
            display_name: registry
                .text(&key, "DISPLAYNAME")
                .and_then(|name| some_line(&name))?,
            product_state: u32::try_from(registry.number(&key, "STATE")?).ok()?,
        })
    })
    .collect()
}

fn is_defender(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("defender") && (name.contains("windows") || name.contains("microsoft"))
}

/// On a server nobody keeps a list, but Defender leaves its marks.
fn defender_alone(registry: &impl Registry, age_days: Option<u32>) -> Option<Antivirus> {
    let age_days = Some(age_days?);
    let off = [DEFENDER, DEFENDER_POLICY].iter().any(|key| {
        let on = |name| registry.is_on(key, name) == Some(true);
        on("DisableAntiSpyware") || on("DisableAntiVirus")
    });
    Some(Antivirus {
        name: "Microsoft Defender Antivirus".to_owned(),
        active: off.then_some(false),
        current: None,
        age_days,
    })
}

/// Whole days since Defender's knowledge was renewed.
fn age(registry: &impl Registry, now: Timestamp) -> Option<u32> {
    let renewed = registry
        .moment(SIGNATURES, "SignaturesLastUpdated")
        .or_else(|| registry.moment(SIGNATURES, "AVSignatureApplied"))?;
    let hours = now.duration_since(renewed).as_hours().max(0);
    u32::try_from(hours / HOURS_PER_DAY).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    fn now() -> Timestamp {
        "2026-12-04T22:00:00Z".parse().unwrap()
    }

    fn product(name: &str, state: u32) -> Product {
        Product {
            display_name: name.into(),
            product_state: state,
        }
    }

    #[test]
    fn the_security_center_tells_who_watches_and_how_current_it_is() {
        let products = [
            product("Acme Endpoint", 0x0004_1000),
            product("Acme Expired", 0x0004_1010),
            product("Windows Defender", 0x0006_0100),
        ];
        let list = list(&Exported::laptop(), Some(&products), now()).unwrap();
        let told: Vec<_> = list
            .iter()
            .map(|one| (one.name.as_str(), one.active, one.current, one.age_days))
            .collect();
        assert_eq!(
            told,
            [
                ("Acme Endpoint", Some(true), Some(true), None),
                ("Acme Expired", Some(true), Some(false), None),
                ("Windows Defender", Some(false), None, Some(5)),
            ]
        );
    }

    #[test]
    fn without_an_answer_the_registry_speaks() {
        let list = list(&Exported::laptop(), None, now()).unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].name, "Windows Defender");
        assert_eq!((list[0].active, list[0].age_days), (Some(true), Some(5)));
    }

    #[test]
    fn a_server_without_a_security_center_tells_of_defender_alone() {
        let server = Exported::laptop().and(r"[-HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Security Center]");
        let list = list(&server, None, now()).unwrap();
        assert_eq!(list[0].name, "Microsoft Defender Antivirus");
        assert_eq!((list[0].active, list[0].current), (None, None));
    }

    #[test]
    fn an_empty_answer_is_no_antivirus_and_no_answer_is_not_known() {
        let nothing = Exported::default();
        assert_eq!(list(&nothing, Some(&[]), now()), Some(Vec::new()));
        assert_eq!(list(&nothing, None, now()), None);
    }

    #[test]
    fn a_hostile_name_is_one_line_and_the_list_ends() {
        let many = vec![product("Evil\u{202e}\nAV", 0x1000); 50];
        let list = list(&Exported::default(), Some(&many), now()).unwrap();
        assert_eq!(list.len(), MOST);
        assert_eq!(list[0].name, "Evil AV");
    }
}
