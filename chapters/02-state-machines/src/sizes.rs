//! Three functions that differ in where their buffer's block ends.

use state_machines::yield_now;

// ANCHOR: used_after
/// Fills a buffer, is suspended once, and adds the buffer up.
pub async fn used_after<const BYTES: usize>() -> u64 {
    let buffer = [1; BYTES];
    yield_now().await;
    sum(&buffer)
}
// ANCHOR_END: used_after

// ANCHOR: used_before
/// Fills a buffer, adds it up, and is suspended once. The buffer is not used again.
pub async fn used_before<const BYTES: usize>() -> u64 {
    let buffer = [1; BYTES];
    let sum = sum(&buffer);
    yield_now().await;
    sum
}
// ANCHOR_END: used_before

// ANCHOR: in_a_block
/// The same, with a block around the buffer.
pub async fn in_a_block<const BYTES: usize>() -> u64 {
    let sum = {
        let buffer = [1; BYTES];
        sum(&buffer)
    };
    yield_now().await;
    sum
}
// ANCHOR_END: in_a_block

// ANCHOR: children
/// Awaits two children that each hold a buffer, one after the other.
pub async fn in_turn<const BYTES: usize>() -> u64 {
    used_after::<BYTES>().await + used_after::<BYTES>().await
}

/// Makes both children first, and then awaits one after the other.
pub async fn both_made_first<const BYTES: usize>() -> u64 {
    let (first, second) = (used_after::<BYTES>(), used_after::<BYTES>());
    first.await + second.await
}

/// Awaits what it is given.
pub async fn passed_on<F: Future>(child: F) -> F::Output {
    child.await
}
// ANCHOR_END: children

/// The sizes of [`used_after`], [`used_before`] and [`in_a_block`], in bytes, with a buffer of
/// 4,096 bytes.
pub fn with_a_buffer() -> [usize; 3] {
    const BYTES: usize = 4_096;
    [
        size_of_val(&used_after::<BYTES>()),
        size_of_val(&used_before::<BYTES>()),
        size_of_val(&in_a_block::<BYTES>()),
    ]
}

fn sum(buffer: &[u8]) -> u64 {
    buffer.iter().map(|byte| u64::from(*byte)).sum()
}
