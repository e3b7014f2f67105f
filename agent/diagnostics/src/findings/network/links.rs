//! How well what travels arrives: loss, delay, evenness. Told of the nearest place only: what the gateway loses is lost
//! behind it too.

use super::{warning, way::of_role};
use helpbell_model::report::{Finding, Machine, Reached};

/// Echoes lost of five that are no accident any more.
const LOST: u32 = 2;
/// Milliseconds after which a gateway in the house answers late. By wire it takes one, by good Wi-Fi ten.
const GATEWAY_SLOW: f64 = 100.0;
/// Milliseconds after which people feel every click. A far continent takes 250.
const INTERNET_SLOW: f64 = 300.0;
/// Milliseconds from one answer to the next that calls cannot smooth any more.
const UNEVEN: f64 = 40.0;

pub(super) fn findings(machine: &Machine) -> Option<Finding> {
    let targets = machine
        .reachability
        .as_ref()
        .map(|reachability| reachability.targets.as_slice())?;
    let gateway = best(targets, "gateway");
    let internet = best(targets, "internet");
    let near = gateway.and_then(|gateway| trouble(gateway, "the gateway", GATEWAY_SLOW));
    near.or_else(|| trouble(internet?, "the internet", INTERNET_SLOW))
}

/// The one that answers best: a single server in trouble is not the way to it.
fn best<'a>(targets: &'a [Reached], role: &'a str) -> Option<&'a Reached> {
    let badness = |target: &&Reached| {
        (
            target.sent.saturating_sub(target.received),
            target.average_ms.map(tenths),
        )
    };
    of_role(targets, role)
        .filter(|target| target.received > 0)
        .min_by_key(badness)
}

/// For ordering only.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds, never negative"
)]
fn tenths(ms: f64) -> u64 {
    (ms * 10.0).round() as u64
}

fn trouble(target: &Reached, who: &str, slow: f64) -> Option<Finding> {
    let Reached {
        address,
        sent,
        received,
        ..
    } = target;
    let lost = sent.saturating_sub(*received);
    if lost >= LOST {
        let title = format!("{lost} of {sent} echoes from {who} ({address}) get lost");
        let detail = if who == "the gateway" {
            "Between this computer and the gateway: a weak Wi-Fi, a bad cable or switch port, or a router at its end. Calls break up and pages stall."
        } else {
            "The gateway is near and answers well, so it is the line or the provider. Calls break up and pages stall."
        };
        return Some(warning(title, detail));
    }
    let average = target.average_ms?;
    if average >= slow {
        let title = format!("Echoes from {who} ({address}) take {average:.0} ms");
        let detail = "Everything that goes back and forth feels slow. Often somebody fills the line, or the Wi-Fi is crowded.";
        return Some(warning(title, detail));
    }
    let jitter = target.jitter_ms.filter(|jitter| *jitter >= UNEVEN)?;
    let title = format!("Echoes from {who} ({address}) vary by {jitter:.0} ms");
    let detail = "Calls and remote desktops stutter. Often somebody fills the line, or the Wi-Fi is crowded.";
    Some(warning(title, detail))
}
