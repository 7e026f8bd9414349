//! 2.9 dropped-loser: how far does the loser of a race get?

use std::pin::pin;

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use state_machines::{race, yield_now};

#[test]
fn the_prediction_is_what_the_race_prints() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &[
                "slow: ends",
                "quick: ends",
                "guard: gone",
                "caller: has a winner",
            ],
            guide: "a line reads `slow: ends`, `quick: ends`, `guard: gone`, or `caller: has a winner`",
        },
    );
    predict::compare(
        &run!(),
        &prediction,
        &["quick: ends", "guard: gone", "caller: has a winner"],
        &[
            Misconception {
                mistake: "a-poll-runs-to-the-end",
                predictions: &[
                    &["slow: ends", "quick: ends", "guard: gone"],
                    &["slow: ends", "quick: ends", "caller: has a winner"],
                    &["slow: ends", "guard: gone", "quick: ends"],
                    &["slow: ends", "guard: gone", "caller: has a winner"],
                    &["slow: ends", "caller: has a winner", "guard: gone"],
                    &["slow: ends", "caller: has a winner", "quick: ends"],
                ],
                sentence: "This expects that the second poll takes `slow` to its end. `slow` suspends itself twice, and a poll takes it to \
                           the next suspension point: it gets to its end in a third poll.",
            },
            Misconception {
                mistake: "drop-is-later",
                predictions: &[
                    &["quick: ends", "slow: ends", "guard: gone"],
                    &["quick: ends", "slow: ends", "caller: has a winner"],
                ],
                sentence: "This expects that the loser runs to its end before it is dropped. It is dropped where it is suspended: its \
                           destructors run, and none of its lines does.",
            },
            Misconception {
                mistake: "loser-lives-on",
                predictions: &[
                    &["quick: ends", "caller: has a winner", "guard: gone"],
                    &["quick: ends", "caller: has a winner", "slow: ends"],
                ],
                sentence: "This expects that the loser is alive when the caller has the winner. The race drops the loser before it \
                           returns `Ready`.",
            },
        ],
    );
    let run = run!("the_second_poll");
    let recorder = run.recorder();
    let mut racing = pin!(race(slow(recorder), quick(recorder)));
    let a = poller(recorder, "A");
    for number in ["first", "second"] {
        let call = recorder.enters("caller", format!("polls for the {number} time"));
        let poll = a.poll(racing.as_mut());
        call.returns(if poll.is_ready() { "ready" } else { "pending" });
    }
    recorder.says("caller", "has a winner");
    snapshot!(run);
}

struct Guard<'r>(&'r Recorder);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.says("guard", "gone");
    }
}

async fn slow(recorder: &Recorder) {
    let _guard = Guard(recorder);
    recorder.says("slow", "begins");
    yield_now().await;
    yield_now().await;
    recorder.says("slow", "ends");
}

async fn quick(recorder: &Recorder) {
    recorder.says("quick", "begins");
    yield_now().await;
    recorder.says("quick", "ends");
}
