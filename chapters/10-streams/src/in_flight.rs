//! An instrument: how long requests take with more and more of them in flight.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Time};
use futures::stream;
use wakers::oneshot;

use streams::{buffer_unordered, map, next};

/// How many requests the server works on at a time. Further ones wait in its queue.
pub const SERVER: u64 = 8;

/// How long the server works on a request.
pub const WORK: Duration = Duration::from_millis(100);

/// What a client saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// From the first request to the last answer.
    pub total: Duration,
    /// From a request to its answer: the longest of all.
    pub longest: Duration,
    /// The most requests that the server has had at a time, its queue included.
    pub most: u64,
}

/// Sends this many requests to the server, at most `limit` of them at a time, as
/// [`buffer_unordered`](buffer_unordered()) does. The clock is simulated.
///
/// # Panics
///
/// If `limit` is 0.
#[must_use]
// ANCHOR: measure
pub fn measure(requests: u64, limit: usize) -> Measured {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let server = Server::new(&handle);
    let longest = Cell::new(Duration::ZERO);
    let requests = map(stream::iter(0..requests), |_| async {
        let sent = handle.now();
        server.request().await;
        longest.set(longest.get().max(handle.now() - sent));
    });
    event_loop.block_on(async {
        let mut answers = pin!(buffer_unordered(requests, limit));
        while next(&mut answers).await.is_some() {}
    });
    Measured {
        total: handle.now() - Time::START,
        longest: longest.get(),
        most: server.most.get(),
    }
}
// ANCHOR_END: measure

/// Works on [`SERVER`] requests at a time, in the order in which they came.
struct Server {
    handle: Handle,
    working: Cell<u64>,
    queue: RefCell<VecDeque<oneshot::Sender<()>>>,
    here: Cell<u64>,
    most: Cell<u64>,
}

impl Server {
    fn new(handle: &Handle) -> Rc<Server> {
        Rc::new(Server {
            handle: handle.clone(),
            working: Cell::new(0),
            queue: RefCell::default(),
            here: Cell::new(0),
            most: Cell::new(0),
        })
    }

    fn request(self: &Rc<Server>) -> impl Future<Output = ()> {
        let server = Rc::clone(self);
        async move {
            server.here.set(server.here.get() + 1);
            server.most.set(server.most.get().max(server.here.get()));
            server.wait_for_a_place().await;
            server.handle.sleep(WORK).await;
            server.here.set(server.here.get() - 1);
            server.hand_on();
        }
    }

    async fn wait_for_a_place(&self) {
        if self.working.get() < SERVER {
            self.working.set(self.working.get() + 1);
            return;
        }
        let (sender, receiver) = oneshot::channel();
        self.queue.borrow_mut().push_back(sender);
        receiver.await.expect("the server hands its places on");
    }

    /// Hands a place to the oldest request in the queue.
    fn hand_on(&self) {
        let oldest = self.queue.borrow_mut().pop_front();
        match oldest {
            Some(oldest) => oldest.send(()).expect("the request waits"),
            None => self.working.set(self.working.get() - 1),
        }
    }
}
