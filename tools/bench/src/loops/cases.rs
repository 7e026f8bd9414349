//! What is measured, and the futures that every runtime gets alike.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    JoinOne,
    JoinMany,
    PingPong,
    YieldOne,
    YieldMany,
    TimerOne,
    TimerMany,
}

pub(crate) const CASES: [Case; 7] = [
    Case::JoinOne,
    Case::JoinMany,
    Case::PingPong,
    Case::YieldOne,
    Case::YieldMany,
    Case::TimerOne,
    Case::TimerMany,
];

impl Case {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Case::JoinOne => "spawn and join, one at a time",
            Case::JoinMany => "spawn and join, 1,000 at a time",
            Case::PingPong => "two tasks wake each other, a wake",
            Case::YieldOne => "wake itself and yield, 1 task",
            Case::YieldMany => "wake itself and yield, 1,000 tasks",
            Case::TimerOne => "timer set and dropped, one at a time",
            Case::TimerMany => "timer set and dropped, a million live",
        }
    }
}

static STEPS: AtomicUsize = AtomicUsize::new(100_000);

/// How many steps a run has.
pub(crate) fn steps() -> usize {
    STEPS.load(Ordering::Relaxed)
}

/// From now on a run has this many steps.
pub(crate) fn set_steps(steps: usize) {
    STEPS.store(steps, Ordering::Relaxed);
}

/// Wakes itself and is pending, this many times.
pub(crate) struct Yields(pub(crate) usize);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The ball of two players.
pub(crate) struct Table {
    hits: AtomicUsize,
    players: [AtomicWaker; 2],
}

/// One of two players: hits the ball when it is its turn, and wakes the other.
pub(crate) struct Player {
    table: Arc<Table>,
    me: usize,
}

pub(crate) fn players() -> (Player, Player) {
    let table = Arc::new(Table {
        hits: AtomicUsize::new(0),
        players: [AtomicWaker::new(), AtomicWaker::new()],
    });
    let other = Player {
        table: Arc::clone(&table),
        me: 1,
    };
    (Player { table, me: 0 }, other)
}

impl Future for Player {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Player { table, me } = &*self;
        table.players[*me].register(context.waker());
        let hits = table.hits.load(Ordering::Acquire);
        if hits >= steps() {
            table.players[1 - me].wake();
            return Poll::Ready(());
        }
        if hits % 2 == *me {
            table.hits.store(hits + 1, Ordering::Release);
            table.players[1 - me].wake();
        }
        Poll::Pending
    }
}

/// Polls a future once, and drops it.
pub(crate) async fn polled_once<F: Future>(future: F) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

/// Keeps futures alive that were polled once.
pub(crate) async fn polled_and_kept<F: Future + Unpin>(futures: &mut [F]) {
    std::future::poll_fn(|context| {
        for future in futures.iter_mut() {
            let _ = Pin::new(future).poll(context);
        }
        Poll::Ready(())
    })
    .await;
}

/// Far off, and of all sorts: in no order.
pub(crate) fn far(index: usize) -> std::time::Duration {
    let mixed = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    std::time::Duration::from_micros(3_600_000_000 + mixed % 600_000_000)
}
