//! Events and notifications, compared with models of a few lines over every short run.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use futures::FutureExt;
use probe::Recorder;
use probe::runs::{Machine, Operation, Search, Step};
use probe_futures::{Poller, poller};
use synchronization::{Event, Notified, Notify};

/// How many waits there are at a time.
const WAITS: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Move {
    Waits(usize),
    Polls(usize),
    Drops(usize),
    /// `notify_one`, or `set`.
    One,
    /// `notify_waiters`, or `clear`.
    All,
}

const ALPHABET: [Move; 11] = [
    Move::Waits(0),
    Move::Waits(1),
    Move::Waits(2),
    Move::Polls(0),
    Move::Polls(1),
    Move::Polls(2),
    Move::Drops(0),
    Move::Drops(1),
    Move::Drops(2),
    Move::One,
    Move::All,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "test".into()
    }

    fn call(&self) -> Cow<'static, str> {
        format!("{self:?}").into()
    }

    fn happened(&self) -> Cow<'static, str> {
        self.call()
    }
}

/// The object under test: what it does with each move that is not about one wait.
trait Object {
    fn wait(&self) -> Pin<Box<dyn Future<Output = ()>>>;
    fn one(&self);
    fn all(&self);
}

impl Object for Notify {
    fn wait(&self) -> Pin<Box<dyn Future<Output = ()>>> {
        let notified: Notified = self.notified();
        Box::pin(notified)
    }

    fn one(&self) {
        self.notify_one();
    }

    fn all(&self) {
        self.notify_waiters();
    }
}

impl Object for Event {
    fn wait(&self) -> Pin<Box<dyn Future<Output = ()>>> {
        let event = self.clone();
        Box::pin(async move { event.wait().await })
    }

    fn one(&self) {
        self.set();
    }

    fn all(&self) {
        self.clear();
    }
}

struct Real<O> {
    object: O,
    waits: [Option<Pin<Box<dyn Future<Output = ()>>>>; WAITS],
    pollers: [Poller; WAITS],
}

impl<O: Object + Default> Real<O> {
    fn new() -> Real<O> {
        let recorder = Recorder::default();
        Real {
            object: O::default(),
            waits: [const { None }; WAITS],
            pollers: ["a", "b", "c"].map(|name| poller(&recorder, name)),
        }
    }

    fn wakes(&self) -> [usize; WAITS] {
        [0, 1, 2].map(|wait| self.pollers[wait].wakes())
    }
}

impl<O: Object + Default> Machine for Real<O> {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        let before = self.wakes();
        let outcome = match *step {
            Move::Waits(wait) if self.waits[wait].is_some() => return None,
            Move::Waits(wait) => {
                self.waits[wait] = Some(self.object.wait());
                "done"
            }
            Move::Polls(wait) => match self.pollers[wait].poll(self.waits[wait].as_mut()?.as_mut())
            {
                Poll::Pending => "Pending",
                Poll::Ready(()) => {
                    self.waits[wait] = None;
                    "Ready"
                }
            },
            Move::Drops(wait) => {
                drop(self.waits[wait].take()?);
                "done"
            }
            Move::One => {
                self.object.one();
                "done"
            }
            Move::All => {
                self.object.all();
                "done"
            }
        };
        let after = self.wakes();
        let woken = [0, 1, 2].map(|wait| after[wait] > before[wait]);
        Some(Step::of(outcome).fact("woken", format!("{woken:?}")))
    }

    fn end(self) -> Step {
        let Real { waits, pollers, .. } = self;
        drop(waits);
        let kept: usize = pollers.iter().map(|poller| poller.counts().alive).sum();
        Step::of("dropped").fact("wakers", format!("{kept} kept"))
    }
}

/// What a wait of a model is.
#[derive(Clone, Copy, PartialEq)]
enum Model {
    New,
    Waiting,
    /// By `notify_one`, if true.
    Chosen(bool),
}

/// A notify, or an event, as lists of numbers.
struct Lists {
    is_event: bool,
    /// `stored`, or `set`.
    flag: bool,
    waits: [Option<Model>; WAITS],
    order: Vec<usize>,
    polled: [bool; WAITS],
    woken: [bool; WAITS],
}

impl Lists {
    fn new(is_event: bool) -> Lists {
        Lists {
            is_event,
            flag: false,
            waits: [None; WAITS],
            order: Vec::new(),
            polled: [false; WAITS],
            woken: [false; WAITS],
        }
    }

    fn choose(&mut self, one: bool) {
        let wait = self.order.remove(0);
        self.waits[wait] = Some(Model::Chosen(one));
        self.woken[wait] = self.polled[wait];
    }

    fn one(&mut self) {
        if self.order.is_empty() {
            self.flag = true;
        } else {
            self.choose(true);
        }
    }

    fn everyone(&mut self) {
        while !self.order.is_empty() {
            self.choose(false);
        }
    }

    fn remove(&mut self, wait: usize) {
        self.order.retain(|other| *other != wait);
        self.waits[wait] = None;
    }
}

impl Machine for Lists {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        self.woken = [false; WAITS];
        let outcome = match *step {
            Move::Waits(wait) if self.waits[wait].is_some() => return None,
            Move::Waits(wait) => {
                self.polled[wait] = false;
                self.waits[wait] = Some(Model::New);
                if !self.is_event {
                    self.order.push(wait);
                    self.waits[wait] = Some(Model::Waiting);
                    if std::mem::take(&mut self.flag) {
                        self.choose(true);
                    }
                }
                "done"
            }
            Move::Polls(wait) => {
                let model = self.waits[wait]?;
                self.polled[wait] = true;
                if model == Model::New && !self.flag {
                    self.order.push(wait);
                    self.waits[wait] = Some(Model::Waiting);
                }
                match self.waits[wait] {
                    Some(Model::Waiting) => "Pending",
                    _ => {
                        self.remove(wait);
                        "Ready"
                    }
                }
            }
            Move::Drops(wait) => {
                let model = self.waits[wait]?;
                self.remove(wait);
                if model == Model::Chosen(true) {
                    self.one();
                }
                "done"
            }
            Move::One if self.is_event => {
                self.flag = true;
                self.everyone();
                "done"
            }
            Move::One => {
                self.one();
                "done"
            }
            Move::All if self.is_event => {
                self.flag = false;
                "done"
            }
            Move::All => {
                self.everyone();
                "done"
            }
        };
        let woken = self.woken;
        Some(Step::of(outcome).fact("woken", format!("{woken:?}")))
    }

    fn end(self) -> Step {
        Step::of("dropped").fact("wakers", "0 kept")
    }
}

fn every_run() -> Search<Move> {
    Search::of(&ALPHABET).up_to(4).and_random(1_000, 40, 8)
}

#[test]
fn a_notification_wakes_one_or_all_and_none_is_lost_with_a_dropped_wait() {
    every_run().compare(&probe::run!(), Real::<Notify>::new, || Lists::new(false));
}

#[test]
fn an_event_lets_those_pass_that_wait_when_it_is_set() {
    every_run().compare(&probe::run!(), Real::<Event>::new, || Lists::new(true));
}

#[test]
fn ten_thousand_waits_that_are_dropped_leave_nothing_in_the_queue() {
    let (event, notify) = (Event::new(), Notify::new());
    for _ in 0..10_000 {
        assert!(event.wait().now_or_never().is_none());
        assert!(notify.notified().now_or_never().is_none());
    }
    assert_eq!(format!("{event:?}"), "Event { set: false, waiting: 0 }");
    assert_eq!(
        format!("{notify:?}"),
        "Notify { stored: false, waiting: 0 }"
    );
}
