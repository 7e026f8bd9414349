//! 4.1 who-goes-first: what runs when, on the loop.

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
        sentence: "This has a run inside of main's call of `spawn`. `spawn` puts the task into the loop's queue, and returns; main is \
                   being polled, and goes on until it pauses itself.",
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
        sentence: "This has a pause at `ready(()).await`, and lets somebody else go first. That future is ready at its first poll, so a \
                   goes on at once, in the same poll.",
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
        sentence: "This has main at line 3 before a task has begun. A spawned task needs nobody to await it: it is in the queue, and at \
                   main's `yield_now` it has its turn, because it was there before main came back to the end.",
    },
    Misconception {
        mistake: "yield-waits-for-everybody",
        predictions: &[&[
            "main 1", "main 2", "a 1", "a 2", "b 1", "b 2", "main 3", "main 4",
        ]],
        sentence: "This has main wait until b is over. When main yields it goes to the end of the queue, behind a and b; and when b yields \
                   in its turn, it goes behind main.",
    },
];

#[test]
fn the_prediction_is_what_the_loop_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &LINES,
            guide: "each line is one of the eight that are written by the program, such as `main 1` or `a 2`",
        },
    );
    predict::compare(&run!(), &prediction(), &LINES, &KNOWN);
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
