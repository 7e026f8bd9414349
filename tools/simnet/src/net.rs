//! The network, as a program holds it; and the driver of its loop.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event_loop::{Driver, Time, Unparker};

use crate::conditions::Link;
use crate::host::Host;
use crate::trace::Trace;
use crate::world::World;

/// A network of simulated hosts, and the driver of the loop on which their programs run. A clone is the same
/// network.
///
/// The clock jumps: an hour in which nothing happens takes no time. What a program sees depends on the seed and
/// on the program, and on nothing else.
///
/// ```
/// use event_loop::EventLoop;
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use simnet::SimNet;
///
/// let net = SimNet::new(1);
/// let (server, client) = (net.host("server"), net.host("client"));
/// let event_loop = EventLoop::with_driver(net.clone());
/// event_loop.block_on(async {
///     let listener = server.listen(7777).unwrap();
///     let mut stream = client.connect(server.address(7777)).await.unwrap();
///     stream.write_all(b"hello").await.unwrap();
///     stream.close().await.unwrap();
///     let (mut accepted, _) = listener.accept().await.unwrap();
///     let mut heard = String::new();
///     accepted.read_to_string(&mut heard).await.unwrap();
///     assert_eq!(heard, "hello");
/// });
/// ```
#[derive(Clone)]
pub struct SimNet {
    pub(crate) shared: Rc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) world: RefCell<World>,
    seed: u64,
    parks: Cell<u64>,
    caught_up: Cell<u64>,
    /// Iterations since the clock moved.
    idle_turns: Cell<u32>,
    unparked: Arc<AtomicBool>,
}

/// The most events of one iteration, as the reactor has it.
const EVENTS: usize = 256;

/// More iterations than a program needs at one moment. One that makes more waits for something by trying again
/// and again, and the clock would never move.
const TURNS: u32 = 100_000;

impl SimNet {
    /// A network without hosts, in which everything that is random comes from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> SimNet {
        SimNet::with(seed, true)
    }

    /// As [`new`](SimNet::new). The network counts and hashes the lines of its trace and keeps none of them.
    #[must_use]
    pub fn without_trace(seed: u64) -> SimNet {
        SimNet::with(seed, false)
    }

    fn with(seed: u64, keeps_trace: bool) -> SimNet {
        let shared = Shared {
            world: RefCell::new(World::new(seed, keeps_trace)),
            seed,
            parks: Cell::new(0),
            caught_up: Cell::new(0),
            idle_turns: Cell::new(0),
            unparked: Arc::default(),
        };
        SimNet {
            shared: Rc::new(shared),
        }
    }

    /// The seed, for the message of a test that fails.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.shared.seed
    }

    /// Adds a host, which is on.
    #[must_use]
    pub fn host(&self, name: &str) -> Host {
        let id = self.shared.world.borrow_mut().add_host(name);
        Host::new(self.clone(), id)
    }

    /// Sets the conditions of every link that has none of its own.
    pub fn set_links(&self, link: Link) {
        self.shared.world.borrow_mut().usual = link;
    }

    /// Changes the link from one host to another, in this direction only. Segments on the way keep the time at
    /// which they arrive.
    pub fn change_link(&self, from: &Host, to: &Host, change: impl FnOnce(&mut Link)) {
        change(self.shared.world.borrow_mut().link_mut(from.id, to.id));
    }

    /// Cuts the links between two hosts, in both directions: nothing arrives, and no host is told.
    pub fn partition(&self, one: &Host, other: &Host) {
        self.set_cut(one, other, true);
    }

    /// Ends a partition. What was sent meanwhile arrives when the sender's kernel sends it again.
    pub fn heal(&self, one: &Host, other: &Host) {
        self.set_cut(one, other, false);
    }

    fn set_cut(&self, one: &Host, other: &Host, is_cut: bool) {
        let mut world = self.shared.world.borrow_mut();
        world.link_mut(one.id, other.id).is_cut = is_cut;
        world.link_mut(other.id, one.id).is_cut = is_cut;
        let what = if is_cut { "partition" } else { "healed" };
        let names = (&world.host(one.id).name, &world.host(other.id).name);
        let line = format!("{what} between {} and {}", names.0, names.1);
        let now = world.now;
        world.trace.line(now, format_args!("{line}"));
    }

    /// The sockets that the kernels of all hosts hold, those that an application has closed included, in a
    /// few words each.
    #[must_use]
    pub fn sockets(&self) -> Vec<String> {
        let world = self.shared.world.borrow();
        let sockets = world.sockets.iter().flatten();
        sockets
            .map(|socket| {
                let host = &world.host(socket.host).name;
                let (local, remote) = (socket.local.port(), socket.remote);
                let (phase, holder) = (socket.phase, socket.holder);
                let queued = socket.queue.len();
                format!("{host}:{local} → {remote}, {phase:?}, held by the {holder:?}, {queued} segments to send")
            })
            .collect()
    }

    /// Everything that has happened so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.shared.world.borrow().trace.clone()
    }

    /// When something happens in the network next, if anything is under way.
    #[must_use]
    pub fn next_event(&self) -> Option<Time> {
        self.shared.world.borrow().agenda.next()
    }

    /// How often the loop has parked: the number of the iteration.
    #[must_use]
    pub fn parks(&self) -> u64 {
        self.shared.parks.get()
    }

    pub(crate) fn catches_up(&self) -> u64 {
        self.shared.caught_up.get()
    }

    /// Dispatches what has happened by now, and says whether anything was dispatched.
    fn dispatch(&self) -> bool {
        let mut count = 0;
        while count < EVENTS {
            let next = self.next_happened();
            let Some((source, happened)) = next else {
                let caught_up = &self.shared.caught_up;
                caught_up.set(caught_up.get() + 1);
                break;
            };
            // The world is not borrowed: a waker may use the network.
            source.dispatch(happened);
            count += 1;
        }
        count > 0
    }

    fn next_happened(&self) -> Option<(Rc<reactor::Source>, reactor::Happened)> {
        let mut world = self.shared.world.borrow_mut();
        while world.happened.is_empty() {
            let now = world.now;
            let event = world.agenda.pop(now)?;
            world.happen(event);
        }
        world.happened.pop_front()
    }

    fn sleep(&self, timeout: Option<Duration>) -> io::Result<()> {
        let end = timeout.map(|timeout| self.now() + timeout);
        while !self.dispatch() {
            if self.shared.unparked.swap(false, Ordering::Relaxed) {
                return Ok(());
            }
            let mut world = self.shared.world.borrow_mut();
            match (world.agenda.next(), end) {
                (Some(next), end) if end.is_none_or(|end| next <= end) => world.now = next,
                (_, Some(end)) => {
                    world.now = end;
                    return Ok(());
                }
                (_, None) => return Err(io::Error::other(self.stuck(&world))),
            }
            self.shared.idle_turns.set(0);
        }
        self.shared.unparked.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn stuck(&self, world: &World) -> String {
        format!(
            "stuck at {} with seed {}: no task is ready, no timer is set, and no event can come",
            world.now, self.shared.seed
        )
    }
}

impl Driver for SimNet {
    fn now(&self) -> Time {
        self.shared.world.borrow().now
    }

    /// As [`Driver::park`]. It does not sleep: it sets the clock to the next event, or to the end of the
    /// time-out.
    ///
    /// # Errors
    ///
    /// If nothing can end the sleep, and if the loop has made 100,000 iterations at one moment.
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let shared = &self.shared;
        shared.parks.set(shared.parks.get() + 1);
        shared.idle_turns.set(shared.idle_turns.get() + 1);
        if shared.idle_turns.get() > TURNS {
            let problem = format!(
                "{TURNS} iterations at {} with seed {}: a task polls again and again",
                self.now(),
                shared.seed
            );
            return Err(io::Error::other(problem));
        }
        if timeout == Some(Duration::ZERO) {
            self.dispatch();
            shared.unparked.store(false, Ordering::Relaxed);
            return Ok(());
        }
        self.sleep(timeout)
    }

    fn unparker(&self) -> Unparker {
        let unparked = Arc::clone(&self.shared.unparked);
        // Relaxed: no other memory is published by it.
        Unparker::new(move || unparked.store(true, Ordering::Relaxed))
    }
}

impl fmt::Debug for SimNet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = self.shared.world.borrow();
        let hosts: VecDeque<&str> = world.hosts.iter().map(|host| host.name.as_str()).collect();
        out.debug_struct("SimNet")
            .field("seed", &self.shared.seed)
            .field("now", &world.now)
            .field("hosts", &hosts)
            .finish_non_exhaustive()
    }
}
