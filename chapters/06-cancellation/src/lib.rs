//! Chapter 06: tasks that end; the states of a future, and cancellation.
//!
//! It knows wakers and, of a loop, `Spawn` and `Timer`. It does not know the loop's queue, the
//! reactor or sockets.
//!
//! | file | idea |
//! |---|---|
//! | [`states`] | the states of a future and what each operation does in each of them: one table |
//! | [`outcome`] | a value, or why there is none |
//! | [`unretrieved`] | an outcome, and whether it was retrieved |
//! | [`callbacks`] | callbacks that the loop calls, in order, when an operation completes |
//! | [`promise`] | a value that is supplied later: asyncio's `Future`, Twisted's `Deferred` |
//! | [`chain`] | chains of promises: callbacks and errbacks |
//! | [`task`] | a future that the loop runs, and that can be cancelled |
//! | [`canceller`] | cancelling from another thread |
//! | [`shield`](mod@shield) | waiting for a task that goes on when the waiter is cancelled |
//! | [`token`] | cooperative cancellation: the task itself checks a token |
//! | [`cleanup`] | cleanup that has to wait when a task is dropped |
//! | [`frames`] | reading messages without losing half of one with a future |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as cancellation;

pub mod callbacks;
pub mod canceller;
pub mod chain;
pub mod cleanup;
pub mod frames;
pub mod outcome;
pub mod promise;
pub mod shield;
pub mod states;
pub mod task;
pub mod token;
pub mod unretrieved;

pub use callbacks::{CallbackKey, Callbacks};
pub use canceller::Canceller;
pub use cleanup::Cleanup;
pub use frames::Frames;
pub use outcome::{Failure, Outcome};
pub use promise::{Promise, Wait};
pub use shield::{Shield, shield};
pub use states::{Answer, InvalidState, Operation, State};
// `Ended` is not chapter 04's `JoinError`, though both say why a task has no result. `JoinError::Aborted` is stored before the future's
// destructors run. `Ended::Cancelled` promises that they have run, and a panic in one of them makes it `Ended::Panicked`. Learners also
// write `Ended` in their own `task.rs`, which takes the place of ours: one name for both would break those files.
pub use task::{Ended, Task};
pub use token::{Cancelled, Source, Token};
pub use unretrieved::Kept;
