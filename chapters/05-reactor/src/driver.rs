//! The driver: it sleeps until a source is ready, and tells the source.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task;
use std::time::{Duration, Instant};

use event_loop::{Driver, Time, Unparker, coarse};
use mio::{Events, Interest, Poll, Registry, Token, Waker};

use crate::source::{Happened, Source};
use crate::tokens::Tokens;

/// A driver that sleeps in the operating system's list of sources: epoll, kqueue, or completion
/// ports, by way of mio.
///
/// ```
/// use event_loop::EventLoop;
/// use reactor::{Reactor, TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// event_loop.block_on(async {
///     let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
///     let client = TcpStream::connect(&reactor, listener.local_addr()?);
///     let server = listener.accept();
///     let (_client, _server) = futures::future::try_join(client, server).await?;
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct Reactor {
    poll: RefCell<Poll>,
    events: RefCell<Events>,
    handle: ReactorHandle,
    unparker: Unparker,
    start: Instant,
}

/// What sockets hold of their reactor. A clone is the same reactor.
#[derive(Clone)]
pub struct ReactorHandle {
    shared: Rc<Shared>,
}

struct Shared {
    registry: Registry,
    sources: RefCell<Tokens<Rc<Source>>>,
    /// How often the loop has parked here: once in each iteration, so it also numbers the iterations.
    parks: Cell<u64>,
    /// How often the kernel had no more events than one iteration takes.
    caught_up: Cell<u64>,
    /// How many events the kernel has reported.
    reported: Cell<u64>,
}

/// The key of the unparker's events.
const UNPARK: Token = Token(usize::MAX);

/// The most events of one iteration of the loop; the next iteration takes the others. The loop wakes
/// the tasks of all events before it polls the first task. With 256 events, memory that a wake has
/// touched is still in the processor's cache when its task is polled.
const EVENTS: usize = 256;

impl Reactor {
    /// A reactor without sources, whose clock begins now.
    ///
    /// # Errors
    ///
    /// If the operating system has no descriptor left for it.
    pub fn new() -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Arc::new(Waker::new(&registry, UNPARK)?);
        let shared = Shared {
            registry,
            sources: RefCell::default(),
            parks: Cell::new(0),
            caught_up: Cell::new(0),
            reported: Cell::new(0),
        };
        Ok(Reactor {
            poll: RefCell::new(poll),
            events: RefCell::new(Events::with_capacity(EVENTS)),
            handle: ReactorHandle {
                shared: Rc::new(shared),
            },
            // A wake fails only when the reactor is gone, and then no thread is parked.
            unparker: Unparker::new(move || drop(waker.wake())),
            start: Instant::now(),
        })
    }

    /// What sockets need to reach the reactor.
    #[must_use]
    pub fn handle(&self) -> ReactorHandle {
        self.handle.clone()
    }
}

impl Driver for Reactor {
    fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    fn coarse_now(&self) -> Time {
        coarse::now().unwrap_or_else(|| self.now())
    }

    /// As [`Driver::park`]. A time-out is rounded up to a whole millisecond, so that a loop which
    /// waits for a time does not wake up before it.
    // ANCHOR: park
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let shared = &self.handle.shared;
        shared.parks.set(shared.parks.get() + 1);
        let mut events = self.events.borrow_mut();
        match self.poll.borrow_mut().poll(&mut events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        let mut told = 0;
        let mut panicked = None;
        for event in &*events {
            told += 1;
            // The kernel reports an event once: a waker that panics must not cost the others theirs.
            let dispatch = || shared.dispatch(event.token(), Happened::from(event));
            let dispatched = catch_unwind(AssertUnwindSafe(dispatch));
            panicked = panicked.or(dispatched.err());
        }
        shared.reported.set(shared.reported.get() + told as u64);
        if told < EVENTS {
            shared.caught_up.set(shared.caught_up.get() + 1);
        }
        if let Some(panic) = panicked {
            resume_unwind(panic);
        }
        Ok(())
    }
    // ANCHOR_END: park

    fn unparker(&self) -> Unparker {
        self.unparker.clone()
    }
}

impl ReactorHandle {
    /// How many sources there are.
    #[must_use]
    pub fn sources(&self) -> usize {
        self.shared.sources.borrow().len()
    }

    /// How often the reactor has asked the operating system for events.
    #[inline]
    #[must_use]
    pub fn parks(&self) -> u64 {
        self.shared.parks.get()
    }

    /// Waits until the reactor has dispatched every event that the kernel has now. A task calls this
    /// before it concludes that nothing has arrived: one iteration dispatches at most 256 events. It does not
    /// wait for events that come later, however many come.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    pub async fn caught_up(&self) {
        let before = self.shared.caught_up.get();
        // The kernel keeps at most one event for each direction of a source, and one for the unparker, and reports the oldest first.
        // So once it has reported this many, those that it had before are dispatched.
        let most = 2 * self.sources() as u64 + 1;
        let enough = self.shared.reported.get() + most;
        poll_fn(|context| {
            if self.shared.caught_up.get() != before || self.shared.reported.get() >= enough {
                return task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            task::Poll::Pending
        })
        .await;
    }

    pub(crate) fn register(
        &self,
        io: &mut impl mio::event::Source,
        source: Rc<Source>,
        interest: Interest,
    ) -> io::Result<Token> {
        let token = Token(self.shared.sources.borrow_mut().insert(source));
        let registered = self.shared.registry.register(io, token, interest);
        if registered.is_err() {
            self.shared.sources.borrow_mut().remove(token.0);
        }
        registered.map(|()| token)
    }

    pub(crate) fn deregister(&self, io: &mut impl mio::event::Source, token: Token) {
        self.shared.sources.borrow_mut().remove(token.0);
        // A source that the system does not know any more is what was asked for.
        let _ = self.shared.registry.deregister(io);
    }
}

impl Shared {
    // ANCHOR: dispatch
    /// Clones the source first: no table is borrowed while a waker runs.
    fn dispatch(&self, token: Token, happened: Happened) {
        let source = self.sources.borrow().get(token.0).cloned();
        if let Some(source) = source {
            source.dispatch(happened);
        }
    }
    // ANCHOR_END: dispatch
}

impl fmt::Debug for ReactorHandle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReactorHandle")
            .field("sources", &self.sources())
            .finish()
    }
}

impl From<&mio::event::Event> for Happened {
    fn from(event: &mio::event::Event) -> Happened {
        Happened {
            readable: event.is_readable(),
            writable: event.is_writable(),
            read_closed: event.is_read_closed(),
            write_closed: event.is_write_closed(),
            error: event.is_error(),
        }
    }
}
