//! How busy the machine was while the person wrote, as small charts.

use crate::units::{as_f64, bytes, counted, duration};
use helpbell_model::report::Usage;
use std::fmt::Write as _;

/// Width of a chart's field. Its height is [`HEIGHT`]; the page stretches both.
const WIDTH: f64 = 100.0;
/// Height of a chart's field.
const HEIGHT: f64 = 24.0;
/// Points of a chart. More than the sampler keeps; a report from elsewhere may hold any number.
const MOST_POINTS: usize = 240;
/// Bytes a second below which a line lies at the bottom: name lookups and heartbeats alone look like a mountain range
/// otherwise.
const QUIET_BYTES: f64 = 64.0 * 1024.0;

/// One chart with the numbers it stands for.
#[derive(Debug, PartialEq)]
pub(super) struct Sparkline {
    pub(super) label: &'static str,
    /// The last value.
    pub(super) now: String,
    /// The highest one.
    pub(super) peak: String,
    /// The line, as points of a polyline.
    pub(super) line: String,
    /// For those who do not see it.
    pub(super) told: String,
}

/// All charts, and over how long they reach. None without samples.
#[derive(Debug, PartialEq)]
pub(super) struct Charts {
    pub(super) span: String,
    pub(super) all: Vec<Sparkline>,
}

/// What was sampled, as charts.
pub(super) fn charts(usage: &Usage) -> Option<Charts> {
    let samples = usage.cpu_percent.len();
    let seconds = usage
        .every_ms
        .saturating_mul(u64::try_from(samples).unwrap_or(u64::MAX))
        / 1000;
    let span = if seconds == 0 {
        counted(u64::try_from(samples).unwrap_or(u64::MAX), "sample")
    } else {
        duration(seconds)
    };
    let percent = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    let rates = |values: &[u64]| values.iter().map(|value| as_f64(*value)).collect::<Vec<_>>();
    let all: Vec<Sparkline> = [
        ("Processor", percent(&usage.cpu_percent), Scale::Percent),
        ("Memory", percent(&usage.memory_percent), Scale::Percent),
        ("Received", rates(&usage.received), Scale::Rate),
        ("Sent", rates(&usage.sent), Scale::Rate),
    ]
    .into_iter()
    .filter_map(|(label, values, scale)| sparkline(label, &values, scale, &span))
    .collect();
    (!all.is_empty()).then_some(Charts { span, all })
}

#[derive(Clone, Copy)]
enum Scale {
    /// 0 to 100.
    Percent,
    /// Bytes a second, up to the highest.
    Rate,
}

impl Scale {
    fn top(self, highest: f64) -> f64 {
        match self {
            Self::Percent => 100.0,
            Self::Rate => highest.max(QUIET_BYTES),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a byte more or less"
    )]
    fn show(self, value: f64) -> String {
        match self {
            Self::Percent => format!("{value:.0} %"),
            Self::Rate => format!("{}/s", bytes(value as u64)),
        }
    }
}

fn sparkline(label: &'static str, values: &[f64], scale: Scale, span: &str) -> Option<Sparkline> {
    // What is no number is no load.
    let clean: Vec<f64> = values
        .iter()
        .map(|value| if value.is_finite() { value.max(0.0) } else { 0.0 })
        .collect();
    let now = scale.show(*clean.last()?);
    let highest = clean.iter().copied().fold(0.0, f64::max);
    let peak = scale.show(highest);
    Some(Sparkline {
        label,
        told: format!("{label} over {span}: {now} at the end, at most {peak}"),
        line: line(&thinned(&clean), scale.top(highest)),
        now,
        peak,
    })
}

/// At most [`MOST_POINTS`], each the highest of its share: a peak is what somebody felt.
fn thinned(values: &[f64]) -> Vec<f64> {
    let share = values.len().div_ceil(MOST_POINTS).max(1);
    values
        .chunks(share)
        .map(|chunk| chunk.iter().copied().fold(0.0, f64::max))
        .collect()
}

fn line(values: &[f64], top: f64) -> String {
    let height = |value: f64| HEIGHT - (value / top).clamp(0.0, 1.0) * HEIGHT;
    let mut points = String::new();
    let last = as_f64(u64::try_from(values.len().saturating_sub(1)).unwrap_or(u64::MAX)).max(1.0);
    let mut place = 0.0;
    for value in values {
        let _ = write!(points, "{:.1},{:.1} ", place * WIDTH / last, height(*value));
        place += 1.0;
    }
    if let [only] = values {
        // A single sample is a level.
        let _ = write!(points, "{WIDTH:.1},{:.1}", height(*only));
    }
    points.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(cpu: &[f32], received: &[u64]) -> Usage {
        Usage {
            every_ms: 500,
            cpu_percent: cpu.to_vec(),
            memory_percent: vec![],
            received: received.to_vec(),
            sent: vec![],
        }
    }

    #[test]
    fn a_chart_rises_with_its_values_and_tells_them_in_words() {
        let charts = charts(&usage(&[0.0, 50.0, 100.0, 25.0], &[])).unwrap();
        assert_eq!(charts.span, "2 seconds");
        let [cpu] = charts.all.as_slice() else {
            panic!("{charts:?}")
        };
        assert_eq!(cpu.line, "0.0,24.0 33.3,12.0 66.7,0.0 100.0,18.0");
        assert_eq!((cpu.now.as_str(), cpu.peak.as_str()), ("25 %", "100 %"));
        assert_eq!(
            cpu.told,
            "Processor over 2 seconds: 25 % at the end, at most 100 %"
        );
    }

    #[test]
    fn a_little_traffic_stays_at_the_bottom_and_much_fills_the_chart() {
        let low = charts(&usage(&[], &[640, 640])).unwrap().all.remove(0);
        assert_eq!(low.line, "0.0,23.8 100.0,23.8");
        let high = charts(&usage(&[], &[0, 10 << 20])).unwrap().all.remove(0);
        assert_eq!(
            (high.line.as_str(), high.peak.as_str()),
            ("0.0,24.0 100.0,0.0", "10 MB/s")
        );
    }

    #[test]
    fn a_single_sample_is_a_level_and_none_is_no_chart() {
        assert_eq!(
            charts(&usage(&[50.0], &[])).unwrap().all[0].line,
            "0.0,12.0 100.0,12.0"
        );
        assert_eq!(charts(&Usage::default()), None);
    }

    #[test]
    fn many_samples_and_no_numbers_at_all_are_still_a_bounded_chart() {
        let mut many = vec![1.0_f32; 100_000];
        many[50_000] = 99.0;
        many[7] = f32::NAN;
        many[8] = f32::INFINITY;
        let chart = charts(&usage(&many, &[u64::MAX; 3])).unwrap().all.remove(0);
        assert!(
            chart.line.len() < 4_000 && chart.peak == "99 %",
            "{} {}",
            chart.line.len(),
            chart.peak
        );
    }
}
