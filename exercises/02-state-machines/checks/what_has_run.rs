//! 2.1 what-has-run: what does a call run, and what does a poll?

use std::future::ready;
use std::pin::pin;

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use state_machines::yield_now;

#[test]
fn the_prediction_is_what_the_call_and_the_polls_print() {
    let prediction = predict::steady(&run!(), prediction).map(spelt);
    let prediction = prediction.each_ref().map(String::as_str);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &[
                "nothing", "A", "B", "C", "A B", "A C", "B A", "B C", "C A", "C B", "A B C",
                "A C B", "B A C", "B C A", "C A B", "C B A",
            ],
            guide: "a line has the letters that are printed, such as `A B`, or reads `nothing`",
        },
    );
    predict::compare(
        &run!(),
        &prediction,
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
                sentence: "This expects that the call runs the function up to a point. Calling an `async fn` returns a future and runs none of its lines.",
            },
            Misconception {
                mistake: "await-always-yields",
                predictions: &[&["nothing", "A", "B"], &["nothing", "A", "B C"]],
                sentence: "This expects that the first `.await` suspends the function. It is suspended only where the awaited future \
                           returns `Pending`; `ready(())` never does.",
            },
            Misconception {
                mistake: "a-poll-runs-to-the-end",
                predictions: &[&["nothing", "A B C", "nothing"]],
                sentence: "This expects that one poll runs the function to its end. A poll runs until an awaited future returns `Pending`.",
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

/// The letters with a space between each two, in any notation; an empty line is `nothing`.
fn spelt(line: &str) -> String {
    let words = line.split(|part: char| !part.is_alphanumeric());
    let letters: Vec<String> = line
        .chars()
        .filter(|part| part.is_alphanumeric())
        .map(|letter| letter.to_uppercase().to_string())
        .collect();
    let is_spelt = |word: &str| word.chars().all(|letter| "abcABC".contains(letter));
    match line.trim() {
        predict::BLANK => line.to_owned(),
        "" | "-" | "–" | "—" => "nothing".to_owned(),
        _ if words.into_iter().all(is_spelt) => letters.join(" "),
        _ => line.to_owned(),
    }
}

async fn letters(recorder: &Recorder) {
    recorder.says("letters", "prints A");
    ready(()).await;
    recorder.says("letters", "prints B");
    yield_now().await;
    recorder.says("letters", "prints C");
}
