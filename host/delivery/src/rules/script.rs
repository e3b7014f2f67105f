//! An MSP's rules as text, and the engine that runs them: what is there of both.

use super::Archive;
use futures::future::BoxFuture;
use helpbell_model::{
    Failure, FailureKind,
    rules::{Input, Outcome},
};
use helpbell_sandbox::{Call, RuleEngine, SOURCE_BYTES};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{fs, io::Read as _, path::Path, sync::Arc};

/// Rules as text, known by the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    text: String,
    sha256: String,
}

impl Script {
    /// Rules out of a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        let sha256 = hex::encode(Sha256::digest(&text));
        Self { text, sha256 }
    }

    /// Reads rules from a file, and not more of it than rules may have.
    ///
    /// # Errors
    /// If the file cannot be read, is too large, or is no text.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let told = |code: &str, message: String, help: &str| {
            Failure::new(FailureKind::InvalidInput, code, message).with_help(help)
        };
        let mut bytes = Vec::new();
        let most = SOURCE_BYTES as u64;
        // One byte more tells that there is more.
        fs::File::open(file)
            .and_then(|opened| opened.take(most + 1).read_to_end(&mut bytes))
            .map_err(|error| {
                told(
                    "rules.unreadable",
                    format!("failed to read the rules {}: {error}", file.display()),
                    "check the name under [rules] in helpbell.toml, and that this account may read the file",
                )
            })?;
        if bytes.len() > SOURCE_BYTES {
            return Err(told(
                "rules.too-large",
                format!(
                    "failed to read the rules {}: they are larger than {SOURCE_BYTES} bytes",
                    file.display()
                ),
                "take out what is no rule; lists of that size do not belong into rules",
            ));
        }
        String::from_utf8(bytes).map(Self::new).map_err(|error| {
            let line = error.as_bytes().get(..error.utf8_error().valid_up_to());
            let line = line.map_or(1, |before| {
                before.iter().filter(|byte| **byte == b'\n').count() + 1
            });
            told(
                "rules.not-text",
                format!(
                    "failed to read the rules {}: line {line} is no text in UTF-8",
                    file.display()
                ),
                "save the file as UTF-8",
            )
        })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text's bytes, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// What runs rules. The one implementation in the product is a component in its sandbox; what becomes of rulings is
/// proved with others.
pub trait Engine: Send + Sync {
    /// SHA-256 of the engine's file, hexadecimal.
    fn sha256(&self) -> &str;
    /// Runs rules from top to bottom. A failure is the engine's own; what the rules had done by then is lost.
    fn run<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Call<Outcome>>;
}

impl Engine for RuleEngine {
    fn sha256(&self) -> &str {
        Self::sha256(self)
    }

    fn run<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Call<Outcome>> {
        Box::pin(Self::run(self, input))
    }
}

/// By which rules and engine a press is judged; where one of them could not be had, it has no digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// The rules, as SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The engine's file, as SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// The rules that a tenant wants its presses judged by. Rules or an engine that cannot be had never keep a press from its
/// ticket: why that is so is told in the private note.
pub struct Rules {
    pub(crate) script: Result<Script, Failure>,
    pub(crate) engine: Result<Arc<dyn Engine>, Failure>,
    archive: Option<Archive>,
}

impl Rules {
    /// Rules and their engine, or why they cannot be had. With an archive, the rules that were used are kept there.
    #[must_use]
    pub fn new(
        script: Result<Script, Failure>,
        engine: Result<Arc<dyn Engine>, Failure>,
        archive: Option<Archive>,
    ) -> Self {
        Self {
            script,
            engine,
            archive,
        }
    }

    /// By which rules and engine.
    #[must_use]
    pub fn digests(&self) -> Digests {
        Digests {
            source: self.script.as_ref().ok().map(|script| script.sha256.clone()),
            engine: self.engine.as_ref().ok().map(|engine| engine.sha256().to_owned()),
        }
    }

    /// Both, with the rules kept for later explanations; or why there is one of them missing.
    pub(crate) fn ready(&self) -> Result<(&Script, &dyn Engine), Failure> {
        let script = self.script.as_ref().map_err(Clone::clone)?;
        let engine = self.engine.as_ref().map_err(Clone::clone)?;
        if let Some(archive) = &self.archive
            && let Err(error) = archive.keep(script)
        {
            tracing::warn!(%error, sha256 = script.sha256(), "failed to keep a copy of the rules");
        }
        Ok((script, engine.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Script, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.py");
        fs::write(&file, bytes).unwrap();
        Script::read(&file)
    }

    #[test]
    fn rules_are_read_as_they_stand() {
        let text = "# “VIP”\r\nif name == 'Ünal':\n\tpriority = 1";
        assert_eq!(read(text.as_bytes()).unwrap().text(), text);
        assert_eq!(
            read(b"").unwrap().sha256(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_file() {
        let missing = Script::read(Path::new("/nowhere/rules.py")).unwrap_err();
        assert_eq!(missing.code, "rules.unreadable");
        assert!(missing.message.contains("/nowhere/rules.py"), "{missing}");
        assert_eq!(Script::read(Path::new("/")).unwrap_err().code, "rules.unreadable");
        let no_text = read(b"a = 1\n\xff").unwrap_err();
        assert_eq!(no_text.code, "rules.not-text");
        assert!(no_text.message.contains("line 2"), "{no_text}");
    }

    #[test]
    fn rules_of_the_largest_size_are_read_and_one_byte_more_is_too_much() {
        let largest = vec![b'#'; SOURCE_BYTES];
        assert_eq!(read(&largest).unwrap().text().len(), SOURCE_BYTES);
        let too_large = read(&[&largest[..], b"#"].concat()).unwrap_err();
        assert_eq!(too_large.code, "rules.too-large");
    }
}
