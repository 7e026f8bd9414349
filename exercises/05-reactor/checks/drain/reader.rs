//! A socket that is drained as a test says, and what is seen of it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{BUDGET, Readiness};
use probe::Run;
use probe_futures::{Poller, poller};
use probe_io::stream::show;
use probe_io::{Kernel, Told, Trigger};

/// A socket, its readiness, and the task that reads.
pub(super) struct Reader {
    pub(super) run: Run,
    pub(super) kernel: Kernel,
    pub(super) readiness: Rc<Readiness>,
    pub(super) task: Poller,
    pub(super) turn: Cell<u64>,
    room: usize,
    /// Whether `short` says that a short read means no more bytes.
    trick: bool,
    received: RefCell<Vec<u8>>,
    pub(super) ended: Cell<bool>,
}

impl Reader {
    pub(super) fn new(run: &Run, trigger: Trigger) -> Reader {
        Reader {
            run: run.clone(),
            kernel: Kernel::new(trigger),
            readiness: Rc::new(Readiness::drained()),
            task: poller(run.recorder(), "task"),
            turn: Cell::new(1),
            room: 8,
            trick: trigger == Trigger::Edge,
            received: RefCell::default(),
            ended: Cell::new(false),
        }
    }

    /// One poll of one read, as a stream makes it.
    pub(super) fn read(&self) -> Poll<io::Result<usize>> {
        let mut buffer = vec![0; self.room];
        let room = self.room;
        let read = pin!(poll_fn(|context| {
            let attempt = || (&self.kernel).read(&mut buffer);
            let short = |&count: &usize| self.trick && 0 < count && count < room;
            (self.readiness).poll_io(self.turn.get(), context, attempt, short)
        }));
        let call = self.run.recorder().enters("task", "reads");
        let poll = self.task.poll(read);
        match &poll {
            Poll::Pending => call.returns("pending"),
            Poll::Ready(Ok(0)) => call.returns("the end"),
            Poll::Ready(Ok(count)) => call.returns(show(&buffer[..*count])),
            Poll::Ready(Err(error)) => call.returns(format!("{:?}", error.kind())),
        }
        if let Poll::Ready(Ok(count)) = poll {
            self.received.borrow_mut().extend(&buffer[..count]);
            self.ended.set(count == 0);
        }
        poll
    }

    /// Passes the kernel's next event on, if there is one.
    pub(super) fn event(&self) -> bool {
        let Some(told) = self.kernel.wait() else {
            return false;
        };
        self.run.recorder().says("kernel", in_words(told));
        self.readiness.event(told.read_closed);
        true
    }

    /// One iteration of the loop: the task reads until it is pending, or finds the end.
    fn one_turn(&self) {
        self.turn.set(self.turn.get() + 1);
        for _ in 0..10_000 {
            match self.read() {
                Poll::Ready(Ok(count)) if count > 0 => {}
                Poll::Ready(Err(error)) => refuse_error(&self.run, &error),
                _ => return,
            }
        }
        self.run
            .departs("The task made 10,000 reads in one iteration, and none was pending.");
    }

    /// The loop: it dispatches events and polls the woken task, until no event and no wake is left.
    pub(super) fn run(&self) {
        let mut wakes = self.task.wakes();
        self.one_turn();
        for _ in 0..1_000 {
            if self.ended.get() {
                return;
            }
            if self.task.wakes() == wakes && !self.event() {
                return;
            }
            if self.task.wakes() > wakes {
                wakes = self.task.wakes();
                self.one_turn();
            }
        }
        self.run
            .departs("The loop made 1,000 iterations, and the task still wakes itself.");
    }

    /// Attempts are not recorded elsewhere: a right answer may make one more or one less.
    pub(super) fn note_the_attempt(&self) {
        (self.run.recorder()).says(
            "kernel",
            "one attempt in that poll → WouldBlock    expected: no attempt",
        );
    }

    pub(super) fn has(&self, bytes: &[u8]) -> bool {
        *self.received.borrow() == bytes
    }
}

fn in_words(told: Told) -> &'static str {
    match (told.readable, told.read_closed) {
        (_, true) => "reports: readable, read closed",
        (true, false) => "reports: readable",
        (false, false) => "reports: writable",
    }
}

#[track_caller]
pub(super) fn refuse_error(run: &Run, error: &io::Error) -> ! {
    match error.kind() {
        ErrorKind::WouldBlock => run.diagnose(
            "wouldblock-handed-out",
            "`poll_io` returned the error `WouldBlock`. It means that there is nothing now: `poll_io` has to be pending, and to keep the \
             waker for the next event.",
        ),
        ErrorKind::Interrupted => run.diagnose(
            "interrupted-taken-for-an-error",
            "`poll_io` returned the error `Interrupted`. A signal ended the attempt before it began: make it again.",
        ),
        _ => run.departs(format!("`poll_io` returned an error that no attempt had returned: {error}.")),
    }
}

#[track_caller]
pub(super) fn never_registered(run: &Run) -> ! {
    run.diagnose(
        "never-registered",
        "`poll_io` was pending, and no waker of the task is kept. The next event has no task to wake.",
    )
}

/// A peer that always has more bytes to read.
pub(super) struct Endless {
    pub(super) run: Run,
    pub(super) readiness: Readiness,
    pub(super) task: Poller,
    pub(super) tries: Cell<usize>,
    pub(super) interrupted: bool,
}

impl Endless {
    pub(super) fn new(run: &Run) -> Endless {
        let readiness = Readiness::drained();
        readiness.event(false);
        Endless {
            run: run.clone(),
            readiness,
            task: poller(run.recorder(), "task"),
            tries: Cell::new(0),
            interrupted: false,
        }
    }

    /// In this iteration a poll is pending, after at most as many attempts as the budget has.
    #[track_caller]
    pub(super) fn expect_a_pause(&self, turn: u64) {
        for _ in 0..10 * BUDGET {
            let read = pin!(poll_fn(|context| {
                let attempt = || self.attempt();
                self.readiness.poll_io(turn, context, attempt, |_| false)
            }));
            let poll = self.task.poll(read);
            if poll.is_pending() {
                let tries = self.tries.get();
                (self.run.recorder()).says(
                    "task",
                    format!("iteration {turn}: pending after {tries} attempts"),
                );
                if tries > BUDGET as usize {
                    self.run.departs(format!(
                        "`poll_io` made {tries} attempts in this iteration before it was pending, and the budget is {BUDGET}."
                    ));
                }
                return;
            }
        }
        self.without_limit()
    }

    fn attempt(&self) -> io::Result<usize> {
        self.tries.set(self.tries.get() + 1);
        if self.tries.get() > 10 * BUDGET as usize {
            self.without_limit();
        }
        if self.interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(8)
    }

    #[track_caller]
    fn without_limit(&self) -> ! {
        (self.run.recorder()).says(
            "task",
            format!(
                "attempt {} in one iteration    expected: pending after {BUDGET}",
                self.tries.get()
            ),
        );
        let seen = if self.interrupted {
            "Each attempt was interrupted and made again"
        } else {
            "There was always more to read, and the task read on"
        };
        self.run.diagnose(
            "drained-without-limit",
            format!(
                "{seen}, {} times in one iteration of the loop; the budget is {BUDGET}. Until the poll returns, no other task runs.",
                self.tries.get()
            ),
        )
    }
}

/// The task waits for an event, and has not read all that arrived, or has read something else.
#[track_caller]
pub(super) fn stalled(run: &Run, reader: &Reader) -> ! {
    if reader.kernel.unread() > 0 {
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "{} bytes are left in the socket, and the task waits for an event. The kernel reported them before, and does not report \
                 them again: a direction stays worth an attempt until one returns `WouldBlock`.",
                reader.kernel.unread()
            ),
        );
    }
    run.departs("The task read other bytes than those that arrived.")
}
