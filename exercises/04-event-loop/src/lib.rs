//! The exercises of chapter 04, one file each. `cargo learn` tells you which comes next.

pub mod ready_queue;

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(not(test))]
pub use event_loop::sync;
#[cfg(test)]
pub use probe_model::sync;

#[cfg(test)]
#[path = "../checks"]
mod ready_queue_check {
    use crate::ready_queue as subject;
    mod ready_queue;
}
