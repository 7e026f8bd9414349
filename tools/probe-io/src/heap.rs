//! How much memory is in use: for what was read or written, and should be gone.

pub use probe_futures::heap::{allocations, in_use};
