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
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
            guide: "each of the five is the number of polls in that run, in figures and with nothing else: `0`, `1`, `2`",
        },
    );
    predict::compare(
        &run!(),
        &prediction,
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
                sentence: "Here every wake is a poll. A wake puts the task in the queue, if it is not in it yet. Two wakes before one poll \
                           put it there once, so they make one poll.",
            },
            Misconception {
                mistake: "every-wake-a-poll",
                predictions: &[
                    &["2", "1", "0", "0", "0"],
                    &["2", "1", "0", "1", "0"],
                    &["2", "1", "0", "1", "1"],
                ],
                sentence: "Here the first run makes two polls: one because the task was added, and one because it was woken. `add` puts the \
                           task in the queue, and a wake finds it there already. One entry makes one poll.",
            },
            Misconception {
                mistake: "woken-after-completion",
                predictions: &[&["1", "1", "0", "1", "1"]],
                sentence: "Here a completed task is polled. Its waker may still be called, but the list has dropped the future: there is \
                           nothing left to poll.",
            },
            Misconception {
                mistake: "run-polls-everyone",
                predictions: &[
                    &["1", "1", "1", "1", "0"],
                    &["1", "1", "1", "0", "0"],
                    &["1", "1", "1", "1", "1"],
                ],
                sentence: "Here `run` polls a task that was not woken since it returned Pending. `run` polls the tasks in the queue, and no \
                           others.",
            },
            Misconception {
                mistake: "first-poll-comes-with-a-wake",
                predictions: &[&["0", "1", "0", "1", "0"], &["0", "1", "0", "1", "1"]],
                sentence: "Here the first run makes no poll. `add` puts a new task in the queue, because a task has to be polled once \
                           before it can wait for anything.",
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
