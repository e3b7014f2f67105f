//! What the maker calls the machine.

use super::some_line;
use crate::part::ProbeError;
use helpbell_model::report::Product;

/// What careless makers leave in the firmware instead of a name or number; compared in lower
/// case. Matching a device by one of these would match a stranger's.
const PLACEHOLDERS: [&str; 14] = [
    "to be filled by o.e.m.",
    "default string",
    "system serial number",
    "system manufacturer",
    "system product name",
    "not specified",
    "not applicable",
    "not available",
    "none",
    "n/a",
    "unknown",
    "oem",
    "o.e.m.",
    "invalid",
];

pub(super) fn ask() -> Result<Product, ProbeError> {
    let told = |answer: Result<String, sysinfo::Error>| answer.ok().and_then(|text| real(&text));
    let product = Product {
        maker: told(sysinfo::Product::vendor_name()),
        model: told(sysinfo::Product::name()),
        serial: told(sysinfo::Product::serial_number()),
        ..Default::default()
    };
    if product == Product::default() {
        return Err(ProbeError::unsupported(
            "the firmware names neither maker nor model",
        ));
    }
    Ok(product)
}

/// A firmware text unless it is a placeholder or a row of one character, such as `00000000`.
fn real(text: &str) -> Option<String> {
    let text = some_line(text)?;
    let lower = text.to_lowercase();
    let mut letters = lower.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next()?;
    let one_character_only = letters.all(|c| c == first);
    (!one_character_only && !PLACEHOLDERS.contains(&lower.as_str())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_makers_are_no_names() {
        for text in [
            "To Be Filled By O.E.M.",
            "  ",
            "00000000",
            "0",
            "Default string",
            "None",
            "----",
        ] {
            assert_eq!(real(text), None, "{text:?}");
        }
        assert_eq!(real(" PF3X9K2L\n").as_deref(), Some("PF3X9K2L"));
    }
}
