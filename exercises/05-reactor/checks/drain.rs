//! 5.5 drain: to the last byte, and no longer than a turn.

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
    /// Whether a short read is offered as a sign that there is no more.
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

    /// One poll of one read, as a stream would do it.
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

    /// Hands the kernel's next event on, if there is one.
    fn event(&self) -> bool {
        let Some(told) = self.kernel.wait() else {
            return false;
        };
        self.run.recorder().says("kernel", in_words(told));
        self.readiness.event(told.read_closed);
        true
    }

    /// A turn of the loop, and the task reads until it has to wait, or the end is there.
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
            .departs("Ten thousand reads in one turn, and it does not come to an end.");
    }

    /// The loop: events, and turns of the task when it is woken, until nothing happens any more.
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
            .departs("A thousand turns, and it does not come to an end.");
    }

    /// Attempts are not recorded otherwise: a right reader may make one more, or one less.
    fn note_the_attempt(&self) {
        (self.run.recorder()).says("kernel", "was asked for bytes in that poll: would block");
    }

    fn has(&self, bytes: &[u8]) -> bool {
        *self.received.borrow() == bytes
    }
}

fn in_words(told: Told) -> &'static str {
    match (told.readable, told.read_closed) {
        (_, true) => "tells: readable, read closed",
        (true, false) => "tells: readable",
        (false, false) => "tells: writable",
    }
}

#[track_caller]
fn refuse_error(run: &Run, error: &io::Error) -> ! {
    match error.kind() {
        ErrorKind::WouldBlock => run.diagnose(
            "wouldblock-handed-out",
            "`WouldBlock` came out as an error. It says that there is nothing now: the answer to that is pending, and a waker that is \
             kept for the next event.",
        ),
        ErrorKind::Interrupted => run.diagnose(
            "interrupted-taken-for-an-error",
            "`Interrupted` came out as an error. It says that the attempt was not made, because a signal came in between: make it again.",
        ),
        _ => run.departs(format!("An error came out that nobody had put in: {error}.")),
    }
}

#[test]
fn before_the_first_event_nothing_is_tried() {
    let run = run!("before_the_event");
    let reader = Reader::new(&run, Trigger::Edge);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and it was ready."),
    }
    if reader.kernel.reads() > 0 {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "Nothing had been told of this direction, and it was tried all the same. That is a system call for nothing, at each poll of \
             each task that waits.",
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
        "It was pending, and nobody holds a waker of the task: when the event comes, there is nobody to wake.",
    )
}

#[test]
fn a_direction_that_is_ready_from_the_start_is_tried_at_once() {
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
        run.departs("`Readiness::ready()` is worth an attempt right away, and the attempt would have succeeded.");
    }
}

#[test]
fn an_event_wakes_the_task_and_what_is_there_is_read() {
    let run = run!("woken_and_read");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    match reader.task.wakes() {
        0 => run.diagnose(
            "forgot-to-wake",
            "The task was waiting, the event came, and the task was not woken.",
        ),
        1 => {}
        _ => run.departs("One event woke the task more than once."),
    }
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        _ => run.departs(
            "The event said that there was something to read, and the read did not give it.",
        ),
    }
    snapshot!(run);
}

#[test]
fn an_event_that_comes_before_anybody_asks_is_remembered() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"hello");
    reader.event();
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "The event came while nobody waited, and was forgotten: the task that asks now waits for another one. The kernel tells of a \
             change once.",
        );
    }
}

#[test]
fn when_it_would_block_the_task_waits_for_the_next_event() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    // A spurious event: there is nothing to read.
    run.recorder()
        .says("kernel", "tells: readable, and it is not so");
    reader.readiness.event(false);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and it was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    let (reads, wakes) = (reader.kernel.reads(), reader.task.wakes());
    if wakes > 0 {
        run.diagnose(
            "busy-poll",
            "There is nothing to read, and the task was woken all the same, by its own poll. It would be polled without end until \
             something comes.",
        );
    }
    let _pending = reader.read();
    if reader.kernel.reads() > reads {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "The last attempt would have blocked, no event has come since, and it was tried again. What an attempt has shown has to be \
             remembered, too.",
        );
    }
    reader.kernel.arrives(b"now");
    reader.event();
    if reader.task.wakes() == wakes {
        run.diagnose(
            "forgot-to-wake",
            "The task was waiting, the event came, and the task was not woken.",
        );
    }
    if !matches!(reader.read(), Poll::Ready(Ok(3))) {
        run.departs("After the event there was something to read, and the read did not give it.");
    }
}

#[test]
fn it_waits_also_where_an_end_was_announced_and_is_not_there() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    run.recorder()
        .says("kernel", "tells: read closed, and it is not so");
    reader.readiness.event(true);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and it was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The attempt would have blocked, and the task was woken all the same, by its own poll. That an end was announced does not \
             make it worth while to try again and again.",
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
                "{} bytes are left in the socket, and the task waits for an event. The kernel has told of them already, and will not \
                 tell again: a direction stays worth an attempt until an attempt shows that it is not.",
                reader.kernel.unread()
            ),
        );
    }
    run.departs("The bytes that came out are not those that went in.")
}

#[test]
fn an_attempt_that_is_interrupted_is_made_again() {
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
            "The attempt was interrupted, and now the task waits for an event. The kernel has told of the bytes already, and will not \
             tell again.",
        ),
        // To ask for another turn loses nothing.
        Poll::Pending => {
            reader.run();
            if !reader.has(b"hello") {
                stalled(&run, &reader);
            }
        }
        Poll::Ready(Ok(_)) => run.departs("After an interrupted attempt something else came out than was there."),
    }
}

#[test]
fn any_other_error_is_the_answer() {
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
            run.departs("The attempt failed with ConnectionReset, and that did not come out.");
        }
    }
    if tries > 1 {
        run.departs("The attempt failed with ConnectionReset, and was made again.");
    }
}

#[test]
fn a_short_read_may_be_the_last_and_what_comes_later_is_told_of() {
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
fn where_a_short_read_proves_nothing_it_goes_on_until_it_would_block() {
    let run = run!();
    // The next event is withheld until an attempt would have blocked, and `short` says no each time.
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
fn an_event_that_comes_after_the_end_does_not_hide_it() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.event();
    // The same news again, without the end: a direction hears of every event that concerns it.
    run.recorder().says("kernel", "tells: readable");
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
        "All bytes have been read, the end is there to be found, and the task waits for an event. The end was told in the same event \
         as the bytes, and will not be told again: after that event a short read proves nothing.",
    )
}

#[test]
fn whoever_asked_last_is_woken() {
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
            "The task asked first and then another one did, in its place. The event woke the first one. Who asked last is the one who \
             waits.",
        );
    }
}

#[test]
fn whoever_is_woken_may_try_at_once() {
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
                "The task that was woken tried at once, from inside `wake`, and that panicked: {}. Something of the readiness is still \
                 borrowed while the waker is called.",
                panic.message
            ),
        );
    }
}

#[test]
fn nobody_is_woken_who_does_not_wait_any_more() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.readiness.forget();
    run.recorder().says("task", "is forgotten");
    if reader.task.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and the task's waker is still held: with it, the whole task stays in memory.",
        );
    }
}

#[test]
fn whoever_was_woken_and_has_not_asked_again_is_not_woken_once_more() {
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
            "The first event woke the task, which has not asked since; and the second event woke it once more. `event` has called its \
             waker and kept it: with it, the whole task stays in memory.",
        );
    }
}

#[test]
fn to_forget_who_waits_is_not_to_forget_what_was_told() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    reader.readiness.forget();
    run.recorder().says("task", "is forgotten");
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "The event came, then `forget` was called, and whoever asks now waits for another event. `forget` is about who waits; what \
             the kernel has told it will not tell again.",
        );
    }
}

#[test]
fn a_peer_that_never_stops_does_not_keep_the_turn() {
    let run = run!();
    let reader = Endless::new(&run);
    reader.expect_a_pause(2);
    if reader.task.wakes() == 0 {
        run.diagnose(
            "budget-without-a-wake",
            "The budget is used up, it was pending, and the task was not woken. There is more to read, and the kernel has told of it \
             already: nobody will wake the task, ever.",
        );
    }
}

#[test]
fn each_turn_has_a_budget_of_its_own() {
    let run = run!();
    let reader = Endless::new(&run);
    for turn in 2..6 {
        let wakes = reader.task.wakes();
        reader.expect_a_pause(turn);
        if reader.tries.take() > 0 {
            continue;
        }
        // Whoever finds the budget used up wakes the task; whoever finds nothing to be tried does not.
        if reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!("Turn {turn} has begun, and nothing was tried in it: it still has the budget of an earlier turn, which is used up."),
            );
        }
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "Turn {turn} has begun, and nothing was tried in it: the task waits for an event. In the turn before, the budget came to \
                 its end, and no attempt would have blocked. There is more to read, and the kernel has told of it already.",
            ),
        );
    }
}

#[test]
fn attempts_that_are_interrupted_count_as_well() {
    let run = run!();
    let reader = Endless {
        interrupted: true,
        ..Endless::new(&run)
    };
    reader.expect_a_pause(2);
}

/// A peer of whom there is always more to read.
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

    /// In this turn it comes to a pause, after no more attempts than the budget has.
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
                    format!("turn {turn}: pauses after {tries} attempts"),
                );
                if tries > BUDGET as usize {
                    self.run.departs(format!(
                        "It was tried {tries} times in this turn before it came to a pause, and the budget is {BUDGET}."
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
        (self.run.recorder()).says("task", format!("attempt {} in one turn", self.tries.get()));
        let seen = if self.interrupted {
            "Each attempt was interrupted, and was made again at once"
        } else {
            "There was always more to read, and it went on"
        };
        self.run.diagnose(
            "drained-without-limit",
            format!(
                "{seen}, {} times in one turn; the budget is {BUDGET}. As long as that goes on, nobody else has a turn.",
                self.tries.get()
            ),
        )
    }
}

/// Something that the world or a task does with one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Task 0, A, or 1, B, reads until it waits, in as many turns as it is woken for.
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
/// More than the reads of one turn, and a short read behind them.
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
            Move::Arrives(count) => format!("{count} bytes arrive; tells: readable").into(),
            Move::ArrivesWithTheEnd(count) => {
                format!("{count} bytes and the end arrive; tells: readable, read closed").into()
            }
            Move::Says { closed: false } => "nothing arrives; tells: readable".into(),
            Move::Says { closed: true } => "nothing arrives; tells: read closed".into(),
            Move::Interrupts => "will interrupt the next 2 attempts".into(),
            Move::Breaks => "the connection is reset; tells: error".into(),
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

/// What the kernel has for one socket, and the two tasks that read from it.
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

    /// Reads until it waits. What came out, and the most attempts of one turn.
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
                    assert!(self.turn < 1_000, "it is woken again and again");
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
            assert!(*attempts < 1_000, "it is tried again and again");
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
                step.fact("budget", "more than 32 attempts in one turn")
            } else {
                step.absence("budget", "at most 32 attempts in one turn")
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
        sentence: "Every byte was read, the end could be read, and the task waits for an event. There will be none: the kernel told of the \
                   end before.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            let same_bytes =
                yours.outcome().split_once(' ') == Some((bytes(expected), "bytes, and waits"));
            same_bytes && expected.outcome().ends_with("and the end")
        },
    },
    Known {
        mistake: "stopped-before-wouldblock",
        sentence: "Bytes are left in the socket, and the task waits for an event. The kernel told of them before, and does not tell again.",
        shows: |difference| {
            let (yours, expected) = (difference.your_step(), difference.expected_step());
            yours.outcome().ends_with("and waits") && number(yours) < number(expected)
        },
    },
    Known {
        mistake: "drained-without-limit",
        sentence: "In one turn the direction was tried more often than `BUDGET` allows.",
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
fn after_every_short_run_of_events_and_reads_the_same_comes_out() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Socket::<Readiness>::new, Socket::<Reference>::new);
}

#[test]
fn a_turn_of_any_number_has_its_own_budget() {
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
                    "The budget of turn 1 was used up. In turn {next} nothing was attempted, and the task was woken: your code took turn \
                     {next} for turn 1.",
                ),
            );
        }
    }
}
