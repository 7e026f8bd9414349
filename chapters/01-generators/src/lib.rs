//! Chapter 01: values that pause.
//!
//! It knows generators and iterators. It does not know futures, wakers or threads.
//!
//! A *generator* is a function that can stop in the middle, hand out a value, and go on later from
//! where it stopped. Stable Rust has no `yield` (edition 2024 only reserves the word `gen`), so
//! every generator here is a small machine written by hand: a struct that remembers
//! where it is, and one function, [`Generator::resume`], that takes one step.
//!
//! | file | idea |
//! |---|---|
//! | [`countdown`] | an iterator is the simplest generator |
//! | [`generator`] | the protocol: `resume`, yielding, completing |
//! | [`interview`] | values sent in: who sees which, and when |
//! | [`running_average`] | a generator that is told something each time |
//! | [`in_turn`] | delegation, flat: `yield from` one, then another |
//! | [`walk`] | delegation over a tree, to generators of the same kind |
//! | [`round_robin`] | a trampoline: tasks that take turns |
//! | [`work`] | work that is counted, to measure who waits for whom |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as generators;

pub mod countdown;
pub mod generator;
pub mod in_turn;
pub mod interview;
pub mod round_robin;
pub mod running_average;
pub mod walk;
pub mod work;

pub use generator::{Generator, Step};
