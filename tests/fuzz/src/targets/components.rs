//! Files that may be connectors, and what comes out of guests' memories.

use crate::{
    promises::{all_can_be_shown, can_be_shown},
    surroundings::{impatient, wait},
};
use helpbell_hostile::components::{self, CRASH};
use helpbell_sandbox::{Connector, LoadError};
use std::sync::{Arc, LazyLock};

/// Words of an error are few: names out of files are cut.
const ERROR_CHARS: usize = 2_000;

static GENUINE: LazyLock<Vec<u8>> = LazyLock::new(|| components::tiny(CRASH));

/// Loads a file. One that begins as WebAssembly does is taken as it is; anything else is a list of changes to a
/// genuine connector, four bytes each: place, place, place, byte. Of each three a place is 24 bits, modulo its size.
///
/// # Panics
/// If the file was loaded and describes itself in texts that cannot be shown, or if the error cannot.
pub fn loading(input: &[u8]) {
    let file = if input.starts_with(b"\0asm") {
        input.to_vec()
    } else {
        let mut file = GENUINE.clone();
        for change in input.chunks_exact(4) {
            let place = usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
            let place = place % file.len();
            file[place] = change[3];
        }
        file
    };
    judge(&load(file));
}

fn load(file: Vec<u8>) -> Result<Arc<Connector>, LoadError> {
    wait(impatient().load_bytes("fuzz.wasm", file))
}

fn judge(loaded: &Result<Arc<Connector>, LoadError>) {
    match loaded {
        Ok(connector) => all_can_be_shown(&serde_json::to_value(connector.description()).unwrap()),
        Err(error) => {
            let words = error.to_string();
            can_be_shown(&words);
            assert!(words.chars().count() <= ERROR_CHARS, "{words}");
        }
    }
}

/// Bytes of the guest's memory that hold words; text fills the rest.
const WORDS_BYTES: usize = 4 << 10;
/// Bytes of text behind them.
const TEXT_BYTES: usize = 4 << 10;

/// Lifts what `describe` returns out of a memory made of the input.
///
/// # Panics
/// If what was lifted cannot be shown or has no bounds.
pub fn lifting(input: &[u8]) {
    judge(&lifted(input));
}

/// Loads a connector whose `describe` returns what stands in a memory made of the input: each byte becomes a word of
/// 32 bits, a small number or an address of a text or of other words, so that lists of texts of lists come about.
///
/// # Errors
/// Mostly.
pub fn lifted(input: &[u8]) -> Result<Arc<Connector>, LoadError> {
    let mut memory = Vec::with_capacity(WORDS_BYTES + TEXT_BYTES);
    for byte in input.iter().copied().take(WORDS_BYTES / 4) {
        let byte = u32::from(byte);
        let word = match byte {
            // A length, a count, a case.
            0..128 => byte,
            // An address of text.
            128..192 => WORDS_BYTES as u32 + (byte - 128) * 61,
            // An address of other words.
            192..250 => (byte - 192) * 24,
            // Nonsense.
            _ => u32::MAX - (byte - 250) * 4_096,
        };
        memory.extend(word.to_le_bytes());
    }
    memory.resize(WORDS_BYTES, 0);
    // Most texts are whole wherever they are cut; those near the end may end within a character.
    let plain = "name \u{1b}[2J\u{0}\n https://psa.example/x {id} GET read ";
    let wide = "\u{202e}ü\u{1f514}\u{feff}";
    memory.extend(plain.bytes().cycle().take(TEXT_BYTES / 4 * 3));
    memory.extend(wide.bytes().cycle().take(TEXT_BYTES / 4));
    load(components::remembering(&memory))
}
