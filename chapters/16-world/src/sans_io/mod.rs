//! A protocol without I/O, and what drives it.
//!
//! | file | idea |
//! |---|---|
//! | [`frame`] | frames of WebSocket as bytes and back |
//! | [`connection`] | the protocol core: bytes, time and calls in; events, bytes and a deadline out |
//! | [`blocking`] | a driver for code that blocks: threads, and green threads |
//! | [`on_a_loop`] | a driver for tasks: the loop, and the simulated network |
//! | `on_green_threads` | a stream of the loop whose reads block a green thread, and have a limit |
//!
//! The core knows no stream, no clock and no task. Each driver is a loop of a page.

pub mod blocking;
pub mod connection;
pub mod frame;
pub mod on_a_loop;
#[cfg(feature = "sans-io")]
pub mod on_green_threads;

pub use connection::Connection;
pub use frame::{Event, Message, NotOpen, Role, Settings, Violation};
