//! A pool with a limit on the green threads that run at the same time. Further functions wait in a queue, without a stack.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
// YOURS
use std::panic::AssertUnwindSafe;
// YOURS_END
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;
// YOURS
use futures::FutureExt;
// YOURS_END
use green::hub::Green;
use wakers::oneshot;

// ANCHOR: lost
/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The function panicked.
    Panicked,
    /// The function was dropped, in the queue or on its stack: its loop is gone.
    Dropped,
    /// The system gave no stack. That is no panic, and the place passes on as after a return.
    NoStack,
}
// ANCHOR_END: lost

/// A function that waits for a place, as the future that runs it. Nothing happens before the first poll.
type Waiting = Pin<Box<dyn Future<Output = ()>>>;

/// Runs functions on green threads, with a limit on how many run at the same time. A clone is the same pool.
#[derive(Clone)]
pub struct Pool {
    shared: Rc<Shared>,
}

struct Shared {
    spawn: Box<dyn Spawn>,
    limit: usize,
    /// The oldest first.
    waiting: RefCell<VecDeque<Waiting>>,
    running: Cell<usize>,
    panicked: Cell<u64>,
}

/// The value of a function that a pool runs, as a future. Dropping it drops the value, and the function runs on.
#[derive(Debug)]
#[must_use = "a value that is not awaited is dropped"]
pub struct Job<T> {
    receiver: oneshot::Receiver<Result<T, Lost>>,
}

impl Pool {
    /// A pool whose green threads are tasks of this loop.
    ///
    /// # Panics
    ///
    /// If the limit is 0.
    pub fn new(spawn: impl Spawn + 'static, limit: usize) -> Pool {
        assert!(limit > 0, "a pool needs a place");
        Pool {
            shared: Rc::new(Shared {
                spawn: Box::new(spawn),
                limit,
                waiting: RefCell::default(),
                running: Cell::new(0),
                panicked: Cell::new(0),
            }),
        }
    }

    // ANCHOR: spawn
    /// Runs the function on a green thread, after this has returned. If as many run as the pool has places, the function
    /// waits, behind those that wait already, and has no stack before its turn.
    ///
    /// When a function has returned or panicked, its stack is dropped, and the one that has waited longest takes its
    /// place. A panic goes no further: it is counted, and the job says so. A function may use the pool.
    ///
    /// If the loop is dropped, functions that run are unwound, and those that wait are dropped. Neither counts as a panic.
    pub fn spawn<T: 'static>(&self, function: impl FnOnce() -> T + 'static) -> Job<T> {
        // YOURS
        let (sender, receiver) = oneshot::channel();
        let shared = Rc::downgrade(&self.shared);
        let run = Box::pin(async move {
            let outcome = match Green::new(function) {
                Err(_) => Err(Lost::NoStack),
                // The panic is caught on this side of the stack: what unwinds a dropped one does not come here.
                Ok(thread) => AssertUnwindSafe(thread).catch_unwind().await.map_err(|_| {
                    if let Some(shared) = shared.upgrade() {
                        shared.panicked.set(shared.panicked.get() + 1);
                    }
                    Lost::Panicked
                }),
            };
            let _ = sender.send(outcome);
        });
        match Place::taken(&self.shared) {
            Some(place) => self.shared.spawn.spawn_boxed(Box::pin(place.serve(run))),
            None => self.shared.waiting.borrow_mut().push_back(run),
        }
        Job { receiver }
        // STUB: todo!("a place for it, or the end of the queue")
        // YOURS_END
    }
    // ANCHOR_END: spawn

    /// How many functions have a place, also those whose task was not polled yet.
    pub fn running(&self) -> usize {
        self.shared.running.get()
    }

    /// How many functions wait for a place.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.borrow().len()
    }

    /// How many functions have panicked.
    pub fn panicked(&self) -> u64 {
        self.shared.panicked.get()
    }
}
// YOURS

// ANCHOR: place
/// One of the places. A task of the loop has it, and serves one function after the other.
struct Place {
    shared: Rc<Shared>,
}

impl Place {
    fn taken(shared: &Rc<Shared>) -> Option<Place> {
        let free = shared.running.get() < shared.limit;
        free.then(|| {
            shared.running.set(shared.running.get() + 1);
            Place {
                shared: Rc::clone(shared),
            }
        })
    }

    async fn serve(self, first: Waiting) {
        let mut run = first;
        loop {
            run.await;
            match self.next() {
                Some(next) => run = next,
                None => return,
            }
        }
    }

    fn next(&self) -> Option<Waiting> {
        self.shared.waiting.borrow_mut().pop_front()
    }
}

// ANCHOR_END: place

// ANCHOR: place_dropped
/// A place is given back while functions wait only if the loop drops its tasks. The last one drops the functions that wait.
impl Drop for Place {
    fn drop(&mut self) {
        let running = self.shared.running.get() - 1;
        self.shared.running.set(running);
        if running == 0 {
            let waiting = self.shared.waiting.take();
            drop(waiting);
        }
    }
}
// ANCHOR_END: place_dropped
// YOURS_END

impl<T> Future for Job<T> {
    type Output = Result<T, Lost>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Lost>> {
        let outcome = Pin::new(&mut self.receiver).poll(context);
        outcome.map(|received| received.unwrap_or(Err(Lost::Dropped)))
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool")
            .field("running", &self.running())
            .field("waiting", &self.waiting())
            .field("panicked", &self.panicked())
            .finish_non_exhaustive()
    }
}
