//! Chapter 01: values that pause.
//!
//! A *generator* is a function that can stop in the middle, hand out a value, and go on later from where it stopped. Stable
//! Rust has no `yield` (edition 2024 only reserves the word `gen`), so every generator here is a small machine that somebody
//! wrote by hand: a struct that remembers where it is, and one function, [`Generator::resume`], that takes one step.
//!
//! | file | idea |
//! |---|---|
//! | [`countdown`] | an iterator is the simplest generator |
//! | [`generator`] | `resume`, yielding, completing |

// Every file of the course names this crate from outside, so that the same file also serves in a check.
extern crate self as generators;

pub mod countdown;
pub mod generator;

pub use generator::{Generator, Step};
