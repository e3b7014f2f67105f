//! Photographs the screens again and again, and prints a line per turn: milliseconds to photograph, milliseconds to
//! encode, screens with a picture.
//!
//! ```console
//! $ cargo run --release -p helpbell-diagnostics --example grab -- 20
//! ```

use helpbell_diagnostics::{Limits, capture};
use std::{env, error::Error, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let turns: u32 = env::args().nth(1).ok_or("usage: grab TURNS")?.parse()?;
    for _ in 0..turns {
        let began = Instant::now();
        let frames = capture::grab(Limits::default());
        let grabbed = began.elapsed();
        let screens = frames.develop();
        let developed = began.elapsed() - grabbed;
        println!(
            "{:.2} {:.2} {}",
            grabbed.as_secs_f64() * 1e3,
            developed.as_secs_f64() * 1e3,
            screens.iter().filter(|screen| screen.image.is_some()).count()
        );
    }
    Ok(())
}
