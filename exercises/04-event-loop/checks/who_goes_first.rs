//! who-goes-first: the order in which a loop polls its tasks.

use std::future::ready;

use super::subject::prediction;
use event_loop::{EventLoop, Handle, yield_now};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;

const LINES: [&str; 8] = [
    "main 1", "main 2", "a 1", "a 2", "b 1", "main 3", "b 2", "main 4",
];

const KNOWN: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "spawn-runs-now",
        predictions: &[
            &[
                "main 1", "a 1", "a 2", "b 1", "main 2", "b 2", "main 3", "main 4",
            ],
            &[
                "main 1", "a 1", "a 2", "b 1", "main 2", "main 3", "b 2", "main 4",
            ],
            &[
                "main 1", "a 1", "a 2", "b 1", "b 2", "main 2", "main 3", "main 4",
            ],
            &[
                "main 1", "a 1", "b 1", "main 2", "a 2", "b 2", "main 3", "main 4",
            ],
            &[
                "main 1", "a 1", "b 1", "main 2", "a 2", "main 3", "b 2", "main 4",
            ],
            &[
                "main 1", "a 1", "b 1", "a 2", "main 2", "b 2", "main 3", "main 4",
            ],
            &[
                "main 1", "a 1", "b 1", "a 2", "main 2", "main 3", "b 2", "main 4",
            ],
            &[
                "main 1", "a 1", "b 1", "a 2", "b 2", "main 2", "main 3", "main 4",
            ],
        ],
        sentence: "In your prediction a runs inside main's call of `spawn`. `spawn` appends the task to the loop's queue and returns. The \
                   poll of main goes on until main suspends itself.",
    },
    Misconception {
        mistake: "await-always-yields",
        predictions: &[
            &[
                "main 1", "main 2", "a 1", "b 1", "main 3", "a 2", "b 2", "main 4",
            ],
            &[
                "main 1", "main 2", "a 1", "b 1", "a 2", "main 3", "b 2", "main 4",
            ],
            &[
                "main 1", "main 2", "a 1", "b 1", "a 2", "b 2", "main 3", "main 4",
            ],
            &[
                "main 1", "main 2", "a 1", "main 3", "b 1", "a 2", "b 2", "main 4",
            ],
        ],
        sentence: "In your prediction another task runs at a's `ready(()).await`. That future is ready at its first poll, so a goes on at \
                   once, in the same poll.",
    },
    Misconception {
        mistake: "task-runs-when-awaited",
        predictions: &[
            &[
                "main 1", "main 2", "main 3", "b 1", "b 2", "main 4", "a 1", "a 2",
            ],
            &[
                "main 1", "main 2", "main 3", "a 1", "a 2", "b 1", "b 2", "main 4",
            ],
            &[
                "main 1", "main 2", "main 3", "b 1", "b 2", "a 1", "a 2", "main 4",
            ],
            &[
                "main 1", "main 2", "main 3", "b 1", "a 1", "a 2", "b 2", "main 4",
            ],
        ],
        sentence: "In your prediction main writes line 3 before a task has started. A spawned task runs even if no task awaits it: it is in \
                   the queue. `yield_now` puts main behind it.",
    },
    Misconception {
        mistake: "yield-waits-for-everybody",
        predictions: &[&[
            "main 1", "main 2", "a 1", "a 2", "b 1", "b 2", "main 3", "main 4",
        ]],
        sentence: "In your prediction main goes on only after b has completed. When main yields, it goes to the end of the queue, behind a \
                   and b. When b yields, it goes behind main.",
    },
];

#[test]
fn the_prediction_is_the_order_in_which_the_loop_runs() {
    let predicted = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &predicted,
        Wording {
            forms: &LINES,
            guide: "each line is one of the eight that the program writes, such as `main 1` or `a 2`",
        },
    );
    predict::compare(&run!(), &predicted, &LINES, &KNOWN);
    let run = run!("eight_lines");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    let handle = event_loop.handle();
    event_loop.block_on(main(handle, run.recorder()));
    snapshot!(run);
}

async fn main(handle: Handle, recorder: &Recorder) {
    let writes = |task: &'static str| {
        let recorder = recorder.clone();
        move |number: u32| recorder.says(task, number.to_string())
    };
    let (line, a, b) = (writes("main"), writes("a"), writes("b"));
    line(1);
    drop(handle.spawn(async move {
        a(1);
        ready(()).await;
        a(2);
    }));
    let b = handle.spawn(async move {
        b(1);
        yield_now().await;
        b(2);
    });
    line(2);
    yield_now().await;
    line(3);
    let _ = b.await;
    line(4);
}
