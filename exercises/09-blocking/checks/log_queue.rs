//! 9.8 log-queue: a log whose slow target must not hold up the loop.

#[path = "log_queue/end.rs"]
mod end;
#[path = "log_queue/gaps.rs"]
mod gaps;
#[path = "log_queue/world.rs"]
mod world;

use super::subject::LogQueue;
use probe::{run, snapshot};
use probe_model::{Ending, ending};
use world::{BUSY, Target, log_all, returned, until_writing};

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
    snapshot!(gaps::told_in_their_place(|| run!("missing")));
}

#[test]
fn each_dropped_line_is_counted_once() {
    gaps::counted_once();
}

#[test]
fn an_error_of_the_target_ends_the_writer_and_is_returned() {
    end::an_error();
}

#[test]
fn after_an_error_of_the_target_no_line_is_accepted() {
    end::after_an_error();
}

#[test]
fn no_line_of_two_callers_is_lost_or_written_twice() {
    gaps::two_callers();
}

#[test]
fn the_target_is_flushed_after_the_last_line() {
    end::flushed();
}

#[test]
fn an_error_at_the_end_of_the_log_is_returned() {
    end::an_error_at_the_end();
}

#[test]
fn dropping_the_log_writes_what_is_in_the_queue() {
    end::dropped();
}

#[test]
fn a_queue_without_room_keeps_no_line() {
    gaps::without_room();
}

#[test]
fn a_large_number_of_dropped_lines_is_told_in_full() {
    gaps::a_large_number();
}

#[test]
fn one_gap_is_told_by_one_of_two_callers() {
    gaps::one_gap_and_two_callers();
}
