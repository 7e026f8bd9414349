//! A client of PostgreSQL on any stream of bytes, with the messages of the crate `postgres-protocol`.
//!
//! | file | idea |
//! |---|---|
//! | [`mod@startup`] | from a stream to a client: TLS, the user, SCRAM |
//! | `wire` | messages on a stream of bytes |
//! | `shared` | the requests in their order, and which of them are answered |
//! | `inbox`, `answer` | the answer to one request: the connection's end of it, and the caller's |
//! | [`connection`] | the future that moves the bytes |
//! | [`client`] | what callers do: simple queries, prepared statements |
//! | [`row`], [`rows`], [`copy`] | rows as text, rows as a stream, many rows as bytes |
//! | [`notifications`] | what `NOTIFY` sends |
//! | [`mod@cancel`] | asking the server to give a request up |
//! | [`pool`] | many connections, each checked before it is used |
//! | [`error`] | why a request has no answer |
//!
//! ```no_run
//! use event_loop::EventLoop;
//! use futures::future::join;
//! use reactor::{Reactor, TcpStream};
//! use world::postgres::{Config, connect};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::with_driver(Reactor::new()?);
//! let (reactor, handle) = (event_loop.driver().handle(), event_loop.handle());
//! event_loop.block_on(async {
//!     let stream = TcpStream::connect(&reactor, "127.0.0.1:5432".parse()?).await?;
//!     let config = Config::new("shop").password("secret");
//!     let (client, connection) = connect(stream, &config).await?;
//!     let connection = handle.spawn(connection);
//!     let price = client.prepare("SELECT price FROM articles WHERE number = $1").await?;
//!     // Both are sent before the first one is answered.
//!     let (first, second) = join(
//!         client.query(&price, &[Some("7")]),
//!         client.query(&price, &[Some("8")]),
//!     )
//!     .await;
//!     println!("{} {}", first?[0].parse::<u32>(0)?, second?[0].parse::<u32>(0)?);
//!     drop((price, client));
//!     connection.await?.map_err(Into::into)
//! })
//! # }
//! ```

mod answer;
pub mod cancel;
pub mod client;
pub mod connection;
pub mod copy;
pub mod error;
mod inbox;
pub mod notifications;
pub mod pool;
pub mod row;
pub mod rows;
mod shared;
pub mod startup;
mod wire;

pub use cancel::{CancelToken, cancel};
pub use client::{Client, Outcome, Statement};
pub use connection::Connection;
pub use copy::{CopyIn, CopyOut};
pub use error::{Error, ServerError};
pub use notifications::{Missed, Notifications};
pub use pool::{Clients, acquire_checked};
pub use row::Row;
pub use rows::Rows;
pub use shared::Notification;
pub use startup::{Config, connect, request_tls};
