//! 6.1 who-runs-after: what runs when a future is dropped.

use std::future::pending;
use std::pin::pin;
use std::task::{Context, Waker};

use super::subject::prediction;
use probe::detect::Token;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};

const LINES: [&str; 7] = [
    "inner begins",
    "pending",
    "drop local",
    "drop given",
    "drop second",
    "drop first",
    "dropped",
];

const KNOWN: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "drop-is-later",
        predictions: &[
            &[
                "inner begins",
                "pending",
                "inner goes on",
                "drop local",
                "drop given",
                "outer goes on",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "inner goes on",
                "drop local",
                "drop given",
                "outer goes on",
                "drop second",
            ],
            &[
                "inner begins",
                "pending",
                "inner goes on",
                "outer goes on",
                "drop second",
                "drop first",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "dropped",
                "inner goes on",
                "drop local",
                "drop given",
                "outer goes on",
            ],
            &[
                "inner begins",
                "pending",
                "inner goes on",
                "drop local",
                "drop given",
                "outer goes on",
                "drop first",
            ],
        ],
        sentence: "In your prediction the functions continue after their `await`. A dropped future is not polled again: no line of it runs. Only its variables are dropped.",
    },
    Misconception {
        mistake: "destructors-are-later",
        predictions: &[
            &[
                "inner begins",
                "pending",
                "dropped",
                "drop local",
                "drop given",
                "drop second",
                "drop first",
            ],
            &[
                "inner begins",
                "pending",
                "dropped",
                "drop second",
                "drop first",
                "drop local",
                "drop given",
            ],
            &[
                "inner begins",
                "pending",
                "dropped",
                "drop first",
                "drop second",
                "drop given",
                "drop local",
            ],
        ],
        sentence: "In your prediction the destructors run after “dropped” is written. `drop` runs all of them before it returns.",
    },
    Misconception {
        mistake: "outermost-first",
        predictions: &[
            &[
                "inner begins",
                "pending",
                "drop second",
                "drop first",
                "drop local",
                "drop given",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "drop first",
                "drop second",
                "drop given",
                "drop local",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "drop first",
                "drop second",
                "drop local",
                "drop given",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "drop second",
                "drop first",
                "drop given",
                "drop local",
                "dropped",
            ],
        ],
        sentence: "In your prediction the variables of `outer` are dropped before those of `inner`. `outer` owns the future of `inner`, its newest value: the newest is dropped first, as in a function that returns.",
    },
    Misconception {
        mistake: "in-order-of-creation",
        predictions: &[
            &[
                "inner begins",
                "pending",
                "drop given",
                "drop local",
                "drop first",
                "drop second",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "drop local",
                "drop given",
                "drop first",
                "drop second",
                "dropped",
            ],
            &[
                "inner begins",
                "pending",
                "drop given",
                "drop local",
                "drop second",
                "drop first",
                "dropped",
            ],
        ],
        sentence: "In your prediction the values of one function are dropped in the order of their creation. The newest is dropped first. A function's arguments are older than its variables.",
    },
];

#[test]
fn the_prediction_is_what_is_dropped() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &[
                "inner begins",
                "inner goes on",
                "outer goes on",
                "pending",
                "dropped",
                "drop first",
                "drop second",
                "drop given",
                "drop local",
            ],
            guide: "a line is a text that the program writes, such as `inner begins` or `dropped`, or `drop` and the name of a note: `drop first`",
        },
    );
    predict::compare(&run!(), &prediction, &LINES, &KNOWN);
    let run = run!("dropped");
    let recorder = run.recorder();
    {
        let mut outer = Box::pin(outer(recorder.clone()));
        let mut context = Context::from_waker(Waker::noop());
        let polled = pin!(&mut outer).poll(&mut context);
        assert!(polled.is_pending());
        recorder.says("caller", "pending");
        drop(outer);
        recorder.says("caller", "dropped");
    }
    snapshot!(run);
}

async fn outer(recorder: Recorder) {
    let note = |text| Token::noting(&recorder, text);
    let _first = note("first");
    let _second = note("second");
    inner(recorder.clone(), note("given")).await;
    recorder.says("outer", "goes on");
}

async fn inner(recorder: Recorder, _given: Token) {
    let _local = Token::noting(&recorder, "local");
    recorder.says("inner", "begins");
    pending::<()>().await;
    recorder.says("inner", "goes on");
}
