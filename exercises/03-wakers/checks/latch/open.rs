//! The latch as it opens, and after that.

use std::pin::Pin;

use super::super::subject::Latch;
use super::diagnoses::{begins_to_wait, below_zero, one};
use probe::run;
use probe_futures::laws::waiting;
use probe_futures::{poller, spy};
use probe_model::{Blame, alone, once};

#[test]
fn a_woken_task_can_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: `count_down` calls `wake` while it holds \
                       the lock that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, one()),
    );
}

#[test]
fn counting_down_an_open_latch_does_nothing() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            begins_to_wait(run, &a, &mut wait);
            for _ in 0..3 {
                let call = run.recorder().enters("latch", "count_down()");
                match probe_model::expected(|| latch.count_down()) {
                    Ok(()) => call.returns("returns"),
                    Err(panic) => {
                        drop(call);
                        below_zero(run, &panic.message);
                    }
                }
            }
            if a.wakes() > 1 {
                run.diagnose(
                    "woken-for-nothing",
                    "The latch was open, `count_down` was called once more, and A was woken again. A latch opens once, and wakes each wait \
                     once.",
                );
            }
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "counted-below-zero",
                    "The latch was open and was counted down again. Now a wait is pending: the count went below zero.",
                );
            }
        },
    );
}

#[test]
fn a_wait_that_was_ready_is_ready_again() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(0);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for poll in ["first", "second"] {
                run.recorder().says("wait", format!("{poll} poll"));
                match probe_model::expected(|| a.poll(wait.as_mut()).is_ready()) {
                    Ok(true) => {}
                    Ok(false) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait was not ready."
                    )),
                    Err(panic) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait panicked: {}. A wait that is polled again is ready again.",
                        panic.message
                    )),
                }
            }
        },
    );
}
