//! A small deterministic generator: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", 2014). Tests need the same trouble again, not unpredictability.

/// The golden ratio as a 64-bit fraction: the generator's step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const FIRST_MIX: u64 = 0xbf58_476d_1ce4_e5b9;
const SECOND_MIX: u64 = 0x94d0_49bb_1331_11eb;
/// Bits of a `f64` mantissa, the hidden one included.
const MANTISSA_BITS: u32 = 53;

/// A sequence of numbers that its seed decides.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(FIRST_MIX);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(SECOND_MIX);
        mixed ^ (mixed >> 31)
    }

    /// True with the given chance.
    pub(super) fn strikes(&mut self, probability: f64) -> bool {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the shift leaves exactly the bits a f64 can hold"
        )]
        let fraction =
            (self.number() >> (u64::BITS - MANTISSA_BITS)) as f64 / (1_u64 << MANTISSA_BITS) as f64;
        fraction < probability
    }

    /// One of the given things; `None` when there is none.
    pub(super) fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(among.len()).ok()?;
        let place = self.number().checked_rem(length)?;
        among.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_published_algorithm() {
        let mut chance = Chance::new(1_234_567);
        assert_eq!(chance.number(), 6_457_827_717_110_365_317);
        assert_eq!(chance.number(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chances_of_nothing_and_everything_are_exact_and_a_half_is_near_a_half() {
        let mut chance = Chance::new(7);
        assert!((0..1000).all(|_| !chance.strikes(0.0)));
        assert!((0..1000).all(|_| chance.strikes(1.0)));
        let struck = (0..1000).filter(|_| chance.strikes(0.5)).count();
        assert!((400..600).contains(&struck), "{struck}");
    }
}
