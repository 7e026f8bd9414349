//! flush: a task that writes in batches, and flush requests.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use super::subject::{INTERVAL, Log, Sink, write_out};
use event_loop::{EventLoop, Handle, JoinError, JoinHandle};
use probe::random::Random;
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

/// How long a write takes.
const WRITE: u64 = 30;

/// When the world of a run ends.
const END: u64 = 10_000;

/// More iterations than any right answer takes.
const TURNS: usize = 2_000;

/// What the script does at one moment.
#[derive(Debug, Clone, Copy)]
enum Step {
    Push(&'static str),
    Flush,
    PushAndFlush(&'static str),
    /// The writing task is polled, although nothing has happened.
    SpuriousPoll,
}

use Step::{Flush, Push, PushAndFlush, SpuriousPoll};

/// One write: when it began, and what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Write {
    began: u64,
    lines: Vec<String>,
    event: Option<usize>,
}

#[test]
fn a_line_without_a_flush_is_written_after_the_interval() {
    let run = run!();
    if INTERVAL != Duration::from_secs(1) {
        run.departs(format!(
            "`INTERVAL` is {INTERVAL:?}, and it was 1s. A line without a flush may wait that long; the fault is about lines with a \
             flush."
        ));
    }
    let writes = play(&run, &[(100, Push("a"))]);
    let write = write_of(&run, &writes, "a");
    not_before(&run, write, 1_000, "No flush was requested.");
    not_after(
        &run,
        write,
        1_000,
        "It was pushed at 100 ms, and the task's interval ends at 1,000 ms.",
    );
}

#[test]
fn a_flush_writes_all_waiting_lines_at_once() {
    let run = run!("a_flush");
    let writes = play(&run, &[(100, Push("a")), (200, PushAndFlush("b"))]);
    let write = write_of(&run, &writes, "b");
    not_after(&run, write, 200, "A flush was requested at 200 ms.");
    if write.lines != ["a", "b"] {
        run.departs_at(
            write.event,
            "a and b had been pushed when the flush was requested, and this write has only one of them.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_flush_without_lines_writes_nothing() {
    let run = run!();
    let writes = play(
        &run,
        &[(100, Flush), (300, Flush), (5_000, PushAndFlush("a"))],
    );
    let write = write_of(&run, &writes, "a");
    not_after(&run, write, 5_000, "A flush was requested at 5,000 ms.");
}

#[test]
fn a_spurious_poll_writes_nothing() {
    let run = run!();
    let script = [(100, Push("a")), (200, SpuriousPoll), (300, SpuriousPoll)];
    let writes = play(&run, &script);
    let write = write_of(&run, &writes, "a");
    not_before(
        &run,
        write,
        1_000,
        "No flush was requested; the task was only polled.",
    );
}

#[test]
fn a_flush_during_a_write_is_written_as_soon_as_that_write_has_ended() {
    let run = run!("a_flush_during_a_write");
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, PushAndFlush("b"))]);
    let first = write_of(&run, &writes, "a");
    not_after(&run, first, 100, "A flush was requested at 100 ms.");
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 130);
    snapshot!(run);
}

#[test]
fn a_line_pushed_after_a_write_is_not_written_before_the_interval() {
    let run = run!();
    let writes = play(&run, &[(200, PushAndFlush("a")), (500, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "No flush of b was requested.");
    not_after(&run, write, 1_230, "The last write had ended at 230 ms.");
}

#[test]
fn a_line_pushed_during_a_write_is_not_written_before_a_flush_or_the_interval() {
    let run = run!();
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "No flush of b was requested.");
    not_after(&run, write, 1_130, "The last write had ended at 130 ms.");
}

#[test]
fn a_flush_during_each_of_several_writes_is_not_late() {
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
fn a_flush_during_a_write_of_the_interval_is_not_late() {
    let run = run!();
    let writes = play(&run, &[(500, Push("a")), (1_010, PushAndFlush("b"))]);
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 1_030);
}

/// Runs the script beside the writing task. Returns the writes, oldest first.
#[track_caller]
fn play(run: &Run, script: &[(u64, Step)]) -> Vec<Write> {
    let sim = Sim::new(run);
    let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
    let handle = event_loop.handle();
    let (log, disk) = (Log::default(), Disk::new(run, &handle));
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let writer = handle.spawn(noting_the_waker(
        Rc::clone(&waker),
        write_out(log.clone(), handle.clone(), disk.clone()),
    ));
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
async fn follow(
    run: Run,
    handle: Handle,
    script: Vec<(u64, Step)>,
    log: Log,
    writer: Rc<RefCell<Option<Waker>>>,
) {
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
            writer.borrow().iter().for_each(Waker::wake_by_ref);
        }
    }
}

/// Polls `future`, and keeps the waker of the task that it is polled in.
async fn noting_the_waker<F: Future>(waker: Rc<RefCell<Option<Waker>>>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _older = waker.replace(Some(context.waker().clone()));
        future.as_mut().poll(context)
    })
    .await
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
        "The loop has run {TURNS} iterations in {} s: the writing task wakes itself, and does not sleep.",
        END / 1_000
    ));
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
fn write_of<'a>(run: &Run, writes: &'a [Write], line: &str) -> &'a Write {
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

#[track_caller]
fn not_before(run: &Run, write: &Write, earliest: u64, why: &str) {
    if write.began < earliest {
        run.diagnose_at(
            write.event,
            "written-unasked",
            format!(
                "The write of {} began at {} ms. {why} It must wait for the next flush or for the interval, {} ms at the earliest.",
                listed(&write.lines),
                write.began,
                earliest
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
                "{why} The write of {} began at {} ms; {} ms is the latest.",
                listed(&write.lines),
                write.began,
                latest
            ),
        );
    }
}

/// A flush of these lines was requested during a write that ended at `began`.
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
                "The flush of {} was requested during another write, which ended at {began} ms. This write began at {} ms, after the \
                 interval: the request was forgotten when that write ended.",
                listed(&write.lines),
                write.began
            ),
        );
    }
    run.departs_at(
        write.event,
        format!(
            "The write in progress ended at {began} ms, and the write of {} began at {} ms; {began} ms is expected.",
            listed(&write.lines),
            write.began
        ),
    );
}

/// Every script of up to three steps with these gaps between them, and some longer ones: no line is late, lost or written unasked.
#[test]
fn in_every_short_script_each_line_is_written_in_its_time() {
    // Milliseconds whose sums are neither the end of a write nor that of an interval.
    const GAPS: [u64; 4] = [7, 47, 700, 1_100];
    let letters: Vec<(u64, Step)> = GAPS
        .into_iter()
        .flat_map(|gap| [(gap, Push("")), (gap, Flush), (gap, SpuriousPoll)])
        .collect();
    let mut scripts: Vec<Vec<(u64, Step)>> = vec![Vec::new()];
    let mut tried = 0;
    for _ in 0..2 {
        scripts = scripts
            .iter()
            .flat_map(|script| {
                letters
                    .iter()
                    .map(|letter| [&script[..], &[*letter]].concat())
            })
            .collect();
        for script in &scripts {
            tried += 1;
            try_script(script, tried);
        }
    }
    let mut random = Random::seeded(48);
    for _ in 0..250 {
        let script: Vec<(u64, Step)> = (0..6).map(|_| *random.pick(&letters)).collect();
        tried += 1;
        try_script(&script, tried);
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Plays a script whose times are gaps, and which names no lines.
fn try_script(gaps: &[(u64, Step)], tried: usize) {
    let (mut now, mut names) = (0, NAMES.into_iter());
    let script: Vec<(u64, Step)> = gaps
        .iter()
        .map(|(gap, step)| {
            now += gap;
            let step = match step {
                Push(_) => Push(names.next().expect("a name for each step")),
                step => *step,
            };
            (now, step)
        })
        .collect();
    let run = run!();
    let writes = play(&run, &script);
    for (pushed, step) in &script {
        if let Push(line) = step {
            in_time(&run, &script, &writes, *pushed, line, tried);
        }
    }
    unasked(&run, &script, &writes);
}

/// The end of the write that is in progress at `at`, or `at`.
fn idle_from(writes: &[Write], at: u64) -> u64 {
    let going = writes
        .iter()
        .find(|write| (write.began..write.began + WRITE).contains(&at));
    going.map_or(at, |write| write.began + WRITE)
}

#[track_caller]
fn in_time(
    run: &Run,
    script: &[(u64, Step)],
    writes: &[Write],
    pushed: u64,
    line: &str,
    tried: usize,
) {
    let flush = script
        .iter()
        .find(|(at, step)| *at > pushed && matches!(step, Flush));
    let by_itself = idle_from(writes, pushed) + 1_000;
    let latest = flush.map_or(by_itself, |(at, _)| by_itself.min(idle_from(writes, *at)));
    let why = match flush {
        Some((at, _)) if latest < by_itself => format!("A flush was requested at {at} ms."),
        _ => format!("Line {line} was pushed at {pushed} ms."),
    };
    not_after(
        run,
        write_of(run, writes, line),
        latest,
        &format!("In script {tried} of all short ones: {why}"),
    );
}

/// Each write was requested, or an interval has passed for it.
#[track_caller]
fn unasked(run: &Run, script: &[(u64, Step)], writes: &[Write]) {
    let mut by_itself = 0;
    for write in writes {
        let asks_for_it = |at: u64| at == write.began || idle_from(writes, at) == write.began;
        let requested = script
            .iter()
            .any(|(at, step)| matches!(step, Flush) && asks_for_it(*at));
        if !requested {
            by_itself += 1;
            not_before(
                run,
                write,
                1_000 * by_itself,
                "No flush of these lines was requested.",
            );
        }
    }
}

fn listed(lines: &[String]) -> String {
    match lines {
        [] => "nothing".to_owned(),
        lines => lines.join(", "),
    }
}
