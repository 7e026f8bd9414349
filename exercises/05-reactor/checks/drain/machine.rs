//! The machine that carries the moves out, on the learner's code and on the reference.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::{Context, Poll};

use super::super::subject::{BUDGET, Readiness};
use super::moves::{Move, ROOM};
use probe::runs::{Machine, Step as Seen};
use probe_futures::{Poller, poller};
use reactor::Readiness as Reference;

/// The direction under test: the learner's, or the reference's.
pub(super) trait Direction {
    fn drained() -> Self;
    fn event(&self, closed: bool);
    fn poll(
        &self,
        turn: u64,
        context: &mut Context<'_>,
        attempt: &mut dyn FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>>;
    fn forget(&self);
}

macro_rules! direction {
    ($readiness:ty) => {
        impl Direction for $readiness {
            fn drained() -> Self {
                <$readiness>::drained()
            }
            fn event(&self, closed: bool) {
                self.event(closed);
            }
            fn poll(
                &self,
                turn: u64,
                context: &mut Context<'_>,
                attempt: &mut dyn FnMut() -> io::Result<usize>,
            ) -> Poll<io::Result<usize>> {
                self.poll_io(turn, context, attempt, |count| (1..ROOM).contains(count))
            }
            fn forget(&self) {
                self.forget();
            }
        }
    };
}
direction!(Readiness);
direction!(Reference);

/// What the kernel holds for one socket, and the two tasks that read from it.
pub(super) struct Socket<D> {
    direction: D,
    pub(super) unread: usize,
    pub(super) ended: bool,
    broken: bool,
    pub(super) interrupts: usize,
    pub(super) turn: u64,
    attempts: usize,
    tasks: [Poller; 2],
    /// The task that waits, and how often it had been woken when it began to wait.
    waits: Option<(usize, usize)>,
    over: bool,
}

impl<D: Direction> Socket<D> {
    pub(super) fn new() -> Socket<D> {
        let recorder = probe::Recorder::default();
        Socket {
            direction: D::drained(),
            unread: 0,
            ended: false,
            broken: false,
            interrupts: 0,
            turn: 0,
            attempts: 0,
            tasks: ["A", "B"].map(|name| poller(&recorder, name)),
            waits: None,
            over: false,
        }
    }

    /// Reads until it waits. The outcome, and the most attempts of one iteration.
    pub(super) fn reads(&mut self, task: usize) -> (String, usize) {
        let (mut read, mut most) = (0, 0);
        self.waits = None;
        self.turn += 1;
        self.attempts = 0;
        loop {
            let wakes = self.tasks[task].wakes();
            let polled = self.poll(task);
            most = most.max(self.attempts);
            match polled {
                Poll::Ready(Ok(0)) => return (format!("{read} bytes, and the end"), most),
                Poll::Ready(Ok(count)) => read += count,
                Poll::Ready(Err(error)) => {
                    self.over = true;
                    return (format!("{read} bytes, and {:?}", error.kind()), most);
                }
                Poll::Pending if self.tasks[task].wakes() == wakes => {
                    self.waits = Some((task, wakes));
                    return (format!("{read} bytes, and waits"), most);
                }
                Poll::Pending => {
                    self.turn += 1;
                    self.attempts = 0;
                    assert!(self.turn < 1_000, "the task wakes itself without end");
                }
            }
        }
    }

    pub(super) fn poll(&mut self, task: usize) -> Poll<io::Result<usize>> {
        let Socket {
            direction,
            unread,
            ended,
            broken,
            interrupts,
            turn,
            attempts,
            tasks,
            ..
        } = self;
        let attempt = &mut || {
            *attempts += 1;
            assert!(*attempts < 1_000, "one iteration has a thousand attempts");
            if *interrupts > 0 {
                *interrupts -= 1;
                return Err(ErrorKind::Interrupted.into());
            }
            if *broken {
                return Err(ErrorKind::ConnectionReset.into());
            }
            if *unread == 0 && !*ended {
                return Err(ErrorKind::WouldBlock.into());
            }
            let count = ROOM.min(*unread);
            *unread -= count;
            Ok(count)
        };
        tasks[task].poll(pin!(poll_fn(
            |context| direction.poll(*turn, context, attempt)
        )))
    }
}

impl<D: Direction> Machine for Socket<D> {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if self.over || self.ended && matches!(operation, Move::Arrives(_)) {
            return None;
        }
        if let Move::Reads(task) = *operation {
            let (outcome, most) = self.reads(task);
            let step = Seen::of(outcome);
            return Some(if most > BUDGET as usize {
                step.fact("budget", "more than 32 attempts in one iteration")
            } else {
                step.absence("budget", "at most 32 attempts in one iteration")
            });
        }
        match *operation {
            Move::Arrives(count) => self.unread += count,
            Move::ArrivesWithTheEnd(count) => {
                self.unread += count;
                self.ended = true;
            }
            Move::Interrupts => self.interrupts = 2,
            Move::Breaks => self.broken = true,
            _ => {}
        }
        match *operation {
            Move::Interrupts => return Some(Seen::of("done")),
            Move::Forgets => self.direction.forget(),
            Move::ArrivesWithTheEnd(_) | Move::Breaks | Move::Says { closed: true } => {
                self.direction.event(true)
            }
            _ => self.direction.event(false),
        }
        let step = Seen::of("done");
        let waited = self.waits.take();
        let step = match waited {
            Some((task, wakes)) => {
                let lane = ["A", "B"][task];
                match self.tasks[task].wakes() - wakes {
                    0 => step.absence(lane, "is not woken"),
                    1 => step.fact(lane, "is woken"),
                    _ => step.fact(lane, "is woken more than once"),
                }
            }
            None => step,
        };
        let kept: usize = self.tasks.iter().map(|task| task.counts().alive).sum();
        Some(match kept {
            0 => step.absence("wakers", "none is kept"),
            _ => step.fact("wakers", "one is kept"),
        })
    }

    fn end(self) -> Seen {
        drop(self.direction);
        let kept: usize = self.tasks.iter().map(|task| task.counts().alive).sum();
        Seen::of(if kept == 0 {
            "every waker is dropped"
        } else {
            "a waker is still held"
        })
    }
}

pub(super) const SEED: u64 = 0x0505;
