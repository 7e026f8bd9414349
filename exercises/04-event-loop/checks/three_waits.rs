//! three-waits: how long several sleeps take, at the same time and one after the other.

use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, Handle, Time};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;

const KNOWN: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "sum-not-maximum",
        predictions: &[
            &[
                "a at 30",
                "b at 40",
                "c at 60",
                "main at 60",
                "second part took 60",
            ],
            &[
                "b at 10",
                "c at 30",
                "a at 60",
                "main at 60",
                "second part took 60",
            ],
            &[
                "b at 10",
                "c at 20",
                "a at 30",
                "main at 60",
                "second part took 60",
            ],
            &[
                "a at 30",
                "b at 10",
                "c at 20",
                "main at 60",
                "second part took 60",
            ],
            &[
                "a at 30",
                "b at 40",
                "c at 60",
                "main at 60",
                "second part took 30",
            ],
            &[
                "b at 10",
                "c at 30",
                "a at 60",
                "main at 60",
                "second part took 30",
            ],
            &[
                "b at 10",
                "c at 20",
                "a at 30",
                "main at 60",
                "second part took 30",
            ],
        ],
        sentence: "Your prediction adds the three sleeps of the first part. The tasks sleep at the same time: each set its timer in its \
                   first poll, at time zero. When the longest sleep ends, the others have ended already.",
    },
    Misconception {
        mistake: "started-order-is-finish-order",
        predictions: &[
            &[
                "a at 30",
                "b at 10",
                "c at 20",
                "main at 30",
                "second part took 60",
            ],
            &[
                "a at 30",
                "b at 30",
                "c at 30",
                "main at 30",
                "second part took 60",
            ],
            &[
                "a at 30",
                "b at 10",
                "c at 20",
                "main at 30",
                "second part took 30",
            ],
            &[
                "a at 30",
                "b at 30",
                "c at 30",
                "main at 30",
                "second part took 30",
            ],
        ],
        sentence: "In your prediction the tasks complete in the order in which main spawns or awaits them. A task completes when its own \
                   sleep ends: b at 10, whichever handle main awaits.",
    },
    Misconception {
        mistake: "awaits-run-together",
        predictions: &[&[
            "b at 10",
            "c at 20",
            "a at 30",
            "main at 30",
            "second part took 30",
        ]],
        sentence: "In your prediction the three sleeps of the second part run at the same time. Main creates each of them after the one \
                   before it has ended: it calls `sleep(10)` at 60.",
    },
    Misconception {
        mistake: "measured-from-the-start",
        predictions: &[&[
            "b at 10",
            "c at 20",
            "a at 30",
            "main at 30",
            "second part took 90",
        ]],
        sentence: "90 is the time since the beginning at which the second part ends. The last line says how long the second part took, and \
                   it began at 30.",
    },
];

#[test]
fn the_prediction_is_the_order_and_time_at_which_the_tasks_complete() {
    let predicted = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &predicted,
        Wording {
            forms: &[
                "a at …",
                "b at …",
                "c at …",
                "main at …",
                "second part took …",
            ],
            guide: "the first four read `a at 5`, with one of `a`, `b`, `c` and `main`, and the last reads `second part took 5`",
        },
    );
    // A line with the unit means the same.
    let predicted = predicted.map(|line| line.trim().trim_end_matches("ms").trim_end());
    predict::compare(
        &run!(),
        &predicted,
        &[
            "b at 10",
            "c at 20",
            "a at 30",
            "main at 30",
            "second part took 60",
        ],
        &KNOWN,
    );
    let run = run!("beside_and_after");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    let handle = event_loop.handle();
    event_loop.block_on(main(handle, run.recorder()));
    snapshot!(run);
}

async fn main(handle: Handle, recorder: &Recorder) {
    let task = |name: &'static str, wait: u64| {
        let (handle, recorder) = (handle.clone(), recorder.clone());
        handle.clone().spawn(async move {
            handle.sleep(Duration::from_millis(wait)).await;
            recorder.says(name, format!("at {}", millis(handle.now())));
        })
    };
    for task in [task("a", 30), task("b", 10), task("c", 20)] {
        let _ = task.await;
    }
    recorder.says("main", format!("at {}", millis(handle.now())));
    let begin = handle.now();
    for wait in [30, 10, 20] {
        handle.sleep(Duration::from_millis(wait)).await;
    }
    let took = (handle.now() - begin).as_millis();
    recorder.says("main", format!("second part took {took}"));
}

fn millis(time: Time) -> u128 {
    time.since_start().as_millis()
}
