//! What a run of the program said.

use serde_json::Value;

/// What one run of the program did.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) arguments: String,
    /// Exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Checks the exit code.
    ///
    /// # Panics
    /// If it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "exit code of\n{}\n{}",
            self.arguments,
            self.said()
        );
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}) from\n{}\n{}", self.arguments, self.said()))
    }

    /// Everything it said.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// Checks that it said none of these texts.
    ///
    /// # Panics
    /// If it did.
    #[track_caller]
    pub fn assert_without(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(
                !self.said().contains(secret),
                "a secret was told:\n{}",
                self.said()
            );
        }
    }
}
