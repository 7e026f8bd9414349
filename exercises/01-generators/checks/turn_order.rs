//! 1.7 turn-order: who runs when three tasks take turns?

use super::subject::prediction;
use generators::round_robin::RoundRobin;
use probe::predict::{self, Misconception};
use probe::{run, snapshot};
use probe_generators::{script, spy};

#[test]
fn the_prediction_is_what_the_trampoline_does() {
    predict::compare(
        &run!(),
        &prediction(),
        &[
            "a yields",
            "b yields",
            "c completes",
            "a yields",
            "b completes",
            "a completes",
        ],
        &[
            Misconception {
                mistake: "runs-to-completion",
                predictions: &[&[
                    "a yields",
                    "a yields",
                    "a completes",
                    "b yields",
                    "b completes",
                    "c completes",
                ]],
                sentence: "This runs each task to its end before the next one begins. A turn is one resume: it ends at the next \
                           yield.",
            },
            Misconception {
                mistake: "started-order-is-finish-order",
                predictions: &[
                    &[
                        "a yields",
                        "b yields",
                        "a yields",
                        "a completes",
                        "b completes",
                        "c completes",
                    ],
                    &[
                        "a yields",
                        "b yields",
                        "a yields",
                        "b completes",
                        "a completes",
                        "c completes",
                    ],
                    &[
                        "a yields",
                        "b yields",
                        "a yields",
                        "a completes",
                        "c completes",
                        "b completes",
                    ],
                ],
                sentence: "This has c wait until the others are nearly done. c was resumed in the first round like everybody else, \
                           and had nothing to yield.",
            },
            Misconception {
                mistake: "completion-is-free",
                predictions: &[
                    &[
                        "a yields",
                        "b yields",
                        "b completes",
                        "c completes",
                        "a yields",
                        "a completes",
                    ],
                    &[
                        "c completes",
                        "a yields",
                        "b yields",
                        "a yields",
                        "b completes",
                        "a completes",
                    ],
                    &[
                        "a yields",
                        "b yields",
                        "a yields",
                        "c completes",
                        "b completes",
                        "a completes",
                    ],
                    &[
                        "a yields",
                        "b yields",
                        "c completes",
                        "a yields",
                        "a completes",
                        "b completes",
                    ],
                    &[
                        "a yields",
                        "b yields",
                        "c completes",
                        "b completes",
                        "a yields",
                        "a completes",
                    ],
                ],
                sentence: "This lets a task complete outside its place in the queue. Completing takes a turn like any other: the \
                           task has to be resumed once more to get past its last yield.",
            },
        ],
    );
    let run = run!("three_tasks");
    let mut tasks = RoundRobin::new();
    for (lane, yields) in [("a", 2), ("b", 1), ("c", 0)] {
        tasks.spawn(Box::new(spy(&run, lane, script(vec![(); yields], ()))));
    }
    while tasks.turn().is_some() {}
    snapshot!(run);
}
