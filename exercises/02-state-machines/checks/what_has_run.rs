//! 2.1 what-has-run: what does a call run, and what does a poll?

use std::future::ready;
use std::pin::pin;

use super::subject::prediction;
use probe::predict::{self, Misconception};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use state_machines::yield_now;

#[test]
fn the_prediction_is_what_the_call_and_the_polls_print() {
    predict::compare(
        &run!(),
        &prediction(),
        &["nothing", "A B", "C"],
        &[
            Misconception {
                mistake: "call-runs-it",
                predictions: &[
                    &["A", "B", "C"],
                    &["A B", "C", "nothing"],
                    &["A B", "nothing", "C"],
                    &["A B C", "nothing", "nothing"],
                    &["A", "B C", "nothing"],
                    &["A", "B", "nothing"],
                ],
                sentence: "This expects that the call begins to run the function. A call makes a future, and does nothing else.",
            },
            Misconception {
                mistake: "await-always-yields",
                predictions: &[&["nothing", "A", "B"], &["nothing", "A", "B C"]],
                sentence: "This expects a pause at the first `.await`. A pause comes only where a child says `Pending`; one that is \
                           ready lets the function go on at once.",
            },
            Misconception {
                mistake: "a-poll-runs-to-the-end",
                predictions: &[&["nothing", "A B C", "nothing"]],
                sentence: "This expects that a poll runs the function to its end. It runs until a child says `Pending`.",
            },
        ],
    );
    let run = run!("three_letters");
    let recorder = run.recorder();
    let call = recorder.enters("caller", "calls letters()");
    let mut letters = pin!(letters(recorder));
    call.returns("a future");
    let a = poller(recorder, "A");
    for _ in 0..2 {
        let call = recorder.enters("caller", "polls");
        let poll = a.poll(letters.as_mut());
        call.returns(if poll.is_ready() { "ready" } else { "pending" });
    }
    snapshot!(run);
}

async fn letters(recorder: &Recorder) {
    recorder.says("letters", "prints A");
    ready(()).await;
    recorder.says("letters", "prints B");
    yield_now().await;
    recorder.says("letters", "prints C");
}
