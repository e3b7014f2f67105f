//! One call of a connector's function: what it was told and what it may use.

use crate::http::{Request, Response};
use crate::json::{self, Value};
use crate::{Context, Failure, Host, LogLevel, Pairs};

/// What a function of a connector is given besides its own arguments.
pub struct Call<'a> {
    context: Context,
    host: &'a dyn Host,
}

impl<'a> Call<'a> {
    /// A call over a host. Connectors never make one; [`Adapter`](crate::Adapter) and tests do.
    pub fn new(context: Context, host: &'a dyn Host) -> Self {
        Self { context, host }
    }

    /// A setting, trimmed; blank counts as absent. Defaults have been filled in by the host.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.context
            .settings
            .value(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All settings by name, for those whose names are not known beforehand.
    pub fn settings(&self) -> &[(String, String)] {
        &self.context.settings
    }

    /// A setting the connector cannot work without.
    ///
    /// # Errors
    ///
    /// `invalid-input` with the setting's name as field.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.setting(name).ok_or_else(|| {
            Failure::invalid_input("settings.missing", format!("the setting {name} is empty"))
                .field(name)
                .help(format!("Fill in {name} in the connector's settings."))
        })
    }

    /// The press this call belongs to; empty outside a press.
    pub fn reference(&self) -> &str {
        &self.context.reference
    }

    /// The base address that `authenticate` discovered.
    pub fn endpoint(&self) -> Option<&str> {
        self.context.endpoint.as_deref()
    }

    /// The person's language, BCP 47.
    pub fn locale(&self) -> &str {
        &self.context.locale
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// No answer (`unavailable`, `timeout`), or the host refused to send (`forbidden`).
    pub fn send(&self, request: Request) -> Result<Response, Failure> {
        self.host.send(request)
    }

    /// JSON that an earlier call kept.
    pub fn cached_json(&self, key: &str) -> Option<Value> {
        let bytes = self.host.cache_get(key).filter(|bytes| !bytes.is_empty())?;
        json::parse(&bytes, "the cache").ok()
    }

    /// Keeps JSON for so many seconds.
    pub fn cache_json(&self, key: &str, value: &Value, ttl_s: u32) {
        self.host.cache_put(key, json::write(value).as_bytes(), ttl_s);
    }

    /// Drops what was kept.
    pub fn forget(&self, key: &str) {
        self.host.cache_put(key, &[], 0);
    }

    /// A line for the operator who should look.
    pub fn warn(&self, message: &str) {
        self.host.log(LogLevel::Warn, message);
    }

    /// A line for the operator who looks.
    pub fn info(&self, message: &str) {
        self.host.log(LogLevel::Info, message);
    }

    /// A line for the connector's author.
    pub fn debug(&self, message: &str) {
        self.host.log(LogLevel::Debug, message);
    }

    /// Waits, for something that a PSA shows late.
    pub fn pause(&self, milliseconds: u64) {
        self.host.pause(milliseconds);
    }

    /// Seconds since 1970, UTC.
    pub fn now_unix(&self) -> u64 {
        self.host.now_unix()
    }
}

/// The operator's secrets by name. Prints nothing of them.
pub struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// Secrets as the host passes them.
    pub fn new(secrets: Vec<(String, String)>) -> Self {
        Self(secrets)
    }

    /// A secret as pasted, without white space around it.
    ///
    /// # Errors
    ///
    /// `auth` when there is none.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.0
            .value(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Failure::auth("secrets.missing", format!("the secret {name} is empty")).field(name)
            })
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
