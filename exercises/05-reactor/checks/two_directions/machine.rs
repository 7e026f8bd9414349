//! The machine that carries the moves out, on the learner's code and on the reference.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::task::Poll;

use super::super::subject::{Happened, Source};
use super::moves::{Answer, Move};
use super::two::{READ, WRITE};
use probe::runs::{Machine, Step as Seen};
use probe_futures::{Poller, poller};
use reactor::{Happened as ReferenceHappened, Readiness};

/// The source under test, or the reference's, and its two tasks.
pub(super) struct Machinery<S> {
    pub(super) source: S,
    tasks: [Poller; 2],
    /// How often each task had been woken when it began to wait.
    waits: [Option<usize>; 2],
}

/// What is used of a source.
pub(super) trait Directions {
    fn direction(&self, task: &str) -> &Readiness;
    fn tell(&self, happened: Happened);
    fn forget_all(&self);
}

macro_rules! directions {
    ($source:ty, $happened:ident) => {
        impl Directions for $source {
            fn direction(&self, task: &str) -> &Readiness {
                match task {
                    READ => self.reading(),
                    _ => self.writing(),
                }
            }
            fn tell(&self, happened: Happened) {
                let Happened {
                    readable,
                    writable,
                    read_closed,
                    write_closed,
                    error,
                } = happened;
                self.dispatch($happened {
                    readable,
                    writable,
                    read_closed,
                    write_closed,
                    error,
                });
            }
            fn forget_all(&self) {
                self.forget();
            }
        }
    };
}
directions!(Source, Happened);
directions!(reactor::Source, ReferenceHappened);

impl<S: Directions> Machinery<S> {
    pub(super) fn new(source: S) -> Machinery<S> {
        let recorder = probe::Recorder::default();
        Machinery {
            source,
            tasks: [READ, WRITE].map(|name| poller(&recorder, name)),
            waits: [None, None],
        }
    }

    pub(super) fn attempt(&mut self, task: &str, answer: Answer) -> &'static str {
        let place = usize::from(task == WRITE);
        let attempt = || match answer {
            Answer::WouldBlock => Err(ErrorKind::WouldBlock.into()),
            Answer::Full | Answer::Short => Ok(()),
        };
        let readiness = self.source.direction(task);
        let polled = pin!(poll_fn(|context| {
            readiness.poll_io(1, context, attempt, |()| answer == Answer::Short)
        }));
        let poller = &self.tasks[place];
        let polled = poller.poll(polled);
        self.waits[place] = polled.is_pending().then(|| poller.wakes());
        match polled {
            Poll::Ready(Ok(())) if answer == Answer::Short => {
                match self.attempt(task, Answer::Full) {
                    "done" => "short, and then done",
                    _ => "short, and then pending",
                }
            }
            Poll::Ready(Ok(())) => "done",
            Poll::Ready(Err(_)) => "an error",
            Poll::Pending => "pending",
        }
    }

    fn facts(&mut self, mut step: Seen) -> Seen {
        for (place, name) in [READ, WRITE].into_iter().enumerate() {
            let Some(before) = self.waits[place] else {
                continue;
            };
            step = match self.tasks[place].wakes() - before {
                0 => step.absence(name, "is not woken"),
                1 => step.fact(name, "is woken"),
                _ => step.fact(name, "is woken more than once"),
            };
            if self.tasks[place].wakes() > before {
                self.waits[place] = None;
            }
        }
        let kept: usize = self.tasks.iter().map(|task| task.counts().alive).sum();
        step.absence("wakers", format!("{kept} kept"))
    }
}

impl<S: Directions> Machine for Machinery<S> {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        let outcome = match *operation {
            Move::Event(happened) => {
                self.source.tell(happened);
                "done"
            }
            Move::Attempt(task, answer) => self.attempt(task, answer),
            Move::Forget => {
                self.source.forget_all();
                "done"
            }
        };
        let step = self.facts(Seen::of(outcome));
        if *operation == Move::Forget {
            self.waits = [None, None];
        }
        Some(step)
    }

    fn end(self) -> Seen {
        drop(self.source);
        let kept: usize = self.tasks.iter().map(|task| task.counts().alive).sum();
        Seen::of(if kept == 0 {
            "every waker is dropped"
        } else {
            "a waker is still held"
        })
    }
}

pub(super) const SEED: u64 = 0x0503;
