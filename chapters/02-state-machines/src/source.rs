//! A function with an await inside of a loop.

// ANCHOR: source
/// A source of numbers, which arrive one by one.
pub trait Source {
    /// The answer to [`next`](Source::next).
    type Next: Future<Output = Option<u32>> + Unpin;

    /// Asks for the next number. The answer is `None` at the end; the source is not asked again.
    fn next(&mut self) -> Self::Next;
}
// ANCHOR_END: source

// ANCHOR: total
/// Adds up all numbers of a source.
///
/// # Cancel safety
///
/// Dropping it loses the numbers that have arrived.
pub async fn total<S: Source>(source: &mut S) -> u64 {
    let mut total = 0;
    while let Some(number) = source.next().await {
        total += u64::from(number);
    }
    total
}
// ANCHOR_END: total
