//! 4.8 flush: a task that writes in batches, and is asked to hurry.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::subject::{INTERVAL, Log, Sink, write_out};
use event_loop::{EventLoop, Handle, JoinError, JoinHandle};
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

/// How long a write takes.
const WRITE: u64 = 30;

/// When the world of a run ends.
const END: u64 = 10_000;

/// More turns than any right answer takes.
const TURNS: usize = 2_000;

/// What a script does at one moment.
#[derive(Debug, Clone, Copy)]
enum Step {
    Push(&'static str),
    Flush,
    PushAndFlush(&'static str),
}

use Step::{Flush, Push, PushAndFlush};

/// One write: when it began, and what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Write {
    began: u64,
    lines: Vec<String>,
    event: Option<usize>,
}

#[test]
fn a_line_is_written_when_the_interval_is_over() {
    let run = run!();
    if INTERVAL != Duration::from_secs(1) {
        run.departs(format!(
            "`INTERVAL` is {INTERVAL:?} now, and it was a second. A line for which nobody asks a flush may wait for that long; it is the flush \
             that comes late."
        ));
    }
    let writes = play(&run, &[(100, Push("a"))]);
    let write = write_of(&run, &writes, "a");
    not_before(&run, write, 1_000, "It waits for the interval.");
    not_after(&run, write, 1_000, "The interval was over at 1 s.");
}

#[test]
fn a_flush_is_written_at_once() {
    let run = run!("a_flush");
    let writes = play(&run, &[(100, Push("a")), (200, PushAndFlush("b"))]);
    let write = write_of(&run, &writes, "b");
    not_after(&run, write, 200, "Somebody asked for a flush at 200 ms.");
    if write.lines != ["a", "b"] {
        run.departs_at(
            write.event,
            "Two lines were waiting when the flush was asked for, and they are one batch.",
        );
    }
    snapshot!(run);
}

#[test]
fn nothing_is_written_when_nothing_waits() {
    let run = run!();
    let writes = play(
        &run,
        &[(100, Flush), (300, Flush), (5_000, PushAndFlush("a"))],
    );
    let write = write_of(&run, &writes, "a");
    not_after(&run, write, 5_000, "Somebody asked for a flush at 5 s.");
}

#[test]
fn a_flush_during_a_write_is_written_as_soon_as_that_is_over() {
    let run = run!("a_flush_during_a_write");
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, PushAndFlush("b"))]);
    let first = write_of(&run, &writes, "a");
    not_after(&run, first, 100, "Somebody asked for a flush at 100 ms.");
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 130);
    snapshot!(run);
}

#[test]
fn a_line_that_comes_after_a_write_waits_for_the_interval() {
    let run = run!();
    let writes = play(&run, &[(200, PushAndFlush("a")), (500, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "Nobody has asked for a flush of b.");
    not_after(&run, write, 1_230, "The last write was over at 230 ms.");
}

#[test]
fn a_line_that_comes_during_a_write_can_wait() {
    let run = run!();
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "Nobody has asked for a flush of b.");
    not_after(&run, write, 1_130, "The last write was over at 130 ms.");
}

#[test]
fn a_flush_during_every_write_is_never_late() {
    let run = run!();
    let script = [
        (100, PushAndFlush("a")),
        (110, PushAndFlush("b")),
        (140, PushAndFlush("c")),
        (170, PushAndFlush("d")),
        (175, PushAndFlush("e")),
    ];
    let writes = play(&run, &script);
    for (line, began) in [("b", 130), ("c", 160), ("d", 190), ("e", 190)] {
        asked_during_a_write(&run, write_of(&run, &writes, line), began);
    }
}

#[test]
fn a_flush_in_the_middle_of_an_interval_write_counts_too() {
    let run = run!();
    let writes = play(&run, &[(500, Push("a")), (1_010, PushAndFlush("b"))]);
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 1_030);
}

/// Runs the script beside the task that writes. Returns what was written, oldest first.
#[track_caller]
fn play(run: &Run, script: &[(u64, Step)]) -> Vec<Write> {
    let sim = Sim::new(run);
    let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
    let handle = event_loop.handle();
    let (log, disk) = (Log::default(), Disk::new(run, &handle));
    let writer = handle.spawn(write_out(log.clone(), handle.clone(), disk.clone()));
    let scribe = handle.spawn(follow(run.clone(), handle.clone(), script.to_vec(), log));
    run.risk(
        Some("never-cleared"),
        "The task that writes did not come back from a poll. Its event stays set, so waiting for it is over at once, again and again.",
        || turns(run, &event_loop),
    );
    ended(run, scribe);
    if writer.is_finished() {
        ended(run, writer);
        run.departs("The task that writes is over. It should run for ever.");
    }
    if let Some(event) = disk.given_up.get() {
        run.diagnose_at(
            event,
            "write-cancelled",
            "A write was dropped before it was over. Whether its lines are on the disk nobody knows, and nobody has them any more.",
        );
    }
    disk.writes.take()
}

/// Does what the script says, when it says so.
async fn follow(run: Run, handle: Handle, script: Vec<(u64, Step)>, log: Log) {
    for (at, step) in script {
        handle
            .sleep_until(event_loop::Time::after_start(Duration::from_millis(at)))
            .await;
        let recorder = run.recorder();
        if let Push(line) | PushAndFlush(line) = step {
            let call = recorder.enters("log", format!("push({line})"));
            log.push(line);
            call.returns("waits");
        }
        if let Flush | PushAndFlush(_) = step {
            recorder.says("log", "flush()");
            log.flush();
        }
    }
}

/// Runs the loop until the world ends.
#[track_caller]
fn turns(run: &Run, event_loop: &EventLoop<SimDriver>) {
    let end = Duration::from_millis(END);
    for _ in 0..TURNS {
        if let Err(error) = event_loop.run_once() {
            assert!(Stuck::of(&error).is_some(), "{error}");
            return;
        }
        if event_loop.handle().now().since_start() > end {
            return;
        }
    }
    run.departs(format!(
        "The loop has taken {TURNS} turns in a few seconds: the task that writes wakes itself, and does not sleep."
    ));
}

/// If a task is over because it panicked, says so.
#[track_caller]
fn ended(run: &Run, mut task: JoinHandle<()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let poll = std::pin::Pin::new(&mut task).poll(&mut context);
    if let std::task::Poll::Ready(Err(JoinError::Panicked(panic))) = poll {
        let said = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("something that is no text");
        if said.contains("borrowed") {
            run.diagnose(
                "borrowed-across-await",
                "A line was pushed during a write, and that panicked: the lines are borrowed all the time that the write takes. An await \
                 lets others run, who may want the same cell.",
            );
        }
        std::panic::resume_unwind(panic);
    }
}

/// The disk: it takes its time, and notes what it is given.
#[derive(Clone)]
struct Disk {
    run: Run,
    handle: Handle,
    writes: Rc<RefCell<Vec<Write>>>,
    busy: Rc<Cell<bool>>,
    /// Where in the run a write was given up.
    given_up: Rc<Cell<Option<Option<usize>>>>,
}

/// A write that is going on.
struct Going<'a>(&'a Disk);

impl Drop for Going<'_> {
    fn drop(&mut self) {
        if self.0.busy.replace(false)
            && self.0.handle.now().since_start() <= Duration::from_millis(END)
        {
            let recorder = self.0.run.recorder();
            recorder.says("disk", "does not get to the end of its write");
            self.0.given_up.set(Some(recorder.last_event()));
        }
    }
}

impl Disk {
    fn new(run: &Run, handle: &Handle) -> Disk {
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
            self.run
                .departs("Nothing was waiting, and it was written all the same.");
        }
        if self.busy.replace(true) {
            self.run
                .departs("A write begins while another is going on: only one may at a time.");
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
fn write_of<'a>(run: &Run, writes: &'a [Write], line: &str) -> &'a Write {
    let mut with_line = writes
        .iter()
        .filter(|write| write.lines.iter().any(|written| written == line));
    let Some(write) = with_line.next() else {
        run.departs(format!(
            "{line} was pushed, and in {} s it was in no write: it waits for ever, or was thrown away.",
            END / 1_000
        ));
    };
    if let Some(again) = with_line.next() {
        run.departs_at(again.event, format!("{line} was written twice."));
    }
    write
}

#[track_caller]
fn not_before(run: &Run, write: &Write, earliest: u64, why: &str) {
    if write.began < earliest {
        run.diagnose_at(
            write.event,
            "written-unasked",
            format!(
                "The write of {} began at {} ms. {why} A line that is written before its time is in no batch, and a request that was met \
                 already counts no second time.",
                listed(&write.lines),
                write.began
            ),
        );
    }
}

#[track_caller]
fn not_after(run: &Run, write: &Write, latest: u64, why: &str) {
    if write.began > latest {
        run.departs_at(
            write.event,
            format!(
                "{why} The write of {} began at {} ms, which is too late.",
                listed(&write.lines),
                write.began
            ),
        );
    }
}

/// A flush of these lines was asked for during a write that was over at `began`.
#[track_caller]
fn asked_during_a_write(run: &Run, write: &Write, began: u64) {
    if write.began <= began {
        return;
    }
    let interval = u64::try_from(INTERVAL.as_millis()).unwrap_or(u64::MAX);
    if write.began >= began + interval - WRITE {
        run.diagnose_at(
            write.event,
            "cleared-after-the-work",
            format!(
                "The write of {} began at {} ms, when the interval was over. A flush had been asked for while another write was going on, \
                 until {began} ms; when that was over, the event was cleared, and the request with it.",
                listed(&write.lines),
                write.began
            ),
        );
    }
    run.departs_at(
        write.event,
        format!(
            "The write that was going on was over at {began} ms; that of {} began at {} ms.",
            listed(&write.lines),
            write.began
        ),
    );
}

fn listed(lines: &[String]) -> String {
    match lines {
        [] => "nothing".to_owned(),
        lines => lines.join(", "),
    }
}
