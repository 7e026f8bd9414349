//! Counts of connections and bytes.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::connection::End;

/// The counts of one worker. The worker writes them, and any thread may read them.
///
/// Only the worker's own thread writes, so a count is a plain load and a plain store. Another thread may
/// see one count change before another.
#[derive(Debug, Default)]
pub struct Tally {
    accepted: AtomicU64,
    completed: AtomicU64,
    reset: AtomicU64,
    timed_out: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// The counts of one worker, or the sum over all workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Connections that ended with every byte sent back.
    pub completed: u64,
    /// Connections that an error ended, and those that the server cut off.
    pub reset: u64,
    /// Connections that were idle for too long.
    pub timed_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent back.
    pub bytes_out: u64,
}

impl Tally {
    /// A connection was accepted.
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

    /// A connection has ended.
    pub fn ended(&self, end: End) {
        match end {
            End::Completed => add(&self.completed, 1),
            End::Reset => add(&self.reset, 1),
            End::TimedOut => add(&self.timed_out, 1),
        }
    }

    /// The counts so far.
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
    // Relaxed: no other memory is published through a count.
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
