//! Reads that own their buffer until the kernel gives it back.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::task::Waker;

// YOURS_END
use speed::buffer::Buffer;
use speed::ring::{Ring, cancelled};

/// Reads of one ring. A clone shares its reads.
///
/// The owner of the ring calls [`complete`](Reads::complete) for each completion that the ring reports.
pub struct Reads<R> {
    // YOURS
    shared: Rc<Shared<R>>,
    // STUB: ring: R, // Yours to replace.
    // YOURS_END
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
    // YOURS
    shared: Rc<Shared<R>>,
    state: State,
    // STUB: ring: std::marker::PhantomData<R>, // Yours to replace.
    // YOURS_END
}
// YOURS

// ANCHOR: fields
struct Shared<R> {
    ring: R,
    /// The next name. No two reads have the same one, so a late completion finds no other read.
    next: Cell<u64>,
    /// The reads of which the kernel has not reported the completion, and those of which it has and
    /// whose future has not been polled since.
    reads: RefCell<HashMap<u64, Entry>>,
}

enum Entry {
    /// A future waits.
    Awaited { buffer: Buffer, waker: Waker },
    /// The future is gone. The buffer stays until the kernel gives it back.
    Abandoned { _buffer: Buffer },
    Completed {
        buffer: Buffer,
        result: io::Result<usize>,
    },
}

enum State {
    New {
        descriptor: i32,
        buffer: Buffer,
        is_cancelled: bool,
    },
    InFlight {
        name: u64,
        is_cancelled: bool,
    },
    Finished,
}
// ANCHOR_END: fields
// YOURS_END

impl<R: Ring> Reads<R> {
    /// No reads.
    #[must_use]
    pub fn new(ring: R) -> Reads<R> {
        // YOURS
        let shared = Shared {
            ring,
            next: Cell::new(0),
            reads: RefCell::default(),
        };
        Reads {
            shared: Rc::new(shared),
        }
        // STUB: todo!("no reads")
        // YOURS_END
    }

    /// Reads from a descriptor into a buffer. The first poll submits the read.
    ///
    /// The buffer belongs to the read until it returns. If the read is dropped in flight, the buffer
    /// stays until the kernel has reported the completion, and no longer.
    pub fn read(&self, descriptor: i32, buffer: Buffer) -> Read<R> {
        // YOURS
        Read {
            shared: Rc::clone(&self.shared),
            state: State::New {
                descriptor,
                buffer,
                is_cancelled: false,
            },
        }
        // STUB: todo!("a read that has not begun")
        // YOURS_END
    }

    // ANCHOR: complete
    /// The ring reports that a read has completed: with the number of bytes in its buffer, or an error.
    /// Wakes the task of the latest poll.
    ///
    /// A name that is not in flight is ignored.
    pub fn complete(&self, name: u64, result: io::Result<usize>) {
        // YOURS
        let waker = {
            let mut reads = self.shared.reads.borrow_mut();
            match reads.remove(&name) {
                Some(Entry::Awaited { buffer, waker }) => {
                    reads.insert(name, Entry::Completed { buffer, result });
                    Some(waker)
                }
                Some(completed @ Entry::Completed { .. }) => {
                    reads.insert(name, completed);
                    None
                }
                Some(Entry::Abandoned { .. }) | None => None,
            }
        };
        // A waker is caller-supplied code: it may drop other reads.
        if let Some(waker) = waker {
            waker.wake();
        }
        // STUB: todo!("it has completed")
        // YOURS_END
    }
    // ANCHOR_END: complete

    /// How many reads the kernel has not completed, those of dropped futures included.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        // YOURS
        let reads = self.shared.reads.borrow();
        let completed = |entry: &&Entry| matches!(entry, Entry::Completed { .. });
        reads.len() - reads.values().filter(completed).count()
        // STUB: todo!("how many are in flight")
        // YOURS_END
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        // YOURS
        &self.shared.ring
        // STUB: &self.ring
        // YOURS_END
    }
}

impl<R: Ring> Read<R> {
    /// Asks the kernel to give up this read. The read still has to be polled until it is ready: it
    /// returns [`cancelled`], or what it came to, if the request was too late.
    ///
    /// A read that has not begun does not begin any more. Once a read has completed, this does nothing.
    pub fn cancel(&mut self) {
        // YOURS
        match &mut self.state {
            State::New { is_cancelled, .. } => *is_cancelled = true,
            State::InFlight { name, is_cancelled } => {
                let name = *name;
                if !std::mem::replace(is_cancelled, true) && self.shared.is_awaited(name) {
                    self.shared.ring.submit_cancel(name);
                }
            }
            State::Finished => {}
        }
        // STUB: todo!("ask the kernel to give it up")
        // YOURS_END
    }
}

impl<R: Ring> Future for Read<R> {
    type Output = (io::Result<usize>, Buffer);

    // ANCHOR: poll
    /// # Panics
    ///
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // YOURS
        let this = &mut *self;
        match std::mem::replace(&mut this.state, State::Finished) {
            State::New {
                buffer,
                is_cancelled: true,
                ..
            } => Poll::Ready((Err(cancelled()), buffer)),
            State::New {
                descriptor, buffer, ..
            } => {
                let waker = context.waker().clone();
                let name = this.shared.submit(descriptor, buffer, waker);
                this.state = State::InFlight {
                    name,
                    is_cancelled: false,
                };
                Poll::Pending
            }
            State::InFlight { name, is_cancelled } => {
                if let Some(output) = this.shared.take_completed(name) {
                    return Poll::Ready(output);
                }
                this.state = State::InFlight { name, is_cancelled };
                this.shared.wake_later(name, context.waker());
                Poll::Pending
            }
            State::Finished => panic!("a read was polled after it was ready"),
        }
        // STUB: todo!("submit it; or is it completed? {:?}", context)
        // YOURS_END
    }
    // ANCHOR_END: poll
}

// ANCHOR: drop
impl<R: Ring> Drop for Read<R> {
    /// Asks the kernel to give up a read that is in flight. Its buffer stays until the kernel gives it
    /// back.
    fn drop(&mut self) {
        // YOURS
        let State::InFlight { name, is_cancelled } = self.state else {
            return;
        };
        if self.shared.abandon(name) && !is_cancelled {
            self.shared.ring.submit_cancel(name);
        }
        // STUB: // Who owns the buffer now?
        // YOURS_END
    }
}
// ANCHOR_END: drop
// YOURS

impl<R: Ring> Shared<R> {
    fn submit(&self, descriptor: i32, mut buffer: Buffer, waker: Waker) -> u64 {
        let name = self.next.replace(self.next.get() + 1);
        let memory = buffer.lend();
        let entry = Entry::Awaited { buffer, waker };
        self.reads.borrow_mut().insert(name, entry);
        self.ring.submit_read(name, descriptor, memory);
        name
    }

    fn take_completed(&self, name: u64) -> Option<(io::Result<usize>, Buffer)> {
        let mut reads = self.reads.borrow_mut();
        match reads.remove(&name)? {
            Entry::Completed { buffer, result } => Some((result, buffer)),
            other => {
                reads.insert(name, other);
                None
            }
        }
    }

    fn wake_later(&self, name: u64, newest: &Waker) {
        // The clone and the drop of a waker are caller-supplied code: both happen outside of the borrow.
        let mut newest = newest.clone();
        if let Some(Entry::Awaited { waker, .. }) = self.reads.borrow_mut().get_mut(&name) {
            std::mem::swap(waker, &mut newest);
        }
    }

    fn is_awaited(&self, name: u64) -> bool {
        matches!(self.reads.borrow().get(&name), Some(Entry::Awaited { .. }))
    }

    /// The future is gone. Whether its read is still in flight.
    fn abandon(&self, name: u64) -> bool {
        let mut reads = self.reads.borrow_mut();
        let Some(Entry::Awaited { buffer, waker }) = reads.remove(&name) else {
            return false;
        };
        reads.insert(name, Entry::Abandoned { _buffer: buffer });
        drop(reads);
        drop(waker);
        true
    }
}
// YOURS_END

impl<R> Clone for Reads<R> {
    fn clone(&self) -> Reads<R> {
        // YOURS
        Reads {
            shared: Rc::clone(&self.shared),
        }
        // STUB: todo!("the same reads")
        // YOURS_END
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
