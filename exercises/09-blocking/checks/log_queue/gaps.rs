//! The lines that are missing, and what the log says about them.

use super::super::subject::LogQueue;
use super::world::{ASLEEP, BUSY, Target, log_all, returned, until_writing};
use probe::{Run, run};
use probe_model::sync::Arc;
use probe_model::sync::thread;
use probe_model::{Blame, Ending, ending, explore};

/// The target blocks, and three lines find no room.
pub(super) fn told_in_their_place(run: impl Fn() -> Run + Send + Sync + 'static) -> Run {
    let end = ending(run, BUSY, |run| {
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
    });
    returned(end, "All threads wait.")
}

/// One line is dropped, and then three.
pub(super) fn counted_once() {
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
                let lines = target.lines();
                let place = lines.iter().position(|line| line.ends_with("dropped"));
                let told: Vec<String> = lines
                    .iter()
                    .filter(|line| line.ends_with("dropped"))
                    .cloned()
                    .collect();
                if place.is_some_and(|place| place < 2) {
                    run.diagnose(
                        "count-out-of-place",
                        format!(
                            "The queue was full with line 1, and lines were dropped. The log tells of them before line 1: {}.",
                            lines.join(", ")
                        ),
                    );
                }
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

/// The queue has room for no line.
pub(super) fn without_room() {
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

/// Many lines are dropped, one after the other.
pub(super) fn a_large_number() {
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

/// Two callers log after one gap.
pub(super) fn one_gap_and_two_callers() {
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

/// Two callers log at the same time.
pub(super) fn two_callers() {
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
