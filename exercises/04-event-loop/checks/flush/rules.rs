//! What a write may and may not do, for scripts of any length.

use super::super::subject::INTERVAL;
use super::disk::{Step, WRITE, Write, play, write_of};
use Step::{Flush, Push};
use probe::{Run, run};

#[track_caller]
pub(super) fn not_before(run: &Run, write: &Write, earliest: u64, why: &str) {
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
pub(super) fn not_after(run: &Run, write: &Write, latest: u64, why: &str) {
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
pub(super) fn asked_during_a_write(run: &Run, write: &Write, began: u64) {
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

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Plays a script whose times are gaps, and which names no lines.
pub(super) fn try_script(gaps: &[(u64, Step)], tried: usize) {
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

pub(super) fn listed(lines: &[String]) -> String {
    match lines {
        [] => "nothing".to_owned(),
        lines => lines.join(", "),
    }
}
