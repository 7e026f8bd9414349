//! A network of simulated hosts and links, in one thread and on virtual time.
//!
//! Programs of several hosts run on one loop, whose driver is the network. The clock jumps to the next event,
//! so hours pass in milliseconds. Everything that is random comes from one seed: the same seed gives the same
//! [`Trace`], byte for byte.
//!
//! | file | idea |
//! |---|---|
//! | [`net`] | [`SimNet`]: the network, and the driver of the loop |
//! | [`host`] | [`Host`]: listen, connect, run programs, lose power |
//! | [`stream`], [`listener`] | connections, for `async` code |
//! | [`conditions`] | latency, loss and partitions of a link; how a kernel answers |
//! | [`clock`] | a host's clock, which need not agree with the others |
//! | [`trace`] | everything that happened, line by line |
//! | [`random`] | random numbers that are the same on every machine |
//! | `network` | the traits of chapter 05, so that a server runs on this network unchanged |
//! | `world`, `socket` | the state; one end of a connection, as its kernel keeps it |
//! | `handshake`, `wire`, `agenda` | how a connection begins; what travels; when it arrives |
//!
//! # What is simulated
//!
//! TCP as applications see it: bytes in order; send and receive buffers; a half-close; a reset when a socket is
//! closed with unread bytes or gets bytes after the close; segments that are sent again until Linux would give
//! up; a handshake that can be refused, ignored or lost. Readiness is chapter 05's own
//! [`Source`](reactor::Source), and the kernel reports each change once.
//!
//! Not simulated: congestion control, reordering, UDP, names, files, threads, and the time that a program's
//! code takes.
//!
//! It knows the loop's `Driver` and the reactor's readiness. It opens no socket.

mod agenda;
pub mod clock;
pub mod conditions;
mod handshake;
pub mod host;
pub mod listener;
pub mod net;
mod network;
pub mod random;
mod socket;
pub mod stream;
pub mod trace;
mod wire;
mod world;

pub use clock::{Clock, Drift};
pub use conditions::{Kernel, Link};
pub use host::Host;
pub use listener::Listener;
pub use net::SimNet;
pub use random::Random;
pub use stream::Stream;
pub use trace::Trace;
