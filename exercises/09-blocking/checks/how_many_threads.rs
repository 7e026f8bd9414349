//! 9.3 how-many-threads: a pool of the right size for its load.

use std::time::Duration;

use super::subject::{Because, because, keeps_up, within_50_ms};
use blocking::crowded::{CALLS, Caller, measure};
use probe::predict::steady;
use probe::{Run, run, snapshot};

const LIMIT: Duration = Duration::from_millis(50);

#[test]
fn with_your_first_number_the_queue_does_not_grow() {
    let run = run!();
    let threads = number(&run, keeps_up);
    note(&run, threads);
    if grows(threads) {
        run.departs(format!(
            "With {}, requests of the last burst wait longer than those of the first: the queue grows.",
            counted(threads)
        ));
    }
}

#[test]
fn with_one_thread_less_the_queue_grows() {
    let run = run!();
    let threads = number(&run, keeps_up);
    note(&run, threads);
    if threads > 1 && !grows(threads - 1) {
        note(&run, threads - 1);
        if threads == CALLS.len() {
            run.diagnose(
                "thread-for-each-request",
                "You gave each request of a burst a thread of its own. The queue does not grow with fewer: a thread takes the next call when it has returned.",
            );
        }
        run.departs(format!(
            "With {} the queue does not grow either, so {threads} is not the smallest number.",
            counted(threads - 1)
        ));
    }
}

#[test]
fn with_your_second_number_no_request_waits_longer_than_50_ms() {
    let run = run!();
    let threads = number(&run, within_50_ms);
    note(&run, threads);
    if measure(Caller::Pool(threads)).longest_wait <= LIMIT {
        return;
    }
    if !grows(threads) {
        run.diagnose(
            "average-is-enough",
            format!(
                "With {} the queue does not grow, and a request waits longer than 50 ms: all six requests of a burst arrive at once. The average load says \
                 nothing about the wait of one request.",
                counted(threads)
            ),
        );
    }
    run.departs(format!(
        "With {} a request waits longer than 50 ms.",
        counted(threads)
    ));
}

#[test]
fn with_one_thread_less_than_that_a_request_waits_longer() {
    let run = run!();
    let threads = number(&run, within_50_ms);
    note(&run, threads);
    if threads > 1 && measure(Caller::Pool(threads - 1)).longest_wait <= LIMIT {
        note(&run, threads - 1);
        run.departs(format!(
            "With {} no request waits longer than 50 ms either, so {threads} is not the smallest number.",
            counted(threads - 1)
        ));
    }
    let run = run!("sizes");
    for size in [2, 3, 4, 6] {
        note(&run, size);
    }
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_measurement() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::MoreWorkThanTime => {}
        Because::TheLongestCall => run.diagnose(
            "longest-call-blamed",
            "Each burst has the same call of 70 ms, with three threads too, and there the queue does not grow. A thread that is in this call takes no other; the \
             remaining threads do.",
        ),
        Because::TheLoopIsLate => run.diagnose(
            "pool-blocks-the-loop",
            "With a pool no tick is late: the calls block the pool's threads, and the loop has its own.",
        ),
        Because::Switches => run.diagnose(
            "switches-blamed",
            "The simulated threads are switched in no time. The queue grows all the same.",
        ),
    }
}

/// The learner's number, if a pool can have that many threads.
#[track_caller]
fn number(run: &Run, answer: fn() -> usize) -> usize {
    let threads = steady(run, answer);
    if !(1..=1_000).contains(&threads) {
        run.departs(format!(
            "A pool of {threads} threads: the instrument takes 1 to 1,000."
        ));
    }
    threads
}

/// Whether requests of the last burst wait longer than those of the first could.
fn grows(threads: usize) -> bool {
    let measured = measure(Caller::Pool(threads));
    let whole: Duration = CALLS.iter().sum();
    measured.last_wait > whole
}

fn note(run: &Run, threads: usize) {
    let measured = measure(Caller::Pool(threads));
    run.recorder().says(
        &counted(threads),
        format!(
            "ticks up to {} ms late; a request waits up to {} ms, in the last burst {} ms",
            measured.latest_tick.as_millis(),
            measured.longest_wait.as_millis(),
            measured.last_wait.as_millis(),
        ),
    );
}

fn counted(threads: usize) -> String {
    match threads {
        1 => "1 thread".into(),
        threads => format!("{threads} threads"),
    }
}
