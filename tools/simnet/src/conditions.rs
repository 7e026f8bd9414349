//! How good a link is, and how a host's kernel answers.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A link from one host to another, in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How long a segment travels.
    pub latency: RangeInclusive<Duration>,
    /// How many of 1,000 segments are lost. The sender's kernel sends a lost segment again, so a loss is a
    /// delay for the application.
    pub loss: u16,
    /// Whether nothing arrives: a partition. No host is told.
    pub is_cut: bool,
}

impl Default for Link {
    /// Half a millisecond to one, without loss.
    fn default() -> Link {
        Link {
            latency: Duration::from_micros(500)..=Duration::from_millis(1),
            loss: 0,
            is_cut: false,
        }
    }
}

// ANCHOR: kernel
/// How a host's kernel answers the applications on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// How many sockets may be open at once: streams and listeners. One more is refused with `EMFILE`.
    pub descriptors: usize,
    /// How many written bytes a socket holds until the peer's kernel has acknowledged them.
    pub send_buffer: usize,
    /// How many bytes a socket holds until its application reads them.
    pub receive_buffer: usize,
    /// How many of 1,000 reads return a part of what is there.
    pub short_reads: u16,
    /// How many of 1,000 writes take a part of what would fit.
    pub short_writes: u16,
    /// How many of 1,000 attempts are interrupted by a signal.
    pub interrupted: u16,
    /// How many of 1,000 events say that a socket is ready when it is not.
    pub spurious: u16,
    /// How many of 1,000 accepts find that the client is gone.
    pub aborted: u16,
    /// How many clients wait at a listener before one more is ignored.
    pub backlog: usize,
}
// ANCHOR_END: kernel

impl Default for Kernel {
    /// A kernel that does all at once: 1,024 descriptors, 64 KiB in each buffer, 4,096 clients that wait.
    fn default() -> Kernel {
        Kernel {
            descriptors: 1_024,
            send_buffer: 64 * 1024,
            receive_buffer: 64 * 1024,
            short_reads: 0,
            short_writes: 0,
            interrupted: 0,
            spurious: 0,
            aborted: 0,
            backlog: 4_096,
        }
    }
}

/// How long a kernel waits before it sends an unacknowledged segment again, by the number of attempts so far.
/// `None`: it gives the connection up.
///
/// As Linux does: from 200 ms, doubled up to 120 s, and given up 924.6 seconds after the first attempt
/// (`tcp_retries2` is 15).
pub(crate) fn retransmission(attempts: u32) -> Option<Duration> {
    let wait = Duration::from_millis(200 << attempts.min(10));
    (attempts < 16).then(|| wait.min(Duration::from_secs(120)))
}

/// The same for the first segment of a connection: from one second, doubled, and given up after 127 seconds
/// (`tcp_syn_retries` is 6).
pub(crate) fn connection_retry(attempts: u32) -> Option<Duration> {
    (attempts < 7).then(|| Duration::from_secs(1 << attempts))
}
