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
//! | [`gather`](mod@gather) | several results, and what an error does to the others |
//! | [`requests`] | requests to stop, each delivered once |
//! | [`wait_for`](mod@wait_for) | a wait that ends with a value, at a deadline, or with a request to stop |
//! | [`connection`] | a connection that carries one request at a time |
//! | [`happy_eyeballs`](mod@happy_eyeballs) | the first of many addresses that answers |
//! | [`task_group`](mod@task_group) | a group of tasks that nothing outlives |
//! | [`services`] | scripted services, for the programs |
//! | [`polls`] | an instrument: how often the children of a join are polled |
//! | [`as_completed`](mod@as_completed) | the outputs of a list of futures, in the order in which they are ready |
//! | [`join_all`](mod@join_all) | ready when all futures of a list are, or when one of them fails |
//! | [`select`](mod@select) | the first future that is ready wins |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as composition;

pub mod as_completed;
pub mod connection;
pub mod deadline;
pub mod first_ok;
pub mod gather;
pub mod happy_eyeballs;
mod indexed;
pub mod join_all;
pub mod polls;
pub mod ready_set;
pub mod requests;
pub mod select;
pub mod services;
pub mod sync;
pub mod task_group;
pub mod timeout;
pub mod wait;
pub mod wait_for;

pub use as_completed::{AsCompleted, as_completed};
pub use connection::{Connection, Turn};
pub use deadline::{Deadline, Elapsed};
pub use first_ok::{FirstOk, first_ok};
pub use gather::{CancelOthers, Collect, OnError, gather};
pub use happy_eyeballs::{CONNECTION_ATTEMPT_DELAY, happy_eyeballs, interleaved};
pub use join_all::{JoinAll, TryJoinAll, join_all, try_join_all};
pub use ready_set::ReadySet;
pub use requests::{Next, Request, Requests};
pub use select::{Select, SelectAll, SelectWithRest, select, select_all, select_with_rest};
pub use services::{Answer, Offline, Service};
pub use state_machines::Winner;
pub use task_group::{Failed, Group, TaskGroup, task_group};
pub use timeout::{Timeout, timeout, timeout_at};
pub use wait::{Done, Until, Wait, Waited, wait, wait_at};
pub use wait_for::{Stopped, wait_for};
