//! who-waits: two green threads and a task on one loop.

use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, Handle, JumpingDriver};
use green::{Green, wait};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};

const LINES: [&str; 6] = [
    "a begins at 0 s",
    "b begins at 0 s",
    "b ends at 3 s",
    "c begins at 3 s",
    "a ends at 3 s",
    "c ends at 4 s",
];

const FORMS: [&str; 2] = ["… begins at … s", "… ends at … s"];

/// A prediction that begins with `a begins at 0 s`: what comes after it.
macro_rules! after_a {
    ($($line:literal)|*) => { &["a begins at 0 s", $($line),*] };
}

const KNOWN: [Misconception<'static>; 6] = [
    Misconception {
        mistake: "green-threads-preempted",
        predictions: &[
            after_a!(
                "b begins at 0 s"
                    | "c begins at 0 s"
                    | "a ends at 1 s"
                    | "c ends at 1 s"
                    | "b ends at 3 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "c begins at 0 s"
                    | "c ends at 1 s"
                    | "a ends at 1 s"
                    | "b ends at 3 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "a ends at 1 s"
                    | "b ends at 3 s"
                    | "c begins at 3 s"
                    | "c ends at 4 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "c begins at 0 s"
                    | "b ends at 3 s"
                    | "a ends at 3 s"
                    | "c ends at 3 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "c begins at 0 s"
                    | "b ends at 3 s"
                    | "c ends at 3 s"
                    | "a ends at 3 s"
            ),
        ],
        sentence: "In your prediction another task goes on while b computes. A green thread gives the processor away only where it waits, and `computes` does not wait.",
    },
    Misconception {
        mistake: "wait-blocks-the-loop",
        predictions: &[after_a!(
            "a ends at 1 s"
                | "b begins at 1 s"
                | "b ends at 4 s"
                | "c begins at 4 s"
                | "c ends at 5 s"
        )],
        sentence: "In your prediction b begins when a has ended. `pause` blocks the green thread that calls it, and not the loop: b is polled in the same iteration.",
    },
    Misconception {
        mistake: "timer-jumps-the-queue",
        predictions: &[after_a!(
            "b begins at 0 s"
                | "b ends at 3 s"
                | "a ends at 3 s"
                | "c begins at 3 s"
                | "c ends at 4 s"
        )],
        sentence: "In your prediction a ends before c begins. Both can go on at 3 s, but c is in the batch of this iteration, and a's timer fires at the beginning of the next.",
    },
    Misconception {
        mistake: "sleep-counts-from-spawn",
        predictions: &[
            after_a!(
                "b begins at 0 s"
                    | "b ends at 3 s"
                    | "c begins at 3 s"
                    | "a ends at 3 s"
                    | "c ends at 3 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "b ends at 3 s"
                    | "c begins at 3 s"
                    | "c ends at 3 s"
                    | "a ends at 3 s"
            ),
        ],
        sentence: "In your prediction c's second has passed when c begins. Its timer is set when c calls `sleep`, at 3 s.",
    },
    Misconception {
        mistake: "late-timer-restarts",
        predictions: &[
            after_a!(
                "b begins at 0 s"
                    | "b ends at 3 s"
                    | "c begins at 3 s"
                    | "a ends at 4 s"
                    | "c ends at 4 s"
            ),
            after_a!(
                "b begins at 0 s"
                    | "b ends at 3 s"
                    | "c begins at 3 s"
                    | "c ends at 4 s"
                    | "a ends at 4 s"
            ),
        ],
        sentence: "In your prediction a waits for a second after b has computed. Its timer was set at 0 s, and is due at 1 s: at 3 s it is late, and fires at once.",
    },
    Misconception {
        mistake: "computing-takes-no-time",
        predictions: &[after_a!(
            "b begins at 0 s"
                | "b ends at 0 s"
                | "c begins at 0 s"
                | "a ends at 1 s"
                | "c ends at 1 s"
        )],
        sentence: "In your prediction b ends when it begins. `computes` takes 3 s of the loop's thread.",
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
            guide: "a line is a text that one of the three writes and its time, such as `c ends at 7 s`",
        },
    );
    contradictions(prediction);
    predict::compare(&run!(), prediction, &LINES, &KNOWN);
    let run = run!("three");
    three(run.recorder());
    snapshot!(run);
}

/// What no run of a loop can be, whichever task goes on when.
fn contradictions(prediction: &[&str]) {
    let lines: Vec<(String, String, u64)> = (prediction.iter())
        .filter_map(|line| {
            let line = line
                .to_lowercase()
                .replace(|c: char| !c.is_alphanumeric(), " ");
            let mut words = line.split_whitespace();
            let (task, verb) = (words.next()?.to_owned(), words.next()?.to_owned());
            Some((task, verb, words.find_map(|word| word.parse().ok())?))
        })
        .collect();
    if lines.len() < prediction.len() {
        return;
    }
    let run = run!();
    for line in prediction {
        run.recorder().says("your prediction", (*line).to_owned());
    }
    for (place, (task, verb, time)) in lines.iter().enumerate() {
        let earlier = &lines[..place];
        if earlier
            .iter()
            .any(|line| (&line.0, &line.1) == (task, verb))
        {
            run.diagnose(
                "line-written-twice",
                format!("In your prediction {task} {verb} twice. Each of the three writes its two lines once."),
            );
        }
        if let Some(before) = earlier.last()
            && before.2 > *time
        {
            run.diagnose(
                "clock-runs-backwards",
                format!("In your prediction a line is written at {time} s, and the line before it at {} s. The lines are in order, so no time is smaller than the one above it.", before.2),
            );
        }
    }
    let begins: Vec<&str> = (lines.iter())
        .filter(|line| line.1 == "begins")
        .map(|line| line.0.as_str())
        .collect();
    if begins.len() == 3 && begins != ["a", "b", "c"] {
        run.diagnose(
            "not-in-order-of-spawn",
            format!("In your prediction they begin in the order {}. They were spawned and woken in the order a, b, c, and the loop polls them in this order.", begins.join(", ")),
        );
    }
    if (1..6).contains(&lines.len())
        && lines.len() > 1
        && LINES[..lines.len()]
            .iter()
            .zip(&lines)
            .all(|(right, line)| {
                right.starts_with(&format!("{} {} at {} ", line.0, line.1, line.2))
            })
    {
        run.diagnose(
            "line-left-out",
            format!("Your {} lines are right, and the run has more: each of the three writes two lines.", lines.len()),
        );
    }
}

/// The loop of the exercise.
fn three(recorder: &Recorder) {
    let event_loop = std::rc::Rc::new(EventLoop::with_driver(JumpingDriver::new()));
    let handle = event_loop.handle();
    let writes = |name: &'static str| {
        let (handle, recorder) = (handle.clone(), recorder.clone());
        move |text: &str| {
            let seconds = handle.now().since_start().as_secs();
            recorder.says(name, format!("{name} {text} at {seconds} s"));
        }
    };
    let (a, b, c) = (writes("a"), writes("b"), writes("c"));
    let (inside, computing) = (handle.clone(), std::rc::Rc::clone(&event_loop));
    let a = Green::new(move || {
        a("begins");
        pause(&inside, 1);
        a("ends");
    });
    let b = Green::new(move || {
        b("begins");
        computing.driver().spend(Duration::from_secs(3));
        b("ends");
    });
    let inside = handle.clone();
    let tasks = [
        handle.spawn(a.expect("the system gives a stack")),
        handle.spawn(b.expect("the system gives a stack")),
        handle.spawn(async move {
            c("begins");
            inside.sleep(Duration::from_secs(1)).await;
            c("ends");
        }),
    ];
    event_loop.block_on(async {
        for task in tasks {
            let _ = task.await;
        }
    });
}

fn pause(handle: &Handle, seconds: u64) {
    wait(handle.sleep(Duration::from_secs(seconds)));
}
