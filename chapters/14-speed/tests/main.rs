//! The tests of chapter 14.

/// The model's locks and threads, for the modules that are the chapter's own files under the model.
pub(crate) use probe_model::sync;

mod endings;
mod fast;
mod plays;
mod programs;
mod stealing;
mod stealing_model;
mod timers;
#[cfg(all(target_os = "linux", feature = "uring"))]
mod uring;
mod wakers_model;

/// Under the model a thread-local belongs to a thread of the model.
#[allow(dead_code, unreachable_pub)]
#[path = "../src/own_thread.rs"]
mod own_thread;
