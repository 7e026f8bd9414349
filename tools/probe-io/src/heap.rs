//! How much memory is in use: for what was read or written, and should be gone.

/// The allocator of each program that this crate is linked into: there can be but one in a program, and several checks that
/// stand in one need it.
#[global_allocator]
static HEAP: probe_futures::heap::Counting = probe_futures::heap::Counting;

pub use probe_futures::heap::{allocations, in_use};
