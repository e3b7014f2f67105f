//! What was measured, against what, and whether the target holds.

use serde_json::{Map, Value, json};
use std::{fmt::Write as _, time::Duration};

/// A limit that a metric is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// So many times what it is measured against, at most.
    Ratio(f64),
    /// So much in its own unit, at most.
    Value(f64),
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Metric {
    /// Its name, dotted: `press.remembered`.
    pub(crate) name: String,
    /// What it is, for people.
    pub(crate) what: String,
    /// The result.
    pub(crate) value: f64,
    /// `ms`, `bytes`, `MB`.
    pub(crate) unit: &'static str,
    /// The floor or peer in the same unit, where there is one.
    pub(crate) against: Option<f64>,
    /// The limit; none where a number is only told.
    pub(crate) target: Option<Target>,
}

impl Metric {
    /// How many times what it is measured against.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.against
            .filter(|against| *against > 0.0)
            .map(|against| self.value / against)
    }

    /// Whether the target is met; none without one.
    pub(crate) fn holds(&self) -> Option<bool> {
        match self.target? {
            // A ratio that cannot be computed meets no target.
            Target::Ratio(most) => Some(self.ratio().is_some_and(|ratio| ratio <= most)),
            Target::Value(most) => Some(self.value <= most),
        }
    }
}

/// Every metric by name. `target` is a ratio where there is something to be measured against, else a value in the
/// metric's unit.
pub(crate) fn json(metrics: &[Metric]) -> Value {
    let entries = metrics.iter().map(|metric| {
        let target = metric.target.map(|target| match target {
            Target::Ratio(most) | Target::Value(most) => most,
        });
        let value = json!({
            "value": rounded(metric.value),
            "unit": metric.unit,
            "against": metric.against.map(rounded),
            "ratio": metric.ratio().map(rounded),
            "target": target,
            "holds": metric.holds(),
        });
        (metric.name.clone(), value)
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

/// More digits than these are noise.
fn rounded(value: f64) -> f64 {
    const THOUSANDTHS: f64 = 1000.0;
    (value * THOUSANDTHS).round() / THOUSANDTHS
}

/// The same for people.
pub(crate) fn table(metrics: &[Metric]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<26} {:>16} {:>11} {:>7} {:>14}",
        "", "measured", "floor", "ratio", "target"
    );
    for metric in metrics {
        let against = metric
            .against
            .map(|against| format!("{against:.2}"))
            .unwrap_or_default();
        let ratio = metric
            .ratio()
            .map(|ratio| format!("{ratio:.2}"))
            .unwrap_or_default();
        let target = match metric.target {
            None => String::new(),
            Some(Target::Ratio(most)) => format!("<= {most} x"),
            Some(Target::Value(most)) => format!("<= {most}"),
        };
        let verdict = match metric.holds() {
            None => "",
            Some(true) => "ok",
            Some(false) => "MISSED",
        };
        let measured = if metric.unit == "bytes" {
            format!("{} {}", metric.value, metric.unit)
        } else {
            format!("{:.2} {}", metric.value, metric.unit)
        };
        let line = format!(
            "{:<26} {measured:>16} {against:>11} {ratio:>7} {target:>14}  {verdict:<6}  {}",
            metric.name, metric.what
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Times of the same thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// One more.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time in milliseconds that this share of the samples does not exceed; 0 without samples.
    pub(crate) fn quantile_ms(&self, per_cent: usize) -> f64 {
        const WHOLE: usize = 100;
        const MS_PER_S: f64 = 1000.0;
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * per_cent).div_ceil(WHOLE).max(1) - 1;
        sorted.get(rank).map_or(0.0, |time| time.as_secs_f64() * MS_PER_S)
    }
}

/// Memory of this process in KiB, where the system tells it.
pub(crate) fn resident_kb() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and kibibytes far below what f64 holds exactly"
)]
pub(crate) const fn precise(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(value: f64, against: Option<f64>, target: Option<Target>) -> Metric {
        Metric {
            name: "press.remembered".to_owned(),
            what: String::new(),
            value,
            unit: "ms",
            against,
            target,
        }
    }

    #[test]
    fn a_target_is_held_up_to_its_limit_and_missed_beyond() {
        let ratio = |value| metric(value, Some(2.0), Some(Target::Ratio(3.0))).holds();
        assert_eq!(ratio(6.0), Some(true));
        assert_eq!(ratio(6.1), Some(false));
        let value = |value| metric(value, None, Some(Target::Value(10.0))).holds();
        assert_eq!(value(10.0), Some(true));
        assert_eq!(value(10.1), Some(false));
        assert_eq!(metric(1.0, None, None).holds(), None);
    }

    #[test]
    fn a_floor_of_nothing_meets_no_target() {
        assert_eq!(
            metric(1.0, Some(0.0), Some(Target::Ratio(3.0))).holds(),
            Some(false)
        );
        assert_eq!(metric(1.0, None, Some(Target::Ratio(3.0))).holds(), Some(false));
    }

    #[test]
    fn the_json_of_a_metric_has_its_six_members() {
        let json = json(&[metric(6.0, Some(2.0), Some(Target::Ratio(3.0)))]);
        let expected = json!({
            "value": 6.0, "unit": "ms", "against": 2.0, "ratio": 3.0, "target": 3.0, "holds": true,
        });
        assert_eq!(json["press.remembered"], expected);
    }

    #[test]
    fn a_missed_target_stands_in_the_table() {
        let text = table(&[metric(9.0, Some(2.0), Some(Target::Ratio(3.0)))]);
        assert!(text.contains("MISSED") && text.contains("4.50"), "{text}");
    }

    #[test]
    fn quantiles_are_samples_that_occurred() {
        let mut samples = Samples::default();
        for ms in (1..=100).rev() {
            samples.add(Duration::from_millis(ms));
        }
        assert_eq!(samples.quantile_ms(50), 50.0);
        assert_eq!(samples.quantile_ms(95), 95.0);
        assert_eq!(samples.quantile_ms(100), 100.0);
        assert_eq!(Samples::default().quantile_ms(50), 0.0);
    }
}
