//! A queue that is closed, and what is pushed after that.

use super::watched::Watched;
use probe::run;
use probe_model::alone;

#[test]
fn a_closed_queue_returns_each_entry_that_is_pushed() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.push(1);
            watched.push(2);
            let left = watched.close();
            if left != [1, 2] {
                run.departs(format!(
                    "1 and 2 were in the queue, and `close` returned {left:?}."
                ));
            }
            if watched.try_push(3).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, and `push` accepted an entry. No taker will ever take it out.",
                );
            }
            watched.wake_up();
            if watched.try_push(4).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, the taker called `wake_up`, and `push` accepted an entry: the call opened the queue again.",
                );
            }
            if watched.fall_asleep() {
                run.diagnose(
                    "sleeps-when-closed",
                    "The queue is closed, and `fall_asleep` returned true. No entry can end that sleep.",
                );
            }
            if watched.try_push(5).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed, the taker called `fall_asleep`, and `push` accepted an entry: the call opened the queue again.",
                );
            }
            let again = (watched.take(), watched.close());
            if again != (vec![], vec![]) {
                run.departs(format!(
                    "The queue is closed and empty, and `take_batch` and a second `close` returned {again:?}."
                ));
            }
            if watched.try_push(6).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed twice, and `push` accepted an entry: the second `close` opened the queue again.",
                );
            }
            watched.refuse_rings(run, 0, "The taker was awake.");
        },
    );
}

#[test]
fn a_queue_closed_during_a_sleep_refuses_entries_and_does_not_call_the_unparker() {
    alone(
        || run!(),
        |run| {
            let watched = Watched::new(run);
            watched.must_fall_asleep(run);
            watched.close();
            if watched.try_push(1).is_ok() {
                run.diagnose(
                    "taken-when-closed",
                    "The queue was closed while the taker slept, and then `push` accepted an entry.",
                );
            }
            watched.refuse_rings(
                run,
                0,
                "The queue is closed: neither `close` nor a refused push ends a sleep.",
            );
        },
    );
}
