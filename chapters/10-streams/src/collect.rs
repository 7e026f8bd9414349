//! All items of a stream as one collection.

use std::pin::pin;

use futures::Stream;

use crate::next;

/// Waits for all items, and collects them. This is Python's asynchronous comprehension,
/// `[item async for item in stream]`.
///
/// The collection has no limit: a stream that does not end fills the memory. [`take`](crate::take())
/// limits it.
///
/// ```
/// use futures::stream;
/// use streams::collect;
///
/// let letters = stream::iter(['a', 'b']);
/// let text: String = wakers::block_on(collect(letters));
/// assert_eq!(text, "ab");
/// ```
///
/// # Cancel safety
///
/// Dropping it drops the stream and what it has collected.
// ANCHOR: collect
pub async fn collect<S, C>(stream: S) -> C
where
    S: Stream,
    C: Default + Extend<S::Item>,
{
    let mut stream = pin!(stream);
    let mut all = C::default();
    while let Some(item) = next(&mut stream).await {
        all.extend([item]);
    }
    all
}
// ANCHOR_END: collect

/// As [`collect`], for items that may be errors: the first error is the result.
///
/// ```
/// use futures::stream;
/// use streams::try_collect;
///
/// let numbers = stream::iter([Ok(1), Err("no number"), Ok(3)]);
/// let all: Result<Vec<u32>, _> = wakers::block_on(try_collect(numbers));
/// assert_eq!(all, Err("no number"));
/// ```
///
/// # Errors
///
/// The stream's first error. Then it drops the stream and what it has collected.
///
/// # Cancel safety
///
/// As [`collect`].
pub async fn try_collect<S, T, E, C>(stream: S) -> Result<C, E>
where
    S: Stream<Item = Result<T, E>>,
    C: Default + Extend<T>,
{
    let mut stream = pin!(stream);
    let mut all = C::default();
    while let Some(item) = next(&mut stream).await {
        all.extend([item?]);
    }
    Ok(all)
}
