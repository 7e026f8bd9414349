//! Chapter 09: code that blocks; pools of threads, names, files and processes.
//!
//! It knows threads, and of a loop only wakers and `Timer`. The reactor appears where a socket does.
//!
//! | file | idea |
//! |---|---|
//! | [`thread_pool`] | threads that run blocking jobs, started when they are needed |
//! | [`crowded`] | an instrument: a loop and a pool under a steady load |
//! | [`file`] | a file whose system calls block a thread of a pool |
//! | [`resolver`] | names become addresses on threads of their own |
//! | [`process_pool`] | work for other processes, which may crash and can be stopped |
//! | [`dns`] | names become addresses without a thread |
//! | [`log_queue`] | a log whose slow target blocks a thread of its own |
//! | [`statsd`] | numbers for a server, which no task ever waits for |
//! | [`single_flight`] | the same work, wanted by several callers, is done once |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as blocking;

pub mod crowded;
#[cfg(feature = "dns")]
pub mod dns;
pub mod file;
pub mod log_queue;
#[cfg(feature = "processes")]
pub mod process_pool;
pub mod resolver;
pub mod single_flight;
pub mod statsd;
mod sync;
pub mod thread_pool;

pub use file::File;
pub use log_queue::LogQueue;
#[cfg(feature = "processes")]
pub use process_pool::ProcessPool;
pub use resolver::{Resolver, Unresolved};
pub use single_flight::{Call, SingleFlight};
pub use statsd::Metrics;
pub use thread_pool::{Job, JobError, Limits, Pending, Reason, Refused, ThreadPool};
