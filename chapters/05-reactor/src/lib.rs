//! Chapter 05: a driver made of mio, which turns readiness into wakes.
//!
//! It knows sockets and the loop's `Driver`. It does not know tasks, or the order in which they
//! run.
//!
//! | file | idea |
//! |---|---|
//! | [`readiness`] | one direction: ready or drained, whose waker, and how much a turn |
//! | [`source`] | the two directions of a source, and what an event says of them |
//! | [`tokens`] | names for sources, of which none is ever taken for another |
//! | [`driver`] | [`Reactor`]: the driver; [`ReactorHandle`]: what sockets hold of it |
//! | [`registered`] | something that mio can watch, with its readiness |
//! | [`tcp_listener`], [`tcp_stream`], [`udp_socket`] | TCP and UDP, for `async` code |
//! | [`network`] | the traits by which a server uses a network, this one or a simulated one |
//! | [`unix_stream`], [`mod@pipe`] | on Unix: a pair of connected sockets, and a pipe |
//! | [`mod@write_all`] | writing until everything is written |
//! | [`write_buffer`], [`callbacks`] | what waits to be sent; protocols and transports |
//! | [`sale`] | a small exchange in three steps, which can fail in each |
//! | [`s1_blocking`], [`s2_threads`] | the exchange, one at a time; with a thread for each |
//! | [`with_callbacks`], [`by_hand`], [`with_async`] | the exchange, on one thread: three times |
//!
//! It knows wakers and sockets, and no tasks: those are the loop's.

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as reactor;

pub mod by_hand;
pub mod callbacks;
mod delegate;
pub mod driver;
pub mod network;
#[cfg(unix)]
pub mod pipe;
pub mod readiness;
pub mod registered;
pub mod s1_blocking;
pub mod s2_threads;
pub mod sale;
pub mod source;
pub mod tcp_listener;
pub mod tcp_stream;
pub mod tokens;
pub mod udp_socket;
#[cfg(unix)]
pub mod unix_stream;
pub mod with_async;
pub mod with_callbacks;
pub mod write_all;
pub mod write_buffer;

pub use driver::{Reactor, ReactorHandle};
#[cfg(unix)]
pub use pipe::{PipeReader, PipeWriter, pipe};
pub use readiness::Readiness;
pub use registered::{ByDebug, ByType, Names, Registered};
pub use source::{Happened, Source};
pub use tcp_listener::TcpListener;
pub use tcp_stream::TcpStream;
pub use tokens::Tokens;
pub use udp_socket::UdpSocket;
#[cfg(unix)]
pub use unix_stream::UnixStream;
pub use write_all::write_all;
pub use write_buffer::WriteBuffer;
