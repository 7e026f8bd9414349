//! The probe's instruments for generators and iterators.
//!
//! It knows the protocol of chapter 01. It does not know futures.

pub mod heap;
pub mod laws;
pub mod spy;

pub use spy::{Heard, IteratorSpy, Script, Spy, script, spy, spy_iterator};
