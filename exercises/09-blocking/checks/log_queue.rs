//! 9.8 log-queue: a log whose slow target must not hold up the loop.

use std::io::{self, Write};

use super::subject::LogQueue;
use probe::{Run, run, snapshot};
use probe_model::sync::atomic::{AtomicBool, Ordering};
use probe_model::sync::thread;
use probe_model::sync::{Arc, Condvar, Mutex};
use probe_model::{Blame, Ending, ending, explore};

/// A target that blocks in each write until the gate is open, and fails after some lines.
#[derive(Clone)]
struct Target {
    gate: Arc<(Mutex<bool>, Condvar)>,
    writing: Arc<AtomicBool>,
    written: Vec<u8>,
    fails_after: usize,
}

impl Target {
    fn new(open: bool) -> Target {
        Target {
            gate: Arc::new((Mutex::new(open), Condvar::new())),
            writing: Arc::new(AtomicBool::new(false)),
            written: Vec::new(),
            fails_after: usize::MAX,
        }
    }

    fn open(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }

    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.written);
        text.lines().map(str::to_owned).collect()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writing.store(true, Ordering::SeqCst);
        let mut open = self.gate.0.lock().unwrap();
        while !*open {
            open = self.gate.1.wait(open).unwrap();
        }
        drop(open);
        if self.written.iter().filter(|&&byte| byte == b'\n').count() >= self.fails_after {
            return Err(io::Error::other("the disk is full"));
        }
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "Your code loops, and does not return.",
};

/// Logs the lines 1 to `count`, and notes each.
fn log_all(run: &Run, log: &LogQueue<Target>, count: usize) -> usize {
    let mut taken = 0;
    for number in 1..=count {
        let queued = log.log(format!("line {number}"));
        taken += usize::from(queued);
        let how = if queued { "queued" } else { "dropped" };
        run.recorder()
            .says("caller", format!("logs line {number}: {how}"));
    }
    taken
}

fn until_writing(target: &Target) {
    while !target.writing.load(Ordering::SeqCst) {
        thread::yield_now();
    }
}

#[test]
fn lines_are_written_in_their_order() {
    let end = ending(
        || run!("in_order"),
        BUSY,
        |run| {
            let log = LogQueue::new(10, Target::new(true)).unwrap();
            log_all(run, &log, 3);
            let (target, end) = log.close();
            for line in target.lines() {
                run.recorder().says("target", line);
            }
            if end.is_err() || target.lines() != ["line 1", "line 2", "line 3"] {
                run.departs("Three lines were logged, and the target does not have these three in their order.");
            }
        },
    );
    let run = returned(end, "All threads wait.");
    snapshot!(run);
}

#[test]
fn a_target_that_blocks_does_not_hold_up_the_caller() {
    let (run, end) = ending(
        || run!(),
        BUSY,
        |run| {
            let target = Target::new(false);
            let gate = target.clone();
            let log = LogQueue::new(2, target).unwrap();
            log.log("line 0");
            until_writing(&gate);
            let taken = log_all(run, &log, 5);
            run.recorder().says("caller", "goes on");
            gate.open();
            drop(log);
            if taken != 2 {
                run.departs(format!("The queue has room for two lines, and `log` returned `true` for {taken} of five."));
            }
        },
    );
    if matches!(end, Ending::Asleep) {
        run.recorder().lacks("caller", "does not go on");
        run.diagnose(
            "log-blocks-the-caller",
            "The target blocks, and the queue is full. The caller of `log` sleeps until the target goes on: with it every task of its loop waits.",
        );
    }
    returned((run, end), "All threads wait.");
}

#[test]
fn the_log_says_how_many_lines_are_missing_and_where() {
    let end = ending(
        || run!("missing"),
        BUSY,
        |run| {
            let target = Target::new(false);
            let gate = target.clone();
            let log = LogQueue::new(2, target).unwrap();
            log.log("line 0");
            until_writing(&gate);
            log_all(run, &log, 5);
            gate.open();
            while !log.log("line 6") {
                thread::yield_now();
            }
            let (target, _) = log.close();
            // The attempts while the queue was full are lines that were dropped as well.
            let lines: Vec<String> = target
                .lines()
                .into_iter()
                .map(|line| {
                    if line.ends_with("dropped") {
                        "some lines were dropped".into()
                    } else {
                        line
                    }
                })
                .collect();
            for line in &lines {
                run.recorder().says("target", line.clone());
            }
            if !lines.iter().any(|line| line.ends_with("dropped")) {
                run.diagnose(
                "log-lost-silently",
                "The queue was full, and lines were dropped. The log does not say so: a reader takes it for complete.",
            );
            }
            if lines.iter().position(|line| line.ends_with("dropped")) != Some(3) {
                run.diagnose(
                    "count-out-of-place",
                    format!(
                        "Lines 3 to 5 were dropped, after line 2 and before line 6. The log has the lines in this order: {}.",
                        lines.join(", ")
                    ),
                );
            }
            let told = lines.iter().filter(|line| line.ends_with("dropped"));
            let told = told.count();
            if told > 1 {
                run.diagnose(
                    "dropped-counted-wrong",
                    format!("Lines were dropped at one place, and the log says so {told} times."),
                );
            }
            if lines[4..] != ["line 6"] {
                run.departs(format!(
                    "The log has other lines than were queued: {}.",
                    lines.join(", ")
                ));
            }
        },
    );
    let run = returned(end, "All threads wait.");
    snapshot!(run);
}

#[test]
fn each_dropped_line_is_counted_once() {
    let end = ending(
        || run!(),
        BUSY,
        |run| {
            for (dropped, expected) in [(1, "1 line was dropped"), (3, "3 lines were dropped")] {
                let target = Target::new(false);
                let gate = target.clone();
                let log = LogQueue::new(1, target).unwrap();
                log.log("line 0");
                until_writing(&gate);
                log_all(run, &log, 1 + dropped);
                gate.open();
                let (target, _) = log.close();
                let told: Vec<String> = target
                    .lines()
                    .into_iter()
                    .filter(|line| line.ends_with("dropped"))
                    .collect();
                if told.is_empty() {
                    run.diagnose(
                    "log-lost-silently",
                    format!("{dropped} lines were dropped before the log was closed, and its end does not say so."),
                );
                }
                if told != [expected] {
                    run.diagnose(
                        "dropped-counted-wrong",
                        format!(
                            "{dropped} lines were dropped, and the log says: {}.",
                            told.join(", ")
                        ),
                    );
                }
            }
        },
    );
    returned(end, "All threads wait.");
}

#[test]
fn an_error_of_the_target_ends_the_writer_and_is_returned() {
    let end = ending(
        || run!(),
        BUSY,
        |run| {
            let mut target = Target::new(true);
            target.fails_after = 1;
            let log = LogQueue::new(100, target).unwrap();
            log_all(run, &log, 3);
            let (target, end) = log.close();
            if end.is_ok() || target.lines() != ["line 1"] {
                run.diagnose(
                "error-swallowed",
                "The target failed in the second of three lines. `close` returned `Ok`, or the writer went on.",
            );
            }
        },
    );
    returned(end, "All threads wait.");
}

#[test]
fn no_line_of_two_callers_is_lost_or_written_twice() {
    let asleep = Blame {
        mistake: None,
        sentence: "Two threads have logged their lines, and the log was closed. All threads wait.",
    };
    explore(
        || run!(),
        asleep,
        BUSY,
        |run| {
            let log = Arc::new(LogQueue::new(2, Target::new(true)).unwrap());
            let other = Arc::clone(&log);
            let caller = thread::spawn(move || {
                (0..3)
                    .filter(|number| other.log(format!("other {number}")))
                    .count()
            });
            let queued = (0..3)
                .filter(|number| log.log(format!("own {number}")))
                .count();
            let queued = queued + caller.join().unwrap();
            let log = Arc::into_inner(log).expect("the other thread has ended");
            let (target, _) = log.close();
            let lines = target.lines();
            let told: usize = lines
                .iter()
                .filter_map(|line| line.split_once(" line")?.0.parse::<usize>().ok())
                .sum();
            let written = lines
                .iter()
                .filter(|line| !line.ends_with("dropped"))
                .count();
            if written != queued || written + told != 6 {
                run.diagnose(
                "dropped-counted-wrong",
                format!("Two callers logged six lines. {queued} were queued, {written} are in the log, and it says that {told} were dropped."),
            );
            }
        },
    );
}

#[track_caller]
fn returned((run, end): (Run, Ending), asleep: &str) -> Run {
    match end {
        Ending::Returned => run,
        Ending::Asleep => run.departs(asleep),
        Ending::Panicked(panic) => run.departs(format!(
            "It panicked: {}.",
            panic.message.trim_end_matches('.')
        )),
    }
}

/// A target whose bytes others can see. Its flush may fail, or its first write.
#[derive(Clone, Default)]
struct Seen {
    bytes: std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
    /// How many bytes there were at the last flush.
    flushed: std::sync::Arc<std::sync::Mutex<Option<usize>>>,
    fails_to_flush: bool,
    fails_once: bool,
}

impl Seen {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }
}

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.fails_once) {
            return Err(io::Error::other("the disk is full"));
        }
        self.bytes.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.fails_to_flush {
            return Err(io::Error::other("the disk is full"));
        }
        *self.flushed.lock().unwrap() = Some(self.bytes.lock().unwrap().len());
        Ok(())
    }
}

const ASLEEP: Blame<'static> = Blame {
    mistake: None,
    sentence: "All threads wait.",
};

#[test]
fn the_target_is_flushed_after_the_last_line() {
    explore(
        || run!(),
        ASLEEP,
        BUSY,
        |run| {
            let target = Seen::default();
            let log = LogQueue::new(1, target.clone()).unwrap();
            // Which of them are dropped depends on the writer.
            for number in 0..4 {
                log.log(format!("line {number}"));
            }
            let (_, end) = log.close();
            let (written, flushed) = (target.text().len(), *target.flushed.lock().unwrap());
            if end.is_err() || flushed != Some(written) {
                run.diagnose(
                    "end-not-flushed",
                    format!("The log was closed. Its target has {written} bytes, and the last flush came after {} of them.", flushed.unwrap_or(0)),
                );
            }
        },
    );
}

#[test]
fn an_error_at_the_end_of_the_log_is_returned() {
    let end = ending(
        || run!(),
        BUSY,
        |run| {
            let target = Seen {
                fails_to_flush: true,
                ..Seen::default()
            };
            let (_, end) = LogQueue::new(1, target).unwrap().close();
            if end.is_ok() {
                run.diagnose(
                    "error-swallowed",
                    "The target failed in its flush, and `close` returned `Ok`.",
                );
            }
            let target = Seen {
                fails_once: true,
                ..Seen::default()
            };
            let log = LogQueue::new(3, target).unwrap();
            log.log("line 1");
            log.log("line 2");
            if log.close().1.is_ok() {
                run.diagnose(
                    "error-swallowed",
                    "The target failed in its first write and in no other, and `close` returned `Ok`.",
                );
            }
            let mut target = Target::new(false);
            target.fails_after = 2;
            let gate = target.clone();
            let log = LogQueue::new(1, target).unwrap();
            log.log("line 0");
            until_writing(&gate);
            log_all(run, &log, 2);
            gate.open();
            if log.close().1.is_ok() {
                run.diagnose(
                    "error-swallowed",
                    "The target failed when the log said that a line was dropped, and `close` returned `Ok`.",
                );
            }
        },
    );
    returned(end, "All threads wait.");
}

#[test]
fn dropping_the_log_writes_what_is_in_the_queue() {
    explore(
        || run!(),
        ASLEEP,
        BUSY,
        |run| {
            let target = Seen::default();
            let log = LogQueue::new(2, target.clone()).unwrap();
            let queued = (log.log("line 1"), log.log("line 2"));
            drop(log);
            if queued == (true, true) && target.text() != "line 1\nline 2\n" {
                run.diagnose(
                    "queue-lost-at-drop",
                    format!("Two lines were in the queue, and the log was dropped. After the drop the target holds {:?}.", target.text()),
                );
            }
        },
    );
}

#[test]
fn a_queue_without_room_keeps_no_line() {
    let (run, end) = ending(
        || run!(),
        BUSY,
        |run| {
            let target = Target::new(false);
            let gate = target.clone();
            let log = LogQueue::new(0, target).unwrap();
            let mut taken = 0;
            for _ in 0..5 {
                taken += log_all(run, &log, 1);
                for _ in 0..20 {
                    thread::yield_now();
                }
            }
            gate.open();
            drop(log);
            if taken > 1 {
                run.diagnose(
                    "queue-beyond-its-limit",
                    format!("The capacity is 0, and the target takes no line. `log` returned `true` for {taken} lines: one at most is with the writer, and the others wait."),
                );
            }
        },
    );
    if matches!(end, Ending::Asleep) {
        run.diagnose(
            "log-blocks-the-caller",
            "The target blocks, and the queue has no room. The caller of `log` sleeps until the target goes on.",
        );
    }
    returned((run, end), "All threads wait.");
}

#[test]
fn a_large_number_of_dropped_lines_is_told_in_full() {
    let end = ending(
        || run!(),
        BUSY,
        |run| {
            let target = Target::new(false);
            let gate = target.clone();
            let log = LogQueue::new(1, target).unwrap();
            log.log("line 0");
            until_writing(&gate);
            log.log("line 1");
            let dropped = (0..300).filter(|_| !log.log("more")).count();
            gate.open();
            while !log.log("line 2") {
                thread::yield_now();
            }
            let (target, _) = log.close();
            let told: usize = target
                .lines()
                .iter()
                .filter_map(|line| line.split_once(" line")?.0.parse::<usize>().ok())
                .sum();
            if told < dropped {
                run.diagnose(
                    "dropped-counted-wrong",
                    format!(
                        "At least {dropped} lines were dropped, and the log says that {told} were."
                    ),
                );
            }
        },
    );
    returned(end, "All threads wait.");
}

#[test]
fn one_gap_is_told_by_one_of_two_callers() {
    explore(
        || run!(),
        ASLEEP,
        BUSY,
        |run| {
            let target = Target::new(false);
            let gate = target.clone();
            let log = Arc::new(LogQueue::new(2, target).unwrap());
            log.log("line 0");
            until_writing(&gate);
            let before = 5 - log_all(run, &log, 5);
            gate.open();
            let callers = [(); 2].map(|()| {
                let log = Arc::clone(&log);
                thread::spawn(move || {
                    thread::yield_now();
                    (0..2).filter(|_| !log.log("one more")).count()
                })
            });
            let after: usize = callers
                .into_iter()
                .map(|caller| caller.join().unwrap())
                .sum();
            let log = Arc::into_inner(log).expect("the callers have ended");
            let told: u128 = log
                .close()
                .0
                .lines()
                .iter()
                .filter_map(|line| line.split_once(" line")?.0.parse::<u128>().ok())
                .sum();
            let dropped = (before + after) as u128;
            if told != dropped {
                run.diagnose(
                    "dropped-counted-wrong",
                    format!("{} lines were dropped, and two callers logged at the same time. The log says that {told} were dropped.", before + after),
                );
            }
        },
    );
}
