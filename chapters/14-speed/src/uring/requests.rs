//! What is in flight on a ring, and what the kernel needs until it is done.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::{Rc, Weak};
use std::time::Duration;

use io_uring::types::{Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, opcode, squeue};
use rustix::io::Errno;

use crate::buffer::Lent;
use crate::ring::{Ring, cancelled};
use crate::uring::Refused;

/// How many requests fit into the queue before the ring has to be entered.
const ENTRIES: u32 = 256;

/// The user data of requests whose completion says nothing.
const UNHEARD: u64 = u64::MAX;

/// The requests of one ring. A clone is the same ring.
#[derive(Clone)]
pub struct Requests {
    shared: Rc<Shared>,
}

struct Shared {
    ring: RefCell<IoUring>,
    in_flight: RefCell<HashMap<u64, InFlight>>,
    /// The descriptors that may be named in a request.
    sources: RefCell<HashMap<i32, Weak<OwnedFd>>>,
    next_poll: Cell<u64>,
    /// Completions that were collected before `enter`.
    collected: RefCell<Vec<Completion>>,
}

/// Everything that the kernel uses for a request. It is dropped when the kernel has reported the
/// completion, and not before.
struct InFlight {
    memory: Option<Lent>,
    /// Keeps the descriptor's number from being given to another file before the kernel has looked it
    /// up.
    _source: Rc<OwnedFd>,
}

/// What the kernel has reported.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) name: u64,
    pub(crate) result: io::Result<usize>,
}

/// Reads have even user data and polls odd ones, so that both may count from 0.
const POLL: u64 = 1;

impl Requests {
    pub(crate) fn new() -> Result<Requests, Refused> {
        let ring = IoUring::new(ENTRIES)?;
        if !ring.params().is_feature_ext_arg() {
            return Err(Refused::TooOld);
        }
        let shared = Shared {
            ring: RefCell::new(ring),
            in_flight: RefCell::default(),
            sources: RefCell::default(),
            next_poll: Cell::new(0),
            collected: RefCell::default(),
        };
        Ok(Requests {
            shared: Rc::new(shared),
        })
    }

    pub(crate) fn register(&self, descriptor: OwnedFd) -> Rc<OwnedFd> {
        let source = Rc::new(descriptor);
        let mut sources = self.shared.sources.borrow_mut();
        sources.retain(|_, source| source.strong_count() > 0);
        sources.insert(source.as_raw_fd(), Rc::downgrade(&source));
        source
    }

    /// Asks to be told once when `source` has one of these `poll(2)` events. Returns the request's name.
    pub(crate) fn poll_once(&self, source: &Rc<OwnedFd>, events: u32) -> u64 {
        let number = self
            .shared
            .next_poll
            .replace(self.shared.next_poll.get() + 1);
        let name = number << 1 | POLL;
        let request = opcode::PollAdd::new(Fd(source.as_raw_fd()), events).build();
        let in_flight = InFlight {
            memory: None,
            _source: Rc::clone(source),
        };
        self.shared.keep(name, in_flight);
        self.shared.push(request.user_data(name));
        name
    }

    pub(crate) fn give_up(&self, name: u64) {
        let request = opcode::AsyncCancel::new(name).build();
        self.shared.push(request.user_data(UNHEARD));
    }

    // ANCHOR: enter
    /// Submits all requests, waits for a completion, no longer than `timeout`, and returns what has
    /// completed: one system call.
    pub(crate) fn enter(&self, timeout: Option<Duration>) -> io::Result<Vec<Completion>> {
        let collected = self.shared.collected.take();
        let ring = self.shared.ring.borrow();
        let entered = match timeout {
            _ if !collected.is_empty() => ring.submit(),
            Some(Duration::ZERO) => ring.submit(),
            Some(timeout) => {
                let timeout = Timespec::from(timeout);
                let args = SubmitArgs::new().timespec(&timeout);
                ring.submitter().submit_with_args(1, &args)
            }
            None => ring.submit_and_wait(1),
        };
        drop(ring);
        match entered.map_err(|error| Errno::from_io_error(&error).ok_or(error)) {
            // The time is over; a signal; or the kernel has more completions than fit.
            Ok(_) | Err(Ok(Errno::TIME | Errno::INTR | Errno::BUSY | Errno::AGAIN)) => {}
            Err(Ok(errno)) => return Err(errno.into()),
            Err(Err(error)) => return Err(error),
        }
        let completed = self.shared.collect();
        Ok(collected.into_iter().chain(completed).collect())
    }
    // ANCHOR_END: enter

    /// How many requests the kernel has.
    pub(crate) fn in_flight(&self) -> usize {
        self.shared.in_flight.borrow().len()
    }
}

impl Ring for Requests {
    // ANCHOR: submit_read
    fn submit_read(&self, name: u64, descriptor: i32, memory: Lent) {
        let sources = self.shared.sources.borrow();
        let source = sources.get(&descriptor).and_then(Weak::upgrade);
        let source = source.expect("a read is made by its source");
        let (pointer, length) = memory.as_mut_ptr();
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let request = opcode::Read::new(Fd(descriptor), pointer, length).offset(u64::MAX);
        let in_flight = InFlight {
            memory: Some(memory),
            _source: source,
        };
        let name = name.checked_mul(2).expect("no ring has made so many reads");
        self.shared.keep(name, in_flight);
        self.shared.push(request.build().user_data(name));
    }
    // ANCHOR_END: submit_read

    fn submit_cancel(&self, name: u64) {
        self.give_up(name.wrapping_mul(2));
    }
}

/// Whether a completion belongs to a read, and the name under which the read was submitted.
pub(crate) fn read_name(name: u64) -> Option<u64> {
    (name & POLL == 0).then_some(name >> 1)
}

impl Shared {
    /// Keeps what the kernel uses for a request that is about to be pushed.
    fn keep(&self, name: u64, request: InFlight) {
        let mut in_flight = self.in_flight.borrow_mut();
        // What stands there belongs to the kernel, so it is not replaced.
        assert!(
            !in_flight.contains_key(&name),
            "two requests in flight have one name"
        );
        in_flight.insert(name, request);
    }

    // ANCHOR: push
    fn push(&self, request: squeue::Entry) {
        let mut ring = self.ring.borrow_mut();
        loop {
            // SAFETY: the kernel uses the memory and the descriptor of the request until it reports the
            // completion. Both are in `in_flight` until `collect` has seen it. `Shared::drop` waits for
            // what is left, or leaks it.
            let pushed = unsafe { ring.submission().push(&request) };
            match pushed {
                Ok(()) => return,
                // The queue is full: the kernel takes what is in it.
                Err(_) if ring.submit().is_ok() => {}
                // It does not, as long as completions are not collected.
                Err(_) => {
                    drop(ring);
                    let completed = self.collect();
                    self.collected.borrow_mut().extend(completed);
                    ring = self.ring.borrow_mut();
                }
            }
        }
    }
    // ANCHOR_END: push

    // ANCHOR: collect
    fn collect(&self) -> Vec<Completion> {
        let mut ring = self.ring.borrow_mut();
        let mut in_flight = self.in_flight.borrow_mut();
        let heard = ring
            .completion()
            .filter(|entry| entry.user_data() != UNHEARD);
        heard
            .map(|entry| {
                let name = entry.user_data();
                // The kernel is done with the memory and the descriptor.
                in_flight.remove(&name);
                let result = match entry.result() {
                    count @ 0.. => Ok(count as usize),
                    error if -error == Errno::CANCELED.raw_os_error() => Err(cancelled()),
                    error => Err(io::Error::from_raw_os_error(-error)),
                };
                Completion { name, result }
            })
            .collect()
    }
    // ANCHOR_END: collect
}

impl Drop for Shared {
    /// The kernel may still write into memory that is lent. So all requests are given up, and their
    /// completions awaited.
    fn drop(&mut self) {
        let names: Vec<u64> = self.in_flight.borrow().keys().copied().collect();
        for name in names {
            let request = opcode::AsyncCancel::new(name).build();
            self.push(request.user_data(UNHEARD));
        }
        while !self.in_flight.borrow().is_empty() {
            let waited = self.ring.borrow().submit_and_wait(1);
            if waited.is_err_and(|error| error.kind() != io::ErrorKind::Interrupted) {
                // The kernel cannot say when it is done: the memory is never freed.
                let left = std::mem::take(&mut *self.in_flight.borrow_mut());
                std::mem::forget(left.into_values().map(|one| one.memory).collect::<Vec<_>>());
                return;
            }
            self.collect();
        }
    }
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Requests")
            .field("in_flight", &self.in_flight())
            .finish()
    }
}
