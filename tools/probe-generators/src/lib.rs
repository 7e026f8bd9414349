//! The probe's instruments for generators and iterators.

pub mod laws;
pub mod spy;

pub use spy::{Heard, IteratorSpy, Script, Spy, script, spy, spy_iterator};
