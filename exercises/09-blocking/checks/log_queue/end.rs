//! The end of the log.

use super::super::subject::LogQueue;
use super::world::{ASLEEP, BUSY, Seen, Target, log_all, returned, until_writing};
use probe::run;
use probe_model::sync::thread;
use probe_model::{ending, explore};

/// The target returns an error.
pub(super) fn an_error() {
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

/// The target returns an error, and lines are logged after that.
pub(super) fn after_an_error() {
    let end = ending(
        || run!(),
        BUSY,
        |run| {
            const TRIES: usize = 500;
            let mut target = Target::new(true);
            target.fails_after = 0;
            // The queue has room for every line.
            let log = LogQueue::new(TRIES + 1, target).unwrap();
            log.log("line 0");
            run.recorder().says("target", "fails to write line 0");
            let refuses = (0..TRIES).any(|_| {
                thread::yield_now();
                !log.log("a later line")
            });
            let before = shown_as_dropped(&log);
            let refused = !log.log("one more line");
            if let (true, true, Some(before), Some(after)) =
                (refuses, refused, before, shown_as_dropped(&log))
            {
                run.recorder().says(
                    "caller",
                    format!(
                        "one more line is refused: {before} dropped before it, {after} after it"
                    ),
                );
                if after != before + 1 {
                    run.diagnose(
                        "dropped-counted-wrong",
                        format!(
                            "The writer had ended after an error, and one more line was refused. The `Debug` output of the log said `dropped: \
                             {before}` before it, and `dropped: {after}` after it."
                        ),
                    );
                }
            }
            drop(log);
            if !refuses {
                run.departs(format!(
                    "The target failed in its first write, and the writer has ended. `log` returned `true` for each of the {TRIES} lines that came \
                     after that: no thread will write them."
                ));
            }
        },
    );
    returned(end, "All threads wait.");
}

/// How many lines the log shows as dropped, if it shows that.
fn shown_as_dropped<W>(log: &LogQueue<W>) -> Option<u64> {
    let text = format!("{log:?}");
    let number = text.split("dropped: ").nth(1)?;
    let end = number.find(|digit: char| !digit.is_ascii_digit());
    number[..end.unwrap_or(number.len())].parse().ok()
}

/// The log is closed, and the target was written to.
pub(super) fn flushed() {
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

/// The flush fails, and in another log the first write.
pub(super) fn an_error_at_the_end() {
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
                fails_to_flush: true,
                ..Seen::default()
            };
            let log = LogQueue::new(1, target).unwrap();
            log.log("line 1");
            if log.close().1.is_ok() {
                run.diagnose(
                    "error-swallowed",
                    "The target took a line, failed in each flush, and `close` returned `Ok`.",
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

/// The log is dropped with lines in its queue.
pub(super) fn dropped() {
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
