//! Chapter 11: how a service starts, how it ends, and how it comes back.
//!
//! It knows wakers, `Spawn` and `Timer`. The reactor appears where a signal or a socket does.
//!
//! | file | idea |
//! |---|---|
//! | [`signal`] | what the operating system can tell a process at any moment |
//! | `signals` | the signals of the process, as a stream |
//! | [`drain`] | a service that stops takes no more work, and ends the work that it has |
//! | [`run`](mod@run) | a program from its start to its end |
//! | [`lifecycle`] | parts of a service that start in order, and are cleaned up in reverse |
//! | [`jitter`] | chance in a delay |
//! | [`backoff`] | how long to wait before the next attempt |
//! | [`retry`](mod@retry) | trying again, if that can help and does no harm |
//! | [`heartbeat`](mod@heartbeat) | pings beside a listener |
//! | [`consumer`] | a consumer of a queue, which connects again |
//! | `line_session`, `line_server` | a queue in a process of its own, to be killed |
//! | [`herd`](mod@herd) | an instrument: many clients that lose their server in the same moment |
//! | [`restart_limit`] | how many restarts are too many |
//! | [`supervisor`] | parts that are started again when they crash |
//! | [`circuit_breaker`] | calls to a service that is down fail at once |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as service;

pub mod backoff;
pub mod circuit_breaker;
pub mod consumer;
pub mod drain;
pub mod heartbeat;
pub mod herd;
pub mod jitter;
pub mod lifecycle;
#[cfg(feature = "world")]
pub mod line_server;
#[cfg(feature = "world")]
pub mod line_session;
pub mod restart_limit;
pub mod retry;
pub mod run;
pub mod signal;
#[cfg(all(unix, feature = "world"))]
pub mod signals;
#[cfg(all(not(unix), feature = "world"))]
#[path = "signals_elsewhere.rs"]
pub mod signals;
pub mod supervisor;

pub use backoff::{Backoff, Delays};
pub use circuit_breaker::{BreakerState, CircuitBreaker, Refused};
pub use consumer::{Event, Message, Session, Why, consume};
pub use drain::{Admitted, Cut, Drain, Finish, NotAdmitted, Numbers};
pub use heartbeat::{Heard, Lost, Pulse, heartbeat};
pub use jitter::{FullJitter, Jitter, NoJitter};
pub use lifecycle::{
    Failure, Lifecycle, NotStarted, Phase, Readiness, Running, Starting, Stopping,
};
#[cfg(feature = "world")]
pub use line_session::LineSession;
pub use restart_limit::RestartLimit;
pub use retry::{Because, Failed, GaveUp, Policy, RetryBudget, retry};
pub use run::{Program, Ran, run};
pub use signal::Signal;
#[cfg(feature = "world")]
pub use signals::{Signals, is_ignored};
pub use supervisor::{Escalated, Exit, Report, Restart, Supervisor};
