//! Reads that own their buffer until the kernel gives it back.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use speed::buffer::Buffer;
use speed::ring::{Ring, cancelled};

/// Reads of one ring. A clone shares its reads.
///
/// The owner of the ring calls [`complete`](Reads::complete) for each completion that the ring reports.
pub struct Reads<R> {
    ring: R, // Yours to replace.
}

/// A read, as a future. It returns what the read came to, and the buffer.
///
/// # Cancel safety
///
/// If it is dropped in flight, the kernel is asked to give up the read. The bytes that the kernel has
/// read are lost. To keep them, call [`cancel`](Read::cancel) and poll on: the read then returns what
/// it came to.
#[must_use = "a read that is not polled does not begin"]
pub struct Read<R: Ring> {
    ring: std::marker::PhantomData<R>, // Yours to replace.
}

impl<R: Ring> Reads<R> {
    /// No reads.
    #[must_use]
    pub fn new(ring: R) -> Reads<R> {
        todo!("no reads")
    }

    /// Reads from a descriptor into a buffer. The first poll submits the read.
    ///
    /// The buffer belongs to the read until it returns. If the read is dropped in flight, the buffer
    /// stays until the kernel has reported the completion, and no longer.
    pub fn read(&self, descriptor: i32, buffer: Buffer) -> Read<R> {
        todo!("a read that has not begun")
    }

    /// The ring reports that a read has completed: with the number of bytes in its buffer, or an error.
    /// Wakes the task of the latest poll.
    ///
    /// A name that is not in flight is ignored.
    pub fn complete(&self, name: u64, result: io::Result<usize>) {
        todo!("it has completed")
    }

    /// How many reads the kernel has not completed, those of dropped futures included.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        todo!("how many are in flight")
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        &self.ring
    }
}

impl<R: Ring> Read<R> {
    /// Asks the kernel to give up this read. The read still has to be polled until it is ready: it
    /// returns [`cancelled`], or what it came to, if the request was too late.
    ///
    /// A read that has not begun does not begin any more. Once a read has completed, this does nothing.
    pub fn cancel(&mut self) {
        todo!("ask the kernel to give it up")
    }
}

impl<R: Ring> Future for Read<R> {
    type Output = (io::Result<usize>, Buffer);

    /// # Panics
    ///
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("submit it; or is it completed? {:?}", context)
    }
}

impl<R: Ring> Drop for Read<R> {
    /// Asks the kernel to give up a read that is in flight. Its buffer stays until the kernel gives it
    /// back.
    fn drop(&mut self) {
        // Who owns the buffer now?
    }
}

impl<R> Clone for Reads<R> {
    fn clone(&self) -> Reads<R> {
        todo!("the same reads")
    }
}

impl<R> fmt::Debug for Reads<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Reads")
    }
}

impl<R: Ring> fmt::Debug for Read<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Read")
    }
}
