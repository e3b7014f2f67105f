//! Misbehaviour on demand: which requests go wrong, in which way, and how often.
//!
//! A [`Rule`] names what goes wrong and which requests it happens to; the first rule that strikes decides. Where no rule
//! strikes, [`Random`] may. All chances come from seeded generators, so the same requests in the same order meet the
//! same trouble. Every misdeed stands in the ledger beside its request, with the word whether the request took effect.

mod answer;
mod book;
mod chance;
mod handle;

use serde::{Deserialize, Serialize};

use super::HaloError;
pub(crate) use answer::{disguise, http_date};
pub(crate) use book::{Deed, MisbehaviourBook};

/// Delay of [`Misdeed::Latency`] in milliseconds when a rule names none: long enough to measure, short enough to wait for.
pub const LATENCY_MS: u32 = 250;
/// Longest delay a rule may ask for, in milliseconds; whoever wants more wants [`Misdeed::Hang`].
pub const LATENCY_MAX_MS: u32 = 600_000;

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misdeed {
    /// Answered rightly, later.
    Latency,
    /// 429 with the rate limit's text.
    #[serde(rename = "rate-limited-429")]
    RateLimited429,
    /// 500 with a serialised .NET exception.
    #[serde(rename = "exception-500")]
    Exception500,
    /// 502 with a proxy's HTML page.
    #[serde(rename = "bad-gateway-502")]
    BadGateway502,
    /// 503 with a short text.
    #[serde(rename = "unavailable-503")]
    Unavailable503,
    /// 504 with a proxy's HTML page, as seen on hosted instances.
    #[serde(rename = "gateway-timeout-504")]
    GatewayTimeout504,
    /// No answer until released; a client that goes away is not waited for.
    Hang,
    /// The connection is reset in place of an answer.
    Reset,
    /// The right head and half of the right body, then the connection ends.
    Truncated,
    /// 302 to another path or host.
    #[serde(rename = "redirect-302")]
    Redirect302,
    /// 200 with an HTML sign-in page.
    #[serde(rename = "html-200")]
    Html200,
    /// The right answer, said to be `text/plain`.
    JsonAsText,
    /// 200 without a body.
    #[serde(rename = "empty-200")]
    Empty200,
    /// 403 without a body.
    #[serde(rename = "empty-403")]
    Empty403,
    /// 404 without a body.
    #[serde(rename = "empty-404")]
    Empty404,
}

/// Every misdeed: what random mode chooses among.
pub const MISDEEDS: [Misdeed; 15] = [
    Misdeed::Latency,
    Misdeed::RateLimited429,
    Misdeed::Exception500,
    Misdeed::BadGateway502,
    Misdeed::Unavailable503,
    Misdeed::GatewayTimeout504,
    Misdeed::Hang,
    Misdeed::Reset,
    Misdeed::Truncated,
    Misdeed::Redirect302,
    Misdeed::Html200,
    Misdeed::JsonAsText,
    Misdeed::Empty200,
    Misdeed::Empty403,
    Misdeed::Empty404,
];

impl Misdeed {
    /// The name on the wire, such as `bad-gateway-502`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::RateLimited429 => "rate-limited-429",
            Self::Exception500 => "exception-500",
            Self::BadGateway502 => "bad-gateway-502",
            Self::Unavailable503 => "unavailable-503",
            Self::GatewayTimeout504 => "gateway-timeout-504",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Redirect302 => "redirect-302",
            Self::Html200 => "html-200",
            Self::JsonAsText => "json-as-text",
            Self::Empty200 => "empty-200",
            Self::Empty403 => "empty-403",
            Self::Empty404 => "empty-404",
        }
    }

    /// Whether it spoils the right answer, so that the request is always carried out.
    #[must_use]
    pub fn needs_the_answer(self) -> bool {
        matches!(self, Self::Truncated | Self::JsonAsText)
    }
}

/// The `Retry-After` header of 429 and 503. The vendor documents none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// No header.
    #[default]
    Absent,
    /// So many seconds.
    Seconds(u32),
    /// An HTTP date so many seconds ahead.
    Date(u32),
}

/// What happens to which requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What goes wrong.
    pub misdeed: Misdeed,
    /// HTTP method, in any case; absent = any.
    #[serde(default)]
    pub method: Option<String>,
    /// Path without `/api`, in any case; `*` stands for one segment, a last `**` for any rest; absent = every path of
    /// the vendor's, the token endpoint included.
    #[serde(default)]
    pub path: Option<String>,
    /// Whether the request is carried out all the same; absent = only where the misdeed spoils the right answer. Under
    /// [`Misdeed::Hang`] and [`Misdeed::Latency`] it says when: before the wait (`true`), or after it, if the client is
    /// still there.
    #[serde(default)]
    pub apply: Option<bool>,
    /// Matching requests that pass first.
    #[serde(default)]
    pub skip: u32,
    /// How often it strikes; absent = always.
    #[serde(default)]
    pub count: Option<u32>,
    /// Chance of each strike, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// Seed of the chance.
    #[serde(default)]
    pub seed: u64,
    /// Delay of [`Misdeed::Latency`] in milliseconds.
    #[serde(default = "latency")]
    pub latency_ms: u32,
    /// Header of [`Misdeed::RateLimited429`] and [`Misdeed::Unavailable503`].
    #[serde(default)]
    pub retry_after: RetryAfter,
    /// Target of [`Misdeed::Redirect302`]: a path, or a whole URL for another host; absent = `/auth/login`.
    #[serde(default)]
    pub location: Option<String>,
}

fn always() -> f64 {
    1.0
}

fn latency() -> u32 {
    LATENCY_MS
}

impl Rule {
    /// Every request of the vendor's goes wrong in this way, for ever; narrow it with the other methods.
    #[must_use]
    pub fn new(misdeed: Misdeed) -> Self {
        Self {
            misdeed,
            method: None,
            path: None,
            apply: None,
            skip: 0,
            count: None,
            probability: always(),
            seed: 0,
            latency_ms: LATENCY_MS,
            retry_after: RetryAfter::Absent,
            location: None,
        }
    }

    /// Only this method and path, such as `POST` and `/Tickets`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// The request is carried out all the same.
    #[must_use]
    pub fn applied(mut self) -> Self {
        self.apply = Some(true);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Only after so many matching requests have passed.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Only with this chance (0 to 1), drawn from a generator with this seed.
    #[must_use]
    pub fn by_chance(mut self, probability: f64, seed: u64) -> Self {
        self.probability = probability;
        self.seed = seed;
        self
    }

    /// The same rule when it can be followed.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] naming what is out of range.
    pub fn checked(self) -> Result<Self, HaloError> {
        let refuse = |reason: String| Err(HaloError::Behaviour { reason });
        probability("probability", self.probability)?;
        if self.latency_ms > LATENCY_MAX_MS {
            return refuse(format!(
                "latency_ms is at most {LATENCY_MAX_MS}; use hang for more"
            ));
        }
        if self.misdeed.needs_the_answer() && self.apply == Some(false) {
            return refuse(format!(
                "{} spoils the right answer, so the request is always carried out; leave apply out",
                self.misdeed.name()
            ));
        }
        if self.path.as_deref().is_some_and(|path| !path.starts_with('/')) {
            return refuse("path begins with a slash".to_owned());
        }
        if self
            .location
            .as_deref()
            .is_some_and(|to| axum::http::HeaderValue::from_str(to).is_err())
        {
            return refuse("location holds characters a header cannot carry".to_owned());
        }
        Ok(self)
    }
}

/// Trouble by chance, over all requests of the vendor's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Random {
    /// Seed of the generator that chooses requests and misdeeds.
    pub seed: u64,
    /// Chance of each request to go wrong, 0 to 1.
    pub rate: f64,
    /// Misdeeds to choose among; empty = all of them.
    #[serde(default)]
    pub among: Vec<Misdeed>,
}

impl Random {
    /// The same mode when it can be followed.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when the rate is no chance.
    pub fn checked(self) -> Result<Self, HaloError> {
        probability("rate", self.rate)?;
        Ok(self)
    }
}

fn probability(name: &str, value: f64) -> Result<(), HaloError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(HaloError::Behaviour {
        reason: format!("{name} is a chance between 0 and 1, not {value}"),
    })
}

/// A rule and how often it met a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleState {
    /// The rule.
    pub rule: Rule,
    /// Requests it matched.
    pub matched: u32,
    /// Requests it struck.
    pub struck: u32,
}

/// Everything that is set to go wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Misbehaviour {
    /// The rules, in the order they are tried.
    pub rules: Vec<RuleState>,
    /// Random mode, when on.
    pub random: Option<Random>,
    /// Requests that hang now.
    pub held: usize,
}
