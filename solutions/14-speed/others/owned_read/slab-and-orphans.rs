//! Slots that are used again, with a generation in the name, and a list of orphaned buffers beside them.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use speed::buffer::Buffer;
use speed::ring::{Ring, cancelled};

#[derive(Default)]
struct Slot {
    generation: u32,
    waker: Option<Waker>,
    buffer: Option<Buffer>,
    result: Option<io::Result<usize>>,
    is_used: bool,
}

#[derive(Default)]
struct Slots {
    slots: Vec<Slot>,
    /// Buffers whose futures are gone, by the name of the read.
    orphans: Vec<(u64, Buffer)>,
    flying: usize,
}

impl Slots {
    fn find(&mut self, name: u64) -> Option<&mut Slot> {
        let slot = self.slots.get_mut((name & 0xffff_ffff) as usize)?;
        (slot.is_used && u64::from(slot.generation) == name >> 32).then_some(slot)
    }

    /// An unused slot, as a name that was never given before.
    fn reserve(&mut self) -> u64 {
        let free = self.slots.iter().position(|slot| !slot.is_used);
        let index = free.unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        let slot = &mut self.slots[index];
        slot.is_used = true;
        slot.generation += 1;
        u64::from(slot.generation) << 32 | index as u64
    }

    fn free(&mut self, name: u64) -> Option<(Option<Buffer>, Option<Waker>)> {
        let slot = self.find(name)?;
        slot.is_used = false;
        slot.result = None;
        Some((slot.buffer.take(), slot.waker.take()))
    }
}

/// Reads of a ring.
pub struct Reads<R> {
    ring: Rc<R>,
    slots: Rc<RefCell<Slots>>,
}

/// A read.
pub struct Read<R: Ring> {
    ring: Rc<R>,
    slots: Rc<RefCell<Slots>>,
    /// Until the first poll.
    new: Option<(i32, Buffer)>,
    name: Option<u64>,
    is_cancelled: bool,
}

impl<R: Ring> Reads<R> {
    /// No reads.
    pub fn new(ring: R) -> Reads<R> {
        Reads {
            ring: Rc::new(ring),
            slots: Rc::default(),
        }
    }

    /// A read that has not begun.
    pub fn read(&self, descriptor: i32, buffer: Buffer) -> Read<R> {
        Read {
            ring: Rc::clone(&self.ring),
            slots: Rc::clone(&self.slots),
            new: Some((descriptor, buffer)),
            name: None,
            is_cancelled: false,
        }
    }

    /// A read has completed.
    pub fn complete(&self, name: u64, result: io::Result<usize>) {
        let mut slots = self.slots.borrow_mut();
        let orphans = slots.orphans.len();
        slots.orphans.retain(|(orphan, _)| *orphan != name);
        let was_orphan = slots.orphans.len() < orphans;
        let waker = match slots.find(name) {
            Some(slot) if slot.result.is_none() => {
                slot.result = Some(result);
                slot.waker.take()
            }
            _ if !was_orphan => return,
            _ => None,
        };
        slots.flying -= 1;
        drop(slots);
        waker.inspect(Waker::wake_by_ref);
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> usize {
        self.slots.borrow().flying
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        &self.ring
    }
}

impl<R: Ring> Read<R> {
    /// Asks the kernel to give it up.
    pub fn cancel(&mut self) {
        let is_first = !std::mem::replace(&mut self.is_cancelled, true);
        let Some(name) = self.name else { return };
        let mut slots = self.slots.borrow_mut();
        let flies = slots.find(name).is_some_and(|slot| slot.result.is_none());
        drop(slots);
        if is_first && flies {
            self.ring.submit_cancel(name);
        }
    }
}

impl<R: Ring> Future for Read<R> {
    type Output = (io::Result<usize>, Buffer);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        if let Some((descriptor, mut buffer)) = self.new.take() {
            if self.is_cancelled {
                return Poll::Ready((Err(cancelled()), buffer));
            }
            let memory = buffer.lend();
            let mut slots = self.slots.borrow_mut();
            slots.flying += 1;
            let name = slots.reserve();
            let slot = slots.find(name).expect("it was reserved just now");
            slot.buffer = Some(buffer);
            slot.waker = Some(waker);
            drop(slots);
            self.name = Some(name);
            self.ring.submit_read(name, descriptor, memory);
            return Poll::Pending;
        }
        let name = self.name.expect("polled after it was ready");
        let mut slots = self.slots.borrow_mut();
        let slot = slots.find(name).expect("a name has its slot");
        let Some(result) = slot.result.take() else {
            let old = slot.waker.replace(waker);
            drop(slots);
            drop(old);
            return Poll::Pending;
        };
        let freed = slots.free(name);
        drop(slots);
        self.name = None;
        let buffer = freed.and_then(|(buffer, _)| buffer);
        Poll::Ready((result, buffer.expect("the slot has the buffer")))
    }
}

impl<R: Ring> Drop for Read<R> {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let mut slots = self.slots.borrow_mut();
        let flies = slots.find(name).is_some_and(|slot| slot.result.is_none());
        let Some((Some(buffer), waker)) = slots.free(name) else {
            return;
        };
        if flies {
            slots.orphans.push((name, buffer));
        }
        drop(slots);
        drop(waker);
        if flies && !self.is_cancelled {
            self.ring.submit_cancel(name);
        }
    }
}

impl<R> Clone for Reads<R> {
    fn clone(&self) -> Reads<R> {
        Reads {
            ring: Rc::clone(&self.ring),
            slots: Rc::clone(&self.slots),
        }
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
