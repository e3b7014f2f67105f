//! Memory that Windows lays out itself: lists of rows that point to texts behind them.

use std::slice;
use windows::core::PWSTR;

/// Units of a text that are looked at. Names of printers, services and accounts stay far below.
const LONGEST: usize = 4096;

/// Room for a list, on a boundary that suits every row of the functions used here.
#[derive(Debug)]
pub(super) struct Room(Vec<u64>);

impl Room {
    pub(super) fn of(bytes: u32) -> Self {
        Self(vec![0; (bytes as usize).div_ceil(size_of::<u64>())])
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        let length = self.0.len() * size_of::<u64>();
        #[expect(unsafe_code, reason = "the same memory as bytes")]
        // SAFETY: the vector owns so many initialised bytes, every byte is a valid number, and the result borrows the
        // vector for as long as it lives.
        unsafe {
            slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), length)
        }
    }

    /// The first `count` rows, as many as fit.
    ///
    /// # Safety
    /// Windows has filled the room with at least so many rows of this type.
    #[expect(unsafe_code, reason = "Windows alone knows what it wrote")]
    pub(super) unsafe fn rows<T>(&self, count: u32) -> &[T] {
        const {
            assert!(align_of::<T>() <= align_of::<u64>());
            assert!(size_of::<T>() > 0);
        }
        let fit = self.0.len() * size_of::<u64>() / size_of::<T>();
        // SAFETY: the memory is aligned for the type (asserted above) and large enough (`fit`); the caller vouches for
        // what it holds; the result borrows the room.
        unsafe { slice::from_raw_parts(self.0.as_ptr().cast(), (count as usize).min(fit)) }
    }
}

/// A text that ends with a zero; empty if there is none.
///
/// # Safety
/// The place is null, or Windows wrote a text that ends with a zero there and that is still alive.
#[expect(
    unsafe_code,
    reason = "the end of such a text is known only by looking for it"
)]
pub(super) unsafe fn text_at(place: PWSTR) -> String {
    if place.is_null() {
        return String::new();
    }
    let mut units = Vec::new();
    while units.len() < LONGEST {
        // SAFETY: no zero came before this unit, so it still belongs to the text.
        let unit = unsafe { *place.0.add(units.len()) };
        if unit == 0 {
            break;
        }
        units.push(unit);
    }
    String::from_utf16_lossy(&units)
}

/// A text in room of ours, up to its zero.
pub(super) fn text_in(units: &[u16]) -> String {
    let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    String::from_utf16_lossy(units.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_its_zero_and_half_a_character_is_replaced() {
        assert_eq!(text_in(&[0x61, 0x62, 0, 0x63]), "ab");
        assert_eq!(text_in(&[0x61, 0xd83d]), "a\u{fffd}");
        assert_eq!(text_in(&[]), "");
        let mut units = [0x61, 0x62, 0];
        #[expect(unsafe_code, reason = "the function under test")]
        // SAFETY: the text is alive and ends with a zero; the other place is null.
        let (there, nowhere) = unsafe { (text_at(PWSTR(units.as_mut_ptr())), text_at(PWSTR::null())) };
        assert_eq!((there.as_str(), nowhere.as_str()), ("ab", ""));
    }

    #[test]
    fn room_gives_no_more_rows_than_fit() {
        let mut room = Room::of(12);
        assert_eq!(room.bytes().len(), 16);
        room.bytes().fill(1);
        #[expect(unsafe_code, reason = "the function under test")]
        // SAFETY: sixteen initialised bytes are two numbers.
        let rows: &[u64] = unsafe { room.rows(1000) };
        assert_eq!(rows, [0x0101_0101_0101_0101; 2]);
    }
}
