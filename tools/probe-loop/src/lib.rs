//! The probe's instruments for event loops: the loop runs as it is, and its world is simulated.
//!
//! It knows the loop's `Driver` and observer. It does not know sockets.
//!
//! | module | holds |
//! |---|---|
//! | [`driver`] | [`SimDriver`], whose clock jumps instead of waiting, and which knows when a loop is stuck |
//! | [`recorded`] | [`Recorded`], an observer that writes down what the loop does, with names in place of numbers |
//! | [`clock`] | [`Clock`], a timer for code that needs no loop, which counts |
//! | [`hand_clock`] | [`HandClock`], a timer that a check moves, for checks that run thousands |
//! | [`manual_loop`] | [`ManualLoop`], a loop without a driver, for checks that run thousands |
//! | [`task_runs`] | every short run of a task that can be cancelled: the alphabet and the machine |
//! | [`group_runs`] | short runs and schedules of a group of tasks |
//! | [`iteration_runs`] | short runs of iterations, on parts that record |
//! | [`queue`] | short runs of a ready queue |
//! | [`timer_runs`] | short and long runs of a set of timers |
//! | [`sim_loop`] | [`SimLoop`], a loop with both; and [`drive`], the shortest way to run one future on it |
//!
//! ```
//! use std::time::Duration;
//!
//! # fn main() {
//! let run = probe::run!();
//! let answer = probe_loop::drive(&run, |handle| async move {
//!     handle.sleep(Duration::from_secs(3_600)).await;
//!     42
//! });
//! assert_eq!(answer, 42); // The simulated hour took no real time.
//! assert_eq!(
//!     run.recorder().recording().to_string(),
//!     " 1         main     spawned
//!  2         main     woken
//!  3         main     polled
//!  4         timer 1    set for 3600s
//!  5         main     → pending
//!  6         loop     sleeps, for 3600s at most
//!  7  3600s  loop     gets up
//!  8         timer 1  fires
//!  9         main     woken
//! 10         main     polled → ready
//! "
//! );
//! # }
//! ```
//!
//! It is a crate of its own so that a check of an earlier chapter does not build the loop.

pub mod clock;
pub mod driver;
pub mod group_runs;
pub mod hand_clock;
pub mod iteration_runs;
pub mod manual_loop;
pub mod queue;
pub mod recorded;
pub mod sim_loop;
pub mod task_runs;
pub mod timer_runs;

pub use clock::Clock;
pub use driver::{SimDriver, Stuck};
pub use hand_clock::HandClock;
pub use manual_loop::ManualLoop;
pub use recorded::Recorded;
pub use sim_loop::{SimLoop, drive};
