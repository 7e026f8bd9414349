//! Short runs of a ready queue, and the plain queue that they are compared with.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use event_loop::Unparker;
use probe::detect::{DropCounter, Token};
use probe::runs::{Difference, Known, Machine, Operation, Search, Step};

/// A ready queue, as exercise `ready-queue` describes it.
pub trait Queue<T>: Sized {
    /// An empty queue.
    fn new(unparker: Unparker) -> Self;
    /// Appends an entry.
    ///
    /// # Errors
    ///
    /// Returns the entry if the queue is closed.
    fn push(&self, entry: T) -> Result<(), T>;
    /// Whether the queue is empty.
    fn is_empty(&self) -> bool;
    /// Whether the taker may sleep, which is noted.
    fn fall_asleep(&self) -> bool;
    /// Notes that the taker is awake.
    fn wake_up(&self);
    /// Moves all entries to the end of `batch`.
    fn take_batch(&self, batch: &mut Vec<T>);
    /// Closes the queue and returns its entries.
    fn close(&self) -> Vec<T>;
}

/// What is put into the queue: a number, and a token that tells when it is dropped.
#[derive(Debug)]
pub struct Entry {
    number: usize,
    _token: Token,
}

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueStep {
    /// The next number is pushed.
    Push,
    /// A batch is taken into an empty vector.
    Take,
    /// A batch is taken into a vector with an entry in it.
    TakeBehind,
    /// The queue is asked whether it is empty.
    IsEmpty,
    /// The taker calls `fall_asleep` before it sleeps.
    FallAsleep,
    /// The taker says that it is awake.
    WakeUp,
    /// The queue is closed.
    Close,
}

impl Operation for QueueStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            QueueStep::Push => "other thread".into(),
            _ => "taker".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            QueueStep::Push => "push(the next number)",
            QueueStep::Take => "take_batch(an empty vector)",
            QueueStep::TakeBehind => "take_batch(a vector with 0 in it)",
            QueueStep::IsEmpty => "is_empty()",
            QueueStep::FallAsleep => "fall_asleep()",
            QueueStep::WakeUp => "wake_up()",
            QueueStep::Close => "close()",
        }
        .into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            QueueStep::Push => "an entry was pushed",
            QueueStep::Take => "the taker took a batch",
            QueueStep::TakeBehind => "the taker took a batch into a vector with 0 in it",
            QueueStep::IsEmpty => "the taker called `is_empty`",
            QueueStep::FallAsleep => "the taker called `fall_asleep`",
            QueueStep::WakeUp => "the taker called `wake_up`",
            QueueStep::Close => "the taker closed the queue",
        }
        .into()
    }
}

/// Every run of up to four steps, and some long ones.
#[must_use]
pub fn search() -> Search<QueueStep> {
    use QueueStep::{Close, FallAsleep, IsEmpty, Push, Take, TakeBehind, WakeUp};
    let alphabet = [Push, Take, FallAsleep, WakeUp, Close, IsEmpty, TakeBehind];
    Search::of(&alphabet)
        .up_to(4)
        .and_random(150, 20, 42)
        .leaving_no_memory()
        .naming(&KNOWN)
}

/// Carries out the steps on a queue, of the learner's or [the plain one](Plain).
#[derive(Debug)]
pub struct QueueMachine<Q> {
    queue: Q,
    calls: Arc<AtomicUsize>,
    tokens: DropCounter,
    pushed: usize,
}

impl<Q: Queue<Entry>> QueueMachine<Q> {
    /// A machine with an empty queue.
    #[must_use]
    pub fn new() -> QueueMachine<Q> {
        let calls: Arc<AtomicUsize> = Arc::default();
        let count = Arc::clone(&calls);
        QueueMachine {
            queue: Q::new(Unparker::new(move || {
                count.fetch_add(1, Relaxed);
            })),
            calls,
            tokens: DropCounter::new(),
            pushed: 0,
        }
    }

    fn push(&mut self) -> String {
        self.pushed += 1;
        let entry = Entry {
            number: self.pushed,
            _token: self.tokens.token(),
        };
        match self.queue.push(entry) {
            Ok(()) => "Ok".to_owned(),
            Err(entry) => format!("Err({})", entry.number),
        }
    }

    fn take(&self, mut batch: Vec<Entry>) -> String {
        self.queue.take_batch(&mut batch);
        numbers(&batch)
    }
}

impl<Q: Queue<Entry>> Default for QueueMachine<Q> {
    fn default() -> QueueMachine<Q> {
        QueueMachine::new()
    }
}

impl<Q: Queue<Entry>> Machine for QueueMachine<Q> {
    type Operation = QueueStep;

    fn apply(&mut self, step: &QueueStep) -> Option<Step> {
        let outcome = match step {
            QueueStep::Push => self.push(),
            QueueStep::Take => self.take(Vec::new()),
            QueueStep::TakeBehind => {
                let _token = self.tokens.token();
                self.take(vec![Entry { number: 0, _token }])
            }
            QueueStep::IsEmpty => self.queue.is_empty().to_string(),
            QueueStep::FallAsleep => self.queue.fall_asleep().to_string(),
            QueueStep::WakeUp => {
                self.queue.wake_up();
                "done".to_owned()
            }
            QueueStep::Close => numbers(&self.queue.close()),
        };
        let calls = self.calls.swap(0, Relaxed);
        let step = Step::of(outcome).absence("entries", format!("{} alive", self.tokens.alive()));
        Some(match calls {
            0 => step.absence(UNPARKER, NOT_CALLED),
            1 => step.fact(UNPARKER, "is called"),
            calls => step.fact(UNPARKER, format!("is called {calls} times")),
        })
    }

    fn end(self) -> Step {
        drop(self.queue);
        Step::of("the queue is dropped").fact("entries", format!("{} alive", self.tokens.alive()))
    }
}

fn numbers(entries: &[Entry]) -> String {
    let numbers: Vec<usize> = entries.iter().map(|entry| entry.number).collect();
    format!("{numbers:?}")
}

const UNPARKER: &str = "unparker";
const NOT_CALLED: &str = "is not called";

static KNOWN: [Known<QueueStep>; 4] = [
    Known {
        mistake: "deaf-to-threads",
        sentence: "`fall_asleep` returned true, an entry was pushed, and `push` did not call the unparker. The loop sleeps on.",
        shows: |difference| {
            difference.operation() == Some(&QueueStep::Push)
                && said_of_unparker(difference) == Some((NOT_CALLED, "is called"))
        },
    },
    Known {
        mistake: "unparks-the-awake",
        sentence: "The taker is awake, and the unparker was called.",
        shows: |difference| {
            said_of_unparker(difference).is_some_and(|(_, expected)| expected == NOT_CALLED)
        },
    },
    Known {
        mistake: "taken-when-closed",
        sentence: "The queue had been closed, and `push` accepted an entry.",
        shows: |difference| {
            difference.operation() == Some(&QueueStep::Push)
                && difference.your_step().outcome() == "Ok"
                && difference.expected_step().outcome() != "Ok"
        },
    },
    Known {
        mistake: "slept-with-work",
        sentence: "An entry was in the queue, and `fall_asleep` returned true.",
        shows: |difference| {
            let before = difference.operations.iter();
            difference.operation() == Some(&QueueStep::FallAsleep)
                && difference.your_step().outcome() == "true"
                && difference.expected_step().outcome() == "false"
                && before.clone().all(|step| *step != QueueStep::Close)
        },
    },
];

fn said_of_unparker(difference: &Difference<QueueStep>) -> Option<(&str, &str)> {
    let (yours, expected) = (difference.your_step(), difference.expected_step());
    let said = (yours.about(UNPARKER)?, expected.about(UNPARKER)?);
    (yours.outcome() == expected.outcome() && said.0 != said.1).then_some(said)
}

/// A queue for one thread, and plainly right.
#[derive(Debug)]
pub struct Plain<T> {
    state: RefCell<State<T>>,
    unparker: Unparker,
}

#[derive(Debug)]
struct State<T> {
    entries: Vec<T>,
    sleeps: bool,
    is_closed: bool,
}

impl<T> Queue<T> for Plain<T> {
    fn new(unparker: Unparker) -> Plain<T> {
        let state = State {
            entries: Vec::new(),
            sleeps: false,
            is_closed: false,
        };
        Plain {
            state: RefCell::new(state),
            unparker,
        }
    }

    fn push(&self, entry: T) -> Result<(), T> {
        let mut state = self.state.borrow_mut();
        if state.is_closed {
            return Err(entry);
        }
        state.entries.push(entry);
        if std::mem::take(&mut state.sleeps) {
            self.unparker.unpark();
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.state.borrow().entries.is_empty()
    }

    fn fall_asleep(&self) -> bool {
        let mut state = self.state.borrow_mut();
        let may_sleep = state.entries.is_empty() && !state.is_closed;
        state.sleeps |= may_sleep;
        may_sleep
    }

    fn wake_up(&self) {
        self.state.borrow_mut().sleeps = false;
    }

    fn take_batch(&self, batch: &mut Vec<T>) {
        batch.append(&mut self.state.borrow_mut().entries);
    }

    fn close(&self) -> Vec<T> {
        let mut state = self.state.borrow_mut();
        state.is_closed = true;
        std::mem::take(&mut state.entries)
    }
}
