//! Verdicts as documents that other programs read: JSON and JUnit.

pub mod junit;
pub mod output;
