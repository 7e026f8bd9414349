//! Pings beside a listener: how a peer that is gone without a word is noticed.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use composition::{Winner, select, timeout_at};
use event_loop::Timer;

/// How often a peer is asked, and how long it has for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// From the beginning of one ping to that of the next.
    pub every: Duration,
    /// From the beginning of a ping to the moment at which something must have been heard.
    pub patience: Duration,
}

/// Counts what was heard of a peer. The listener notes each message, the pong among them: any message shows that the
/// peer is there. A clone is the same counter.
#[derive(Debug, Clone, Default)]
pub struct Heard(Rc<Cell<u64>>);

impl Heard {
    /// Nothing so far.
    #[must_use]
    pub fn new() -> Heard {
        Heard::default()
    }

    /// The peer was heard.
    pub fn note(&self) {
        self.0.set(self.0.get() + 1);
    }

    fn count(&self) -> u64 {
        self.0.get()
    }
}

/// Why a heartbeat has ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost<E> {
    /// Nothing was heard between a ping and the end of the patience.
    Silent,
    /// The ping could not be sent.
    Ping(E),
}

/// Awaits `listener`, and calls `ping` beside it, the first time after one interval. It ends with the listener, or when
/// the peer is lost. Both are parts of one future: no ping outlives its connection, however that ends.
///
/// A ping is lost if it has not been sent, or if nothing was heard since its beginning, when the patience has
/// passed. A message that comes at that very moment counts. Pings do not overlap.
///
/// ```
/// use std::time::Duration;
/// use event_loop::{EventLoop, JumpingDriver};
/// use service::{Heard, Lost, Pulse, heartbeat};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let timer = event_loop.handle();
/// let second = Duration::from_secs(1);
/// let pulse = Pulse { every: 30 * second, patience: 5 * second };
/// let silent = std::future::pending::<()>();
/// let ping = || async { Ok::<(), std::io::ErrorKind>(()) };
/// let ended = event_loop.block_on(heartbeat(&timer, pulse, &Heard::new(), silent, ping));
/// assert_eq!(ended, Err(Lost::Silent));
/// assert_eq!(timer.now().since_start(), 35 * second);
/// ```
///
/// # Errors
///
/// [`Lost`], when the heartbeat has ended it.
///
/// # Cancel safety
///
/// Dropping it drops the listener, and the ping that is being sent. Half of a ping may have been written: the connection
/// must not be used again. The same holds after [`Lost`].
// ANCHOR: heartbeat
pub async fn heartbeat<T, L, P, E>(
    timer: &T,
    pulse: Pulse,
    heard: &Heard,
    listener: L,
    mut ping: impl FnMut() -> P,
) -> Result<L::Output, Lost<E>>
where
    T: Timer,
    L: Future,
    P: Future<Output = Result<(), E>>,
{
    let pings = async {
        let mut begins = timer.now();
        loop {
            begins = timer.now().max(begins + pulse.every);
            timer.sleep_until(begins).await;
            let (before, patience) = (heard.count(), begins + pulse.patience);
            match timeout_at(timer, patience, ping()).await {
                Ok(Ok(())) => timer.sleep_until(patience).await,
                Ok(Err(error)) => return Lost::Ping(error),
                Err(_elapsed) => return Lost::Silent,
            }
            if heard.count() == before {
                return Lost::Silent;
            }
        }
    };
    // ANCHOR_END: heartbeat
    // ANCHOR: select
    // Biased: what the listener hears in the last moment is noted before the ping is judged.
    match select(listener, pings).biased().await {
        Winner::First(output) => Ok(output),
        Winner::Second(lost) => Err(lost),
    }
}
// ANCHOR_END: select

impl<E: fmt::Display> fmt::Display for Lost<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Silent => out.write_str("the peer is silent"),
            Lost::Ping(error) => write!(out, "a ping could not be sent: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for Lost<E> {}
