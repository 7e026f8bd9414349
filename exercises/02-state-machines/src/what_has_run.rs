//! A prediction. Here is an `async fn`; `ready(())`, of the standard library, is a future that is
//! ready at its first poll, and [`yield_now`](state_machines::yield_now) is one that pauses once.
//!
//! ```text
//! async fn letters() {
//!     print("A");
//!     ready(()).await;
//!     print("B");
//!     yield_now().await;
//!     print("C");
//! }
//! ```
//!
//! ```text
//! let mut letters = pin!(letters());      // line 1: the call
//! letters.as_mut().poll(&mut context);    // line 2: the first poll
//! letters.as_mut().poll(&mut context);    // line 3: the second poll
//! ```
//!
//! What does each of the three print? Write it down before you run anything: letters, such as `A
//! B`, or `nothing`.

/// What the call, the first poll and the second poll print. A question mark is a line that you have
/// not decided on.
pub fn prediction() -> [&'static str; 3] {
    ["?", "?", "?"]
}
