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
use event_loop::{EventLoop, Handle, Spawn};
use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream};
use state_machines::{Winner, race, yield_now};
use wakers::oneshot;

use crate::connection::{End, connection};
use crate::faults::Faulty;
use crate::figures::Tally;
use crate::limit::{Limit, Permit};
use crate::limits::Limits;
use crate::linger::linger;
use crate::listener::{BACKLOG, Gate, NO_DESCRIPTORS, Taken};
use crate::options::Options;
use crate::output::complain;
use crate::turn_clock::TurnClock;

/// What a worker's thread is given.
#[derive(Debug)]
pub struct Seat {
    /// Where its clients come.
    pub listener: StdListener,
    /// What the command line said.
    pub options: Options,
    /// How many connections may be open, in all workers.
    pub limit: Limit,
    /// Where it counts.
    pub tally: Arc<Tally>,
    /// Whether somebody has said that there are no descriptors left.
    pub said: Arc<AtomicBool>,
    /// Says that it has all it needs.
    pub ready: oneshot::Sender<()>,
    /// Comes when it is to finish.
    pub drain: oneshot::Receiver<()>,
    /// Comes when it is to stop.
    pub cut: oneshot::Receiver<()>,
}

/// Serves on a loop of its own, until it is to finish, finishes, and returns.
///
/// # Errors
///
/// If there is no reactor to be had, or the listener fails.
pub fn work(seat: Seat) -> io::Result<()> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(serve(seat, event_loop.handle(), reactor))
}

/// Serves on this loop until it is to finish, and finishes. Connections that are left when the order to
/// stop comes are left to the loop: they are dropped with it.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(seat: Seat, handle: Handle, reactor: ReactorHandle) -> io::Result<()> {
    let gate = Gate {
        listener: TcpListener::from_std(&reactor, seat.listener)?,
        limit: seat.limit,
    };
    let _ = seat.ready.send(());
    let drain = Source::new();
    let (crash, crashed) = oneshot::channel();
    let worker = Rc::new(Worker {
        clock: TurnClock::new(handle.clone(), reactor.clone()),
        handle,
        reactor,
        options: seat.options,
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
        race(worker.open.nobody(), seat.cut).await;
        served
    };
    match race(serve, crashed).await {
        Winner::First(served) => served,
        Winner::Second(_) => panic!("a worker that was asked to panic"),
    }
}

/// How much is read at once.
const BUFFER: usize = 64 * 1024;

struct Worker {
    handle: Handle,
    clock: TurnClock,
    reactor: ReactorHandle,
    options: Options,
    tally: Arc<Tally>,
    said: Arc<AtomicBool>,
    drain: Token,
    buffer: RefCell<Box<[u8]>>,
    open: Open,
    /// For tests: see [`Options::crash_worker_on`].
    crash: Cell<Option<oneshot::Sender<()>>>,
}

impl Worker {
    /// Takes connections until the order to finish comes, and then those that wait already.
    async fn accept(self: &Rc<Self>, gate: &Gate, drain: oneshot::Receiver<()>) -> io::Result<()> {
        let for_ever = async {
            loop {
                if let Err(error) = self.take(gate).await {
                    return error;
                }
            }
        };
        if let Winner::First(error) = race(for_ever, drain).await {
            return Err(error);
        }
        self.take_the_last(gate).await
    }

    /// Takes those who have come by now, and learns what all have sent by now.
    async fn take_the_last(self: &Rc<Self>, gate: &Gate) -> io::Result<()> {
        self.reactor.caught_up().await;
        // As many as the system keeps waiting: more may come all the while.
        for _ in 0..BACKLOG {
            match gate.take_waiting().await? {
                Taken::Connection(stream, permit) => self.serve(stream, permit),
                Taken::Gone => {}
                Taken::Nobody | Taken::NoDescriptors => break,
            }
            // One attempt a turn, so that it is never the turn's budget that says "nobody".
            yield_now().await;
        }
        self.reactor.caught_up().await;
        Ok(())
    }

    async fn take(self: &Rc<Self>, gate: &Gate) -> io::Result<()> {
        match gate.take().await? {
            Taken::Connection(stream, permit) => self.serve(stream, permit),
            Taken::Nobody | Taken::Gone => {}
            Taken::NoDescriptors => {
                if !self.said.swap(true, Ordering::Relaxed) {
                    complain("out of file descriptors; new clients wait until one is free");
                }
                race(gate.limit.returned(), self.handle.sleep(NO_DESCRIPTORS)).await;
            }
        }
        Ok(())
    }

    /// What goes wrong at which byte, if the command line asks for that.
    fn fault(self: &Rc<Self>) -> Option<impl FnMut(u8) + use<>> {
        let connection = self.options.crash_connection_on;
        let whole_worker = self.options.crash_worker_on;
        if connection.is_none() && whole_worker.is_none() {
            return None;
        }
        let worker = Rc::clone(self);
        Some(move |byte| {
            assert!(
                connection != Some(byte),
                "a connection that was asked to panic"
            );
            if whole_worker == Some(byte)
                && let Some(crash) = worker.crash.take()
            {
                let _ = crash.send(());
            }
        })
    }

    /// Runs a connection as a task of its own.
    fn serve(self: &Rc<Self>, mut stream: TcpStream, permit: Permit) {
        // Without it the connection is served all the same, only later.
        let _ = stream.set_nodelay(true);
        let place = Place::new(self, permit);
        let worker = Rc::clone(self);
        self.handle.spawn_boxed(Box::pin(async move {
            let limits = Limits {
                timer: &worker.clock,
                idle_timeout: worker.options.idle_timeout,
                drain: &worker.drain,
                buffer: &worker.buffer,
                tally: &worker.tally,
            };
            let end = match worker.fault() {
                None => connection(&mut stream, limits).await,
                // In a box, so that the others are not larger for it.
                Some(fault) => Box::pin(connection(Faulty::new(&mut stream, fault), limits)).await,
            };
            place.end.set(end);
            if end == End::Completed && worker.drain.is_cancelled() {
                linger(stream, &worker.buffer, &worker.handle).await;
            }
        }));
    }
}

/// A connection's place in its worker. Whatever becomes of the connection, it is counted once, and its
/// permit is given back.
struct Place {
    worker: Rc<Worker>,
    end: Cell<End>,
    _permit: Permit,
}

impl Place {
    fn new(worker: &Rc<Worker>, permit: Permit) -> Place {
        worker.tally.accepted();
        worker.open.count.set(worker.open.count.get() + 1);
        Place {
            worker: Rc::clone(worker),
            // If it never gets to an end of its own, it was broken off.
            end: Cell::new(End::Reset),
            _permit: permit,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.worker.tally.ended(self.end.get());
        self.worker.open.one_less();
    }
}

/// How many connections a worker has, and who waits for there to be none.
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
