//! Chapter 02: the machine that the compiler makes of an `async fn`.
//!
//! It knows futures and what a poll does. It does not know what calls `poll`, or when.
//!
//! The compiler turns an `async fn` into a machine like those of chapter 01: a value that holds its
//! state, and one function, [`Future::poll`], that runs it until it is suspended. Here the same
//! machines are written by hand, beside the compiler's own.
//!
//! | file | idea |
//! |---|---|
//! | [`yield_now`](mod@yield_now) | the smallest future: it is pending once |
//! | [`site`] | an `async fn` with two awaits and a branch |
//! | [`lowered`] | the same, by hand |
//! | [`source`] | an `async fn` with a loop |
//! | [`lowered_loop`] | the same, by hand |
//! | [`sizes`] | the size of a machine, in bytes |
//! | [`note`] | a value that keeps an address of its own, and is moved |
//! | [`counted`] | a wrapper that is pinned, and pins the inner future |
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
