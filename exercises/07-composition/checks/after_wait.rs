//! 7.1 after-wait: what runs on after `wait`, and what after `timeout`.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Task;
use composition::{Until, timeout, wait_at};
use event_loop::{EventLoop, Handle, Spawn};
use probe::detect::Token;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;

const SECOND: Duration = Duration::from_secs(1);

const LINES: [&str; 8] = [
    "a ends",
    "drop a",
    "waited",
    "b ends",
    "drop b",
    "drop c",
    "timed out",
    "main ends",
];

/// All that a line may be.
const FORMS: [&str; 9] = [
    "a ends",
    "b ends",
    "c ends",
    "drop a",
    "drop b",
    "drop c",
    "waited",
    "timed out",
    "main ends",
];

/// The lines of each misconception, separated by bars.
macro_rules! lines {
    ($($line:literal)|*) => { &[$($line),*] };
}

const KNOWN: [Misconception<'static>; 7] = [
    Misconception {
        mistake: "wait-cancels-the-rest",
        predictions: &[
            lines![
                "a ends" | "drop a" | "drop b" | "waited" | "drop c" | "timed out" | "main ends"
            ],
            lines![
                "a ends" | "drop a" | "waited" | "drop b" | "drop c" | "timed out" | "main ends"
            ],
        ],
        sentence: "In your prediction b is dropped when the time of `wait_at` is up. `wait_at` returns b as `pending`: `main` owns its `Task`, and the loop runs it on.",
    },
    Misconception {
        mistake: "timeout-lets-it-run",
        predictions: &[lines![
            "a ends"
                | "drop a"
                | "waited"
                | "b ends"
                | "drop b"
                | "timed out"
                | "c ends"
                | "drop c"
                | "main ends"
        ]],
        sentence: "In your prediction c runs on after `timeout` has returned. The time-out owns the `Task` of c, and drops it when the deadline passes.",
    },
    Misconception {
        mistake: "wait-and-timeout-swapped",
        predictions: &[
            lines![
                "a ends"
                    | "drop a"
                    | "drop b"
                    | "waited"
                    | "timed out"
                    | "c ends"
                    | "drop c"
                    | "main ends"
            ],
            lines![
                "a ends"
                    | "drop a"
                    | "waited"
                    | "drop b"
                    | "timed out"
                    | "c ends"
                    | "drop c"
                    | "main ends"
            ],
        ],
        sentence: "In your prediction b is cancelled and c runs on. It is the other way round: `wait_at` hands its tasks back, and `timeout` drops its future.",
    },
    Misconception {
        mistake: "timeout-drops-later",
        predictions: &[
            lines![
                "a ends"
                    | "drop a"
                    | "waited"
                    | "b ends"
                    | "drop b"
                    | "timed out"
                    | "drop c"
                    | "main ends"
            ],
            lines![
                "a ends"
                    | "drop a"
                    | "waited"
                    | "b ends"
                    | "drop b"
                    | "timed out"
                    | "main ends"
                    | "drop c"
            ],
        ],
        sentence: "In your prediction c is dropped after `timeout` has returned. The time-out drops it before it returns `Elapsed`.",
    },
    Misconception {
        mistake: "deadline-ignored",
        predictions: &[lines![
            "a ends"
                | "drop a"
                | "b ends"
                | "drop b"
                | "waited"
                | "drop c"
                | "timed out"
                | "main ends"
        ]],
        sentence: "In your prediction `wait_at` returns when b has finished, at 3 s. `All` says what satisfies the wait; the deadline ends it at 2 s in any case.",
    },
    Misconception {
        mistake: "task-runs-when-awaited",
        predictions: &[
            lines!["a ends" | "drop a" | "waited" | "drop c" | "timed out" | "main ends"],
            lines![
                "a ends" | "drop a" | "waited" | "drop c" | "timed out" | "main ends" | "drop b"
            ],
        ],
        sentence: "In your prediction b stands still while no code awaits it. The loop polls a task whether or not its `Task` is awaited.",
    },
    Misconception {
        mistake: "timeout-counts-from-zero",
        predictions: &[lines![
            "a ends"
                | "drop a"
                | "waited"
                | "drop c"
                | "timed out"
                | "b ends"
                | "drop b"
                | "main ends"
        ]],
        sentence: "In your prediction c is dropped before b ends at 3 s. `main` calls `timeout` at 2 s, and its 2 s count from there.",
    },
];

#[test]
fn the_prediction_is_what_the_loop_does() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        prediction,
        Wording {
            forms: &FORMS,
            guide: "a line is a text that the program writes, such as `waited` or `b ends`, or `drop` and the name of a note: `drop b`",
        },
    );
    predict::compare(&run!(), prediction, &LINES, &KNOWN);
    let run = run!("to_the_end");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    event_loop.block_on(main(event_loop.handle(), run.recorder().clone()));
    snapshot!(run);
}

async fn main(handle: Handle, recorder: Recorder) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let job = |name: &'static str, seconds: u32| {
        let (handle, recorder) = (handle.clone(), recorder.clone());
        Task::spawn(&spawn, async move {
            let _note = Token::noting(&recorder, name);
            handle.sleep(SECOND * seconds).await;
            recorder.says(name, "ends");
        })
    };
    let deadline = handle.now() + 2 * SECOND;
    let jobs = vec![job("a", 1), job("b", 3)];
    let waited = wait_at(&handle, deadline, jobs, Until::All).await;
    recorder.says("main", "waited");
    let result = timeout(&handle, 2 * SECOND, job("c", 3)).await;
    recorder.says("main", "timed out");
    handle.sleep(3 * SECOND).await;
    recorder.says("main", "ends");
    // Not earlier: `main` owns what is pending.
    drop((waited, result.is_err()));
}
