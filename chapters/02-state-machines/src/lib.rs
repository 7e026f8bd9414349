//! Chapter 02: what becomes of a function that pauses.
//!
//! It knows futures and how a poll goes. It does not know who calls `poll`, or when.
//!
//! The compiler turns an `async fn` into a machine like those of chapter 01: a value that remembers
//! where it is, and one function, [`Future::poll`], that takes it as far as it can go. Here the
//! same machines are written by hand, beside the compiler's own, so that nothing about these is a
//! secret any more.
//!
//! | file | idea |
//! |---|---|
//! | [`yield_now`](mod@yield_now) | the smallest future: it pauses once |
//! | [`site`] | an `async fn` with two awaits and a branch |
//! | [`lowered`] | the same, by hand |
//! | [`source`] | an `async fn` with a loop |
//! | [`lowered_loop`] | the same, by hand |
//! | [`sizes`] | what a machine has to carry, in bytes |
//! | [`note`] | a value that knows its own address, and is moved |
//! | [`counted`] | a wrapper that is pinned, and so is what it wraps |
//! | [`join`](mod@join) | two machines side by side: both results |
//! | [`race`](mod@race) | two machines side by side: the first result |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as state_machines;

pub mod counted;
pub mod join;
pub mod lowered;
pub mod lowered_loop;
pub mod note;
pub mod race;
pub mod site;
pub mod sizes;
pub mod source;
pub mod yield_now;

pub use counted::counted;
pub use join::join;
pub use race::{Winner, race};
pub use yield_now::yield_now;
