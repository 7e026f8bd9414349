//! Debug this program.
//! A server sends updates to a subscriber, and a ping when it has heard nothing for some time. Killed
//! subscribers end their connections at once, in every test on one machine. In production the server
//! holds connections to hosts that lost power minutes ago.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use futures::stream::{Stream, StreamExt};
use state_machines::{Winner, race};

/// How long the server hears nothing before it sends a ping.
pub const PING_AFTER: Duration = Duration::from_secs(10);

/// How long the server hears nothing before it gives the subscriber up.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// The byte of a ping. No update contains it.
pub const PING: u8 = 0;

/// How a subscription ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There are no more updates. Every one was written, and the stream was closed.
    Finished,
    /// The subscriber sent its end.
    Left,
    /// A read, a write or the close returned an error.
    Failed,
    /// The server heard nothing for [`PATIENCE`].
    Gone,
}

/// Serves one subscriber. Writes every update, whole and in order, as soon as the one before is written.
///
/// The server *hears* the subscriber when bytes of it arrive. Any byte counts, and its value is ignored:
/// a subscriber answers each ping with one byte, and need send nothing else.
///
/// - When it has heard nothing for [`PING_AFTER`], it writes one byte, [`PING`], between two updates.
///   It does so again after each further [`PING_AFTER`] without a byte. So it writes a ping at 10 and at
///   20 seconds of silence. A ping that has to wait for an update may come later.
/// - When it has heard nothing for [`PATIENCE`], it returns [`End::Gone`], at that moment, also while
///   it waits for something else. Time counts from the call until the first byte is heard.
///
/// It returns the first [`End`] that happens, at that moment. If two happen in one poll, it may return
/// either. It sleeps while nothing is to do, and a spurious poll changes nothing.
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
pub async fn subscription<S, T, U>(stream: S, timer: T, updates: U) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
    U: Stream<Item = Vec<u8>> + Unpin,
{
    let (reader, writer) = stream.split();
    let alive = Cell::new(timer.now());
    let receive = pin!(receive(reader, &alive, &timer));
    let send = pin!(send(writer, updates, &alive, &timer));
    let silence = pin!(silent_for(PATIENCE, &alive, &timer));
    match race(race(receive, send), silence).await {
        Winner::First(Winner::First(end) | Winner::Second(end)) => end,
        Winner::Second(()) => End::Gone,
    }
}

/// Reads until the subscriber's end.
async fn receive(
    mut reader: impl AsyncRead + Unpin,
    alive: &Cell<Time>,
    timer: &impl Timer,
) -> End {
    let mut buffer = [0; 64];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) => return End::Left,
            Ok(_) => alive.set(timer.now()),
            Err(_) => return End::Failed,
        }
    }
}

/// Writes updates, and pings between them.
async fn send(
    mut writer: impl AsyncWrite + Unpin,
    mut updates: impl Stream<Item = Vec<u8>> + Unpin,
    alive: &Cell<Time>,
    timer: &impl Timer,
) -> End {
    let pinged = Cell::new(timer.now());
    loop {
        let next = race(quiet(alive, &pinged, timer), updates.next()).await;
        let bytes = match next {
            Winner::First(()) => {
                pinged.set(timer.now());
                vec![PING]
            }
            Winner::Second(Some(update)) => update,
            Winner::Second(None) => {
                let closed = writer.close().await;
                return closed.map_or(End::Failed, |()| End::Finished);
            }
        };
        if writer.write_all(&bytes).await.is_err() {
            return End::Failed;
        }
        // YOURS
        // The write proves nothing: the bytes are in the send buffer of this host.
        // STUB: alive.set(timer.now());
        // YOURS_END
    }
}

/// Completes when it is time for a ping.
async fn quiet(alive: &Cell<Time>, pinged: &Cell<Time>, timer: &impl Timer) {
    loop {
        let until = alive.get().max(pinged.get()) + PING_AFTER;
        if timer.now() >= until {
            return;
        }
        timer.sleep_until(until).await;
    }
}

/// Completes when the last sign of life is this old.
async fn silent_for(limit: Duration, alive: &Cell<Time>, timer: &impl Timer) {
    loop {
        let until = alive.get() + limit;
        if timer.now() >= until {
            return;
        }
        timer.sleep_until(until).await;
    }
}
