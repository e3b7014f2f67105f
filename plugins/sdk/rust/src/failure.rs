//! Failures, built in the order in which a person reads them: what, which, cure.

use crate::{Failure, FailureKind};

macro_rules! builders {
    ($($(#[$doc:meta])* $name:ident => $kind:ident,)*) => {
        impl Failure {
            $(
                $(#[$doc])*
                pub fn $name(code: &str, message: impl Into<String>) -> Self {
                    Self::new(FailureKind::$kind, code, message)
                }
            )*
        }
    };
}

builders! {
    /// The credential is wrong, expired or revoked.
    auth => Auth,
    /// The credential is right but may not do this.
    forbidden => Forbidden,
    /// The PSA refused what was sent, or a setting cannot be right.
    invalid_input => InvalidInput,
    /// The thing named does not exist.
    not_found => NotFound,
    /// The thing changed meanwhile or exists already.
    conflict => Conflict,
    /// Too many requests.
    rate_limited => RateLimited,
    /// The PSA cannot be reached or says it cannot work now.
    unavailable => Unavailable,
    /// No answer in time.
    timeout => Timeout,
    /// This PSA has no such function.
    unsupported => Unsupported,
    /// The connector is at fault, or the PSA answered what nobody can read.
    internal => Internal,
}

impl Failure {
    /// A failure with a stable `code` (`halo.outcome-missing`) and one sentence saying what happened.
    pub fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: message.into(),
            help: None,
            field: None,
            retry_after_ms: None,
            extra: Vec::new(),
        }
    }

    /// Adds what whoever can cure it does next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the draft's field or the setting that is at fault.
    #[must_use]
    pub fn field(mut self, name: &str) -> Self {
        self.field = Some(name.to_owned());
        self
    }

    /// Says how many milliseconds the PSA wants to be left alone; `None` when it did not say.
    #[must_use]
    pub fn retry_after_ms(mut self, wait: Option<u64>) -> Self {
        self.retry_after_ms = wait;
        self
    }

    /// Adds a fact for the log.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.extra.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces every occurrence of `secret` in every text by an ellipsis. A server that echoes what it
    /// was sent must not carry a secret into a log. Anything of less than 4 characters is left alone:
    /// it would blot out ordinary words.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if secret.chars().count() < 4 {
            return self;
        }
        let blot = |text: &mut String| {
            if text.contains(secret) {
                *text = text.replace(secret, "…");
            }
        };
        blot(&mut self.code);
        blot(&mut self.message);
        self.help.as_mut().map(blot);
        self.field.as_mut().map(blot);
        for (name, value) in &mut self.extra {
            blot(name);
            blot(value);
        }
        self
    }
}

/// Reading `list<tuple<string, string>>`, the contract's way of carrying what may grow.
pub trait Pairs {
    /// The first value of this name.
    fn value(&self, name: &str) -> Option<&str>;
}

impl Pairs for [(String, String)] {
    fn value(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blotted_out_of_every_text_of_a_failure() {
        let failure = Failure::auth("x.hunter22", "server said hunter22")
            .help("do not send hunter22")
            .field("hunter22")
            .fact("hunter22", "hunter22 again")
            .without("hunter22");
        assert!(!format!("{failure:?}").contains("hunter22"), "{failure:?}");
        assert_eq!(failure.message, "server said …");
    }

    #[test]
    fn something_too_short_to_be_a_secret_blots_nothing() {
        assert_eq!(Failure::auth("a", "a cat").without("a").message, "a cat");
    }
}
