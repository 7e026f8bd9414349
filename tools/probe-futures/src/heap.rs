//! How much memory is in use: see [`probe::heap`].

/// The allocator of each program that this crate is linked into. A program has one, and a law asks how much memory is in use in every
/// check.
#[global_allocator]
static HEAP: probe::heap::Counting = probe::heap::Counting;

pub use probe::heap::{Counting, allocations, growth, in_use, in_use_by_all};
