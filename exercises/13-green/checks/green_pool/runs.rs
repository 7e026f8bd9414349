//! Every short run of a pool with two places. Each function waits for a gate of its own, and returns or panics.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use event_loop::{EventLoop, Handle, JumpingDriver};
use green::wait;
use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};
use probe_futures::{Key, Poller, gate, poller};

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Spawn,
    /// The oldest function whose gate is closed goes on, and returns.
    Opens,
    /// The newest one goes on, and panics.
    Panics,
    /// The newest job is dropped.
    Drops,
}

pub(super) const ALPHABET: [Step; 4] = [Step::Spawn, Step::Opens, Step::Panics, Step::Drops];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        "pool".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Spawn => "spawns a function".into(),
            Step::Opens => "the oldest function may return".into(),
            Step::Panics => "the newest function may panic".into(),
            Step::Drops => "the newest job is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Spawn => "a function was spawned".into(),
            Step::Opens => "the oldest function was let return".into(),
            Step::Panics => "the newest function was let panic".into(),
            Step::Drops => "the newest job was dropped".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 2] = [
    Known {
        mistake: "place-lost-in-a-panic",
        sentence: "A function panicked, and the pool counts its place as taken.",
        shows: |difference: &Difference<Step>| {
            matches!(difference.operation(), Some(Step::Panics))
                && running(difference.your_step()) > running(difference.expected_step())
        },
    },
    Known {
        mistake: "stops-with-its-job",
        sentence: "The job was dropped, and its function with it.",
        shows: |difference: &Difference<Step>| {
            matches!(difference.operation(), Some(Step::Drops))
                && difference.your_step().about("counts")
                    != difference.expected_step().about("counts")
        },
    },
];

/// How many functions run, as the counts of this step say.
fn running(step: &Seen) -> Option<u32> {
    let counts = step.about("counts")?;
    counts.split(' ').next()?.parse().ok()
}

type Function = Box<dyn FnOnce() -> u32>;
type Outcome = Pin<Box<dyn Future<Output = String>>>;
type Counts = Box<dyn Fn() -> (usize, usize, u64)>;
/// What a pool does for the board: it spawns, and it counts.
pub(super) type Sides = (Box<dyn Fn(Function) -> Outcome>, Counts);

/// A loop, a pool, and functions whose gates are closed.
pub(super) struct Board {
    outcomes: Vec<(u32, Outcome)>,
    keys: Vec<(u32, Key<bool>)>,
    log: Rc<RefCell<Vec<String>>>,
    task: Poller,
    spawned: u32,
    spawn: Box<dyn Fn(Function) -> Outcome>,
    counts: Counts,
    event_loop: EventLoop<JumpingDriver>,
}

impl Board {
    pub(super) fn new(sides: impl FnOnce(Handle) -> Sides) -> Board {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let (spawn, counts) = sides(event_loop.handle());
        Board {
            outcomes: Vec::new(),
            keys: Vec::new(),
            log: Rc::default(),
            task: poller(&Recorder::default(), "task"),
            spawned: 0,
            spawn,
            counts,
            event_loop,
        }
    }

    fn spawns(&mut self) {
        let number = self.spawned;
        self.spawned += 1;
        let (key, gate) = gate::<bool>();
        let log = Rc::clone(&self.log);
        let function = move || {
            log.borrow_mut().push(format!("{number} begins"));
            assert!(!wait(gate), "{number} panics");
            log.borrow_mut().push(format!("{number} returns"));
            number
        };
        self.keys.push((number, key));
        self.outcomes
            .push((number, (self.spawn)(Box::new(function))));
    }
}

impl Machine for Board {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        match step {
            Step::Spawn => self.spawns(),
            Step::Opens if self.keys.is_empty() => return None,
            Step::Opens => self.keys.remove(0).1.open(false),
            Step::Panics => self.keys.pop()?.1.open(true),
            Step::Drops => drop(self.outcomes.pop()?),
        }
        for _ in 0..4 {
            self.event_loop.block_on(event_loop::yield_now());
        }
        let (running, waiting, panicked) = (self.counts)();
        let mut seen = Seen::of("done").fact(
            "counts",
            format!("{running} running, {waiting} waiting, {panicked} panicked"),
        );
        for text in self.log.take() {
            seen = seen.fact("function", text);
        }
        let task = &self.task;
        self.outcomes.retain_mut(|(number, outcome)| {
            let Poll::Ready(text) = task.poll(outcome.as_mut()) else {
                return true;
            };
            seen =
                std::mem::replace(&mut seen, Seen::of("")).fact("job", format!("{number}: {text}"));
            false
        });
        Some(seen)
    }

    fn end(self) -> Seen {
        let Board {
            event_loop,
            counts,
            keys,
            ..
        } = self;
        drop(event_loop);
        let waited = keys.iter().filter(|(_, key)| !key.is_gone()).count();
        let (running, waiting, panicked) = counts();
        Seen::of("the loop is dropped")
            .fact("gates", format!("{waited} waited for"))
            .fact(
                "counts",
                format!("{running} running, {waiting} waiting, {panicked} panicked"),
            )
    }
}
