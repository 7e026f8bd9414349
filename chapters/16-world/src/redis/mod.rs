//! A client of Redis on any stream of bytes.
//!
//! | file | idea |
//! |---|---|
//! | [`resp`] | the protocol: commands as bytes, bytes as values |
//! | [`mod@client`] | many commands on their way, each answer to its caller |
//! | [`subscriber`] | what other clients publish, as a stream |

pub mod client;
pub mod resp;
pub mod subscriber;

pub use client::{Client, Connection, Lost, client};
pub use resp::{Malformed, Value, decode, encode};
pub use subscriber::{Message, Subscriber};
