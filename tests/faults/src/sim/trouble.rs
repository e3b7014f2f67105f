//! What goes wrong in a world, and what may be taken away from the product there.

use std::time::Duration;

/// Longest delay of the index, within what the connector declares.
pub const LONGEST_LAG: Duration = Duration::from_secs(45);

/// How likely each fault is, per call, in thousandths.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// Nothing arrives, and that is known.
    pub not_sent: u32,
    /// 429.
    pub refused: u32,
    /// Nothing arrives, and nobody knows.
    pub lost_before: u32,
    /// It is carried out, and nobody is told.
    pub lost_after: u32,
    /// It is carried out later than anybody waits.
    pub late: u32,
    /// The process stands still before it sends, for longer than its lease.
    pub freeze: u32,
    /// Longest delay of the index.
    pub lag: Duration,
}

impl Faults {
    /// Something goes wrong about every second time. Where fencing is missing processes freeze more often,
    /// so that few worlds show what that means.
    #[must_use]
    pub fn harsh(without: Without) -> Self {
        Self {
            not_sent: 100,
            refused: 50,
            lost_before: 100,
            lost_after: 150,
            late: 100,
            freeze: if without == Without::Fencing { 200 } else { 20 },
            lag: LONGEST_LAG,
        }
    }

    /// Nothing goes wrong; the index still takes its time.
    pub const NONE: Self = Self {
        not_sent: 0,
        refused: 0,
        lost_before: 0,
        lost_after: 0,
        late: 0,
        freeze: 0,
        lag: LONGEST_LAG,
    };
}

/// What is taken away from the product, to show that it is needed. One at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Without {
    /// Nothing: the product as it is.
    #[default]
    Nothing,
    /// Telling unknown outcomes from failures: all count as not applied.
    Classification,
    /// An honest lookup: it claims to be strong while the index lags.
    HonestLookup,
    /// The end of a lease as the end of sending.
    LeaseEnd,
    /// Fencing: whatever an old claim records counts.
    Fencing,
    /// The intent on disk before the effect.
    IntentFirst,
    /// What rules came to, on disk: whoever goes on with a press runs them again.
    Ruling,
    /// Reading the report after its note was announced: it is read before, as it was then.
    LastReport,
}

impl Without {
    /// Everything that can be taken away.
    pub const EACH: [Self; 7] = [
        Self::Classification,
        Self::HonestLookup,
        Self::LeaseEnd,
        Self::Fencing,
        Self::IntentFirst,
        Self::Ruling,
        Self::LastReport,
    ];
}
