//! The server, started on a simulated host.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Poll, Waker};
use std::time::Duration;

use echo_server::figures::Tally;
use echo_server::server::{Crew, Led, Wishes};
use echo_server::wish::Wish;
use echo_server::{Figures, Options};
use event_loop::{Handle, JoinHandle};
use reactor::network::Network;

/// What the command line would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections may be open.
    pub max_connections: usize,
    /// After what time without a byte a connection is closed.
    pub idle_timeout: Duration,
    /// How long connections have to finish.
    pub drain_timeout: Duration,
}

/// The echo server: its leader, which is a task, and the leader's workers.
#[derive(Debug)]
pub struct Server {
    tallies: Vec<Arc<Tally>>,
    wishes: Orders,
    leads: JoinHandle<io::Result<Led>>,
}

impl Server {
    /// Starts chapter 15's leader on this network, with a worker for each of these listeners, which listen already.
    pub fn start<N: Network>(
        network: &N,
        bound: Vec<N::Bound>,
        limits: Limits,
        handle: &Handle,
    ) -> Server {
        let options = options(limits);
        // Ten thousand worlds would report ten thousand times that no descriptor is left.
        let said = Arc::new(AtomicBool::new(true));
        let mut crew = Crew::on_this_loop(bound, &options, said, handle, network);
        let (tallies, wishes) = (crew.tallies(), Orders::default());
        let (hears, timer) = (wishes.clone(), handle.clone());
        let leads = handle.spawn(async move {
            crew.ready().await.map_err(io::Error::other)?;
            let led = crew.lead(&hears, &timer, &options).await;
            led.map_err(io::Error::other)
        });
        Server {
            tallies,
            wishes,
            leads,
        }
    }

    /// The counts of all workers.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.tallies.iter().map(|tally| tally.figures()).sum()
    }

    /// What a signal does.
    pub fn wish(&self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// What a signal does that comes after this long.
    pub fn wish_after(&self, after: Duration, wish: Wish, handle: &Handle) {
        let (wishes, sleep) = (self.wishes.clone(), handle.sleep(after));
        drop(handle.spawn(async move {
            sleep.await;
            wishes.push(wish);
        }));
    }

    /// Waits until the leader has returned, and says how.
    ///
    /// # Errors
    ///
    /// The leader's: a worker could not start.
    pub async fn end(&mut self) -> io::Result<Led> {
        let led = (&mut self.leads).await;
        led.unwrap_or_else(|_| Err(io::Error::other("the server panicked")))
    }
}

/// What the leader was told and has not heard. A clone is the same list.
#[derive(Debug, Clone, Default)]
struct Orders {
    shared: Rc<RefCell<(VecDeque<Wish>, Option<Waker>)>>,
}

impl Orders {
    fn push(&self, wish: Wish) {
        let mut shared = self.shared.borrow_mut();
        shared.0.push_back(wish);
        let waker = shared.1.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Wishes for Orders {
    fn next(&self) -> impl Future<Output = io::Result<Wish>> {
        poll_fn(|context| {
            let mut shared = self.shared.borrow_mut();
            if let Some(wish) = shared.0.pop_front() {
                return Poll::Ready(Ok(wish));
            }
            let older = shared.1.replace(context.waker().clone());
            drop(shared);
            drop(older);
            Poll::Pending
        })
    }
}

fn options(limits: Limits) -> Options {
    // The number of workers is that of the listeners.
    let mut options = <Options as clap::Parser>::parse_from(["server", "--workers", "1"]);
    options.max_connections = limits
        .max_connections
        .try_into()
        .expect("a limit is at least 1");
    options.idle_timeout = limits.idle_timeout;
    options.drain_timeout = limits.drain_timeout;
    options
}
