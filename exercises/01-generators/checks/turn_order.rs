//! 1.7 turn-order: who runs when three tasks take turns?

use super::subject::prediction;
use generators::round_robin::RoundRobin;
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};
use probe_generators::{script, spy};

#[test]
fn the_prediction_is_what_the_trampoline_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &[
                "a yields",
                "a completes",
                "b yields",
                "b completes",
                "c yields",
                "c completes",
            ],
            guide: "a line reads `a yields` or `a completes`, with the name of the task whose turn it is",
        },
    );
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
                mistake: "lifo-starvation",
                predictions: &[&[
                    "c completes",
                    "b yields",
                    "b completes",
                    "a yields",
                    "a yields",
                    "a completes",
                ]],
                sentence: "This takes the newest task first, and takes it again as long as it is there, as a stack would. The task that \
                           has waited longest comes next.",
            },
            Misconception {
                mistake: "started-order-is-finish-order",
                predictions: &[&[
                    "a yields",
                    "b yields",
                    "a yields",
                    "a completes",
                    "b completes",
                    "c completes",
                ]],
                sentence: "This has the tasks finish in the order in which they were spawned, and c wait until the others are done. \
                           c has its turn in each round like everybody else.",
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
                        "a yields",
                        "b yields",
                        "c completes",
                        "a yields",
                        "a completes",
                        "b completes",
                    ],
                ],
                sentence: "This has a task complete right behind its last yield, while others wait for their turn. To get past \
                           that yield it has to be resumed once more, and that is a turn of its own, at its place in the queue.",
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
