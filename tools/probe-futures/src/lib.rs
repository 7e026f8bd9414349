//! The probe's instruments for futures: who was polled, with whose waker, who was woken, and when.
//!
//! It knows `Future` and `Waker` of the standard library. It does not know loops and their queues.
//!
//! | module | holds |
//! |---|---|
//! | [`waker`] | wakers that count, and tell when they are cloned, woken and dropped |
//! | [`spy`] | a wrapper that records every poll of a future |
//! | [`latest_waker`] | the waker of a task's latest poll, for a wake without a reason |
//! | [`leaf`] | futures to hand to code that drives others: a gate, one that is pending a few times, one that must not move |
//! | [`local`] | hooks of a poller whose code stays on its thread |
//! | [`on_a_list`] | a wrapper that records the polls and wakes of a task whose list tells nothing |
//! | [`sim`] | a simulated world: a clock that jumps, scripted events, and the fact that a run is stuck |
//! | [`stuck`] | what the tasks of a stuck run hold and wait for |
//! | [`children`] | a future and its children, for the comparison of short runs |
//! | [`heap`] | how much memory is in use |
//! | [`runs`] | tasks that poll one future, or each their own, for the comparison of short runs |
//! | [`seat`] | a task of a schedule that is to break something |
//! | [`laws`] | the contract of every future, independent of what it waits for |

pub mod children;
pub mod heap;
pub mod latest_waker;
pub mod laws;
pub mod leaf;
pub mod local;
pub mod on_a_list;
pub mod runs;
pub mod seat;
pub mod sim;
pub mod spy;
pub mod stuck;
pub mod waker;

pub use latest_waker::LatestWaker;
pub use leaf::{Gate, Key, anchored, gate, pending_times, ready};
pub use sim::{Sim, Stuck};
pub use spy::{Spy, spy};
pub use waker::{Poller, poller};
