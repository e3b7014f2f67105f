//! Base64 (RFC 4648, with padding) in pieces, so that a file never has to be in memory as a whole.

/// The standard alphabet, by value.
const ALPHABET: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes that encode without padding: a piece of this length can be followed by another.
pub(crate) const GROUP: usize = 3;

/// Encodes one piece. Every piece but the last must be a multiple of [`GROUP`] long.
pub(crate) fn encode(piece: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(piece.len().div_ceil(GROUP) * 4);
    for group in piece.chunks(GROUP) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            if position <= group.len() {
                let value = (bits >> (18 - 6 * position)) & 63;
                out.push(ALPHABET.get(value as usize).copied().unwrap_or(b'='));
            } else {
                out.push(b'=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn the_examples_of_rfc_4648_come_out_as_printed_there() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(
                String::from_utf8(encode(plain.as_bytes())).unwrap(),
                encoded,
                "{plain}"
            );
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xfe]), b"+//+");
    }
}
