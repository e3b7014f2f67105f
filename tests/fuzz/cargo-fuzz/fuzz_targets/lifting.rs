#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| helpbell_fuzz::targets::lifting(input));
