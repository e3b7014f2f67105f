//! Weak signals and crowded bands.

use super::{info, warning};
use helpbell_model::report::{Finding, WifiLink};

/// Below this strength in dBm, calls break up and rates fall to a tenth.
const WEAK: i32 = -75;
/// The same where the system grades by percent.
const WEAK_PERCENT: u32 = 40;

pub(super) fn findings(links: &[WifiLink]) -> Vec<Finding> {
    links.iter().filter_map(finding).collect()
}

/// A weak signal explains more than a crowded band.
fn finding(link: &WifiLink) -> Option<Finding> {
    let name = &link.interface;
    let weak = match (link.signal_dbm, link.quality_percent) {
        (Some(dbm), _) => (dbm < WEAK).then(|| format!("{dbm} dBm")),
        (None, Some(percent)) => (percent < WEAK_PERCENT).then(|| format!("{percent} %")),
        (None, None) => None,
    };
    if let Some(strength) = weak {
        let title = format!("The Wi-Fi of {name} is weak: {strength}");
        let detail = "Calls break up and pages stall. Move nearer to the access point, or take a cable.";
        return Some(warning(title, detail));
    }
    (link.band.as_deref() == Some("2.4 GHz") && link.note != "not connected").then(|| {
        let title = format!("{name} uses Wi-Fi at 2.4 GHz");
        let detail = "That band is slow and crowded: neighbours, Bluetooth and kitchens share it. 5 GHz is faster where it reaches.";
        info(title, detail)
    })
}
