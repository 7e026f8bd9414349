//! A prediction. Which of these eight compile? `one()` and `add(n)` are two `async fn`s that return
//! a `u8`, and `Guard` is a struct. Each line is compiled by itself, with Rust 2024.
//!
//! ```text
//! 1   fn load() -> u8 { one().await }
//! 2   fn later() -> impl Future<Output = u8> { async { one().await } }
//! 3   async fn all() -> Vec<u8> { [1, 2].into_iter().map(|n| add(n).await).collect() }
//! 4   async fn three() -> u8 { let next = async |n| add(n).await; next(2).await }
//! 5   trait Source { async fn next(&mut self) -> u8; }
//! 6   impl Drop for Guard { fn drop(&mut self) { one().await; } }
//! 7   async fn is_one(n: u8) -> bool { match n { n if n == one().await => true, _ => false } }
//! 8   async fn limit() -> u8 { const LIMIT: u8 = one().await; LIMIT }
//! ```
//!
//! Write `compiles` or `does not compile` for each, before you ask a compiler.

/// One line for each of the eight. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 8] {
    ["?", "?", "?", "?", "?", "?", "?", "?"]
}
