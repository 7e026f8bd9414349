//! Chapter 15: a full echo server, on the runtime of this course and no other.
//!
//! It knows the contracts of the chapters below it. It does not know how the loop and the reactor
//! work inside.
//!
//! | file | idea |
//! |---|---|
//! | [`options`] | what the command line says |
//! | [`output`] | what the server prints, where there is somewhere to print |
//! | [`connection`] | one connection's life: read, echo, wait for a slow peer, half-close, time out, drain |
//! | [`limits`] | what all connections of a worker have in common |
//! | [`mod@pass_on`] | the step: read what is there, and write it back |
//! | [`mod@drain`] | what has been received comes back, and then the end |
//! | [`activity`] | how long nothing has happened, without a timer for every byte |
//! | [`turn_clock`] | a clock that is read once a turn |
//! | [`mod@linger`] | closing so that nothing is lost which is still on its way to the peer |
//! | [`listener`] | taking connections, also when there are no descriptors left |
//! | [`limit`] | no more connections than so many, in all workers together |
//! | [`worker`] | one thread, one loop, and the connections on it |
//! | [`figures`] | what has been served |
//! | [`signals`] | what the operating system wants of the process |
//! | [`faults`] | what goes wrong on request, for the tests |
//! | [`server`] | the workers together: start, drain, stop |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as echo_server;

pub mod activity;
pub mod connection;
pub mod drain;
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
pub use figures::Figures;
pub use limit::{Limit, Permit};
pub use limits::Limits;
pub use linger::linger;
pub use options::Options;
pub use pass_on::{Passed, pass_on, send};
