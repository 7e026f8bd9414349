//! Connections that behave as a script says, on a clock that jumps.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Handle, JoinHandle, Time};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;

/// How long it takes to send a ping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ping {
    Takes(u64),
    /// This many are sent; the next one tells that the connection is lost.
    Fails(usize),
    Hangs,
}

/// A connection: when its messages come and when it is lost, in seconds after it was established.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Script {
    pub(super) messages: &'static [u64],
    /// `None`: `next` never tells.
    pub(super) lost: Option<u64>,
    pub(super) ping: Ping,
}

/// What happened, with the second in which it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happened {
    Connects(usize),
    Message(u32),
    Ping(usize),
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) sim: Rc<SimLoop>,
    pub(super) handle: Handle,
    recorder: Recorder,
    scripts: Rc<[Script]>,
    pub(super) log: Rc<RefCell<Vec<(u64, Happened)>>>,
    made: Rc<Cell<usize>>,
    pub(super) connections: DropCounter,
    /// The connections that were alive when `connect` was called.
    pub(super) kept: Rc<Cell<usize>>,
    /// The first ping on a connection that was lost: which, and when.
    pub(super) orphan: Rc<Cell<Option<(usize, u64)>>>,
    /// Whether `next` was called on a connection that it has called lost.
    again: Rc<Cell<bool>>,
    /// The connection that `next` has called lost, and when.
    lost: Rc<Cell<Option<(usize, Time)>>>,
    /// The first connection after which `connect` was not called at once, and how much later it was.
    pub(super) late: Rc<Cell<Option<(usize, Duration)>>>,
}

pub(super) struct Scripted {
    world: World,
    number: usize,
    since: Time,
    script: Script,
    messages: RefCell<VecDeque<u64>>,
    pings: Cell<usize>,
    /// Since `next` has told so.
    lost: Cell<bool>,
    /// Since a ping has told so.
    failed: Cell<bool>,
    _alive: Token,
}

impl World {
    pub(super) fn new(recorder: &Recorder, scripts: &[Script]) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        World {
            handle: sim.handle(),
            sim,
            recorder: recorder.clone(),
            scripts: scripts.into(),
            log: Rc::default(),
            made: Rc::default(),
            connections: DropCounter::new(),
            kept: Rc::default(),
            orphan: Rc::default(),
            again: Rc::default(),
            lost: Rc::default(),
            late: Rc::default(),
        }
    }

    pub(super) fn seconds(&self) -> u64 {
        self.handle.now().since_start().as_secs()
    }

    fn says(&self, actor: &str, text: impl Into<String>) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says(actor, text);
    }

    fn logs(&self, happened: Happened) {
        self.log.borrow_mut().push((self.seconds(), happened));
    }

    pub(super) fn connect(&self) -> Option<Scripted> {
        self.kept.set(self.kept.get().max(self.connections.alive()));
        if let Some((number, at)) = self.lost.take()
            && self.handle.now() > at
            && self.late.get().is_none()
        {
            self.late.set(Some((number, self.handle.now() - at)));
        }
        let number = self.made.get();
        let script = *self.scripts.get(number)?;
        self.made.set(number + 1);
        self.says("consumer", format!("makes connection {}", number + 1));
        self.logs(Happened::Connects(number));
        Some(Scripted {
            since: self.handle.now(),
            world: self.clone(),
            number,
            script,
            messages: RefCell::new(script.messages.iter().copied().collect()),
            pings: Cell::new(0),
            lost: Cell::new(false),
            failed: Cell::new(false),
            _alive: self.connections.token(),
        })
    }

    pub(super) fn on_message(&self, message: u32) {
        self.says("consumer", format!("message {message}"));
        self.logs(Happened::Message(message));
    }

    pub(super) fn log(&self) -> Vec<(u64, Happened)> {
        let mut log = self.log.borrow().clone();
        log.sort_unstable();
        log
    }

    /// When there were pings on this connection.
    pub(super) fn pings(&self, number: usize) -> Vec<u64> {
        let of =
            |(at, happened): &(u64, Happened)| (*happened == Happened::Ping(number)).then_some(*at);
        self.log.borrow().iter().filter_map(of).collect()
    }

    pub(super) fn messages(&self) -> Vec<(u32, u64)> {
        let of = |(at, happened): &(u64, Happened)| match happened {
            Happened::Message(message) => Some((*message, *at)),
            _ => None,
        };
        self.log.borrow().iter().filter_map(of).collect()
    }

    /// Runs the loop until the call returns, or until the clock shows this. Returns whether it has returned.
    pub(super) fn drive(
        &self,
        run: &Run,
        until: u64,
        call: impl Future<Output = ()> + 'static,
    ) -> bool {
        let mut joined: JoinHandle<()> = self.handle.spawn(call);
        let ran = panics::expected(|| {
            let _stuck = self
                .sim
                .run_until(|| joined.is_finished() || self.seconds() >= until);
        });
        if self.again.get() {
            run.diagnose(
                "polled-after-none",
                "`next` has returned `None`: the connection is lost. `next` was called once more.",
            );
        }
        if let Err(panic) = ran {
            run.departs(format!("The program panicked: {}.", panic.message));
        }
        let returned = joined.is_finished();
        if returned {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            if let std::task::Poll::Ready(Err(error)) =
                std::pin::Pin::new(&mut joined).poll(&mut context)
            {
                run.departs(format!("The call ended: {error}."));
            }
            self.says("consumer", "returns");
        } else {
            joined.abort();
        }
        returned
    }

    /// Lets the loop run on until the clock shows this, with nothing but what was left.
    pub(super) fn goes_on(&self, until: u64) {
        let clock = self.handle.clone();
        let slept = self.handle.spawn(async move {
            clock
                .sleep_until(Time::START + Duration::from_secs(until))
                .await
        });
        let _slept = self.sim.drive(slept);
    }
}

impl Scripted {
    fn at(&self, seconds: u64) -> Time {
        self.since + Duration::from_secs(seconds)
    }

    fn name(&self) -> String {
        format!("connection {}", self.number + 1)
    }

    pub(super) async fn receive(&self) -> Option<u32> {
        if self.lost.get() {
            self.world.says(&self.name(), "next, although it is lost");
            self.world.again.set(true);
            panic!("`next` was called after it had returned `None`");
        }
        let place = self.script.messages.len() - self.messages.borrow().len();
        // Taken before it has come: dropping this future loses it.
        let message = self.messages.borrow_mut().pop_front();
        if let Some(seconds) = message {
            self.world.handle.sleep_until(self.at(seconds)).await;
            return Some(u32::try_from(100 * (self.number + 1) + place + 1).expect("it is small"));
        }
        match self.script.lost {
            None => pending().await,
            Some(seconds) => self.world.handle.sleep_until(self.at(seconds)).await,
        }
        self.world.says(&self.name(), "is lost");
        let now = self.world.handle.now();
        self.world.lost.set(Some((self.number + 1, now)));
        self.lost.set(true);
        None
    }

    pub(super) async fn send_ping(&self) -> bool {
        self.pings.set(self.pings.get() + 1);
        self.world.says(
            &self.name(),
            if self.lost.get() {
                "ping, although it is lost"
            } else {
                "ping"
            },
        );
        self.world.logs(Happened::Ping(self.number));
        if self.lost.get() && self.world.orphan.get().is_none() {
            self.world
                .orphan
                .set(Some((self.number + 1, self.world.seconds())));
        }
        match self.script.ping {
            Ping::Takes(0) => {}
            Ping::Takes(seconds) => self.world.handle.sleep(Duration::from_secs(seconds)).await,
            Ping::Hangs => pending().await,
            Ping::Fails(sent) if self.pings.get() > sent => {
                self.world.says(&self.name(), "the ping fails: it is lost");
                self.failed.set(true);
            }
            Ping::Fails(_) => {}
        }
        !self.lost.get() && !self.failed.get()
    }
}
