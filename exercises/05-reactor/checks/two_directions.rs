//! 5.3 two-directions: one socket, two waiting tasks.

use std::borrow::Cow;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::subject::{Happened, Source};
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Run, run, snapshot};
use probe_futures::{Poller, poller};
use reactor::{Happened as ReferenceHappened, Readiness};

/// A source and two tasks: one waits to read, the other to write.
struct Two {
    run: Run,
    source: Source,
    reader: Poller,
    writer: Poller,
}

const READ: &str = "reader";
const WRITE: &str = "writer";

impl Two {
    /// Both tasks have polled, and both wait.
    fn waiting(run: &Run) -> Two {
        let two = Two::of(run, Source::new());
        for name in [READ, WRITE] {
            if two.tries(name).is_ready() {
                run.departs(format!(
                    "The source is new, no event has come, and the {name}'s attempt was not pending."
                ));
            }
        }
        two
    }

    fn of(run: &Run, source: Source) -> Two {
        Two {
            run: run.clone(),
            source,
            reader: poller(run.recorder(), READ),
            writer: poller(run.recorder(), WRITE),
        }
    }

    /// One attempt, which would succeed.
    fn tries(&self, name: &str) -> Poll<()> {
        self.attempt(name, &mut || Ok(()))
    }

    /// One attempt, which would block.
    fn finds_nothing(&self, name: &str) -> Poll<()> {
        self.attempt(name, &mut || Err(ErrorKind::WouldBlock.into()))
    }

    /// One attempt that succeeds, and shows that there is no more for now.
    fn short_attempt(&self, name: &str) {
        let (readiness, task) = self.direction(name);
        let short = pin!(poll_fn(|context| readiness.poll_io(
            1,
            context,
            || Ok(3),
            |_| true
        )));
        let call = (self.run.recorder()).enters(name, "makes a short attempt");
        let poll = task.poll(short);
        call.returns(if poll.is_ready() {
            "3 bytes"
        } else {
            "pending"
        });
    }

    fn direction(&self, name: &str) -> (&Readiness, &Poller) {
        match name {
            READ => (self.source.reading(), &self.reader),
            _ => (self.source.writing(), &self.writer),
        }
    }

    fn attempt(&self, name: &str, attempt: &mut dyn FnMut() -> io::Result<()>) -> Poll<()> {
        let (readiness, task) = self.direction(name);
        let polled = pin!(poll_fn(|context| readiness.poll_io(
            1,
            context,
            &mut *attempt,
            |()| false
        )));
        let call = self.run.recorder().enters(name, "tries");
        let poll = task.poll(polled);
        call.returns(if poll.is_ready() { "done" } else { "pending" });
        poll.map(|_| ())
    }

    fn tell(&self, happened: Happened) {
        self.run.recorder().says("event", in_words(happened));
        self.source.dispatch(happened);
    }

    /// Exactly these tasks were woken.
    #[track_caller]
    fn woken(&self, reader: bool, writer: bool) {
        let woken = (self.reader.wakes() > 0, self.writer.wakes() > 0);
        if woken == (reader, writer) {
            return;
        }
        let run = &self.run;
        if reader && writer {
            let left = if woken.0 { WRITE } else { READ };
            run.departs(format!(
                "This event concerns both directions, and the {left} was not woken."
            ));
        }
        let (right, wrong) = if reader { (READ, WRITE) } else { (WRITE, READ) };
        match woken {
            (false, false) => run.departs(format!(
                "This event concerns the {right}, and no task was woken."
            )),
            (true, true) => run.departs(format!(
                "This event concerns the {right} alone, and the {wrong} was woken too."
            )),
            _ => run.departs(format!(
                "This event concerns the {right}, and the {wrong} was woken instead."
            )),
        }
    }
}

fn in_words(happened: Happened) -> String {
    let Happened {
        readable,
        writable,
        read_closed,
        write_closed,
        error,
    } = happened;
    let words = [
        (readable, "readable"),
        (writable, "writable"),
        (read_closed, "read closed"),
        (write_closed, "write closed"),
        (error, "error"),
    ];
    let words = words.iter().filter(|word| word.0).map(|word| word.1);
    words.collect::<Vec<_>>().join(", ")
}

const READABLE: Happened = Happened {
    readable: true,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
};
const NOTHING: Happened = Happened {
    readable: false,
    ..READABLE
};
const WRITABLE: Happened = Happened {
    writable: true,
    ..NOTHING
};

#[test]
fn each_of_two_tasks_waits_for_its_own_direction() {
    let run = run!();
    let two = Two::waiting(&run);
    if two.reader.counts().alive == 0 || two.writer.counts().alive == 0 {
        run.diagnose(
            "one-waker-for-both",
            "The reader and the writer both wait, and only one of their wakers is kept: the second replaced the first. The task \
             without a waker will never be woken.",
        );
    }
}

#[test]
fn a_new_connection_has_room_to_write_and_nothing_to_read() {
    let run = run!();
    let two = Two::of(&run, Source::with_room());
    let reads = two.tries(READ).is_ready();
    let writes = two.tries(WRITE).is_ready();
    match (reads, writes) {
        (false, true) => {}
        (true, true) => run.diagnose(
            "one-readiness-for-both",
            "The source has room to write, and the reader's attempt was made too. The readiness of one direction says nothing about the \
             other.",
        ),
        (_, false) => run.departs("A new connection has room to write, and the writer's attempt was pending."),
    }
}

#[test]
fn readable_wakes_the_reader() {
    let run = run!("readable");
    let two = Two::waiting(&run);
    two.tell(READABLE);
    two.woken(true, false);
    if two.tries(READ).is_pending() {
        run.departs("The event said “readable”, and the reader's attempt was pending.");
    }
    if two.tries(WRITE).is_ready() {
        run.diagnose(
            "one-readiness-for-both",
            "The event said “readable”, and the writer's attempt was made. The readiness of one direction says nothing about the \
             other.",
        );
    }
    snapshot!(run);
}

#[test]
fn writable_wakes_the_writer() {
    let run = run!("writable");
    let two = Two::waiting(&run);
    two.tell(WRITABLE);
    two.woken(false, true);
    if two.tries(WRITE).is_pending() {
        run.departs("The event said “writable”, and the writer's attempt was pending.");
    }
    snapshot!(run);
}

#[test]
fn one_event_may_concern_both() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    let woken = (two.reader.wakes() > 0, two.writer.wakes() > 0);
    if woken.0 != woken.1 {
        run.diagnose(
            "one-thing-an-event",
            format!(
                "The event said “readable” and “writable”, and only the {} was woken. The kernel does not report the other direction \
                 again.",
                if woken.0 { READ } else { WRITE },
            ),
        );
    }
    two.woken(true, true);
}

#[test]
fn read_closed_wakes_the_reader_and_not_the_writer() {
    let run = run!("read_closed");
    let two = Two::waiting(&run);
    two.tell(Happened {
        read_closed: true,
        ..NOTHING
    });
    match (two.reader.wakes(), two.writer.wakes()) {
        (0, _) => run.diagnose(
            "end-without-a-wake",
            "The event said “read closed”, and the reader was not woken. It waits for bytes that cannot come.",
        ),
        (_, 0) => {}
        _ => run.diagnose(
            "half-closed-taken-for-closed",
            "The event said “read closed”, and the writer was woken. A peer that sends no more can still receive.",
        ),
    }
    snapshot!(run);
}

#[test]
fn an_end_that_comes_with_bytes_reaches_the_reading_direction() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        read_closed: true,
        ..READABLE
    });
    // The end follows, so the direction stays worth an attempt.
    two.short_attempt(READ);
    if two.tries(READ).is_pending() {
        run.diagnose(
            "eof-behind-short-read",
            "One event reported the last bytes and the end. The bytes were read, and the reader waits for an event that will not come. \
             `event` has to receive `closed` for the reading direction.",
        );
    }
}

#[test]
fn a_direction_without_an_end_is_not_closed() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    for name in [READ, WRITE] {
        two.short_attempt(name);
        if two.tries(name).is_ready() {
            run.departs(format!(
                "No event said “closed”, and after a short attempt the {name} makes another one: `event` received `closed` for its \
                 direction."
            ));
        }
    }
}

#[test]
fn write_closed_wakes_the_writer() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        write_closed: true,
        ..NOTHING
    });
    if two.writer.wakes() == 0 {
        run.diagnose(
            "end-without-a-wake",
            "The event said “write closed”, and the writer was not woken. It waits for room that the kernel will not report.",
        );
    }
    two.woken(false, true);
}

#[test]
fn an_error_wakes_both_tasks() {
    let run = run!("error");
    let two = Two::waiting(&run);
    let first = first_woken(&two);
    two.tell(Happened {
        error: true,
        ..NOTHING
    });
    match (two.reader.wakes() > 0, two.writer.wakes() > 0) {
        (true, true) => {}
        (false, false) => run.diagnose(
            "error-without-a-wake",
            "The event said “error”, and neither task was woken. The kernel does not report it again.",
        ),
        (reader, _) => run.diagnose(
            "error-without-a-wake",
            format!(
                "The event said “error”, and the {} was not woken. The next attempt in either direction returns the error, and a task that is \
                 not woken makes none.",
                if reader { WRITE } else { READ },
            ),
        ),
    }
    // The contract leaves the order of the two wakes open. The snapshot shows one of the two.
    if *first.lock().expect("no wake panics") == Some(READ) {
        snapshot!(run);
    }
}

/// The name of the task that is woken first.
fn first_woken(two: &Two) -> Arc<Mutex<Option<&'static str>>> {
    let first = Arc::new(Mutex::new(None));
    for (task, name) in [(&two.reader, READ), (&two.writer, WRITE)] {
        let first = Arc::clone(&first);
        task.on_wake(move || {
            first.lock().expect("no wake panics").get_or_insert(name);
        });
    }
    first
}

#[test]
fn an_error_that_comes_with_other_words_reaches_both_directions() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        readable: true,
        writable: true,
        error: true,
        ..NOTHING
    });
    for name in [READ, WRITE] {
        two.short_attempt(name);
        if two.tries(name).is_pending() {
            run.diagnose(
                "eof-behind-short-read",
                format!(
                    "The event said “error”. The {name} had a short success, and now waits for an event that will not come. An error follows the \
                     bytes that are left, as an end does: `event` has to receive `closed`."
                ),
            );
        }
    }
}

#[test]
fn a_drained_direction_does_not_drain_the_other() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    let _pending = two.finds_nothing(READ);
    if two.tries(WRITE).is_pending() {
        run.diagnose(
            "one-readiness-for-both",
            "The reader's attempt returned `WouldBlock`, and then the writer's attempt was pending. The readiness of one direction says \
             nothing about the other.",
        );
    }
}

#[test]
fn forget_drops_both_wakers() {
    let run = run!();
    let two = Two::waiting(&run);
    two.source.forget();
    run.recorder().says("source", "forget()");
    if two.reader.counts().alive + two.writer.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and a waker is still kept. It keeps a whole task in memory.",
        );
    }
}

/// Something that happens to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Event(Happened),
    /// The task of this direction makes an attempt, and it succeeds, is short, or would block.
    Attempt(&'static str, Answer),
    Forget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Full,
    /// Less than there could have been; and then another attempt, that would succeed.
    Short,
    WouldBlock,
}

fn moves() -> Vec<Move> {
    let events = (0..32_u8).map(|bits| {
        let says = |bit: u8| bits & (1 << bit) != 0;
        Move::Event(Happened {
            readable: says(0),
            writable: says(1),
            read_closed: says(2),
            write_closed: says(3),
            error: says(4),
        })
    });
    let attempts = [READ, WRITE].into_iter().flat_map(|task| {
        [Answer::Full, Answer::Short, Answer::WouldBlock].map(|answer| Move::Attempt(task, answer))
    });
    attempts.chain([Move::Forget]).chain(events).collect()
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Event(_) => "event".into(),
            Move::Attempt(task, _) => (*task).into(),
            Move::Forget => "source".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Event(happened) => said(*happened).into(),
            Move::Attempt(_, Answer::Full) => "makes an attempt that would succeed".into(),
            Move::Attempt(_, Answer::Short) => "makes a short attempt, and another one".into(),
            Move::Attempt(_, Answer::WouldBlock) => "makes an attempt that would block".into(),
            Move::Forget => "forget()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Event(happened) => format!("an event said “{}”", said(*happened)).into(),
            Move::Attempt(task, _) => format!("the {task} made an attempt").into(),
            Move::Forget => "`forget` was called".into(),
        }
    }
}

fn said(happened: Happened) -> String {
    match happened {
        NOTHING => "nothing".to_owned(),
        _ => in_words(happened),
    }
}

/// The source under test, or the reference's, and its two tasks.
struct Machinery<S> {
    source: S,
    tasks: [Poller; 2],
    /// How often each task had been woken when it began to wait.
    waits: [Option<usize>; 2],
}

/// What is used of a source.
trait Directions {
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
    fn new(source: S) -> Machinery<S> {
        let recorder = probe::Recorder::default();
        Machinery {
            source,
            tasks: [READ, WRITE].map(|name| poller(&recorder, name)),
            waits: [None, None],
        }
    }

    fn attempt(&mut self, task: &str, answer: Answer) -> &'static str {
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

const SEED: u64 = 0x0503;

const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "half-closed-taken-for-closed",
        sentence: "The event said “read closed”, and the writing direction was told that it is closed.",
        shows: |difference| {
            let told = difference.operations.iter().any(|operation| {
                matches!(operation, Move::Event(happened)
                    if happened.read_closed && !happened.write_closed && !happened.error)
            });
            let attempts = matches!(difference.operation(), Some(Move::Attempt(WRITE, _)));
            told && attempts && difference.expected_step().outcome().ends_with("pending")
        },
    },
    Known {
        mistake: "eof-behind-short-read",
        sentence: "An event said that there is an end or an error. A short success followed, and the direction waits for another event.",
        shows: |difference| {
            let told = difference.operations.iter().any(|operation| {
                matches!(operation, Move::Event(happened)
                    if happened.read_closed || happened.write_closed || happened.error)
            });
            told && difference.your_step().outcome() == "short, and then pending"
        },
    },
];

#[test]
fn every_short_run_of_events_reaches_the_right_direction() {
    for room in [false, true] {
        let (yours, reference) = match room {
            false => (
                Source::new as fn() -> Source,
                reactor::Source::new as fn() -> reactor::Source,
            ),
            true => (
                Source::with_room as fn() -> Source,
                reactor::Source::with_room as fn() -> reactor::Source,
            ),
        };
        Search::of(&moves())
            .up_to(2)
            .and_random(60, 10, SEED)
            .naming(KNOWN)
            .compare(
                &run!(),
                || Machinery::new(yours()),
                || Machinery::new(reference()),
            );
    }
}
