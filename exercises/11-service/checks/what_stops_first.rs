//! what-stops-first: in which order a program ends.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Cleanup;
use event_loop::EventLoop;
use probe::detect::Token;
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;
use service::Program;

const SECOND: Duration = Duration::from_secs(1);

const LINES: [&str; 7] = [
    "main returns",
    "drop main",
    "drop worker",
    "goodbye",
    "log closed",
    "pool closed",
    "run returns",
];

/// All that a line may be.
const FORMS: [&str; 8] = [
    "main returns",
    "drop main",
    "drop worker",
    "goodbye",
    "log closed",
    "pool closed",
    "worker ends",
    "run returns",
];

/// The lines of each misconception, separated by bars.
macro_rules! lines {
    ($($line:literal)|*) => { &[$($line),*] };
}

const KNOWN: [Misconception<'static>; 9] = [
    Misconception {
        mistake: "tasks-run-to-the-end",
        predictions: &[
            lines![
                "main returns"
                    | "drop main"
                    | "worker ends"
                    | "goodbye"
                    | "drop worker"
                    | "log closed"
                    | "pool closed"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop main"
                    | "worker ends"
                    | "drop worker"
                    | "goodbye"
                    | "log closed"
                    | "pool closed"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop main"
                    | "worker ends"
                    | "drop worker"
                    | "log closed"
                    | "pool closed"
                    | "run returns"
            ],
        ],
        sentence: "In your prediction the worker ends by itself, after an hour. When `main` has returned, `run` cancels the tasks that are left.",
    },
    Misconception {
        mistake: "cleanup-is-lost",
        predictions: &[lines![
            "main returns"
                | "drop main"
                | "drop worker"
                | "log closed"
                | "pool closed"
                | "run returns"
        ]],
        sentence: "In your prediction the goodbye is never said. The worker's `Cleanup` spawns it when it is dropped, on the program's own spawner, and `run` waits for it.",
    },
    Misconception {
        mistake: "exits-in-order",
        predictions: &[lines![
            "main returns"
                | "drop main"
                | "drop worker"
                | "goodbye"
                | "pool closed"
                | "log closed"
                | "run returns"
        ]],
        sentence: "In your prediction the pool is closed before the log. The exits run in reverse: what was given to `at_exit` last runs first.",
    },
    Misconception {
        mistake: "pool-before-cleanup",
        predictions: &[
            lines![
                "main returns"
                    | "drop main"
                    | "drop worker"
                    | "log closed"
                    | "pool closed"
                    | "goodbye"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop main"
                    | "drop worker"
                    | "pool closed"
                    | "log closed"
                    | "goodbye"
                    | "run returns"
            ],
        ],
        sentence: "In your prediction the exits run before the goodbye is said. The clean-up of a task may still use the pool, so `run` waits for it first.",
    },
    Misconception {
        mistake: "pool-before-tasks",
        predictions: &[
            lines![
                "main returns"
                    | "drop main"
                    | "log closed"
                    | "pool closed"
                    | "drop worker"
                    | "goodbye"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop main"
                    | "pool closed"
                    | "log closed"
                    | "drop worker"
                    | "goodbye"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop main"
                    | "log closed"
                    | "pool closed"
                    | "drop worker"
                    | "run returns"
            ],
        ],
        sentence: "In your prediction the exits run while the worker is still there. The worker may use the pool, so `run` cancels the tasks first.",
    },
    Misconception {
        mistake: "cleanup-inside-the-drop",
        predictions: &[lines![
            "main returns"
                | "drop main"
                | "goodbye"
                | "drop worker"
                | "log closed"
                | "pool closed"
                | "run returns"
        ]],
        sentence: "In your prediction the goodbye is said before the worker's note is dropped. The goodbye takes a second, and a destructor cannot wait: it spawns the work and returns.",
    },
    Misconception {
        mistake: "main-dropped-last",
        predictions: &[
            lines![
                "main returns"
                    | "drop worker"
                    | "goodbye"
                    | "log closed"
                    | "pool closed"
                    | "drop main"
                    | "run returns"
            ],
            lines![
                "main returns"
                    | "drop worker"
                    | "goodbye"
                    | "log closed"
                    | "pool closed"
                    | "run returns"
                    | "drop main"
            ],
            lines![
                "main returns"
                    | "drop worker"
                    | "drop main"
                    | "goodbye"
                    | "log closed"
                    | "pool closed"
                    | "run returns"
            ],
        ],
        sentence: "In your prediction the note of `main` outlives the worker. It is a local variable of `main`, and is dropped when `main` returns, before `run` looks at the tasks.",
    },
    Misconception {
        mistake: "cancelled-task-not-dropped",
        predictions: &[],
        sentence: "In your prediction the worker's note is not dropped. `run` cancels the worker when `main` has returned, and a task that is cancelled is dropped, with its variables.",
    },
    Misconception {
        mistake: "exits-left-out",
        predictions: &[],
        sentence: "In your prediction `run` returns before both exits have run. `main` gave two to `at_exit`, and `run` waits for each of them.",
    },
];

/// The misconception that a prediction shows with its first wrong line. The lines behind that one do not matter.
fn first_wrong(prediction: &[&str]) -> Option<&'static Misconception<'static>> {
    let of = |line: &&str| {
        let words = line.split(|letter: char| !letter.is_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ").to_lowercase()
    };
    let lines: Vec<String> = prediction.iter().map(of).collect();
    let right = LINES.iter().map(of);
    let place = right.zip(&lines).position(|(right, line)| right != *line)?;
    let behind = |text: &str| lines[place..].iter().any(|line| line == text);
    let exits = ["log closed", "pool closed"];
    let mistake = match (place, lines[place].as_str()) {
        (_, "worker ends") => "tasks-run-to-the-end",
        (1, "drop worker") if behind("drop main") => "main-dropped-last",
        (2, "goodbye") if behind("drop worker") => "cleanup-inside-the-drop",
        (2, exit) if exits.contains(&exit) && behind("drop worker") => "pool-before-tasks",
        (2, exit) if exits.contains(&exit) && !behind("drop worker") => {
            "cancelled-task-not-dropped"
        }
        (3, exit) if exits.contains(&exit) && behind("goodbye") => "pool-before-cleanup",
        (3, exit) if exits.contains(&exit) && !behind("goodbye") => "cleanup-is-lost",
        (2, "run returns") => "cancelled-task-not-dropped",
        (3, "run returns") if !behind("goodbye") => "cleanup-is-lost",
        (4, "pool closed") if behind("log closed") => "exits-in-order",
        (4 | 5, "run returns") => "exits-left-out",
        _ => return None,
    };
    KNOWN.iter().find(|known| known.mistake == mistake)
}

#[test]
fn the_prediction_is_what_the_program_writes() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        prediction,
        Wording {
            forms: &FORMS,
            guide: "a line is a text that the program writes, such as `goodbye` or `run returns`, or `drop` and the name of a note: `drop worker`",
        },
    );
    let mut known = KNOWN.to_vec();
    let whole = [prediction];
    known.extend(first_wrong(prediction).map(|known| Misconception {
        predictions: &whole,
        ..*known
    }));
    predict::compare(&run!(), prediction, &LINES, &known);
    let run = run!("the_end");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    let recorder = run.recorder().clone();
    let ran = service::run(event_loop, 10 * SECOND, async |program| {
        main(program, recorder.clone()).await;
    });
    recorder.says("run", "returns");
    assert!(ran.left.is_empty() && ran.problems.is_empty());
    snapshot!(run);
}

async fn main(program: Program, recorder: Recorder) {
    let _note = Token::noting(&recorder, "main");
    for name in ["pool", "log"] {
        let recorder = recorder.clone();
        program.at_exit(name, async move {
            recorder.says(name, "closed");
            Ok(())
        });
    }
    program.spawn("worker", worker(program.clone(), recorder.clone()));
    program.handle().sleep(2 * SECOND).await;
    recorder.says("main", "returns");
}

async fn worker(program: Program, recorder: Recorder) {
    let _note = Token::noting(&recorder, "worker");
    let (handle, says) = (program.handle(), recorder.clone());
    let spawner: Rc<dyn event_loop::Spawn> = program.spawner();
    let _goodbye = Cleanup::new(&spawner, async move {
        handle.sleep(SECOND).await;
        says.says("goodbye", "is said");
    });
    program.handle().sleep(3_600 * SECOND).await;
    recorder.says("worker", "ends");
}
