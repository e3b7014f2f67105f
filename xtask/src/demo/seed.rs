//! The world of the local Halo, with this machine among the devices of the person who presses.

use crate::{process, workspace::Workspace};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{env, fs, path::Path, process::Command};

/// Who presses: name and e-mail address of a contact in the built-in world.
pub(super) const PERSON: (&str, &str) = ("Maria Rossi", "maria.rossi@bianchi.example");

/// The built-in world.
const BUILT_IN: [&str; 4] = ["tests", "psa", "seed", "halo.json"];

/// The built-in world and a device with this machine's host name at the person's site.
pub(super) fn with_this_machine(workspace: &Workspace) -> Result<String> {
    let file = BUILT_IN
        .iter()
        .fold(workspace.root.clone(), |path, part| path.join(part));
    let text = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let mut world =
        serde_json::from_str(&text).with_context(|| format!("failed to read {}", file.display()))?;
    // Without a name the demo still shows everything but the linked device.
    if let Some(name) = hostname() {
        add_device(&mut world, &name).with_context(|| {
            format!(
                "failed to add this machine to {}: it has no {}",
                file.display(),
                PERSON.1
            )
        })?;
    }
    Ok(world.to_string())
}

fn add_device(world: &mut Value, hostname: &str) -> Option<()> {
    let users = world.get("users")?.as_array()?;
    let person = users
        .iter()
        .find(|user| user.get("email").and_then(Value::as_str) == Some(PERSON.1))?;
    let site = person.get("site_id")?.clone();
    let assets = world.get_mut("assets")?.as_array_mut()?;
    let ids = assets.iter().filter_map(|asset| asset.get("id")?.as_i64());
    let id = ids.max().unwrap_or_default() + 1;
    assets.push(json!({
        "id": id,
        "site_id": site,
        "hostname": hostname,
        "inventory_number": hostname,
        "type_id": 131,
        "type": "Desktop",
        "serial": "",
        "mac": "",
        "inactive": false,
    }));
    Some(())
}

/// The host name without its domain, as a press tells it.
fn hostname() -> Option<String> {
    let full = if cfg!(windows) {
        env::var("COMPUTERNAME").ok()?
    } else {
        let kernel = fs::read_to_string(Path::new("/proc/sys/kernel/hostname"));
        kernel
            .or_else(|_| process::ask(Command::new("uname").arg("-n")))
            .ok()?
    };
    let name = full.trim().split('.').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> Value {
        serde_json::from_str(include_str!("../../../tests/psa/seed/halo.json")).unwrap()
    }

    #[test]
    fn this_machine_stands_at_the_persons_site_under_an_id_of_its_own() {
        let mut world = built_in();
        let before = world["assets"].as_array().unwrap().clone();
        add_device(&mut world, "this-machine").unwrap();
        let assets = world["assets"].as_array().unwrap();
        let added = assets.last().unwrap();
        assert_eq!(assets.len(), before.len() + 1);
        assert_eq!(added["hostname"], "this-machine");
        assert!(before.iter().all(|asset| asset["id"] != added["id"]));
        let users = world["users"].as_array().unwrap();
        let person = users.iter().find(|user| user["email"] == PERSON.1).unwrap();
        assert_eq!(person["name"], PERSON.0);
        assert_eq!(added["site_id"], person["site_id"]);
    }

    #[test]
    fn a_device_has_the_members_that_the_others_have() {
        let mut world = built_in();
        add_device(&mut world, "this-machine").unwrap();
        let assets = world["assets"].as_array().unwrap();
        let members = |asset: &Value| asset.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(assets.first().unwrap()), members(assets.last().unwrap()));
    }

    #[test]
    fn a_world_without_the_person_is_refused() {
        assert!(add_device(&mut json!({"users": [], "assets": []}), "x").is_none());
    }

    #[test]
    fn this_machine_has_a_name_without_a_domain() {
        let name = hostname().unwrap();
        assert!(!name.contains('.') && !name.contains('\n'), "{name:?}");
    }
}
