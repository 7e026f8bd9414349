//! Connections to a database in the pool of chapter 08.

use std::fmt;
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};
use synchronization::Pool;
use synchronization::pool::{AcquireError, Borrowed, Connector};

use super::client::Client;
use super::error::Error;

/// Makes the connections of a pool with an async closure, which also spawns the [`Connection`](super::Connection).
pub struct Clients<F> {
    connect: F,
}

impl<F: AsyncFn() -> Result<Client, Error>> Clients<F> {
    /// With this closure.
    pub fn new(connect: F) -> Clients<F> {
        Clients { connect }
    }
}

// ANCHOR: connector
impl<F: AsyncFn() -> Result<Client, Error>> Connector for Clients<F> {
    type Connection = Client;
    type Error = Error;

    async fn connect(&self) -> Result<Client, Error> {
        (self.connect)().await
    }

    /// A connection that is lost; one that still works for a caller that is gone, and whose transaction may be open
    /// afterwards; one whose transaction is open.
    fn is_broken(&self, client: &mut Client) -> bool {
        client.is_closed() || client.in_flight() > 0 || client.is_in_transaction()
    }
}
// ANCHOR_END: connector

/// Borrows a connection that has just answered. A connection that does not answer within `patience` is dropped, and
/// the next one is tried: a server that vanished without a word is noticed here and not by a query.
///
/// It costs one round trip.
///
/// # Errors
///
/// As [`Pool::acquire`].
///
/// # Cancel safety
///
/// As [`Pool::acquire`].
// ANCHOR: acquire_checked
pub async fn acquire_checked<F: AsyncFn() -> Result<Client, Error>>(
    pool: &Pool<Clients<F>>,
    timer: &impl Timer,
    patience: Duration,
) -> Result<Borrowed<Clients<F>>, AcquireError<Error>> {
    loop {
        let client = pool.acquire().await?;
        let ping = Box::pin(client.ping());
        if let Winner::First(Ok(())) = race(ping, timer.sleep(patience)).await {
            return Ok(client);
        }
        // Lost, or with a request in flight: the pool drops it.
    }
}
// ANCHOR_END: acquire_checked

impl<F> fmt::Debug for Clients<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Clients")
    }
}
