//! Messages that come by a script, a service that takes time, and a timer that is watched.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::Service;
use super::script::{Event, Script, Seen};
use event_loop::{EventLoop, Handle, JoinError, JoinHandle, Sleep, Time, Timer};
use futures::Stream;
use probe::Run;
use probe_futures::{LatestWaker, Sim};
use probe_loop::{SimDriver, Stuck};

/// More iterations at one instant than any right answer takes.
const TURNS: usize = 3_000;

/// What was seen of the program.
pub(super) struct Played {
    pub(super) seen: Vec<Seen>,
    /// A message was dropped before it was finished.
    pub(super) dropped: Option<usize>,
    /// Sleeps of the program: when each was made, and until when it sleeps.
    pub(super) made: Vec<(u64, u64)>,
    /// Until when the sleeps would have slept that were dropped before their time.
    pub(super) given_up: Vec<u64>,
}

/// The world that the program is in. Clones are the same.
#[derive(Clone)]
pub(super) struct World {
    run: Run,
    handle: Handle,
    seen: Rc<RefCell<Vec<Seen>>>,
    busy: Rc<Cell<Option<usize>>>,
    dropped: Rc<Cell<Option<usize>>>,
    made: Rc<RefCell<Vec<(u64, u64)>>>,
    given_up: Rc<RefCell<Vec<u64>>>,
    begun: Rc<Cell<usize>>,
    takes: Rc<Vec<u64>>,
}

impl Played {
    /// Whether the program had a sleep until `due`, dropped it before that time, and then slept until later.
    pub(super) fn restarted(&self, due: u64) -> bool {
        let last = self.made.iter().rfind(|(made, _)| *made < due);
        self.given_up.contains(&due) && last.is_some_and(|(_, until)| *until > due)
    }
}

impl World {
    fn now(&self) -> u64 {
        millis(self.handle.now())
    }

    fn note(&self, event: Event) {
        self.seen.borrow_mut().push((self.now(), event));
    }
}

fn millis(time: Time) -> u64 {
    u64::try_from(time.since_start().as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn at(millis: u64) -> Time {
    Time::after_start(Duration::from_millis(millis))
}

impl Service for World {
    async fn handle(&self, message: u32) {
        let number = self.begun.replace(self.begun.get() + 1);
        if message as usize != number {
            self.run.departs(format!(
                "Message {number} is next, and `handle` was called with {message}."
            ));
        }
        if let Some(other) = self.busy.replace(Some(number)) {
            self.run.departs(format!(
                "`handle` was called with message {number} while message {other} was in progress."
            ));
        }
        self.note(Event::Begins(number));
        let going = Going(self, number);
        if self.takes[number] > 0 {
            self.handle
                .sleep(Duration::from_millis(self.takes[number]))
                .await;
        }
        drop(going);
        self.note(Event::Finishes(number));
    }

    fn report(&self, handled: usize) {
        self.note(Event::Reports(handled));
    }
}

/// A message in progress.
struct Going<'a>(&'a World, usize);

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.0.busy.set(None);
        let World { takes, seen, .. } = self.0;
        let began = seen
            .borrow()
            .iter()
            .rev()
            .find(|(_, event)| *event == Event::Begins(self.1))
            .map(|seen| seen.0);
        if began.is_some_and(|began| self.0.now() < began + takes[self.1])
            && self.0.dropped.get().is_none()
        {
            self.0.dropped.set(Some(self.1));
        }
    }
}

/// A timer whose sleeps are watched.
impl Timer for World {
    type Sleep = Watched;

    fn now(&self) -> Time {
        self.handle.now()
    }

    fn sleep_until(&self, when: Time) -> Watched {
        self.made.borrow_mut().push((self.now(), millis(when)));
        Watched {
            world: self.clone(),
            until: millis(when),
            sleep: self.handle.sleep_until(when),
            over: false,
        }
    }
}

pub(super) struct Watched {
    world: World,
    until: u64,
    sleep: Sleep,
    over: bool,
}

impl Future for Watched {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.over {
            self.world.tell();
            self.world.run.diagnose(
                "polled-after-ready",
                format!("The sleep until {} ms was ready, and was polled once more. A sleep ends once; the next one is another future.", self.until),
            );
        }
        let polled = Pin::new(&mut self.sleep).poll(context);
        self.over = polled.is_ready();
        polled
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.over && self.world.now() < self.until {
            self.world.given_up.borrow_mut().push(self.until);
        }
    }
}

impl World {
    /// Writes what was seen into the run.
    fn tell(&self) {
        for (at, event) in self.seen.borrow().iter() {
            let (track, text) = event.shown(*at);
            self.run.recorder().says(track, text);
        }
    }
}

/// The messages: each is there from its time on.
struct Messages {
    handle: Handle,
    arrivals: Vec<u64>,
    end: u64,
    next: usize,
    wait: Option<Sleep>,
}

impl Stream for Messages {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        let this = &mut *self;
        let there = this.arrivals.get(this.next).copied().unwrap_or(this.end);
        if millis(this.handle.now()) < there {
            let wait = this
                .wait
                .get_or_insert_with(|| this.handle.sleep_until(at(there)));
            std::task::ready!(Pin::new(wait).poll(context));
        }
        this.wait = None;
        if this.next == this.arrivals.len() {
            return Poll::Ready(None);
        }
        this.next += 1;
        Poll::Ready(Some(this.next as u32 - 1))
    }
}

/// Runs a program in the world of a script.
#[track_caller]
pub(super) fn play<F, P>(run: &Run, script: &Script, program: F) -> Played
where
    F: FnOnce(Box<dyn Stream<Item = u32> + Unpin>, World, World) -> P,
    P: Future<Output = ()> + 'static,
{
    let sim = Sim::new(&Run::unnamed());
    let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
    let handle = event_loop.handle();
    let (arrivals, end) = script.times();
    let world = World {
        run: run.clone(),
        handle: handle.clone(),
        seen: Rc::default(),
        busy: Rc::default(),
        dropped: Rc::default(),
        made: Rc::default(),
        given_up: Rc::default(),
        begun: Rc::default(),
        takes: Rc::new(script.messages.iter().map(|message| message.1).collect()),
    };
    let messages = Messages {
        handle: handle.clone(),
        arrivals,
        end,
        next: 0,
        wait: None,
    };
    let program = program(Box::new(messages), world.clone(), world.clone());
    let latest = LatestWaker::default();
    let (program, inside, start) = (latest.of(program), world.clone(), script.start);
    let task = handle.spawn(async move {
        if start > 0 {
            inside.handle.sleep_until(at(start)).await;
        }
        program.await;
        inside.note(Event::Returns);
    });
    let (times, sleeps) = (script.spurious.clone(), handle.clone());
    let _disturbs = handle.spawn(async move {
        for time in times {
            sleeps.sleep_until(at(time)).await;
            latest.wake();
        }
    });
    let over = world.seen.clone();
    let late = script.expected(1_000).last().map_or(0, |last| last.0) + 20_000;
    turns(run, &event_loop, &world, || {
        over.borrow()
            .last()
            .is_some_and(|seen| seen.1 == Event::Returns)
            || millis(event_loop.handle().now()) > late
    });
    ended(run, &world, task);
    Played {
        seen: world.seen.take(),
        dropped: world.dropped.get(),
        made: world.made.take(),
        given_up: world.given_up.take(),
    }
}

/// Runs the loop until the program has ended, or nothing will happen any more.
#[track_caller]
fn turns(run: &Run, event_loop: &EventLoop<SimDriver>, world: &World, done: impl Fn() -> bool) {
    let (mut turns, mut since) = (0, event_loop.handle().now());
    while !done() {
        let now = event_loop.handle().now();
        turns = if now == since { turns + 1 } else { 0 };
        since = now;
        if turns > TURNS {
            world.tell();
            run.diagnose(
                "busy-poll",
                format!("At {} ms the loop has run {TURNS} iterations and no time has passed: the program wakes itself, and does not sleep.", millis(now)),
            );
        }
        if let Err(error) = event_loop.run_once() {
            assert!(Stuck::of(&error).is_some(), "{error}");
            return;
        }
    }
}

/// If the program has panicked, reports it.
#[track_caller]
fn ended(run: &Run, world: &World, mut task: JoinHandle<()>) {
    let mut context = Context::from_waker(Waker::noop());
    if let Poll::Ready(Err(JoinError::Panicked(panic))) = Pin::new(&mut task).poll(&mut context) {
        let said = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a payload that is no text")
            .to_owned();
        if said.starts_with("polled after it was ready") {
            world.tell();
            run.diagnose(
                "polled-after-ready",
                "A future was ready, and was polled once more: it panicked.",
            );
        }
        std::panic::resume_unwind(panic);
    }
}
