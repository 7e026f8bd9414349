//! `futures::select_biased!`-like: one loop over events, a write in progress as a state.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use event_loop::Timer;
use futures::future::{Either, FutureExt, select};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use futures::stream::{Stream, StreamExt};

/// Ping.
pub const PING_AFTER: Duration = Duration::from_secs(10);
/// Patience.
pub const PATIENCE: Duration = Duration::from_secs(25);
/// Ping.
pub const PING: u8 = 0;

/// End.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// F
    Finished,
    /// L
    Left,
    /// F
    Failed,
    /// G
    Gone,
}

/// Serves.
pub async fn subscription<S, T, U>(stream: S, timer: T, mut updates: U) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
    U: Stream<Item = Vec<u8>> + Unpin,
{
    let (mut reader, mut writer) = stream.split();
    let generation = Cell::new(0_u64);
    let heard = Cell::new(timer.now());
    let reading = async {
        let mut byte = [0];
        loop {
            // Each read has the patience that is left, and reads one byte.
            let read = reader.read(&mut byte);
            let left = timer.sleep_until(heard.get() + PATIENCE);
            match select(read, left).await {
                Either::Left((Ok(0), _)) => return End::Left,
                Either::Left((Ok(_), _)) => {
                    heard.set(timer.now());
                    generation.set(generation.get() + 1);
                }
                Either::Left((Err(_), _)) => return End::Failed,
                Either::Right(_) => return End::Gone,
            }
        }
    };
    let writing = async {
        let mut due = heard.get() + PING_AFTER;
        let mut known = 0;
        loop {
            if known != generation.get() {
                known = generation.get();
                due = heard.get() + PING_AFTER;
            }
            let is_due = timer.now() >= due;
            if is_due {
                due = due + PING_AFTER;
                if writer.write_all(&[PING]).await.is_err() {
                    return End::Failed;
                }
                continue;
            }
            match select(updates.next(), timer.sleep_until(due)).await {
                Either::Left((Some(update), _)) => {
                    for byte in update {
                        if writer.write_all(&[byte]).await.is_err() {
                            return End::Failed;
                        }
                    }
                }
                Either::Left((None, _)) => {
                    return match writer.close().await {
                        Ok(()) => End::Finished,
                        Err(_) => End::Failed,
                    };
                }
                Either::Right(_) => {}
            }
        }
    };
    let (reading, writing) = (pin!(reading.fuse()), pin!(writing.fuse()));
    select(reading, writing).await.factor_first().0
}
