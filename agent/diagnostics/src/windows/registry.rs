//! The registry, as the probes read it: whole paths, no handles, bounded lists.
//!
//! Probes judge through [`Registry`] alone, so that a test gives them the registry of a machine that was exported to a
//! file. A value that is missing, of another type or not ours to read is `None` alike: not known.

use jiff::{SignedDuration, Timestamp};

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Number(u64),
    Bytes(Vec<u8>),
}

/// Looks up values by their whole path, such as `HKLM\SOFTWARE\Microsoft`, in any case.
pub(crate) trait Registry {
    fn value(&self, key: &str, name: &str) -> Option<Value>;

    /// The names of the keys right below.
    fn keys(&self, key: &str) -> Vec<String>;

    /// Whether there is such a key.
    fn has(&self, key: &str) -> bool;

    fn text(&self, key: &str, name: &str) -> Option<String> {
        match self.value(key, name)? {
            Value::Text(text) => Some(text),
            Value::Texts(_) | Value::Number(_) | Value::Bytes(_) => None,
        }
    }

    fn texts(&self, key: &str, name: &str) -> Option<Vec<String>> {
        match self.value(key, name)? {
            Value::Texts(texts) => Some(texts),
            Value::Text(_) | Value::Number(_) | Value::Bytes(_) => None,
        }
    }

    fn number(&self, key: &str, name: &str) -> Option<u64> {
        match self.value(key, name)? {
            Value::Number(number) => Some(number),
            Value::Text(_) | Value::Texts(_) | Value::Bytes(_) => None,
        }
    }

    fn bytes(&self, key: &str, name: &str) -> Option<Vec<u8>> {
        match self.value(key, name)? {
            Value::Bytes(bytes) => Some(bytes),
            Value::Text(_) | Value::Texts(_) | Value::Number(_) => None,
        }
    }

    /// A number that means a switch.
    fn is_on(&self, key: &str, name: &str) -> Option<bool> {
        self.number(key, name).map(|number| number != 0)
    }

    /// A moment as Windows keeps it, eight bytes or a number: steps of 100 ns since 1601.
    fn moment(&self, key: &str, name: &str) -> Option<Timestamp> {
        let steps = match self.value(key, name)? {
            Value::Number(steps) => steps,
            Value::Bytes(bytes) => u64::from_le_bytes(bytes.try_into().ok()?),
            Value::Text(_) | Value::Texts(_) => return None,
        };
        moment_of(steps)
    }
}

/// 1601-01-01, where Windows begins to count, in seconds before 1970.
const WINDOWS_EPOCH: i64 = 11_644_473_600;
const STEPS_PER_SECOND: u64 = 10_000_000;

/// Steps of 100 ns since 1601 as a moment. Zero is what Windows writes for "never".
pub(crate) fn moment_of(steps: u64) -> Option<Timestamp> {
    if steps == 0 {
        return None;
    }
    let seconds = i64::try_from(steps / STEPS_PER_SECOND)
        .ok()?
        .checked_sub(WINDOWS_EPOCH)?;
    let nanoseconds = i32::try_from(steps % STEPS_PER_SECOND * 100).ok()?;
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::new(seconds, nanoseconds))
        .ok()
}

/// The registry of this machine, as this account sees it.
#[cfg(windows)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThisMachine;

#[cfg(windows)]
mod live {
    use super::{Registry, ThisMachine, Value};
    use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE, Type};

    /// Subkeys that are looked at below one key. A machine has a few hundred programs and about as many services and
    /// devices; what goes beyond is broken or hostile.
    const MOST_KEYS: usize = 4000;

    /// Bytes of a value that are looked at. Names, versions and lists of files to be renamed are shorter.
    const VALUE_BYTES: usize = 64 * 1024;

    fn open(path: &str) -> Option<Key> {
        let (root, below) = path.split_once('\\')?;
        let root = match root {
            "HKLM" => LOCAL_MACHINE,
            "HKCU" => CURRENT_USER,
            _ => return None,
        };
        root.open(below).ok()
    }

    impl Registry for ThisMachine {
        fn value(&self, key: &str, name: &str) -> Option<Value> {
            let value = open(key)?.get_value(name).ok()?;
            let short = value.len() <= VALUE_BYTES;
            Some(match value.ty() {
                Type::U32 | Type::U64 => Value::Number(u64::try_from(value).ok()?),
                Type::String | Type::ExpandString => Value::Text(text(value.as_wide())),
                Type::MultiString => Value::Texts(
                    value
                        .as_wide()
                        .split(|unit| *unit == 0)
                        .filter(|part| !part.is_empty())
                        .map(String::from_utf16_lossy)
                        .collect(),
                ),
                _ if short => Value::Bytes(value.to_vec()),
                _ => return None,
            })
        }

        fn keys(&self, key: &str) -> Vec<String> {
            let Some(key) = open(key) else {
                return Vec::new();
            };
            key.keys()
                .map(|keys| keys.take(MOST_KEYS).collect())
                .unwrap_or_default()
        }

        fn has(&self, key: &str) -> bool {
            open(key).is_some()
        }
    }

    /// Up to the first zero; nothing guarantees one, nor that the halves of a character match.
    fn text(wide: &[u16]) -> String {
        let end = wide.iter().position(|unit| *unit == 0).unwrap_or(wide.len());
        String::from_utf16_lossy(wide.get(..end).unwrap_or_default())
    }
}

#[cfg(test)]
pub(crate) use exported::Exported;

#[cfg(test)]
mod exported {
    //! A registry out of the text that `reg export` writes.

    use super::{Registry, Value};
    use std::collections::BTreeMap;

    /// The values of one key, by name in lower case.
    type Values = BTreeMap<String, Value>;

    /// A made-up registry. Keys and names are kept in lower case.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Exported {
        keys: BTreeMap<String, (String, Values)>,
    }

    impl Exported {
        /// The laptop that most tests begin with.
        pub(crate) fn laptop() -> Self {
            Self::of(include_str!("../../fixtures/windows/laptop.reg"))
        }

        pub(crate) fn of(text: &str) -> Self {
            Self::default().and(text)
        }

        /// The same with further or other values. `[-KEY]` takes a key away with all below.
        pub(crate) fn and(mut self, text: &str) -> Self {
            let mut at = String::new();
            for row in text
                .replace("\\\r\n", "")
                .replace("\\\n", "")
                .lines()
                .map(str::trim)
            {
                if let Some(gone) = row.strip_prefix("[-").and_then(|row| row.strip_suffix(']')) {
                    let gone = short(gone).to_lowercase();
                    self.keys
                        .retain(|key, _| *key != gone && !key.starts_with(&format!("{gone}\\")));
                } else if let Some(key) = row.strip_prefix('[').and_then(|row| row.strip_suffix(']')) {
                    at = short(key);
                    self.make(&at);
                } else if let Some((name, value)) = row.split_once('=') {
                    let name = name.trim_matches('"').replace('@', "").to_lowercase();
                    let (_, values) = self.keys.get_mut(&at.to_lowercase()).unwrap();
                    if value == "-" {
                        values.remove(&name);
                    } else {
                        values.insert(name, parsed(value));
                    }
                }
            }
            self
        }

        /// A key and all above it.
        fn make(&mut self, key: &str) {
            let mut path = String::new();
            for part in key.split('\\') {
                if !path.is_empty() {
                    path.push('\\');
                }
                path.push_str(part);
                self.keys
                    .entry(path.to_lowercase())
                    .or_insert_with(|| (part.to_owned(), Values::new()));
            }
        }
    }

    fn short(key: &str) -> String {
        key.replace("HKEY_LOCAL_MACHINE", "HKLM")
            .replace("HKEY_CURRENT_USER", "HKCU")
    }

    fn parsed(value: &str) -> Value {
        let hex = |text: &str| -> Vec<u8> {
            text.split(',')
                .map(|byte| u8::from_str_radix(byte.trim(), 16).unwrap())
                .collect()
        };
        let wide = |bytes: Vec<u8>| -> Vec<u16> {
            bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect()
        };
        if let Some(number) = value.strip_prefix("dword:") {
            Value::Number(u64::from_str_radix(number, 16).unwrap())
        } else if let Some(bytes) = value.strip_prefix("hex(b):") {
            Value::Number(u64::from_le_bytes(hex(bytes).try_into().unwrap()))
        } else if let Some(bytes) = value.strip_prefix("hex(7):") {
            let all = String::from_utf16_lossy(&wide(hex(bytes)));
            Value::Texts(
                all.split('\0')
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned)
                    .collect(),
            )
        } else if let Some(bytes) = value.strip_prefix("hex:") {
            Value::Bytes(hex(bytes))
        } else {
            let text = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            Value::Text(text.replace("\\\\", "\\").replace("\\\"", "\""))
        }
    }

    impl Registry for Exported {
        fn value(&self, key: &str, name: &str) -> Option<Value> {
            let (_, values) = self.keys.get(&key.to_lowercase())?;
            values.get(&name.to_lowercase()).cloned()
        }

        fn keys(&self, key: &str) -> Vec<String> {
            let start = format!("{}\\", key.to_lowercase());
            self.keys
                .iter()
                .filter(|(path, _)| {
                    path.strip_prefix(&start)
                        .is_some_and(|below| !below.contains('\\'))
                })
                .map(|(_, (name, _))| name.clone())
                .collect()
        }

        fn has(&self, key: &str) -> bool {
            self.keys.contains_key(&key.to_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_counts_from_1601_and_zero_is_never() {
        // 2026-11-20 08:11:02 UTC.
        let steps = 134_396_358_620_000_000;
        assert_eq!(moment_of(steps).unwrap().to_string(), "2026-11-20T08:11:02Z");
        assert_eq!(moment_of(0), None);
        assert_eq!(moment_of(u64::MAX), None);
    }

    #[test]
    fn an_exported_registry_reads_back() {
        let registry = Exported::of(
            r#"Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Acme]
@="whole"
"Path"="C:\\Program Files\\Acme"
"On"=dword:00000001
"Size"=hex(b):00,00,00,00,02,00,00,00
"List"=hex(7):61,00,00,00,62,00,\
  63,00,00,00,00,00
"Raw"=hex:01,02

[HKEY_LOCAL_MACHINE\SOFTWARE\Acme\Below]
"#,
        );
        let key = r"HKLM\Software\ACME";
        assert_eq!(
            registry.text(key, "path").as_deref(),
            Some(r"C:\Program Files\Acme")
        );
        assert_eq!(registry.text(key, "").as_deref(), Some("whole"));
        assert_eq!(registry.is_on(key, "On"), Some(true));
        assert_eq!(registry.number(key, "Size"), Some(2 << 32));
        assert_eq!(registry.texts(key, "List").unwrap(), ["a", "bc"]);
        assert_eq!(registry.bytes(key, "Raw").unwrap(), [1, 2]);
        assert_eq!(registry.number(key, "Path"), None, "another type");
        assert_eq!(registry.keys(key), ["Below"]);
        assert_eq!(registry.keys(r"HKLM\SOFTWARE"), ["Acme"]);
    }

    #[cfg(windows)]
    #[test]
    fn this_machine_reads_values_of_every_type_and_says_nothing_about_missing_ones() {
        use windows_registry::{CURRENT_USER, Type};
        let place = format!(r"Software\Helpbell\Test{}", std::process::id());
        let key = CURRENT_USER.create(&place).unwrap();
        key.set_string("text", "Größe\u{1F514}").unwrap();
        key.set_multi_string("texts", &["a", "b c"]).unwrap();
        key.set_u32("number", 7).unwrap();
        key.set_u64("large", 1 << 40).unwrap();
        key.set_bytes("bytes", Type::Bytes, &[1, 2, 3]).unwrap();
        // Half a character.
        key.set_bytes("broken", Type::String, &[0x61, 0, 0x3d, 0xd8, 0, 0])
            .unwrap();
        CURRENT_USER.create(format!(r"{place}\below")).unwrap();
        let at = format!(r"HKCU\{place}");
        let (text, texts) = (ThisMachine.text(&at, "text"), ThisMachine.texts(&at, "texts"));
        let (number, large) = (
            ThisMachine.number(&at, "number"),
            ThisMachine.number(&at, "large"),
        );
        let (bytes, broken) = (ThisMachine.bytes(&at, "bytes"), ThisMachine.text(&at, "broken"));
        let (keys, missing) = (ThisMachine.keys(&at), ThisMachine.value(&at, "missing"));
        CURRENT_USER.remove_tree(&place).unwrap();
        assert_eq!(text.as_deref(), Some("Größe\u{1F514}"));
        assert_eq!(texts.unwrap(), ["a", "b c"]);
        assert_eq!((number, large), (Some(7), Some(1 << 40)));
        assert_eq!(bytes.unwrap(), [1, 2, 3]);
        assert_eq!(broken.as_deref(), Some("a\u{fffd}"));
        assert_eq!(keys, ["below"]);
        assert_eq!(missing, None);
        assert!(!ThisMachine.has(&at), "removed");
    }
}
