//! Lenient reading of JSON: PSAs send ids as numbers or strings, 12.0 for 12, null for "absent", and
//! hundreds of members nobody asked for.

use crate::Failure;
use crate::http::Part;
pub use serde_json::{Map, Value, json};

/// Parses an answer. `whose` names it for the operator: `Halo's answer to GET /Users`.
pub fn parse(bytes: &[u8], whose: &str) -> Result<Value, Failure> {
    // Some servers put a byte order mark before JSON; RFC 8259 lets a reader ignore it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::internal(
            "json.unreadable",
            format!("{whose} is not readable JSON: {error}"),
        )
    })
}

/// Writes JSON. `serde_json`'s own writer would do the same, but prints floats with 15 kB of code and
/// tables, and no PSA wants a float: a number that is not whole is written as null.
pub fn write(value: &Value) -> String {
    let mut writer = Writer::default();
    writer.value(value);
    writer.text
}

/// The member under which [`blob`] keeps a file's number. No PSA and no person has a member with such a name.
const BLOB: &str = "\0blob";

/// Stands for a file of the host's (see `Attachment::blob`) as base64 text, where [`parts`] writes it.
pub fn blob(blob: u32) -> Value {
    let mut file = Map::new();
    file.insert(BLOB.to_owned(), Value::from(blob));
    Value::Object(file)
}

/// Writes JSON with files in it. Each is read piece by piece while it is sent, and never held whole.
///
/// ```
/// use helpbell_connector::json::{blob, json, parts};
///
/// let body = parts(&json!({"name": "report.html", "data": blob(0)}));
/// assert_eq!(body.len(), 3);
/// ```
pub fn parts(value: &Value) -> Vec<Part> {
    let mut writer = Writer::default();
    writer.value(value);
    writer.flush();
    writer.parts
}

/// Text so far, and what came before it.
#[derive(Default)]
struct Writer {
    parts: Vec<Part>,
    text: String,
}

impl Writer {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.parts.push(Part::Bytes(text.into_bytes()));
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self
                .text
                .push_str(&whole_number(number).unwrap_or_else(|| "null".to_owned())),
            Value::String(text) => write_text(&mut self.text, text),
            Value::Array(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.value(item);
                }
                self.text.push(']');
            }
            Value::Object(members) => match members.get(BLOB).and_then(Value::as_u64) {
                Some(blob) => {
                    self.text.push('"');
                    self.flush();
                    self.parts
                        .push(Part::Base64(u32::try_from(blob).unwrap_or(u32::MAX)));
                    self.text.push('"');
                }
                None => self.members(members),
            },
        }
    }

    fn members(&mut self, members: &Map<String, Value>) {
        self.text.push('{');
        for (index, (name, member)) in members.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write_text(&mut self.text, name);
            self.text.push(':');
            self.value(member);
        }
        self.text.push('}');
    }
}

fn write_text(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u32| HEX.get(nibble as usize).copied().map_or('0', char::from);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => {
                out.push_str("\\u00");
                out.push(digit(control as u32 >> 4));
                out.push(digit(control as u32 & 15));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A number without a fraction, as digits.
fn whole_number(number: &serde_json::Number) -> Option<String> {
    if let Some(large) = number.as_u64() {
        return Some(large.to_string());
    }
    number
        .as_i64()
        .or_else(|| whole(number.as_f64()?))
        .map(|number| number.to_string())
}

/// A member that is neither absent nor null.
pub fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|member| !member.is_null())
}

/// A member as text. Whole numbers and booleans count; blank text counts as absent.
pub fn text(value: &Value, name: &str) -> Option<String> {
    let text = match member(value, name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => whole_number(number)?,
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A member as an id: `12`, `12.0` and `"12"` are all `12`; other text stays as it is.
pub fn id(value: &Value, name: &str) -> Option<String> {
    match member(value, name)? {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| whole(number.as_f64()?))
            .map(|id| id.to_string()),
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

/// A member as a truth: `true`, `1`, `"true"` are true, absent is not.
pub fn flag(value: &Value, name: &str) -> bool {
    match member(value, name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}

/// An id as JSON: a number where it is one, which strictly typed servers insist on.
pub fn id_value(id: &str) -> Value {
    id.parse::<i64>().map_or_else(|_| Value::from(id), Value::from)
}

/// The objects of a list that is either a bare array or stands under one of `names` in an envelope.
pub fn list<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Vec<Value>> {
    value
        .as_array()
        .or_else(|| names.iter().find_map(|name| value.get(name)?.as_array()))
}

/// An object, or the only one of an array.
pub fn object(value: Value) -> Option<Value> {
    match value {
        Value::Array(items) => items.into_iter().next_back().filter(Value::is_object),
        object if object.is_object() => Some(object),
        _ => None,
    }
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 a float no longer names one integer.
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_the_same_as_number_float_and_text() {
        let value = json!({"a": 12, "b": 12.0, "c": "12", "d": -1, "e": null, "f": 1.5, "g": "GUID"});
        let read = |name| id(&value, name);
        assert_eq!(
            [read("a"), read("b"), read("c")],
            [(); 3].map(|()| Some("12".to_owned()))
        );
        assert_eq!(read("d").as_deref(), Some("-1"));
        assert_eq!(
            (read("e"), read("f"), read("g").as_deref()),
            (None, None, Some("GUID"))
        );
    }

    #[test]
    fn what_is_written_reads_the_same_with_any_text_in_it() {
        let text: String = (0..0x120)
            .filter_map(char::from_u32)
            .chain("\u{2028}😀</script>".chars())
            .collect();
        let value = json!({"a": [1, -2, true, null, {}], "b": {"c": text}, &text: [], "d": u64::MAX});
        assert_eq!(serde_json::from_str::<Value>(&write(&value)).unwrap(), value);
        assert_eq!(write(&json!([12.0, 1.5])), "[12,null]");
    }

    #[test]
    fn files_are_written_where_they_stand_and_nothing_a_person_types_is_one() {
        let typed = r#"{"\u0000blob": 7}"#;
        let body = parts(&json!({"a": [blob(3)], "b": typed, "c": blob(0)}));
        let shown: Vec<String> = body
            .iter()
            .map(|part| match part {
                Part::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Part::Base64(blob) => format!("<{blob}>"),
            })
            .collect();
        let expected = [
            r#"{"a":[""#,
            "<3>",
            r#""],"b":"{\"\\u0000blob\": 7}","c":""#,
            "<0>",
            "\"}",
        ];
        assert_eq!(shown, expected);
        assert_eq!(parts(&json!(1)).len(), 1);
    }

    #[test]
    fn a_list_is_found_bare_and_in_an_envelope() {
        assert_eq!(list(&json!([1, 2]), &["agents"]).map(Vec::len), Some(2));
        assert_eq!(
            list(&json!({"record_count": 1, "agents": [1]}), &["agents"]).map(Vec::len),
            Some(1)
        );
        assert_eq!(list(&json!({"error": "x"}), &["agents"]), None);
    }

    #[test]
    fn json_behind_a_byte_order_mark_is_read() {
        assert_eq!(parse(b"\xef\xbb\xbf{}", "it").unwrap(), json!({}));
        assert_eq!(parse(b"<html>", "it").unwrap_err().code, "json.unreadable");
    }
}
