//! A schedule: what happens in one made-up world, and what the connections make of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cancellation::Source as Order;
use echo_server::figures::Tally;
use echo_server::{End, Limit, Limits, connection};
use event_loop::{Driver, EventLoop, Handle, Spawn, Time, Unparker};
use probe::Run;
use probe_futures::Sim;
use probe_loop::SimDriver;
use reactor::Source;

use crate::schedules::laws;
use crate::schedules::random::Random;
use crate::schedules::socket::{Kind, PeerEnd, Socket, Stream, lock};
use crate::schedules::wrong::{self, Fault};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The server's own.
    Connection,
    /// A copy of it in which there is nothing wrong.
    Copy,
    /// A copy of it in which something is.
    Wrong(Fault),
}

/// What came of a schedule.
pub(crate) struct Outcome {
    /// The laws that were broken.
    pub(crate) broken: Vec<String>,
    pub(crate) trace: Trace,
    /// How many decisions its script had, with those that were left out.
    pub(crate) decisions: usize,
}

/// All that happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<(Time, usize, Event)>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    PeerSends(usize),
    PeerTakes(usize),
    PeerEnds,
    PeerResets,
    ToldForNothing,
    ToldToFinish,
    CutOff,
    Begins,
    Reads(usize),
    Writes(usize),
    FindsReset,
    Closes,
    CloseFails,
    Is(End),
}

/// Bytes are passed on in pieces of this size at most.
const BUFFER: usize = 64;
const IDLE: Duration = Duration::from_millis(100);
/// More turns than any schedule takes at one instant.
const TURNS: usize = 2_000;

/// Runs a schedule to its end.
pub(crate) fn run(probe: &Run, number: u64, subject: Subject) -> Outcome {
    run_without(probe, number, subject, &BTreeSet::new())
}

/// Runs a schedule in which these of its decisions are left out. They count from 0: what the peers do, one after the other, and
/// then the orders.
pub(crate) fn run_without(
    probe: &Run,
    number: u64,
    subject: Subject,
    left_out: &BTreeSet<usize>,
) -> Outcome {
    let sim = Sim::new(probe);
    let world = World::new(number, &sim, left_out);
    world.play(subject)
}

struct World {
    event_loop: EventLoop<Simulated>,
    trace: Trace,
    sockets: Vec<Arc<Mutex<Socket>>>,
    shared: Rc<Shared>,
    broken: Rc<RefCell<Vec<String>>>,
}

/// What the connections of a worker have in common.
struct Shared {
    handle: Handle,
    drain: cancellation::Token,
    buffer: RefCell<Box<[u8]>>,
    tally: Tally,
    limit: Limit,
    permits: usize,
}

impl World {
    fn new(number: u64, sim: &Sim, left_out: &BTreeSet<usize>) -> World {
        let mut random = Random::new(number);
        let trace = Trace::default();
        let order = Rc::new(Order::new());
        let driver = Simulated::new(sim, Rc::clone(&order), trace.clone(), left_out);
        let event_loop = EventLoop::with_driver(driver);
        let permits = 1 + random.below(3);
        let shared = Shared {
            handle: event_loop.handle(),
            drain: order.token(),
            buffer: RefCell::new(vec![0; BUFFER].into()),
            tally: Tally::default(),
            limit: Limit::new(permits),
            permits,
        };
        let driver = event_loop.driver();
        let sockets: Vec<_> = (0..=random.below(3))
            .map(|number| driver.script_socket(number, &mut random, &trace))
            .collect();
        driver.script_orders(&sockets, &mut random);
        World {
            event_loop,
            trace,
            sockets,
            shared: Rc::new(shared),
            broken: Rc::default(),
        }
    }

    fn play(self, subject: Subject) -> Outcome {
        for (number, socket) in self.sockets.iter().enumerate() {
            self.serve(number, socket, subject);
        }
        let stuck = self.until_all_are_over().err();
        let mut broken = self.broken.take();
        broken.extend(stuck);
        broken.extend(self.left_behind());
        Outcome {
            broken,
            decisions: self.event_loop.driver().decisions.get(),
            trace: self.trace,
        }
    }

    fn serve(&self, number: usize, socket: &Arc<Mutex<Socket>>, subject: Subject) {
        let (shared, broken) = (Rc::clone(&self.shared), Rc::clone(&self.broken));
        let socket = Arc::clone(socket);
        let (trace, driver) = (self.trace.clone(), self.event_loop.driver());
        let stream = driver.stream(&socket, &shared.handle);
        let task = async move {
            let _permit = shared.limit.acquire().await;
            let begun = shared.handle.now();
            trace.note(begun, number, Event::Begins);
            lock(&socket).served = true;
            let limits = Limits {
                timer: &shared.handle,
                idle_timeout: IDLE,
                drain: &shared.drain,
                buffer: &shared.buffer,
                tally: &shared.tally,
            };
            let end = match subject {
                Subject::Connection => connection(stream, limits).await,
                Subject::Copy => wrong::connection(stream, limits, None).await,
                Subject::Wrong(fault) => wrong::connection(stream, limits, Some(fault)).await,
            };
            let now = shared.handle.now();
            trace.note(now, number, Event::Is(end));
            let mut socket = lock(&socket);
            socket.served = false;
            let laws = laws::broken(&socket, end, begun, now, IDLE);
            broken.borrow_mut().extend(laws);
        };
        self.event_loop.handle().spawn_boxed(Box::pin(task));
    }

    /// Runs the loop until no connection is left, or until it is cut off.
    fn until_all_are_over(&self) -> Result<(), String> {
        let (mut turns, mut since) = (0, Time::START);
        while self.event_loop.tasks() > 0 {
            let driver = self.event_loop.driver();
            if driver.cut.load(Relaxed) {
                self.trace.note(driver.now(), 0, Event::CutOff);
                self.event_loop.close();
                return Ok(());
            }
            turns = if driver.now() == since { turns + 1 } else { 0 };
            since = driver.now();
            if turns > TURNS {
                return Err("it goes round and round, and no time passes".to_owned());
            }
            self.event_loop
                .run_once()
                .map_err(|stuck| stuck.to_string())?;
        }
        Ok(())
    }

    /// What is left when everything has ended.
    fn left_behind(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.event_loop.tasks() > 0 {
            return broken; // That was told already.
        }
        if self.event_loop.timers() > 0 {
            broken.push("a timer is left behind".to_owned());
        }
        let limit = &self.shared.limit;
        let permits: Vec<_> = std::iter::from_fn(|| limit.try_acquire())
            .take(self.shared.permits + 1)
            .collect();
        if permits.len() != self.shared.permits {
            broken.push("a permit was not given back, or was given back twice".to_owned());
        }
        let figures = self.shared.tally.figures();
        let sum = |count: fn(&Socket) -> usize| -> u64 {
            let counts = self.sockets.iter().map(|socket| count(&lock(socket)));
            counts.sum::<usize>() as u64
        };
        if figures.bytes_in != sum(|socket| socket.taken)
            || figures.bytes_out != sum(|socket| socket.received.len())
        {
            broken.push("bytes are counted wrongly".to_owned());
        }
        broken
    }
}

/// A reactor whose sockets and whose clock are simulated.
struct Simulated {
    driver: SimDriver,
    sim: Sim,
    sources: RefCell<Vec<Watched>>,
    turn: Rc<Cell<u64>>,
    order: Rc<Order>,
    told: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    trace: Trace,
    decisions: Cell<usize>,
    left_out: BTreeSet<usize>,
}

/// A socket, and what the reactor knows of it.
type Watched = (Arc<Mutex<Socket>>, Rc<Source>);

impl Simulated {
    fn new(sim: &Sim, order: Rc<Order>, trace: Trace, left_out: &BTreeSet<usize>) -> Simulated {
        Simulated {
            driver: SimDriver::new(sim),
            sim: sim.clone(),
            sources: RefCell::default(),
            turn: Rc::default(),
            order,
            told: Arc::default(),
            cut: Arc::default(),
            trace,
            decisions: Cell::new(0),
            left_out: left_out.clone(),
        }
    }

    /// Whether the next decision of the schedule is left out. It was drawn all the same, so that those after it stay as they are.
    fn leaves_out(&self) -> bool {
        let decision = self.decisions.replace(self.decisions.get() + 1);
        self.left_out.contains(&decision)
    }

    fn stream(&self, socket: &Arc<Mutex<Socket>>, handle: &Handle) -> Stream {
        let source = Rc::new(Source::with_room());
        self.sources
            .borrow_mut()
            .push((Arc::clone(socket), Rc::clone(&source)));
        Stream {
            socket: Arc::clone(socket),
            source,
            turn: Rc::clone(&self.turn),
            handle: handle.clone(),
        }
    }

    /// Makes up what one peer does, and when.
    fn script_socket(
        &self,
        number: usize,
        random: &mut Random,
        trace: &Trace,
    ) -> Arc<Mutex<Socket>> {
        let kind = random.one_of(&[Kind::Edge, Kind::Armed]);
        let room = random.one_of(&[0, 1, 20, 200, 10_000]);
        let own = Random::new(random.below(usize::MAX) as u64);
        let socket = Socket::new(number, kind, room, own, trace.clone());
        let socket = Arc::new(Mutex::new(socket));
        let mut when = Duration::ZERO;
        for _ in 0..2 + random.below(10) {
            when += random.one_of(&PAUSES);
            let happens = match random.below(20) {
                0..=9 => Event::PeerSends(1 + random.one_of(&[1, 3, 40, 64, 200, 4_000])),
                10..=14 => Event::PeerTakes(1 + random.one_of(&[1, 5, 50, 300, 4_000])),
                15..=16 => Event::PeerEnds,
                17 => Event::PeerResets,
                _ => Event::ToldForNothing,
            };
            self.script(when, &socket, happens);
        }
        socket
    }

    fn script(&self, when: Duration, socket: &Arc<Mutex<Socket>>, happens: Event) {
        if self.leaves_out() {
            return;
        }
        let socket = Arc::clone(socket);
        self.sim.at(when, move || {
            lock(&socket).happens(Time::after_start(when), happens);
        });
    }

    /// Makes up whether and when the server is told to finish, and to stop. Often a peer sends at the moment of the order to
    /// finish, and takes what comes back, so that the order finds a connection at work.
    fn script_orders(&self, sockets: &[Arc<Mutex<Socket>>], random: &mut Random) {
        for (flag, times) in [(&self.told, 3), (&self.cut, 12)] {
            if random.once_in(times) {
                let when = random.one_of(&PAUSES) + random.one_of(&PAUSES) + random.one_of(&PAUSES);
                if times == 3 && !random.once_in(3) {
                    let socket = &sockets[random.below(sockets.len())];
                    let taken = random.one_of(&[0, 100, 10_000]);
                    let sent = random.one_of(&[60, 300, 4_000, 4_000]);
                    self.script(when, socket, Event::PeerTakes(1 + taken));
                    self.script(when, socket, Event::PeerSends(1 + sent));
                }
                if self.leaves_out() {
                    continue;
                }
                let flag = Arc::clone(flag);
                self.sim.at(when, move || flag.store(true, Relaxed));
            }
        }
    }

    /// No task sleeps while it has something to do.
    fn falls_asleep(&self) {
        for (socket, _) in &*self.sources.borrow() {
            let mut socket = lock(socket);
            if socket.served && socket.can_go_on() {
                socket.breaks("the loop sleeps, though it could go on: it was not woken");
            }
        }
    }

    /// Each connection that is told to finish has seen an event for all bytes that have arrived.
    fn tell(&self) {
        for (socket, source) in &*self.sources.borrow() {
            let told = lock(socket).told();
            source.dispatch(told);
        }
        if self.told.swap(false, Relaxed) {
            self.trace.note(self.now(), 0, Event::ToldToFinish);
            for (socket, _) in &*self.sources.borrow() {
                let mut socket = lock(socket);
                socket.at_drain = Some((self.now(), socket.sent.len()));
            }
            self.order.cancel();
        }
    }
}

const PAUSES: [Duration; 8] = [
    Duration::ZERO,
    Duration::ZERO,
    Duration::from_millis(1),
    Duration::from_millis(7),
    Duration::from_millis(40),
    Duration::from_millis(99),
    Duration::from_millis(100),
    Duration::from_millis(101),
];

impl Driver for Simulated {
    fn now(&self) -> Time {
        self.driver.now()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        if timeout != Some(Duration::ZERO) {
            self.falls_asleep();
        }
        self.turn.set(self.turn.get() + 1);
        // What is scripted happens on the loop's own thread, as a reactor's events do.
        let end = timeout.map(|timeout| self.sim.now() + timeout);
        match self.sim.next_event() {
            Some(next) if end.is_none_or(|end| next <= end) => self.sim.advance_to(next),
            _ => self.driver.park(timeout)?,
        }
        self.tell();
        Ok(())
    }

    fn unparker(&self) -> Unparker {
        self.driver.unparker()
    }
}

impl Socket {
    /// Something happens at the other end. A peer that has ended or broken off only takes bytes after that.
    pub(crate) fn happens(&mut self, now: Time, event: Event) {
        let open = self.peer == PeerEnd::Open;
        match event {
            Event::PeerSends(count) if open => {
                let first = self.sent.len();
                // 251 is a prime: no piece of a usual size looks like its neighbour.
                let bytes = (first..first + count).map(|place| (place % 251) as u8);
                let bytes: Vec<u8> = bytes.collect();
                self.incoming.extend(&bytes);
                self.sent.extend(&bytes);
                self.edge.readable = true;
            }
            Event::PeerTakes(count) => {
                self.room += count;
                self.edge.writable = true;
            }
            Event::PeerEnds if open => {
                self.peer = PeerEnd::Ended;
                self.edge.readable = true;
                self.edge.read_closed = true;
            }
            Event::PeerResets => {
                self.peer = PeerEnd::Reset;
                self.incoming.clear();
                self.edge.error = true;
                self.edge.readable = true;
                self.edge.writable = true;
            }
            Event::ToldForNothing => {
                self.edge.readable = true;
                self.edge.writable = true;
            }
            _ => return,
        }
        let (trace, number) = (self.trace.clone(), self.number);
        trace.note(now, number, event);
    }
}

impl Trace {
    pub(crate) fn note(&self, now: Time, number: usize, event: Event) {
        self.0
            .lock()
            .expect("nobody panics here")
            .push((now, number, event));
    }

    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.lock().expect("nobody panics here").hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (now, number, event) in &*self.0.lock().expect("nobody panics here") {
            let now = now.to_string();
            writeln!(out, "{now:>8}  {number}  {event:?}")?;
        }
        Ok(())
    }
}
