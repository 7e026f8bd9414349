//! The value, whenever it is sent and whenever a half is dropped.

use super::super::subject::channel;
use super::diagnoses::{dropped, sent};
use probe::detect::{DropCounter, Token};
use probe::run;
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore, no_moment_is_missed};

#[test]
fn a_value_that_arrives_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), sent);
}

#[test]
fn a_sender_that_is_dropped_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), dropped);
}

#[test]
fn a_value_that_is_never_received_is_dropped_with_the_channel() {
    alone(
        || run!(),
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel();
            if sender.send(values.token()).is_err() {
                run.departs("`send` returned the value although the receiver was there.");
            }
            run.recorder().says("sender", "sends a value");
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "Both halves of the channel were dropped, and the value that was sent is still in memory.",
                );
            }
        },
    );
}

#[test]
fn at_any_moment_a_value_is_either_sent_or_returned() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel::<Token>();
            let other = thread::spawn(move || drop(receiver));
            let result = sender.send(values.token());
            run.recorder().says(
                "sender",
                match result {
                    Ok(()) => "the value was sent",
                    Err(_) => "send returned the value",
                },
            );
            if result.is_err() && values.alive() == 0 {
                run.departs("`send` returned another value than it was given.");
            }
            drop(result);
            other.join().expect("dropping a receiver does not panic");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "The receiver was dropped while the value was sent. Both halves were dropped, and the value is still in memory.",
                );
            }
        },
    );
}
