//! 1.2 first-argument: when is a value seen that was sent?

use super::subject::prediction;
use generators::interview::Interview;
use generators::{Generator, Step};
use probe::predict::{self, Misconception};
use probe::{run, snapshot};
use probe_generators::spy;

#[test]
fn the_prediction_is_what_the_interview_does() {
    predict::compare(
        &run!(),
        &prediction(),
        &["asks name?", "asks town?", "says Ada from London"],
        &[
            Misconception {
                mistake: "answers-the-next-yield",
                predictions: &[
                    &["asks name?", "asks town?", "says hello from Ada"],
                    &["asks name?", "asks town?", "says good morning from Ada"],
                ],
                sentence: "This takes each value for the answer to the question that comes out of the same call. A question must \
                           be asked first: a value answers the question that the call before it brought out.",
            },
            Misconception {
                mistake: "first-argument-is-an-answer",
                predictions: &[
                    &["asks town?", "says hello from Ada", "panics"],
                    &["asks town?", "says good morning from Ada", "panics"],
                    &["asks name?", "says good morning from Ada", "panics"],
                    &["asks town?", "asks name?", "says Ada from London"],
                ],
                sentence: "This takes the first value for an answer. No question had been asked when it came.",
            },
        ],
    );
    let run = run!("the_interview");
    let mut interview = spy(&run, "interview", Interview::new());
    for sent in ["good morning", "Ada", "London"] {
        let _step: Step<_, _> = interview.resume(sent);
    }
    snapshot!(run);
}
