//! What the server holds of an issue, as an administrator and as Maria see it.

use anyhow::{Context as _, bail};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Redmine;
use crate::seen::{Seen, SeenFile, SeenNote};

/// Before the id of a file in what a note says.
const FILE_ADDRESS: &str = "/attachments/";

impl Redmine {
    /// The ids of all issues, oldest first.
    ///
    /// # Errors
    ///
    /// Redmine does not answer.
    pub async fn issues(&self) -> anyhow::Result<Vec<String>> {
        let path = "/issues.json?status_id=*&sort=id&limit=100";
        let answer = self.as_admin(path).await?;
        Ok(list(&answer, "issues").iter().map(id).collect())
    }

    /// What Redmine holds of an issue.
    ///
    /// # Errors
    ///
    /// There is no such issue, or Redmine does not answer.
    pub async fn seen(&self, issue: &str) -> anyhow::Result<Seen> {
        let path = format!("/issues/{issue}.json?include=journals,attachments,watchers");
        let found = self.as_admin(&path).await?;
        let found = found
            .get("issue")
            .cloned()
            .context("read an issue of Redmine's")?;
        let as_maria = self.ask(&self.world.maria_key, "GET", &path, None).await?;
        if as_maria.status != 200 {
            // She would see no note at all, and every one would count as private.
            bail!("read {path} as Maria: Redmine answered {}", as_maria.status);
        }
        let maria_reads = list(as_maria.json().get("issue").unwrap_or(&Value::Null), "journals");
        let mut notes = Vec::new();
        for journal in list(&found, "journals") {
            let text = text(&journal, "notes");
            if text.is_empty() {
                continue;
            }
            let mut attachments = Vec::new();
            for file in linked(&text) {
                attachments.push(self.file(&file).await?);
            }
            let private = !maria_reads.iter().any(|other| id(other) == id(&journal));
            notes.push(SeenNote {
                text,
                private,
                attachments,
            });
        }
        let mut attachments = Vec::new();
        for file in list(&found, "attachments") {
            attachments.push(self.file(&id(&file)).await?);
        }
        let requester = match list(&found, "watchers").first() {
            Some(watcher) => Some(self.address_of(&id(watcher)).await?),
            None => None,
        };
        let status = found.get("status").cloned().unwrap_or_default();
        Ok(Seen {
            id: id(&found),
            summary: text(&found, "subject"),
            body: text(&found, "description"),
            requester,
            status: text(&status, "name"),
            closed: status.get("is_closed").and_then(Value::as_bool).unwrap_or(false),
            fields: fields(&found),
            notes,
            attachments,
        })
    }

    async fn as_admin(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.ask(&self.world.admin_key, "GET", path, None).await?;
        if answer.status != 200 {
            bail!("read {path} of Redmine: it answered {}", answer.status);
        }
        Ok(answer.json())
    }

    async fn address_of(&self, user: &str) -> anyhow::Result<String> {
        let answer = self.as_admin(&format!("/users/{user}.json")).await?;
        Ok(text(answer.get("user").unwrap_or(&Value::Null), "mail"))
    }

    /// A file by its id: as a technician downloads it, and whether Maria is refused.
    async fn file(&self, file: &str) -> anyhow::Result<SeenFile> {
        let answer = self.as_admin(&format!("/attachments/{file}.json")).await?;
        let found = answer.get("attachment").context("read a file of Redmine's")?;
        let path = format!("/attachments/download/{file}");
        let bytes = self.ask(&self.world.technician_key, "GET", &path, None).await?;
        if bytes.status != 200 {
            bail!(
                "download {path} as a technician: Redmine answered {}",
                bytes.status
            );
        }
        let as_maria = self.ask(&self.world.maria_key, "GET", &path, None).await?;
        Ok(SeenFile {
            name: text(found, "filename"),
            size: bytes.body.len() as u64,
            sha256: hex::encode(Sha256::digest(&bytes.body)),
            private: as_maria.status == 403 || as_maria.status == 404,
        })
    }
}

/// The ids of the files whose addresses stand in a text.
fn linked(text: &str) -> Vec<String> {
    let behind = text.split(FILE_ADDRESS).skip(1);
    behind
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|id| !id.is_empty())
        .collect()
}

fn fields(issue: &Value) -> Vec<(String, String)> {
    let named = ["project", "tracker", "priority", "category", "assigned_to"];
    let standard = named.iter().filter_map(|name| {
        let value = text(issue.get(name)?, "name");
        Some(((*name).to_owned(), value))
    });
    let custom = list(issue, "custom_fields");
    let custom = custom
        .iter()
        .map(|field| (text(field, "name"), text(field, "value")))
        .filter(|(_, value)| !value.is_empty());
    standard.chain(custom).collect()
}

fn list(value: &Value, name: &str) -> Vec<Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str).unwrap_or_default();
    text.to_owned()
}

fn id(value: &Value) -> String {
    value.get("id").map(ToString::to_string).unwrap_or_default()
}
