//! The loop, the tasks and the disk that they write to.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{Log, Sink, write_out};
use super::rules::listed;
use Step::{Flush, Push, PushAndFlush, SpuriousPoll};
use event_loop::{EventLoop, Handle, JoinError, JoinHandle};
use probe::Run;
use probe_futures::{LatestWaker, Sim};
use probe_loop::{SimDriver, Stuck};

/// How long a write takes.
pub(super) const WRITE: u64 = 30;

/// When the world of a run ends.
const END: u64 = 10_000;

/// More iterations than any right answer takes.
const TURNS: usize = 2_000;

/// What the script does at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Push(&'static str),
    Flush,
    PushAndFlush(&'static str),
    /// The writing task is polled, although nothing has happened.
    SpuriousPoll,
}

/// One write: when it began, and what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Write {
    pub(super) began: u64,
    pub(super) lines: Vec<String>,
    pub(super) event: Option<usize>,
}

/// Runs the script beside the writing task. Returns the writes, oldest first.
#[track_caller]
pub(super) fn play(run: &Run, script: &[(u64, Step)]) -> Vec<Write> {
    let sim = Sim::new(run);
    let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
    let handle = event_loop.handle();
    let (log, disk) = (Log::default(), Disk::new(run, &handle));
    let waker = LatestWaker::default();
    let writes = write_out(log.clone(), handle.clone(), disk.clone());
    let writer = handle.spawn(waker.of(writes));
    let steps = script.to_vec();
    let scribe = handle.spawn(follow(run.clone(), handle.clone(), steps, log, waker));
    run.risk(
        Some("never-cleared"),
        "The poll of the writing task did not return. The event stays set, so each wait for it completes at once, without end.",
        || turns(run, &event_loop),
    );
    ended(run, scribe);
    if writer.is_finished() {
        ended(run, writer);
        run.departs("The writing task has completed. `write_out` never returns.");
    }
    if let Some(event) = disk.given_up.get() {
        run.diagnose_at(
            event,
            "write-cancelled",
            "A write was dropped before it had completed, and its lines with it.",
        );
    }
    disk.writes.take()
}

/// Carries out the script, each step at its time.
async fn follow(run: Run, handle: Handle, script: Vec<(u64, Step)>, log: Log, writer: LatestWaker) {
    for (at, step) in script {
        handle
            .sleep_until(event_loop::Time::after_start(Duration::from_millis(at)))
            .await;
        let recorder = run.recorder();
        if let Push(line) | PushAndFlush(line) = step {
            let call = recorder.enters("log", format!("push({line})"));
            log.push(line);
            call.returns("waiting");
        }
        if let Flush | PushAndFlush(_) = step {
            recorder.says("log", "flush()");
            log.flush();
        }
        if let SpuriousPoll = step {
            recorder.says("writing task", "is polled, although nothing has happened");
            writer.wake();
        }
    }
}

/// Runs the loop until the world ends.
#[track_caller]
fn turns(run: &Run, event_loop: &EventLoop<SimDriver>) {
    let end = Duration::from_millis(END);
    let now = || event_loop.handle().now().since_start();
    let mut halfway = Duration::ZERO;
    for turn in 0..TURNS {
        if let Err(error) = event_loop.run_once() {
            assert!(Stuck::of(&error).is_some(), "{error}");
            return;
        }
        if now() > end {
            return;
        }
        if turn == TURNS / 2 {
            halfway = now();
        }
    }
    if now() == halfway {
        run.diagnose(
            "busy-poll",
            format!(
                "The loop ran {TURNS} iterations, and in the second half of them its clock stayed at {} ms: the writing task is woken again and \
                 again, and does not sleep.",
                halfway.as_millis()
            ),
        );
    }
    run.diagnose(
        "polls-the-clock",
        format!(
            "The loop ran {TURNS} iterations before its clock showed {} s. It was at {} ms then: the writing task sleeps for short times and looks \
             again. It can sleep until a flush is requested or the interval has passed.",
            END / 1_000,
            now().as_millis()
        ),
    );
}

/// If a task has panicked, reports it.
#[track_caller]
fn ended(run: &Run, mut task: JoinHandle<()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let poll = std::pin::Pin::new(&mut task).poll(&mut context);
    if let std::task::Poll::Ready(Err(JoinError::Panicked(panic))) = poll {
        let said = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a payload that is no text");
        if said.contains("borrowed") {
            run.diagnose(
                "borrowed-across-await",
                "A line was pushed during a write, and `push` panicked: `write_out` keeps the lines borrowed across the await of the \
                 write. At an await other tasks run, which may borrow the same cell.",
            );
        }
        std::panic::resume_unwind(panic);
    }
}

/// The disk: each write takes time, and is recorded.
#[derive(Clone)]
struct Disk {
    run: Run,
    handle: Handle,
    writes: Rc<RefCell<Vec<Write>>>,
    busy: Rc<Cell<bool>>,
    /// The event at which a write was dropped.
    given_up: Rc<Cell<Option<Option<usize>>>>,
}

/// A write in progress.
struct Going<'a>(&'a Disk);

impl Drop for Going<'_> {
    fn drop(&mut self) {
        if self.0.busy.replace(false)
            && self.0.handle.now().since_start() <= Duration::from_millis(END)
        {
            let recorder = self.0.run.recorder();
            recorder.says("disk", "its write is dropped");
            self.0.given_up.set(Some(recorder.last_event()));
        }
    }
}

impl Disk {
    pub(super) fn new(run: &Run, handle: &Handle) -> Disk {
        Disk {
            run: run.clone(),
            handle: handle.clone(),
            writes: Rc::default(),
            busy: Rc::default(),
            given_up: Rc::default(),
        }
    }
}

impl Sink for Disk {
    async fn write(&self, lines: Vec<String>) {
        let recorder = self.run.recorder();
        recorder.says("disk", format!("begins to write {}", listed(&lines)));
        let event = recorder.last_event();
        if lines.is_empty() {
            self.run.departs("`write` was called with no lines.");
        }
        if self.busy.replace(true) {
            self.run
                .departs("`write` was called while another write was in progress.");
        }
        let began = u64::try_from(self.handle.now().since_start().as_millis()).unwrap_or(u64::MAX);
        self.writes.borrow_mut().push(Write {
            began,
            lines,
            event,
        });
        let _going = Going(self);
        self.handle.sleep(Duration::from_millis(WRITE)).await;
        self.busy.set(false);
        recorder.says("disk", "has written");
    }
}

/// The write in which this line was.
#[track_caller]
pub(super) fn write_of<'a>(run: &Run, writes: &'a [Write], line: &str) -> &'a Write {
    let mut with_line = writes
        .iter()
        .filter(|write| write.lines.iter().any(|written| written == line));
    let Some(write) = with_line.next() else {
        run.departs(format!(
            "Line {line} was pushed, and it was in none of the writes of {} s.",
            END / 1_000
        ));
    };
    if let Some(again) = with_line.next() {
        run.departs_at(again.event, format!("Line {line} was written twice."));
    }
    write
}
