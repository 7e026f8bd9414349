//! The driver: it sleeps in the ring.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use event_loop::{Driver, Time, Unparker, coarse};
use rustix::event::{EventfdFlags, PollFlags, eventfd};

use crate::owned_read::Reads;
use crate::uring::requests::{Completion, Requests, read_name};
use crate::uring::{Refused, Source};

/// A driver that sleeps in an io_uring. One system call submits what tasks have asked for, waits, and
/// collects what the kernel has done.
///
/// ```
/// use event_loop::EventLoop;
/// use speed::buffer::Buffer;
/// use speed::uring::Uring;
/// use std::io::Write;
/// use std::os::unix::net::UnixStream;
///
/// let uring = match Uring::new() {
///     Ok(uring) => uring,
///     Err(refused) => return println!("{refused}"),
/// };
/// let (mut here, there) = UnixStream::pair().unwrap();
/// let source = uring.source(there.into());
/// EventLoop::with_driver(uring).block_on(async {
///     here.write_all(b"tea").unwrap();
///     let (count, buffer) = source.read(Buffer::new(64)).await;
///     assert_eq!(&buffer.bytes()[..count.unwrap()], b"tea");
/// });
/// ```
#[derive(Debug)]
pub struct Uring {
    requests: Requests,
    reads: Reads<Requests>,
    waiters: Rc<RefCell<Waiters>>,
    unparker: Unparker,
    /// The counter that an unparker raises, and the request that watches it.
    unparked: Rc<OwnedFd>,
    watch: RefCell<u64>,
    start: Instant,
}

/// By the name of a poll, the task that waits for it; `None` once it has completed.
pub(crate) type Waiters = HashMap<u64, Option<Waker>>;

impl Uring {
    /// A driver without sources, whose clock begins now.
    ///
    /// # Errors
    ///
    /// If the kernel or a sandbox has no ring for this process.
    pub fn new() -> Result<Uring, Refused> {
        let requests = Requests::new()?;
        let counter = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let counter = counter.map_err(|errno| Refused::Failed(errno.into()))?;
        let writer = Arc::new(counter.try_clone().map_err(Refused::Failed)?);
        let unparked = requests.register(counter);
        let watch = RefCell::new(requests.poll_once(&unparked, readable()));
        Ok(Uring {
            reads: Reads::new(requests.clone()),
            requests,
            waiters: Rc::default(),
            // A counter that is full is raised already.
            unparker: Unparker::new(move || {
                let _ = rustix::io::write(&*writer, &1_u64.to_ne_bytes());
            }),
            unparked,
            watch,
            start: Instant::now(),
        })
    }

    /// A source to read from. The descriptor may be that of a socket or of a pipe.
    #[must_use]
    pub fn source(&self, descriptor: OwnedFd) -> Source {
        let descriptor = self.requests.register(descriptor);
        Source::new(
            descriptor,
            self.requests.clone(),
            self.reads.clone(),
            Rc::clone(&self.waiters),
        )
    }

    /// How many requests the kernel has, beside the driver's own.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.requests.in_flight() - 1
    }

    // ANCHOR: report
    /// Wakes the task that waits for this completion.
    fn report(&self, completion: Completion) {
        let Completion { name, result } = completion;
        if let Some(read) = read_name(name) {
            self.reads.complete(read, result);
        } else if name == *self.watch.borrow() {
            let mut count = [0; 8];
            let _ = rustix::io::read(&*self.unparked, &mut count);
            *self.watch.borrow_mut() = self.requests.poll_once(&self.unparked, readable());
        } else {
            // A poll whose future is gone has no entry.
            let waiting = self
                .waiters
                .borrow_mut()
                .get_mut(&name)
                .and_then(Option::take);
            if let Some(waker) = waiting {
                waker.wake();
            }
        }
    }
    // ANCHOR_END: report
}

pub(crate) fn readable() -> u32 {
    u32::from(PollFlags::IN.bits())
}

impl Driver for Uring {
    fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    fn coarse_now(&self) -> Time {
        coarse::now().unwrap_or_else(|| self.now())
    }

    // ANCHOR: park
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let mut panicked = None;
        for completion in self.requests.enter(timeout)? {
            // The kernel reports it once: a waker that panics must not cost the others theirs.
            let reported = catch_unwind(AssertUnwindSafe(|| self.report(completion)));
            panicked = panicked.or(reported.err());
        }
        match panicked {
            Some(panic) => resume_unwind(panic),
            None => Ok(()),
        }
    }
    // ANCHOR_END: park

    fn unparker(&self) -> Unparker {
        self.unparker.clone()
    }
}
