//! Chapter 15: a full echo server, on the runtime of this course and no other.
//!
//! It knows the contracts of the chapters below it. It does not know how the loop and the reactor
//! work inside.
//!
//! | file | idea |
//! |---|---|
//! | [`options`] | what the command line says |
//! | [`output`] | what the server prints, also if the pipe is closed |
//! | [`connection`] | one connection's life: read, echo, wait for a slow peer, half-close, time out, drain |
//! | [`limits`] | what all connections of a worker share |
//! | [`mod@pass_on`] | the step: read what is there, and write it back |
//! | [`mod@drain`] | bytes that have arrived are sent back, and then the end |
//! | [`activity`] | how long a connection has been idle, without a timer for every byte |
//! | [`turn_clock`] | a clock that is read once in each iteration of the loop |
//! | [`mod@linger`] | closing without losing bytes that are on their way to the peer |
//! | [`listener`] | accepting clients, also when no descriptor is left |
//! | [`limit`] | how many connections may be open, in all workers together |
//! | [`worker`] | one thread, one loop, and the connections on it |
//! | [`figures`] | counts of connections and bytes |
//! | [`signals`] | what the operating system asks of the process |
//! | [`faults`] | faults on request, for the tests |
//! | [`either_loop`] | the loop that serves: chapter 04's, or chapter 14's |
//! | [`server`] | the workers together: start, drain, stop |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as echo_server;

pub mod activity;
pub mod connection;
pub mod drain;
pub mod either_loop;
pub mod faults;
pub mod figures;
pub mod limit;
pub mod limits;
pub mod linger;
pub mod listener;
pub mod options;
pub mod output;
pub mod pass_on;
pub mod server;
#[cfg(unix)]
pub mod signals;
#[cfg(not(unix))]
#[path = "signals_elsewhere.rs"]
pub mod signals;
pub mod turn_clock;
pub mod wish;
pub mod worker;

pub use activity::Activity;
pub use connection::{End, connection};
pub use drain::drain;
pub use either_loop::{EitherLoop, WhichLoop};
pub use figures::Figures;
pub use limit::{Limit, Permit};
pub use limits::Limits;
pub use linger::linger;
pub use options::Options;
pub use pass_on::{Passed, pass_on, send};
