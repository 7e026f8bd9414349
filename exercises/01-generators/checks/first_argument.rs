//! 1.2 first-argument: when is a value seen that was sent?

use super::subject::prediction;
use generators::interview::Interview;
use generators::{Generator, Step};
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};
use probe_generators::spy;

#[test]
fn the_prediction_is_what_the_interview_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &["asks name?", "asks town?", "says … from …", "panics"],
            guide: "a line reads `asks name?`, `asks town?`, `says … from …` with the words that you expect, or `panics`",
        },
    );
    predict::compare(
        &run!(),
        &prediction(),
        &["asks name?", "asks town?", "says Ada from London"],
        &[
            Misconception {
                mistake: "answers-the-next-yield",
                predictions: &[&["asks name?", "asks town?", "says good morning from Ada"]],
                sentence: "This takes each value for the answer to the question that comes out of the same call. When a value is \
                           sent, that question has not been asked yet.",
            },
            Misconception {
                mistake: "first-argument-is-an-answer",
                predictions: &[
                    &["asks town?", "says good morning from Ada", "panics"],
                    &["asks town?", "says good morning from Ada", "asks name?"],
                    &["asks town?", "says good morning from Ada", "asks town?"],
                    &[
                        "asks town?",
                        "says good morning from Ada",
                        "says Ada from London",
                    ],
                    &[
                        "asks town?",
                        "says good morning from Ada",
                        "says good morning from London",
                    ],
                    &[
                        "asks town?",
                        "says good morning from Ada",
                        "says good morning from Ada",
                    ],
                    &["asks name?", "says good morning from Ada", "panics"],
                ],
                sentence: "This takes the first value for an answer. No question had been asked when it came.",
            },
            Misconception {
                mistake: "first-argument-refused",
                predictions: &[
                    &["panics", "panics", "panics"],
                    &["panics", "asks name?", "asks town?"],
                    &["panics", "asks town?", "says Ada from London"],
                ],
                sentence: "This expects that a generator which has just been made refuses a value. Python's generators do, if it \
                           is anything but `None`. Here `resume` takes a value in the first call as in every other.",
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
