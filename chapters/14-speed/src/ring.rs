//! What a ring offers: reads that the kernel carries out by itself.

use std::io;

use speed::buffer::Lent;

// ANCHOR: ring
/// A queue of requests to the kernel. io_uring is one, and the checks have a simulated one.
///
/// The ring reports each completion to the code that submitted the request, by its name. It does so
/// later, never inside of one of these calls.
pub trait Ring {
    /// Asks the kernel to read from a descriptor into memory. The kernel may write into the memory
    /// until the ring reports that this read has completed. Before it reports, it has dropped `memory`.
    ///
    /// `name` is not the name of another read that is in flight.
    fn submit_read(&self, name: u64, descriptor: i32, memory: Lent);

    /// Asks the kernel to give up a read that is in flight.
    ///
    /// The kernel reports that the read has completed all the same: with [`cancelled`], or, if it was
    /// too late, with what the read came to.
    fn submit_cancel(&self, name: u64);
}
// ANCHOR_END: ring

/// The error of a read that was given up.
#[must_use]
pub fn cancelled() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "the read was cancelled")
}
