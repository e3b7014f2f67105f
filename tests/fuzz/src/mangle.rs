//! Makes other inputs out of given ones.

use fastrand::Rng;

/// Inputs do not grow beyond this: what matters happens in small ones.
const MOST_BYTES: usize = 16 << 10;
/// Changes to one input.
const CHANGES: std::ops::RangeInclusive<usize> = 1..=6;
/// Bytes of a piece that is moved or repeated.
const PIECE_BYTES: usize = 64;

/// Words that formats react to.
const WORDS: [&[u8]; 40] = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x80\x80\x80\x10",
    b"\r\n\r\n",
    b"\r\n",
    b"\x1b[2J",
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\xc3\x28",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"-1",
    b"9223372036854775808",
    b"1e999",
    b"{}",
    b"[]",
    b"[[",
    b"{\"",
    b"\"\"",
    b"../",
    b"%2e%2e",
    b"%00",
    b"//",
    b"@",
    b"[::1]",
    b"[::ffff:127.0.0.1]",
    b"0x7f.1",
    b"169.254.169.254",
    b"localhost",
    b"javascript:",
    b"content-length: 99999999999",
    b"transfer-encoding: chunked",
    b"content-encoding: gzip",
    b"= [",
    b"\"\"\"",
    b"'''",
];

/// Another input, made of one of these and perhaps a second; from nothing at all if there are none.
pub fn mangled(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.choice(corpus).cloned().unwrap_or_default();
    for _ in 0..rng.usize(CHANGES) {
        change(rng, &mut input, corpus);
    }
    input.truncate(MOST_BYTES);
    input
}

fn change(rng: &mut Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = rng.usize(0..=input.len());
    match rng.u8(0..9) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.u8(0..8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = rng.u8(..);
            }
        }
        2 => input.insert(at, rng.u8(..)),
        3 => {
            let end = (at + rng.usize(0..PIECE_BYTES)).min(input.len());
            input.drain(at..end);
        }
        4 => insert(input, at, WORDS[rng.usize(0..WORDS.len())]),
        5 => {
            // A piece of itself, many times: lists and nesting.
            let end = (at + rng.usize(0..PIECE_BYTES)).min(input.len());
            let piece = input[at..end].repeat(rng.usize(1..64));
            insert(input, at, &piece);
        }
        6 => input.truncate(at),
        7 => {
            let other = rng.choice(corpus).map_or(&[][..], Vec::as_slice);
            let from = rng.usize(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => {
            // Digits become other numbers.
            let digits: Vec<usize> = (0..input.len()).filter(|i| input[*i].is_ascii_digit()).collect();
            if let Some(place) = rng.choice(digits) {
                input[place] = b'0' + rng.u8(0..10);
            }
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if input.len() + bytes.len() <= MOST_BYTES {
        input.splice(at..at, bytes.iter().copied());
    }
}
