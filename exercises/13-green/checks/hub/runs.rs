//! Every short run of a green thread that waits for two gates, the second one in another green thread.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};
use probe_futures::{Gate, Key, Poller, gate, poller};

const TASKS: [&str; 2] = ["A", "B"];
const WOKEN: &str = "is woken";

/// What can happen to a green thread.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Poll(usize),
    Opens(usize),
    Rattles(usize),
    Drops,
}

pub(super) const ALPHABET: [Step; 6] = [
    Step::Poll(0),
    Step::Opens(0),
    Step::Opens(1),
    Step::Poll(1),
    Step::Drops,
    Step::Rattles(0),
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => TASKS[*task].into(),
            Step::Opens(gate) | Step::Rattles(gate) => format!("gate {}", gate + 1).into(),
            Step::Drops => "thread".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) => "polls the green thread".into(),
            Step::Opens(_) => "opens, and wakes".into(),
            Step::Rattles(_) => "wakes, and does not open".into(),
            Step::Drops => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("{} polled the green thread", TASKS[*task]).into(),
            Step::Opens(gate) => format!("gate {} opened", gate + 1).into(),
            Step::Rattles(gate) => format!("gate {} woke, and did not open", gate + 1).into(),
            Step::Drops => "the green thread was dropped".into(),
        }
    }
}

fn says(difference: &Difference<Step>, track: &str, text: &str) -> bool {
    difference.your_step().about(track) == Some(text)
        && difference.expected_step().about(track) != Some(text)
}

pub(super) const KNOWN: [Known<Step>; 3] = [
    Known {
        mistake: "busy-poll",
        sentence: "The green thread woke its task in its own poll, and the loop polls it again at once.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Poll(_)))
                && TASKS.iter().any(|task| says(difference, task, WOKEN))
        },
    },
    Known {
        mistake: "current-left-behind",
        sentence: "After that poll no green thread runs, and `is_green()` returns true.",
        shows: |difference| says(difference, "outside", "is_green() is true"),
    },
    Known {
        mistake: "waker-leaked",
        sentence: "Everything was dropped, and a clone of a task's waker is still there.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.about("gates") == expected.about("gates")
                && yours.about("wakers") != expected.about("wakers")
        },
    },
];

/// What the function of the green thread notes.
pub(super) type Log = Rc<RefCell<Vec<&'static str>>>;

/// A future of a number.
pub(super) type Thread = Pin<Box<dyn Future<Output = u32>>>;

/// A green thread and its two gates.
pub(super) struct Two {
    thread: Option<Thread>,
    is_green: fn() -> bool,
    keys: [Option<Key<u32>>; 2],
    log: Log,
    tasks: [Poller; 2],
    latest: Option<(usize, usize)>,
    ended: bool,
}

impl Two {
    pub(super) fn new(
        make: impl FnOnce(Log, Gate<u32>, Gate<u32>) -> Thread,
        is_green: fn() -> bool,
    ) -> Two {
        let recorder = Recorder::default();
        let log = Log::default();
        let ((key, first), (other, second)) = (gate(), gate());
        Two {
            thread: Some(make(Rc::clone(&log), first, second)),
            is_green,
            keys: [Some(key), Some(other)],
            log,
            tasks: TASKS.map(|name| poller(&recorder, name)),
            latest: None,
            ended: false,
        }
    }

    fn outcome(&mut self, step: Step) -> Option<String> {
        match step {
            Step::Poll(task) => {
                let thread = self.thread.as_mut().filter(|_| !self.ended)?;
                let wakes = self.tasks[task].wakes();
                let polled = self.tasks[task].poll(thread.as_mut());
                self.ended = polled.is_ready();
                self.latest = polled.is_pending().then_some((task, wakes));
                return Some(match polled {
                    Poll::Ready(value) => format!("Ready({value})"),
                    Poll::Pending => "Pending".to_owned(),
                });
            }
            Step::Opens(number) => self.keys[number].take()?.open(number as u32 + 1),
            Step::Rattles(number) => self.keys[number].as_ref()?.rattle(),
            Step::Drops => {
                self.latest = None;
                drop(self.thread.take()?);
            }
        }
        Some("done".to_owned())
    }
}

impl Machine for Two {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let outcome = self.outcome(*step)?;
        let mut seen = Seen::of(outcome);
        for text in self.log.take() {
            seen = seen.fact("function", text);
        }
        let outside = match (self.is_green)() {
            true => "is_green() is true",
            false => "is_green() is false",
        };
        seen = seen.absence("outside", outside);
        if let Some((task, before)) = self.latest {
            seen = match self.tasks[task].wakes() > before {
                true => seen.fact(TASKS[task], WOKEN),
                false => seen.absence(TASKS[task], "is not woken"),
            };
        }
        Some(seen)
    }

    fn end(self) -> Seen {
        let Two {
            thread,
            keys,
            tasks,
            log,
            ..
        } = self;
        drop(thread);
        let waited: usize = (keys.iter().flatten()).filter(|key| !key.is_gone()).count();
        let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
        let mut seen = Seen::of("the green thread is dropped");
        for text in log.take() {
            seen = seen.fact("function", text);
        }
        seen.fact("gates", format!("{waited} waited for"))
            .fact("wakers", format!("{kept} kept"))
    }
}
