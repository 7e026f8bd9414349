//! A green thread whose stack is too small for what it calls.

use generators::Generator;
use green::{Coroutine, Yielder};

// ANCHOR: main
fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    let depth = std::env::args().nth(1);
    let depth: u64 = depth
        .and_then(|depth| depth.parse().ok())
        .unwrap_or(1_000_000);
    let body = move |_: &Yielder<(), ()>, ()| sum(depth);
    let coroutine = Coroutine::<(), (), u64>::with_stack(32 * 1024, body)?;
    let mut coroutine = coroutine.named("sum");
    println!("{:?}", coroutine.resume(()));
    Ok(())
}

/// A frame for each number.
fn sum(number: u64) -> u64 {
    if number == 0 {
        return 0;
    }
    number + std::hint::black_box(sum(number - 1))
}
// ANCHOR_END: main
