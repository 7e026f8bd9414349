//! An executor with several threads, each of which takes tasks from the others when it has none.
//!
//! | file | idea |
//! |---|---|
//! | `run_queues` | a queue for each worker, stealing, and how a worker goes to sleep |
//! | `task` | a future that any worker may poll, and never two at once |
//! | `workers` | the threads, `spawn` and the handle of a task |
//!
//! Every file uses [`crate::sync`], so the tests run all of it under a model of its threads.

mod run_queues;
mod task;
mod workers;

pub use run_queues::{RunQueues, SHARED_EVERY};
pub use workers::{JoinError, JoinHandle, Workers};
