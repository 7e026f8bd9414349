//! 5.5 drain: to the last byte, within a budget.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::subject::{BUDGET, Readiness};
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Run, run, snapshot};
use probe_futures::{Poller, poller};
use probe_io::stream::show;
use probe_io::{Kernel, Told, Trigger};
use reactor::Readiness as Reference;

/// A socket, its readiness, and the task that reads.
struct Reader {
    run: Run,
    kernel: Kernel,
    readiness: Rc<Readiness>,
    task: Poller,
    turn: Cell<u64>,
    room: usize,
    /// Whether `short` says that a short read means no more bytes.
    trick: bool,
    received: RefCell<Vec<u8>>,
    ended: Cell<bool>,
}

impl Reader {
    fn new(run: &Run, trigger: Trigger) -> Reader {
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
    fn read(&self) -> Poll<io::Result<usize>> {
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
    fn event(&self) -> bool {
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
    fn run(&self) {
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
    fn note_the_attempt(&self) {
        (self.run.recorder()).says(
            "kernel",
            "one attempt in that poll → WouldBlock    expected: no attempt",
        );
    }

    fn has(&self, bytes: &[u8]) -> bool {
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
fn refuse_error(run: &Run, error: &io::Error) -> ! {
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

#[test]
fn before_the_first_event_no_attempt_is_made() {
    let run = run!("before_the_event");
    let reader = Reader::new(&run, Trigger::Edge);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
    }
    if reader.kernel.reads() > 0 {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "No event had reported this direction, and `poll_io` made an attempt. That costs a useless system call at each poll of each \
             waiting task.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    snapshot!(run);
}

#[track_caller]
fn never_registered(run: &Run) -> ! {
    run.diagnose(
        "never-registered",
        "`poll_io` was pending, and no waker of the task is kept. The next event has no task to wake.",
    )
}

#[test]
fn a_direction_that_starts_ready_is_tried_at_once() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let attempt = pin!(poll_fn(|context| readiness.poll_io(
        1,
        context,
        || Ok(7),
        |_| false
    )));
    let call = run.recorder().enters("task", "tries");
    let poll = task.poll(attempt);
    call.returns(if poll.is_ready() { "done" } else { "pending" });
    if !matches!(poll, Poll::Ready(Ok(7))) {
        run.departs("`Readiness::ready()` is worth an attempt at once, and the attempt would have succeeded.");
    }
}

#[test]
fn an_event_wakes_the_task_and_the_bytes_are_read() {
    let run = run!("woken_and_read");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    match reader.task.wakes() {
        0 => run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        ),
        1 => {}
        _ => run.departs("One event woke the task more than once."),
    }
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        _ => run.departs("The event reported bytes, and the read did not return them."),
    }
    snapshot!(run);
}

#[test]
fn an_event_before_the_first_poll_is_remembered() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"hello");
    reader.event();
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "The event came before the first poll, and that poll is pending. The kernel reports a change once, so no other event will \
             come.",
        );
    }
}

#[test]
fn after_wouldblock_the_task_waits_for_the_next_event() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    // A spurious event.
    run.recorder()
        .says("kernel", "reports: readable, and no bytes are there");
    reader.readiness.event(false);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    let (reads, wakes) = (reader.kernel.reads(), reader.task.wakes());
    if wakes > 0 {
        run.diagnose(
            "busy-poll",
            "There is nothing to read, and the poll woke its own task. The executor would poll it without end until bytes arrive.",
        );
    }
    let _pending = reader.read();
    if reader.kernel.reads() > reads {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "The last attempt returned `WouldBlock`, no event has come since, and `poll_io` made another attempt. The outcome of an \
             attempt has to be remembered too.",
        );
    }
    reader.kernel.arrives(b"now");
    reader.event();
    if reader.task.wakes() == wakes {
        run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        );
    }
    if !matches!(reader.read(), Poll::Ready(Ok(3))) {
        run.departs("The event reported bytes, and the read did not return them.");
    }
}

#[test]
fn the_task_also_waits_when_an_announced_end_is_not_there() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    run.recorder()
        .says("kernel", "reports: read closed, and no end is there");
    reader.readiness.event(true);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The attempt returned `WouldBlock`, and the poll woke its own task. After `WouldBlock` the direction is drained, also when \
             the last event announced an end.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
}

#[test]
fn one_event_may_stand_for_many_reads() {
    let run = run!("many_reads");
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"twenty bytes at once");
    reader.run();
    if !reader.has(b"twenty bytes at once") {
        stalled(&run, &reader);
    }
    snapshot!(run);
}

#[track_caller]
fn stalled(run: &Run, reader: &Reader) -> ! {
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

#[test]
fn an_interrupted_attempt_is_made_again() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.kernel.interrupts(2);
    reader.event();
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Pending if reader.task.wakes() == 1 => run.diagnose(
            "interrupted-taken-for-wouldblock",
            "The attempt was interrupted, and the task waits for an event. The kernel reported the bytes before, and does not report \
             them again.",
        ),
        // A wake of its own task for another attempt loses nothing.
        Poll::Pending => {
            reader.run();
            if !reader.has(b"hello") {
                stalled(&run, &reader);
            }
        }
        Poll::Ready(Ok(_)) => run.departs("After an interrupted attempt the read returned another number of bytes than had arrived."),
    }
}

#[test]
fn any_other_error_is_returned() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let mut tries = 0;
    let attempt = pin!(poll_fn(|context| {
        let reset = || {
            tries += 1;
            Err::<(), _>(ErrorKind::ConnectionReset.into())
        };
        readiness.poll_io(1, context, reset, |()| false)
    }));
    let call = run.recorder().enters("task", "tries: ConnectionReset");
    let poll = task.poll(attempt);
    match poll {
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset => {
            call.returns("ConnectionReset")
        }
        _ => {
            call.returns("something else");
            run.departs(
                "The attempt failed with ConnectionReset, and `poll_io` did not return that error.",
            );
        }
    }
    if tries > 1 {
        run.departs("The attempt failed with ConnectionReset, and `poll_io` made another one.");
    }
}

#[test]
fn bytes_that_arrive_after_a_short_read_are_read() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    for text in ["one", "two", "three"] {
        reader.kernel.arrives(text.as_bytes());
        reader.run();
    }
    if !reader.has(b"onetwothree") {
        stalled(&run, &reader);
    }
}

#[test]
fn if_a_short_read_proves_nothing_reads_go_on_until_wouldblock() {
    let run = run!();
    // The next event is withheld until an attempt returns `WouldBlock`, and `short` is always false.
    let reader = Reader::new(&run, Trigger::EdgeOnceDrained);
    for text in ["one", "two", "three"] {
        reader.kernel.arrives(text.as_bytes());
        reader.run();
    }
    if !reader.has(b"onetwothree") {
        stalled(&run, &reader);
    }
}

#[test]
fn an_end_that_came_with_the_last_bytes_is_found() {
    let run = run!("the_end_behind");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
    snapshot!(run);
}

#[test]
fn a_later_event_does_not_hide_the_end() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.event();
    // Another event without the end: a direction receives every event that concerns it.
    run.recorder().says("kernel", "reports: readable");
    reader.readiness.event(false);
    reader.run();
    end_is_found(&run, &reader);
}

#[test]
fn an_end_behind_more_bytes_than_one_read_takes_is_found() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"eighteen bytes bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
}

#[track_caller]
fn end_is_found(run: &Run, reader: &Reader) {
    if reader.ended.get() {
        return;
    }
    if reader.kernel.unread() > 0 {
        stalled(run, reader);
    }
    run.diagnose(
        "eof-behind-short-read",
        "Every byte was read, the end could be read, and the task waits for an event. The kernel reported the end together with the \
         bytes, and does not report it again: after that event a short read proves nothing.",
    )
}

#[test]
fn the_task_of_the_latest_poll_is_woken() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    let other = poller(run.recorder(), "other");
    let asks = pin!(poll_fn(|context| (reader.readiness).poll_io(
        1,
        context,
        || Ok(1),
        |_| false
    )));
    let call = run.recorder().enters("other", "reads");
    let _pending = other.poll(asks);
    call.returns("pending");
    reader.kernel.arrives(b"hello");
    reader.event();
    if other.wakes() == 0 {
        run.diagnose(
            "first-waker-only",
            "`task` polled first, and then `other` polled. The event did not wake `other`. The task of the latest poll is the one that \
             waits.",
        );
    }
}

#[test]
fn a_woken_task_may_poll_inside_its_wake() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    thread_local!(static AGAIN: RefCell<Option<Rc<Readiness>>> = const { RefCell::new(None) });
    AGAIN.set(Some(Rc::clone(&reader.readiness)));
    let woken = poller(run.recorder(), "woken");
    let waker = woken.waker();
    reader.task.on_wake(move || {
        let again = AGAIN.take().expect("woken once");
        let nothing = || Err(ErrorKind::WouldBlock.into());
        let asks = poll_fn(|context| again.poll_io(1, context, nothing, |()| false));
        let _poll = pin!(asks).as_mut().poll(&mut Context::from_waker(&waker));
    });
    let event = probe::panics::expected(|| reader.event());
    if let Err(panic) = event {
        run.diagnose(
            "borrowed-across-wake",
            format!(
                "The woken task called `poll_io` from inside `wake`, and that panicked: {}. A part of the readiness is still borrowed while \
                 the waker runs.",
                panic.message
            ),
        );
    }
}

#[test]
fn forget_drops_the_waker() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.task.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and the task's waker is still kept. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn a_task_that_has_not_polled_again_is_woken_once() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    for bytes in [&b"one"[..], b"two"] {
        reader.kernel.arrives(bytes);
        reader.event();
    }
    if reader.task.wakes() > 1 {
        run.diagnose(
            "waker-kept",
            "The first event woke the task, and it has not polled since. The second event woke it again: `event` called the waker and \
             kept it. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn forget_keeps_what_an_event_reported() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "An event came, then `forget` was called, and the next poll is pending. `forget` drops the waiting task; the kernel does \
             not report the bytes again.",
        );
    }
}

#[test]
fn a_peer_that_never_stops_does_not_keep_the_thread() {
    let run = run!();
    let reader = Endless::new(&run);
    reader.expect_a_pause(2);
    if reader.task.wakes() == 0 {
        run.diagnose(
            "budget-without-a-wake",
            "The budget was used up, `poll_io` was pending, and the task was not woken. More bytes can be read, and the kernel reported \
             them before: no later event will wake the task.",
        );
    }
}

#[test]
fn each_iteration_has_its_own_budget() {
    let run = run!();
    let reader = Endless::new(&run);
    for turn in 2..6 {
        let wakes = reader.task.wakes();
        reader.expect_a_pause(turn);
        if reader.tries.take() > 0 {
            continue;
        }
        // With a used-up budget the poll wakes its task; with a drained direction it does not.
        if reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!("Iteration {turn} has begun, and `poll_io` made no attempt in it: it counts with the used-up budget of an earlier iteration."),
            );
        }
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "Iteration {turn} has begun, and `poll_io` made no attempt in it: the task waits for an event. In the iteration before, the \
                 budget was used up, and no attempt returned `WouldBlock`. More bytes can be read, and the kernel reported them before.",
            ),
        );
    }
}

#[test]
fn interrupted_attempts_use_the_budget_too() {
    let run = run!();
    let reader = Endless {
        interrupted: true,
        ..Endless::new(&run)
    };
    reader.expect_a_pause(2);
}

/// A peer that always has more bytes to read.
struct Endless {
    run: Run,
    readiness: Readiness,
    task: Poller,
    tries: Cell<usize>,
    interrupted: bool,
}

impl Endless {
    fn new(run: &Run) -> Endless {
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
    fn expect_a_pause(&self, turn: u64) {
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

/// One operation of the kernel or of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Task 0, A, or 1, B, reads until it waits, in as many iterations as it is woken for.
    Reads(usize),
    Arrives(usize),
    ArrivesWithTheEnd(usize),
    Says {
        closed: bool,
    },
    Interrupts,
    Breaks,
    Forgets,
}

const ROOM: usize = 8;
/// More than the reads of one iteration, and a short read.
const FLOOD: usize = ROOM * (BUDGET as usize + 1) + 3;

const MOVES: [Move; 11] = [
    Move::Reads(0),
    Move::Reads(1),
    Move::Arrives(3),
    Move::Arrives(FLOOD),
    Move::ArrivesWithTheEnd(3),
    Move::ArrivesWithTheEnd(FLOOD),
    Move::Says { closed: false },
    Move::Says { closed: true },
    Move::Interrupts,
    Move::Breaks,
    Move::Forgets,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(0) => "A".into(),
            Move::Reads(_) => "B".into(),
            Move::Forgets => "source".into(),
            _ => "kernel".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(_) => "reads until it waits".into(),
            Move::Arrives(count) => format!("{count} bytes arrive; reports: readable").into(),
            Move::ArrivesWithTheEnd(count) => {
                format!("{count} bytes and the end arrive; reports: readable, read closed").into()
            }
            Move::Says { closed: false } => "nothing arrives; reports: readable".into(),
            Move::Says { closed: true } => "nothing arrives; reports: read closed".into(),
            Move::Interrupts => "will interrupt the next 2 attempts".into(),
            Move::Breaks => "the connection is reset; reports: error".into(),
            Move::Forgets => "forget()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(0) => "A read until it waited".into(),
            Move::Reads(_) => "B read until it waited".into(),
            Move::Arrives(count) => format!("{count} bytes arrived").into(),
            Move::ArrivesWithTheEnd(count) => {
                format!("{count} bytes and the end arrived in one event").into()
            }
            Move::Says { closed: false } => {
                "an event said “readable”, and there was nothing".into()
            }
            Move::Says { closed: true } => {
                "an event said “read closed”, and there was no end".into()
            }
            Move::Interrupts => "a signal was to interrupt the next 2 attempts".into(),
            Move::Breaks => "the connection was reset".into(),
            Move::Forgets => "`forget` was called".into(),
        }
    }
}

/// The direction under test: the learner's, or the reference's.
trait Direction {
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
struct Socket<D> {
    direction: D,
    unread: usize,
    ended: bool,
    broken: bool,
    interrupts: usize,
    turn: u64,
    attempts: usize,
    tasks: [Poller; 2],
    /// The task that waits, and how often it had been woken when it began to wait.
    waits: Option<(usize, usize)>,
    over: bool,
}

impl<D: Direction> Socket<D> {
    fn new() -> Socket<D> {
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
    fn reads(&mut self, task: usize) -> (String, usize) {
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

    fn poll(&mut self, task: usize) -> Poll<io::Result<usize>> {
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

const SEED: u64 = 0x0505;

const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "eof-behind-short-read",
        sentence: "Every byte was read, the end could be read, and the task waits for an event. There will be none: the kernel \
                   reported the end before.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            let same_bytes =
                yours.outcome().split_once(' ') == Some((bytes(expected), "bytes, and waits"));
            same_bytes && expected.outcome().ends_with("and the end")
        },
    },
    Known {
        mistake: "stopped-before-wouldblock",
        sentence: "Bytes are left in the socket, and the task waits for an event. The kernel reported them before, and does not report them again.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome().ends_with("and waits") && number(yours) < number(expected)
        },
    },
    Known {
        mistake: "drained-without-limit",
        sentence: "`poll_io` made more attempts in one iteration than `BUDGET` allows.",
        shows: |difference| {
            let same = difference.your_step().outcome() == difference.expected_step().outcome();
            same && difference.your_step().about("budget")
                != difference.expected_step().about("budget")
        },
    },
    Known {
        mistake: "woken-by-forget",
        sentence: "`forget` woke the task that waited. No event had come.",
        shows: |difference| {
            let woken =
                ["A", "B"].map(|task| difference.your_step().about(task) == Some("is woken"));
            difference.operation() == Some(&Move::Forgets) && woken.contains(&true)
        },
    },
];

fn bytes(step: &Seen) -> &str {
    step.outcome().split(' ').next().unwrap_or_default()
}

fn number(step: &Seen) -> Option<usize> {
    bytes(step).parse().ok()
}

#[test]
fn every_short_run_of_events_and_reads_has_the_right_outcome() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Socket::<Readiness>::new, Socket::<Reference>::new);
}

#[test]
fn an_iteration_of_any_number_has_its_own_budget() {
    let run = run!();
    for step in [1, 1 << 8, 1 << 16, 1 << 32, u64::MAX - 1] {
        let reader = Endless::new(&run);
        reader.expect_a_pause(1);
        reader.tries.set(0);
        let (wakes, next) = (reader.task.wakes(), 1 + step);
        reader.expect_a_pause(next);
        if reader.tries.get() == 0 && reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!(
                    "The budget of iteration 1 was used up. In iteration {next} `poll_io` made no attempt and woke the task: it took iteration \
                     {next} for iteration 1.",
                ),
            );
        }
    }
}
