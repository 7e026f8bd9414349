//! What has been served.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::connection::End;

/// What one worker has served. The worker counts, and anybody may look.
///
/// Only the worker's own thread writes, so a count is a plain load and a plain store; who looks from
/// another thread may see one count before another.
#[derive(Debug, Default)]
pub struct Tally {
    accepted: AtomicU64,
    completed: AtomicU64,
    reset: AtomicU64,
    timed_out: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// What has been served: by one worker, or by all of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Connections that were taken.
    pub accepted: u64,
    /// Those that came to their end as they should.
    pub completed: u64,
    /// Those that were broken off, by the peer or by the server.
    pub reset: u64,
    /// Those on which nothing happened for too long.
    pub timed_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent back.
    pub bytes_out: u64,
}

impl Tally {
    /// A connection was taken.
    pub fn accepted(&self) {
        add(&self.accepted, 1);
    }

    // ANCHOR: counting
    /// Bytes were received.
    pub fn received(&self, count: usize) {
        add(&self.bytes_in, count as u64);
    }

    /// Bytes were sent back.
    pub fn sent(&self, count: usize) {
        add(&self.bytes_out, count as u64);
    }
    // ANCHOR_END: counting

    /// A connection is over.
    pub fn ended(&self, end: End) {
        match end {
            End::Completed => add(&self.completed, 1),
            End::Reset => add(&self.reset, 1),
            End::TimedOut => add(&self.timed_out, 1),
        }
    }

    /// What has been counted so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Figures {
            accepted: load(&self.accepted),
            completed: load(&self.completed),
            reset: load(&self.reset),
            timed_out: load(&self.timed_out),
            bytes_in: load(&self.bytes_in),
            bytes_out: load(&self.bytes_out),
        }
    }
}

fn add(count: &AtomicU64, more: u64) {
    // Relaxed: nothing else is told by it.
    count.store(count.load(Ordering::Relaxed) + more, Ordering::Relaxed);
}

impl Figures {
    /// Connections that are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        let over = self.completed + self.reset + self.timed_out;
        self.accepted.saturating_sub(over)
    }
}

impl Add for Figures {
    type Output = Figures;

    fn add(self, other: Figures) -> Figures {
        Figures {
            accepted: self.accepted + other.accepted,
            completed: self.completed + other.completed,
            reset: self.reset + other.reset,
            timed_out: self.timed_out + other.timed_out,
            bytes_in: self.bytes_in + other.bytes_in,
            bytes_out: self.bytes_out + other.bytes_out,
        }
    }
}

impl Sum for Figures {
    fn sum<I: Iterator<Item = Figures>>(figures: I) -> Figures {
        figures.fold(Figures::default(), Add::add)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures {
            accepted,
            reset,
            timed_out,
            bytes_in,
            bytes_out,
            ..
        } = self;
        write!(
            out,
            "served {accepted} connections, {bytes_in} bytes in, {bytes_out} bytes out, \
             {reset} reset, {timed_out} timed out"
        )
    }
}
