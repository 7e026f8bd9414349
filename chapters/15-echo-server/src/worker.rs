//! One thread, one loop, and the connections on it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::net::TcpListener as StdListener;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use cancellation::{Source, Token};
use event_loop::{Handle, Spawn};
use reactor::Reactor;
use reactor::network::{Network, Stream};
use state_machines::{Winner, race, yield_now};
use wakers::oneshot;

use crate::connection::{End, connection};
use crate::either_loop::EitherLoop;
use crate::faults::Faulty;
use crate::figures::Tally;
use crate::limit::{Limit, Permit};
use crate::limits::Limits;
use crate::linger::linger;
use crate::listener::{BACKLOG, Gate, NO_DESCRIPTORS, Taken};
use crate::options::Options;
use crate::output::complain;
use crate::turn_clock::TurnClock;

/// What a worker receives when it starts.
#[derive(Debug)]
pub struct Seat<B = StdListener> {
    /// Accepts its clients.
    pub listener: B,
    /// The options of the command line.
    pub options: Options,
    /// How many connections may be open, in all workers.
    pub limit: Limit,
    /// Its counts.
    pub tally: Arc<Tally>,
    /// Whether a worker has reported that no descriptor is left.
    pub said: Arc<AtomicBool>,
    /// Tells the leader that the worker has what it needs.
    pub ready: oneshot::Sender<()>,
    /// Received when the worker must finish.
    pub drain: oneshot::Receiver<()>,
    /// Received when the worker must stop.
    pub cut: oneshot::Receiver<()>,
}

/// Serves on a loop of its own until the order to finish, and finishes.
///
/// # Errors
///
/// If the system has no descriptors for a reactor, or the listener fails.
pub fn work(seat: Seat) -> io::Result<()> {
    let event_loop = EitherLoop::new(seat.options.event_loop, Reactor::new()?);
    let network = event_loop.driver().handle();
    event_loop.block_on(serve(seat, event_loop.handle(), network))
}

/// Serves on this loop until the order to finish, and finishes. At the order to stop it returns, and the
/// loop drops the connections that are left.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve<N: Network>(seat: Seat<N::Bound>, handle: Handle, network: N) -> io::Result<()> {
    let gate = Gate {
        listener: network.listen(seat.listener)?,
        limit: seat.limit.clone(),
    };
    let _ = seat.ready.send(());
    let drain = Source::new();
    let (crash, crashed) = oneshot::channel();
    let worker = Rc::new(Worker {
        clock: TurnClock::new(handle.clone(), network.clone()),
        handle,
        network,
        options: seat.options,
        limit: seat.limit,
        tally: seat.tally,
        said: seat.said,
        drain: drain.token(),
        buffer: RefCell::new(vec![0; BUFFER].into_boxed_slice()),
        open: Open::default(),
        crash: Cell::new(Some(crash)),
    });
    let serve = async {
        let served = worker.accept(&gate, seat.drain).await;
        drop(gate);
        drain.cancel();
        worker.open.nobody().await;
        served
    };
    // The order to stop holds from the first moment: under load the last clients may take longer to accept than they have.
    let serve = async {
        match race(serve, seat.cut).await {
            Winner::First(served) => served,
            Winner::Second(_) => Ok(()),
        }
    };
    match race(serve, crashed).await {
        Winner::First(served) => served,
        Winner::Second(_) => panic!("a worker that was asked to panic"),
    }
}

/// How many bytes one read returns at most.
const BUFFER: usize = 64 * 1024;

struct Worker<N: Network> {
    handle: Handle,
    clock: TurnClock<N>,
    network: N,
    options: Options,
    limit: Limit,
    tally: Arc<Tally>,
    said: Arc<AtomicBool>,
    drain: Token,
    buffer: RefCell<Box<[u8]>>,
    open: Open,
    /// For tests: see [`Options::crash_worker_on`].
    crash: Cell<Option<oneshot::Sender<()>>>,
}

impl<N: Network> Worker<N> {
    /// Accepts clients until the order to finish, and then the clients that wait already.
    async fn accept(
        self: &Rc<Self>,
        gate: &Gate<N::Listener>,
        drain: oneshot::Receiver<()>,
    ) -> io::Result<()> {
        let accepting = async {
            loop {
                if let Err(error) = self.take(gate).await {
                    return error;
                }
            }
        };
        if let Winner::First(error) = race(accepting, drain).await {
            return Err(error);
        }
        self.take_the_last(gate).await
    }

    /// Accepts the clients that have connected by now, and lets the network report what all clients have sent.
    async fn take_the_last(self: &Rc<Self>, gate: &Gate<N::Listener>) -> io::Result<()> {
        self.network.caught_up().await;
        // As many as the kernel queues: more may arrive meanwhile.
        for _ in 0..BACKLOG {
            match gate.take_waiting().await? {
                Taken::Connection(stream, permit) => self.serve(stream, permit),
                Taken::Gone => {}
                Taken::NoClient | Taken::NoDescriptors => break,
            }
            // One attempt in each iteration: a budget that is used up would look like an empty queue.
            yield_now().await;
        }
        self.network.caught_up().await;
        Ok(())
    }

    async fn take(self: &Rc<Self>, gate: &Gate<N::Listener>) -> io::Result<()> {
        match gate.take().await? {
            Taken::Connection(stream, permit) => self.serve(stream, permit),
            Taken::NoClient | Taken::Gone => {}
            Taken::NoDescriptors => {
                if !self.said.swap(true, Ordering::Relaxed) {
                    complain("out of file descriptors; new clients wait until one is free");
                }
                race(gate.limit.returned(), self.handle.sleep(NO_DESCRIPTORS)).await;
            }
        }
        Ok(())
    }

    /// Whether the command line asks for a fault.
    fn has_fault(&self) -> bool {
        self.options.crash_connection_on.is_some() || self.options.crash_worker_on.is_some()
    }

    /// The fault that the command line asks for.
    fn fault(self: &Rc<Self>) -> impl FnMut(u8) + use<N> {
        let connection = self.options.crash_connection_on;
        let whole_worker = self.options.crash_worker_on;
        let worker = Rc::clone(self);
        move |byte| {
            assert!(
                connection != Some(byte),
                "a connection that was asked to panic"
            );
            if whole_worker == Some(byte)
                && let Some(crash) = worker.crash.take()
            {
                let _ = crash.send(());
            }
        }
    }

    // ANCHOR: serve
    /// Runs a connection as a task of its own.
    ///
    /// A task is as large as its largest suspension point. An idle connection is at none of those that stand in a box
    /// here, so it does not pay for them.
    fn serve(self: &Rc<Self>, mut stream: N::Stream, permit: Permit) {
        // Without it the connection is served, too, with more delay.
        let _ = stream.set_nodelay(true);
        let place = Place::new(self, permit);
        self.handle.spawn_boxed(Box::pin(async move {
            let end = if place.worker().has_fault() {
                let stream = Faulty::new(&mut stream, place.worker().fault());
                Box::pin(connection(stream, place.limits())).await
            } else {
                connection(&mut stream, place.limits()).await
            };
            let ended = place.ended(end);
            let worker = &ended.kept.worker;
            if end == End::Completed && worker.drain.is_cancelled() {
                Box::pin(linger(stream, &worker.buffer, &worker.handle)).await;
            }
        }));
    }
    // ANCHOR_END: serve
}

/// A connection's place in its worker. However the connection ends, it is counted once.
struct Place<N: Network> {
    /// `None` after the end.
    kept: Option<Kept<N>>,
}

/// A connection that has ended, and may linger. It is open, and counts as such, until this is dropped.
struct Ended<N: Network> {
    kept: Kept<N>,
    end: End,
}

/// What a connection keeps for as long as its socket is open: its permit, and its place among those that are open.
struct Kept<N: Network> {
    worker: Rc<Worker<N>>,
}

impl<N: Network> Place<N> {
    fn new(worker: &Rc<Worker<N>>, permit: Permit) -> Place<N> {
        permit.keep(); // Until `Kept` is dropped.
        worker.tally.accepted();
        worker.open.count.set(worker.open.count.get() + 1);
        let worker = Rc::clone(worker);
        Place {
            kept: Some(Kept { worker }),
        }
    }

    fn worker(&self) -> &Rc<Worker<N>> {
        &self.kept.as_ref().expect("it has not ended").worker
    }

    fn limits(&self) -> Limits<'_, TurnClock<N>> {
        let worker = self.worker();
        Limits {
            timer: &worker.clock,
            idle_timeout: worker.options.idle_timeout,
            drain: &worker.drain,
            buffer: &worker.buffer,
            tally: &worker.tally,
        }
    }

    /// Keeps how the connection has ended, to count it when its socket is closed.
    fn ended(mut self, end: End) -> Ended<N> {
        let kept = self.kept.take().expect("it has not ended");
        Ended { kept, end }
    }
}

impl<N: Network> Drop for Place<N> {
    fn drop(&mut self) {
        // A connection that is dropped before its end was cut off.
        if let Some(kept) = &self.kept {
            kept.worker.tally.ended(End::Reset);
        }
    }
}

impl<N: Network> Drop for Ended<N> {
    fn drop(&mut self) {
        self.kept.worker.tally.ended(self.end);
    }
}

impl<N: Network> Drop for Kept<N> {
    fn drop(&mut self) {
        self.worker.open.one_less();
        self.worker.limit.give_back();
    }
}

/// How many connections a worker has, and the task that waits until there are none.
#[derive(Default)]
struct Open {
    count: Cell<usize>,
    waiter: Cell<Option<Waker>>,
}

impl Open {
    fn one_less(&self) {
        self.count.set(self.count.get() - 1);
        if let Some(waiter) = self.waiter.take() {
            waiter.wake();
        }
    }

    async fn nobody(&self) {
        poll_fn(|context| {
            if self.count.get() == 0 {
                return Poll::Ready(());
            }
            self.waiter.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
