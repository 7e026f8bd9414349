//! A prediction. A loop runs this main future with `block_on`; it has a handle of the loop. `ready`
//! is the standard library's `std::future::ready`, a future that is ready at its first poll.
//!
//! ```text
//! main                       task a                  task b
//!   writes "main 1"            writes "a 1"            writes "b 1"
//!   spawns a                   ready(()).await         yield_now().await
//!   spawns b, keeps its        writes "a 2"            writes "b 2"
//!     handle
//!   writes "main 2"
//!   yield_now().await
//!   writes "main 3"
//!   awaits b's handle
//!   writes "main 4"
//! ```
//!
//! In which order does the program write the eight lines? Write them down before you run anything.

/// The eight lines in order. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 8] {
    ["?", "?", "?", "?", "?", "?", "?", "?"]
}
