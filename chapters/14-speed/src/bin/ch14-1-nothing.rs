//! Times a million awaits, twice: the result is not used, and the result is hidden from the compiler.

use std::hint::black_box;
use std::time::Instant;

use wakers::block_on;

async fn ready(number: u64) -> u64 {
    number * 3
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let start = Instant::now();
    block_on(async {
        for number in 0..1_000_000 {
            ready(number).await;
        }
    });
    println!("a million awaits: {:>9} ns", start.elapsed().as_nanos());

    let start = Instant::now();
    block_on(async {
        for number in 0..1_000_000 {
            black_box(ready(black_box(number)).await);
        }
    });
    println!("a million awaits: {:>9} ns", start.elapsed().as_nanos());
}
// ANCHOR_END: main
