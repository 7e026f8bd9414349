//! The consumer against a real server in a process of its own, which is killed, stopped and started again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Time};
use probe::detect::{DropCounter, Token};
use probe::random::Random;
use reactor::{Reactor, ReactorHandle};
use service::line_server::{Process, numbers_in};
use service::{
    Backoff, Delays, Event, FullJitter, Heard, LineSession, Message, Pulse, Session, Why, consume,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ch11-7-killed");
const MESSAGES: u64 = 12;
const MILLI: Duration = Duration::from_millis(1);
const DELAYS: Delays = Delays::Doubling {
    first: Duration::from_millis(4),
    cap: Duration::from_millis(40),
};
const HEALTHY: Duration = Duration::from_millis(200);

/// What happens to the server while a message is handled for the first time.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It is killed.
    Killed,
    /// It is killed after the consumer has told that the message was handled: the server may know, or not.
    KilledAfterDone,
    /// Its process stands still, and its connection stays open.
    Stopped,
}

struct World {
    done: PathBuf,
    port: u16,
    server: RefCell<Option<Process>>,
    fates: RefCell<BTreeMap<u64, Fate>>,
    /// After how many more refused attempts the server is started again.
    downtime: Cell<usize>,
    random: RefCell<Random>,
    handled: RefCell<Vec<u64>>,
    events: RefCell<Vec<Event>>,
    sessions: DropCounter,
    /// One for each session that was made, and how often it pinged.
    pings: RefCell<Vec<Rc<Cell<usize>>>>,
    at_loss: RefCell<Vec<usize>>,
    kills: Cell<usize>,
}

impl World {
    fn new(seed: u64, done: &Path) -> Rc<World> {
        let mut random = Random::seeded(seed);
        let mut fates = BTreeMap::new();
        for _ in 0..3 {
            let number = 1 + random.below(MESSAGES as usize) as u64;
            let all = [Fate::Killed, Fate::KilledAfterDone, Fate::Stopped];
            let fate = *random.pick(if cfg!(unix) { &all } else { &all[..2] });
            fates.insert(number, fate);
        }
        let server = Process::start(Path::new(PROGRAM), 0, MESSAGES, done).unwrap();
        Rc::new(World {
            done: done.to_owned(),
            port: server.address().port(),
            server: RefCell::new(Some(server)),
            fates: RefCell::new(fates),
            downtime: Cell::new(0),
            random: RefCell::new(random),
            handled: RefCell::default(),
            events: RefCell::default(),
            sessions: DropCounter::new(),
            pings: RefCell::default(),
            at_loss: RefCell::default(),
            kills: Cell::new(0),
        })
    }

    fn handle(&self, message: &Message) {
        assert_eq!(message.text, format!("message {}", message.number));
        self.handled.borrow_mut().push(message.number);
        match self.fate_of(message.number, |fate| fate != Fate::KilledAfterDone) {
            Some(Fate::Killed) => self.kill(),
            Some(Fate::Stopped) => self.stop(),
            _ => {}
        }
    }

    /// Takes the fate that is due at this message, if it is of this kind.
    fn fate_of(&self, number: u64, is_due: impl Fn(Fate) -> bool) -> Option<Fate> {
        let mut fates = self.fates.borrow_mut();
        let fate = fates.get(&number).copied().filter(|fate| is_due(*fate))?;
        fates.remove(&number);
        Some(fate)
    }

    fn kill(&self) {
        // On a crowded machine a server may seem silent that is being started.
        let Some(server) = self.server.take() else {
            return;
        };
        server.kill().unwrap();
        self.kills.set(self.kills.get() + 1);
        self.downtime.set(self.random.borrow_mut().below(4));
        if self.downtime.get() == 0 {
            self.start();
        }
    }

    fn stop(&self) {
        let id = self.server.borrow().as_ref().expect("it runs").id();
        let mut kill = std::process::Command::new("kill");
        assert!(
            kill.args(["-STOP", &id.to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    fn start(&self) {
        let server = Process::start(Path::new(PROGRAM), self.port, MESSAGES, &self.done);
        self.server.replace(Some(server.unwrap()));
    }

    fn notes(&self, event: Event, reactor: &ReactorHandle) {
        self.events.borrow_mut().push(event);
        match event {
            Event::Lost(_, why) => {
                assert_eq!(self.sessions.alive(), 0, "the connection is gone");
                assert_eq!(reactor.sources(), 0, "and its socket");
                let pings = self.pings.borrow();
                self.at_loss.borrow_mut().push(pings.last().unwrap().get());
                // A server that stands still is killed when the consumer has noticed.
                if why == Why::Silent {
                    self.kill();
                }
            }
            Event::Refused(_) if self.downtime.get() > 0 => {
                self.downtime.set(self.downtime.get() - 1);
                if self.downtime.get() == 0 {
                    self.start();
                }
            }
            _ => {}
        }
    }
}

/// A session that is counted, with its pings.
struct Counted {
    session: LineSession,
    world: Rc<World>,
    pings: Rc<Cell<usize>>,
    _alive: Token,
}

impl Session for Counted {
    async fn next(&self) -> std::io::Result<Option<Message>> {
        self.session.next().await
    }

    async fn done(&self, message: &Message) -> std::io::Result<()> {
        let done = self.session.done(message).await;
        if self
            .world
            .fate_of(message.number, |fate| fate == Fate::KilledAfterDone)
            .is_some()
        {
            self.world.kill();
        }
        done
    }

    async fn ping(&self) -> std::io::Result<()> {
        self.pings.set(self.pings.get() + 1);
        self.session.ping().await
    }

    fn heard(&self) -> &Heard {
        self.session.heard()
    }
}

#[test]
fn a_server_that_is_killed_and_restarted_loses_no_message_with_ten_seeds() {
    for seed in 0..10 {
        let done = std::env::temp_dir().join(format!("service-{}-{seed}", std::process::id()));
        let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
        let (timer, reactor) = (event_loop.handle(), event_loop.driver().handle());
        let world = World::new(seed, &done);
        let pulse = Pulse {
            every: 20 * MILLI,
            patience: 250 * MILLI,
        };
        let connect = || {
            let (world, reactor) = (Rc::clone(&world), reactor.clone());
            async move {
                let address = ([127, 0, 0, 1], world.port).into();
                let session = LineSession::connect(&reactor, address).await?;
                let pings = Rc::default();
                world.pings.borrow_mut().push(Rc::clone(&pings));
                let _alive = world.sessions.token();
                Ok(Counted {
                    session,
                    world,
                    pings,
                    _alive,
                })
            }
        };
        event_loop.block_on(consume(
            &timer,
            Backoff::new(DELAYS, HEALTHY, FullJitter::seeded(seed)),
            pulse,
            connect,
            async |message| world.handle(message),
            |event| world.notes(event, &reactor),
        ));
        judge(&world, seed);
        assert_eq!(
            (event_loop.timers(), reactor.sources()),
            (0, 0),
            "seed {seed}"
        );
        fs::remove_file(&done).unwrap();
    }
}

fn judge(world: &World, seed: u64) {
    let handled = world.handled.borrow();
    for number in 1..=MESSAGES {
        assert!(
            handled.contains(&number),
            "seed {seed}: message {number} was lost"
        );
    }
    let acknowledged = numbers_in(&world.done).unwrap();
    assert!(
        acknowledged.iter().all(|number| handled.contains(number)),
        "seed {seed}"
    );
    // A message is handled again only if the server was killed in between.
    assert!(
        handled.len() <= MESSAGES as usize + world.kills.get(),
        "seed {seed}: {handled:?}"
    );
    assert!(handled.is_sorted(), "seed {seed}: {handled:?}");
    let pings: Vec<_> = world
        .pings
        .borrow()
        .iter()
        .map(|pings| pings.get())
        .collect();
    let at_loss = world.at_loss.borrow();
    assert_eq!(
        pings[..at_loss.len()],
        at_loss[..],
        "seed {seed}: pings after the loss"
    );
    delays_are_those_of_the_backoff(&world.events.borrow(), seed);
}

/// The same backoff, told the same times, waits equally long; and no attempt begins before its delay has passed.
fn delays_are_those_of_the_backoff(events: &[Event], seed: u64) {
    let mut backoff = Backoff::new(DELAYS, HEALTHY, FullJitter::seeded(seed));
    let (mut due, mut failed_at) = (Time::START, Time::START);
    let mut waits = 0;
    for (place, event) in events.iter().enumerate() {
        match event {
            Event::Attempts(at) => {
                assert!(*at >= due, "seed {seed}: an attempt at {at}, due at {due}");
            }
            Event::Refused(at) => failed_at = *at,
            Event::Lost(at, _) => {
                failed_at = *at;
                let Event::Attempts(attempt) = events[place - 1] else {
                    panic!("seed {seed}: a connection is lost after an attempt")
                };
                // Whether it was healthy can be told from outside unless it is close to the limit.
                if *at - attempt >= HEALTHY / 2 {
                    return;
                }
                backoff.connected(attempt);
            }
            Event::Waits(delay) => {
                assert_eq!(*delay, backoff.next_delay(failed_at), "seed {seed}");
                due = failed_at + *delay;
                waits += 1;
            }
        }
    }
    assert!(waits > 0, "seed {seed}: the server was killed");
}
