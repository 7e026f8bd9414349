//! 3.6 oneshot: a channel for one value.

#[path = "oneshot/diagnoses.rs"]
mod diagnoses;
#[path = "oneshot/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "oneshot/dropped_halves.rs"]
mod dropped_halves;

#[path = "oneshot/values.rs"]
mod values;

#[path = "oneshot/destructors.rs"]
mod destructors;

#[path = "oneshot/short_runs.rs"]
mod short_runs;

use std::pin::Pin;
use std::task::Poll;

use super::subject::{Closed, channel};
use diagnoses::{BLOCKED, expect, sent, where_the_value_is};
use probe::{Event, What, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{poller, spy};
use probe_model::{alone, once};

#[test]
fn a_value_sent_before_the_first_poll_is_received_at_once() {
    let run = alone(
        || run!("sent_before"),
        |run| {
            let (sender, receiver) = channel();
            let call = run.recorder().enters("sender", "send(7)");
            match probe_model::expected(|| sender.send(7)) {
                Ok(Ok(())) => call.returns("Ok"),
                Ok(Err(_)) => {
                    call.returns("Err");
                    run.departs("`send` returned the value although the receiver was there.");
                }
                Err(panic) => run.departs(format!("`send` panicked: {}.", panic.message)),
            }
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Ok(7)) => {}
                Poll::Ready(Ok(_)) => run.departs("The receiver got another value than was sent."),
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    format!(
                        "The value had been sent, and the receiver got `Closed`. `send` takes the sender by value, so the sender's \
                         destructor runs after every `send`. {}",
                        where_the_value_is()
                    ),
                ),
                Poll::Pending => run.departs("The value had been sent, and the receiver is pending."),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn before_anything_is_sent_the_receiver_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut receiver))
                .is_ready()
            {
                run.diagnose(
                    "ready-too-early",
                    "No value was sent yet, and the receiver was ready.",
                );
            }
            // Destructors have a test of their own: here only a poll is judged.
            std::mem::forget((receiver, event));
        },
    );
}

#[test]
fn a_receiver_does_not_wake_its_own_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, sent()),
    );
}

#[test]
fn a_value_sent_later_wakes_the_receiver() {
    let run = alone(
        || run!("sent_later"),
        |run| {
            expect(run, waiting::wakes_when_it_happens(run, sent()), Ok(7));
            let events = run.recorder().recording().events;
            let woken = |event: &&Event| event.track == "A" && event.what == What::Woken;
            if events.iter().filter(woken).count() > 1 {
                run.diagnose(
                    "waker-kept",
                    "One value was sent, and A was woken twice: `send` called the waker and left it in its slot, and the sender's destructor \
                     called it again.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn polling_again_before_anything_happened_changes_nothing() {
    alone(
        || run!(),
        |run| expect(run, waiting::a_poll_proves_nothing(run, sent()), Ok(7)),
    );
}

#[test]
fn the_task_that_polled_last_is_woken() {
    alone(
        || run!(),
        |run| expect(run, waiting::wakes_the_latest_poller(run, sent()), Ok(7)),
    );
}
