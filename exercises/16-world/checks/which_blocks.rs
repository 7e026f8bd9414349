//! which-blocks: two foreign crates on one loop, beside a task that ticks.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, JumpingDriver};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};

const LINES: [&str; 7] = [
    "tick at 0 ms",
    "handler begins at 0 ms",
    "fetched at 25 ms",
    "tick at 25 ms",
    "tick at 35 ms",
    "tick at 45 ms",
    "waited at 50 ms",
];

const FORMS: [&str; 4] = [
    "tick at … ms",
    "handler begins at … ms",
    "fetched at … ms",
    "waited at … ms",
];

/// A prediction that begins as the run does: what comes after it.
macro_rules! after_both {
    ($($line:literal)|*) => { &["tick at 0 ms", "handler begins at 0 ms", $($line),*] };
}

const KNOWN: [Misconception<'static>; 5] = [
    Misconception {
        mistake: "blocking-call-suspends",
        predictions: &[
            after_both!(
                "tick at 10 ms"
                    | "tick at 20 ms"
                    | "fetched at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "tick at 50 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "tick at 10 ms"
                    | "tick at 20 ms"
                    | "fetched at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "tick at 10 ms"
                    | "tick at 20 ms"
                    | "fetched at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "waited at 50 ms"
                    | "tick at 50 ms"
            ),
            after_both!(
                "tick at 25 ms"
                    | "fetched at 25 ms"
                    | "tick at 35 ms"
                    | "tick at 45 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "tick at 10 ms"
                    | "fetched at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 35 ms"
                    | "tick at 45 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "tick at 10 ms"
                    | "tick at 20 ms"
                    | "fetched at 25 ms"
                    | "waited at 50 ms"
                    | "tick at 50 ms"
            ),
            after_both!("tick at 10 ms" | "tick at 20 ms" | "fetched at 25 ms" | "waited at 50 ms"),
        ],
        sentence: "In your prediction the ticker ticks while `call` waits for the server. `call` is a plain function: until it returns, the poll of the handler does not return, and the loop polls no other task.",
    },
    Misconception {
        mistake: "foreign-timer-blocks",
        predictions: &[
            after_both!("fetched at 25 ms" | "waited at 50 ms" | "tick at 50 ms"),
            after_both!("fetched at 25 ms" | "waited at 50 ms"),
            after_both!("fetched at 25 ms" | "tick at 25 ms" | "waited at 50 ms"),
            after_both!("fetched at 25 ms" | "tick at 25 ms" | "waited at 50 ms" | "tick at 50 ms"),
        ],
        sentence: "In your prediction the `Delay` stops the ticker, too. It is a future: its poll keeps the waker and returns `Pending`. A thread of futures-timer wakes the handler's task 25 ms later.",
    },
    Misconception {
        mistake: "late-timer-keeps-schedule",
        predictions: &[
            after_both!(
                "fetched at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "fetched at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "tick at 50 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "fetched at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "tick at 50 ms"
                    | "waited at 50 ms"
            ),
            after_both!("fetched at 25 ms" | "tick at 30 ms" | "tick at 40 ms" | "waited at 50 ms"),
        ],
        sentence: "In your prediction the ticks come back to whole tens of milliseconds. The timer that was due at 10 ms fires at 25 ms, and `sleep(10 ms)` counts from there.",
    },
    Misconception {
        mistake: "tick-burst",
        predictions: &[
            after_both!(
                "fetched at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 35 ms"
                    | "tick at 45 ms"
                    | "waited at 50 ms"
            ),
            after_both!(
                "fetched at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 25 ms"
                    | "tick at 30 ms"
                    | "tick at 40 ms"
                    | "waited at 50 ms"
            ),
        ],
        sentence: "In your prediction the ticks that were missed come in a burst. The ticker sets one timer at a time: while it was due, no second one was set.",
    },
    Misconception {
        mistake: "sleep-counts-from-spawn",
        predictions: &[
            after_both!("fetched at 25 ms" | "waited at 25 ms" | "tick at 25 ms"),
            after_both!("fetched at 25 ms" | "waited at 25 ms"),
            after_both!("fetched at 25 ms" | "tick at 25 ms" | "waited at 25 ms"),
        ],
        sentence: "In your prediction the 25 ms of the `Delay` have passed when it is made. It is made after `call` has returned, at 25 ms.",
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
            guide: "a line is a text that one of the two writes and its time, such as `tick at 70 ms`",
        },
    );
    predict::compare(&run!(), prediction, &LINES, &KNOWN);
    let run = run!("two");
    two(run.recorder());
    snapshot!(run);
}

/// The loop of the exercise. What the crates do is played: a call that blocks lets time pass in the poll, and a foreign timer wakes
/// the task at its time, as a timer of the loop does.
fn two(recorder: &Recorder) {
    let event_loop = Rc::new(EventLoop::with_driver(JumpingDriver::new()));
    let handle = event_loop.handle();
    let writes = |actor: &'static str| {
        let (handle, recorder) = (handle.clone(), recorder.clone());
        move |text: &str| {
            let millis = handle.now().since_start().as_millis();
            recorder.says(actor, format!("{text} at {millis} ms"));
        }
    };
    let (ticker, handler) = (writes("ticker"), writes("handler"));
    let sleeps = handle.clone();
    drop(handle.spawn(async move {
        loop {
            ticker("tick");
            sleeps.sleep(Duration::from_millis(10)).await;
        }
    }));
    let (blocked, delays) = (Rc::clone(&event_loop), handle.clone());
    let handled = handle.spawn(async move {
        handler("handler begins");
        blocked.driver().spend(Duration::from_millis(25));
        handler("fetched");
        delays.sleep(Duration::from_millis(25)).await;
        handler("waited");
    });
    let _ = event_loop.block_on(handled);
}
