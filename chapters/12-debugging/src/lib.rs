//! Chapter 12: what a program waits for, and how a test finds the order in which it fails.
//!
//! It knows the loop's observer and its `Driver`. It does not know sockets.
//!
//! | file | idea |
//! |---|---|
//! | [`dump`] | which tasks there are, and the tree of their awaits down to what each one waits for |
//! | [`frames`] | the awaits between a task and its leaf, read from a backtrace |
//! | `noting_waker` | a waker that notes which futures keep it |
//! | [`debug_mode`] | an observer that reports what asyncio's debug mode reports, and dumps the tasks |
//! | [`warning`] | its reports, in words |
//! | [`price`] | how often the loop calls an observer |
//! | [`slow_callback`] | one of its checks as an observer of its own |
//! | [`must_await`](mod@must_await), [`must_close`](mod@must_close) | a future that has to be awaited, a value that has to be closed |
//! | [`run`](mod@run) | a loop in debug mode, if the environment asks for it |
//! | `on_signal` | a dump when SIGUSR1 comes |
//! | [`seen`], `serve` | a dump as lines; a socket at which another process gets one |
//! | `screen` | a screen that shows the tasks of a running loop, as `top` shows processes |
//! | [`alone`](mod@alone), [`leaks`] | a test on a loop of its own; what it leaves there |
//! | [`schedules`] | a test, run in thousands of orders; the shortest one that fails |
//! | [`choices`] | decisions from a seed, or from a list |
//! | [`scheduled_driver`] | a driver that lets them say what comes next |
//! | [`shrink`] | the first seed that fails, and fewer decisions that fail in the same way |
//! | [`failure`] | how a test fails |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as debugging;

pub mod debug_mode;
pub mod dump;
pub mod frames;
mod known;
pub mod must_await;
pub mod must_close;
mod noting_waker;
#[cfg(all(unix, feature = "signals"))]
pub mod on_signal;
pub mod price;
pub mod run;
#[cfg(feature = "screen")]
pub mod screen;
pub mod seen;
#[cfg(unix)]
pub mod serve;
pub mod slow_callback;
pub mod warning;

pub use debug_mode::DebugMode;
pub use dump::Dump;
pub use must_await::{MustAwait, must_await};
pub use must_close::{MustClose, must_close};
#[cfg(all(unix, feature = "signals"))]
pub use on_signal::{DumpOnSignal, call_on_signal, dump_on_signal};
pub use run::{run, run_in_debug_mode};
pub use warning::{Leaf, Warning, Who};
pub mod alone;
pub mod choices;
pub mod failure;
pub mod leaks;
pub mod scheduled_driver;
pub mod schedules;
pub mod shrink;
mod steps;

pub use alone::alone;
pub use choices::Choices;
pub use failure::Failure;
pub use scheduled_driver::ScheduledDriver;
pub use schedules::{Schedules, Trial};
pub use shrink::Found;
