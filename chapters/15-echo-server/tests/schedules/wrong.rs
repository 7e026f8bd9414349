//! A copy of the connection, into which faults are planted.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use echo_server::{Activity, End, Limits};
use event_loop::{Handle, yield_now};
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race};

use crate::schedules::socket::Stream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What is left after a write was cut short for the second time lacks its last byte.
    LostByte,
    /// What is left after a write was cut short for the second time begins a byte too early.
    DoubledByte,
    /// After a write was cut short for the second time, another task is woken than the one that waits for room.
    LostWake,
    /// The order to finish ends a connection that has something to read.
    DrainForgets,
    /// The connection does not look for the order to finish.
    DrainUnheard,
    /// The idle time counts from the start.
    IdleFromTheBeginning,
    /// What is written does not put the idle time off.
    IdleSinceTheLastRead,
    /// There is no idle time-out.
    NeverIdle,
    /// The connection ends, and its stream is not closed.
    NotClosed,
    /// A reset is taken for the end.
    ResetIsEnd,
    /// The drain makes all of its attempts in one iteration of the loop: a budget that is used up looks like an empty socket.
    BudgetTakenForNothing,
    /// The error of the close is not looked at.
    CloseErrorSwallowed,
    /// The drain reads on after a write failed.
    UsedAfterAnError,
    /// The drain reads everything before it sends it.
    DrainCollects,
}

impl Fault {
    pub(crate) const ALL: [Fault; 14] = [
        Fault::LostByte,
        Fault::DoubledByte,
        Fault::LostWake,
        Fault::DrainForgets,
        Fault::DrainUnheard,
        Fault::IdleFromTheBeginning,
        Fault::IdleSinceTheLastRead,
        Fault::NeverIdle,
        Fault::NotClosed,
        Fault::ResetIsEnd,
        Fault::BudgetTakenForNothing,
        Fault::CloseErrorSwallowed,
        Fault::UsedAfterAnError,
        Fault::DrainCollects,
    ];
}

pub(crate) async fn connection(
    stream: Stream,
    limits: Limits<'_, Handle>,
    fault: Option<Fault>,
) -> End {
    let activity = Activity::begin(limits.timer.now());
    let idle = async {
        match fault {
            Some(Fault::NeverIdle) => pending().await,
            Some(Fault::IdleFromTheBeginning) => limits.timer.sleep(limits.idle_timeout).await,
            _ => activity.idle_for(limits.idle_timeout, limits.timer).await,
        }
    };
    match race(echo(stream, &limits, &activity, fault), idle).await {
        Winner::First(Ok(())) => End::Completed,
        Winner::First(Err(_)) if fault == Some(Fault::ResetIsEnd) => End::Completed,
        Winner::First(Err(_)) => End::Reset,
        Winner::Second(()) => End::TimedOut,
    }
}

async fn echo(
    mut stream: Stream,
    limits: &Limits<'_, Handle>,
    activity: &Activity,
    fault: Option<Fault>,
) -> io::Result<()> {
    let mut drain = pin!(limits.drain.cancelled());
    let finishing = Cell::new(false);
    let mut unsent = Vec::new();
    loop {
        let read = poll_fn(|context| read(&mut stream, limits, context));
        let read = if finishing.get() {
            if fault != Some(Fault::BudgetTakenForNothing) {
                yield_now().await;
            }
            race(read, either_way(ready(()))).await
        } else if fault == Some(Fault::DrainUnheard) {
            Winner::First(read.await)
        } else {
            race(read, either_way(drain.as_mut())).await
        };
        let Winner::First(bytes) = read else {
            if finishing.replace(true) || fault == Some(Fault::DrainForgets) {
                break;
            }
            continue;
        };
        let mut bytes = bytes?;
        if bytes.is_empty() {
            break;
        }
        activity.note(limits.timer.now());
        if finishing.get() && fault == Some(Fault::DrainCollects) {
            unsent.append(&mut bytes);
        }
        let mut cuts = 0;
        while !bytes.is_empty() {
            let lost = fault == Some(Fault::LostWake) && cuts > 1;
            let count = poll_fn(|context| write(&mut stream, &bytes, context, lost)).await;
            if count.is_err() && finishing.get() && fault == Some(Fault::UsedAfterAnError) {
                break;
            }
            let count = count?;
            limits.tally.sent(count);
            if fault != Some(Fault::IdleSinceTheLastRead) {
                activity.note(limits.timer.now());
            }
            cuts += usize::from(count < bytes.len());
            let second_time = cuts == 2 && count < bytes.len();
            let sent = match fault {
                Some(Fault::DoubledByte) if second_time => count - 1,
                _ => count,
            };
            bytes.drain(..sent);
            if fault == Some(Fault::LostByte) && second_time {
                bytes.pop();
            }
        }
    }
    while !unsent.is_empty() {
        let count = poll_fn(|context| write(&mut stream, &unsent, context, false)).await?;
        limits.tally.sent(count);
        unsent.drain(..count);
    }
    match fault {
        Some(Fault::NotClosed) => Ok(()),
        Some(Fault::CloseErrorSwallowed) => stream.close().await.or(Ok(())),
        _ => stream.close().await,
    }
}

async fn either_way(future: impl Future<Output = ()>) {
    future.await;
}

fn read(
    stream: &mut Stream,
    limits: &Limits<'_, Handle>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Vec<u8>>> {
    let mut buffer = limits.buffer.borrow_mut();
    let read = Pin::new(stream).poll_read(context, &mut buffer);
    read.map_ok(|count| {
        limits.tally.received(count);
        buffer[..count].to_vec()
    })
}

fn write(
    stream: &mut Stream,
    bytes: &[u8],
    context: &mut Context<'_>,
    lost: bool,
) -> Poll<io::Result<usize>> {
    if lost {
        let mut nobody = Context::from_waker(Waker::noop());
        return Pin::new(stream).poll_write(&mut nobody, bytes);
    }
    Pin::new(stream).poll_write(context, bytes)
}
