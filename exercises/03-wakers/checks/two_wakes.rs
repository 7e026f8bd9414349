//! 3.3 two-wakes: how many polls do the wakes make?

use std::future::poll_fn;
use std::task::Poll;

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};
use wakers::ready_list::ReadyList;

/// How often the waker is called before each run.
const WAKES: [usize; 5] = [2, 3, 0, 1, 1];

#[test]
fn the_prediction_is_what_the_list_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
            guide: "each of the five is the number of polls in that run, in figures and with nothing else: `0`, `1`, `2`",
        },
    );
    predict::compare(
        &run!(),
        &prediction(),
        &["1", "1", "0", "1", "0"],
        &[
            Misconception {
                mistake: "every-wake-a-poll",
                predictions: &[
                    &["2", "3", "0", "1", "1"],
                    &["2", "3", "0", "1", "0"],
                    &["3", "3", "0", "1", "1"],
                    &["3", "3", "0", "1", "0"],
                    &["1", "3", "0", "1", "0"],
                    &["1", "3", "0", "1", "1"],
                    &["1", "3", "0", "0", "0"],
                    &["2", "3", "0", "0", "0"],
                    &["3", "0", "0", "0", "0"],
                ],
                sentence: "This counts every wake as a poll. A wake says that a poll is worth while; two that come before it say it \
                           twice, and it is one poll all the same.",
            },
            Misconception {
                mistake: "every-wake-a-poll",
                predictions: &[
                    &["2", "1", "0", "0", "0"],
                    &["2", "1", "0", "1", "0"],
                    &["2", "1", "0", "1", "1"],
                ],
                sentence: "This has two polls in the first run: one because the task was added, and one because it was woken. Both are \
                           the same note in the queue, and several of the same kind before a poll are one.",
            },
            Misconception {
                mistake: "woken-after-completion",
                predictions: &[&["1", "1", "0", "1", "1"]],
                sentence: "This polls a task that has completed. Its waker may still be called, by somebody who knows no better; there \
                           is nothing left to poll.",
            },
            Misconception {
                mistake: "run-polls-everyone",
                predictions: &[
                    &["1", "1", "1", "1", "0"],
                    &["1", "1", "1", "0", "0"],
                    &["1", "1", "1", "1", "1"],
                ],
                sentence: "This has `run` poll a task that nobody has woken since it said Pending. It polls those that were woken, and \
                           leaves the others alone.",
            },
            Misconception {
                mistake: "first-poll-comes-with-a-wake",
                predictions: &[&["0", "1", "0", "1", "0"], &["0", "1", "0", "1", "1"]],
                sentence: "This leaves out the first poll. A task that was just added has to be polled once without any event, or it \
                           could never begin to wait; and its waker was called besides.",
            },
        ],
    );
    let run = run!("five_runs");
    let mut list = ReadyList::new();
    let (recorder, mut polls) = (run.recorder().clone(), 0);
    let waker = list.add(poll_fn(move |_| {
        polls += 1;
        recorder.says("task", format!("poll {polls}"));
        if polls == 3 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
    for wakes in WAKES {
        for _ in 0..wakes {
            run.recorder().wakes("task");
            waker.wake_by_ref();
        }
        run.recorder().says("list", "runs");
        list.run();
    }
    snapshot!(run);
}
