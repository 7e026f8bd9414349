//! Chapter 07: how several waits become one; sets, select, time-outs and groups of tasks.
//!
//! It knows wakers and, of a loop, `Spawn` and `Timer`. It does not know the loop's queue, the
//! reactor or sockets.
//!
//! | file | idea |
//! |---|---|
//! | [`sync`] | the locks and atomics of this chapter, which a check may replace by a model's |
//! | [`ready_set`] | a set of futures, each of which is polled when its own waker was called |
//! | [`deadline`] | a deadline that callers hand down to what they call |
//! | [`timeout`](mod@timeout) | waiting for a future, but not for longer than a limit |
//! | [`wait`](mod@wait) | waiting for some of several tasks; the others run on |
//! | [`first_ok`](mod@first_ok) | the first success of several futures |
//! | [`requests`] | requests to stop, each delivered once |
//! | [`wait_for`](mod@wait_for) | a wait that ends with a value, at a deadline, or with a request to stop |
//! | [`services`] | scripted services, for the programs |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as composition;

pub mod deadline;
pub mod first_ok;
pub mod ready_set;
pub mod requests;
pub mod services;
pub mod sync;
pub mod timeout;
pub mod wait;
pub mod wait_for;

pub use deadline::{Deadline, Elapsed};
pub use first_ok::{FirstOk, first_ok};
pub use ready_set::ReadySet;
pub use requests::{Next, Request, Requests};
pub use services::{Answer, Offline, Service};
pub use timeout::{Timeout, timeout, timeout_at};
pub use wait::{Done, Until, Wait, Waited, wait, wait_at};
pub use wait_for::{Stopped, wait_for};
