//! Connecting to the first of many addresses that answers, as RFC 8305 has it.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

// All parts of the chapter are yours to use: `use composition::{ReadySet, select};`
use event_loop::Timer;

/// How long a connection attempt has the network to itself. RFC 8305, section 5, recommends 250 ms, and
/// names 10 ms as the least that is allowed.
pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The addresses with their families in turn: one of the family of the first address, one of the
/// other, and so on. Within a family they keep their order. When one family is used up, the rest of the
/// other follows. An address that is given twice stays in the list twice.
#[must_use]
pub fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    todo!("one of each family in turn")
}

/// Connects to one of these addresses: the first whose connection is established.
///
/// - The attempts start in the order of [`interleaved`], each with one call of `connect`. The first one
///   starts at once. The next one starts [`CONNECTION_ATTEMPT_DELAY`] after the newest, or, if the newest
///   fails before that, in the poll in which its failure is seen. The failure of an older attempt starts
///   none. All attempts that have not failed go on.
/// - It returns the first connection, with its address. All other attempts are dropped before that, and
///   no timer is left. If a connection is established in the poll in which the delay ends, that
///   connection is returned, and no further attempt starts. If two are established at the same moment,
///   one of them is returned, and the other is dropped. If the newest attempt fails in the poll in which
///   an older one is connected, that connection is returned; a further attempt may have started.
/// - Each poll polls only attempts that were woken or have just started.
///
/// # Errors
///
/// If every attempt fails, every address with its error, in the order in which the attempts started.
/// Without an address, an empty list.
///
/// # Cancel safety
///
/// Dropping it drops all attempts, and removes the timer.
pub async fn happy_eyeballs<T, S, E, F>(
    timer: &T,
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(SocketAddr, S), Vec<(SocketAddr, E)>>
where
    T: Timer,
    F: Future<Output = Result<S, E>>,
{
    todo!("start, wait for a result or for the delay, start the next")
}
