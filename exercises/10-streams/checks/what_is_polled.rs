//! what-is-polled: which lines a stream and the body of a loop over it write, and when.

use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, Handle};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;
use streams::{from_async, next, take};

const SECOND: Duration = Duration::from_secs(1);

const LINES: [&str; 7] = [
    "made at 0 s",
    "send 1 at 1 s",
    "got 1 at 1 s",
    "send 2 at 4 s",
    "got 2 at 4 s",
    "end at 6 s",
    "drop numbers at 6 s",
];

/// All that a line may be.
const FORMS: [&str; 5] = [
    "made at … s",
    "send … at … s",
    "got … at … s",
    "end at … s",
    "drop numbers at … s",
];

/// A prediction that begins with `made at 0 s`: what comes after it.
macro_rules! after_made {
    ($($line:literal)|*) => { &["made at 0 s", $($line),*] };
}

const KNOWN: [Misconception<'static>; 10] = [
    Misconception {
        mistake: "stream-runs-alone",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 2 s"
                    | "got 2 at 3 s"
                    | "end at 5 s"
                    | "drop numbers at 5 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 2 s"
                    | "send 3 at 3 s"
                    | "got 2 at 3 s"
                    | "end at 5 s"
                    | "drop numbers at 5 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 2 s"
                    | "got 2 at 3 s"
                    | "send 3 at 3 s"
                    | "end at 5 s"
                    | "drop numbers at 5 s"
            ),
        ],
        sentence: "In your prediction the block writes `send 2` while the body of the loop sleeps. The block is no task: it runs only while its stream is polled, and the body does not poll it.",
    },
    Misconception {
        mistake: "runs-past-its-send",
        predictions: &[after_made!(
            "send 1 at 1 s"
                | "got 1 at 1 s"
                | "send 2 at 3 s"
                | "got 2 at 3 s"
                | "end at 5 s"
                | "drop numbers at 5 s"
        )],
        sentence: "In your prediction the block's second sleep counts from 1 s. At 1 s the block stands at its `send`; it goes on, and makes that sleep, when the stream is polled again, at 3 s.",
    },
    Misconception {
        mistake: "polled-past-the-count",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "send 3 at 7 s"
                    | "end at 7 s"
                    | "drop numbers at 7 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "send 3 at 7 s"
                    | "drop numbers at 7 s"
                    | "end at 7 s"
            ),
        ],
        sentence: "In your prediction `take` asks for a third number before it ends. After two items it has its count, and ends without polling its source.",
    },
    Misconception {
        mistake: "last-body-skipped",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "end at 4 s"
                    | "drop numbers at 4 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "drop numbers at 4 s"
                    | "end at 4 s"
            ),
        ],
        sentence: "In your prediction the loop ends with the second number. The stream's end is an answer of its own, `None`, and the loop asks for it when the body has slept.",
    },
    Misconception {
        mistake: "source-dropped-at-the-count",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "drop numbers at 4 s"
                    | "got 2 at 4 s"
                    | "end at 6 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "drop numbers at 4 s"
                    | "end at 6 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 4 s"
                    | "got 2 at 4 s"
                    | "drop numbers at 6 s"
                    | "end at 6 s"
            ),
        ],
        sentence: "In your prediction the numbers are dropped when `take` has its count. `take` owns its source, and drops it when it is dropped itself, at the end of `main`.",
    },
    Misconception {
        mistake: "bodies-run-together",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 2 s"
                    | "got 2 at 2 s"
                    | "end at 4 s"
                    | "drop numbers at 4 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "got 1 at 1 s"
                    | "send 2 at 2 s"
                    | "got 2 at 2 s"
                    | "end at 2 s"
                    | "drop numbers at 2 s"
            ),
        ],
        sentence: "In your prediction the second number comes while the body still sleeps for the first. The loop runs one body at a time: `sleep(2 s).await` ends before `next` is called again.",
    },
    Misconception {
        mistake: "all-items-first",
        predictions: &[
            after_made!(
                "send 1 at 1 s"
                    | "send 2 at 2 s"
                    | "got 1 at 2 s"
                    | "got 2 at 4 s"
                    | "end at 6 s"
                    | "drop numbers at 6 s"
            ),
            after_made!(
                "send 1 at 1 s"
                    | "send 2 at 2 s"
                    | "drop numbers at 2 s"
                    | "got 1 at 2 s"
                    | "got 2 at 4 s"
                    | "end at 6 s"
            ),
        ],
        sentence: "In your prediction both numbers are sent before `main` gets the first. That is a list. A stream yields each item before the next one is made.",
    },
    Misconception {
        mistake: "got-before-send",
        predictions: &[],
        sentence: "In your prediction `main` gets a number before the block writes `send`. The block writes that line, and then calls `send`: only then the stream has an item to yield.",
    },
    Misconception {
        mistake: "wait-before-the-item-left-out",
        predictions: &[],
        sentence: "In your prediction a number is sent without the second before it. The block sleeps for 1 s, and then writes `send`, for each number.",
    },
    Misconception {
        mistake: "destructor-left-out",
        predictions: &[],
        sentence: "All lines of your prediction are right, and the last one is missing. `drop(two)` drops the stream, the stream drops its block, and the block's `Note` writes a line.",
    },
];

/// The misconception that a prediction shows with its first wrong line. The lines behind that do not count.
fn first_wrong(prediction: &[&str]) -> Option<&'static Misconception<'static>> {
    let of = |line: &str| {
        let words = line.split(|letter: char| !letter.is_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ").to_lowercase()
    };
    let lines: Vec<String> = prediction.iter().map(|line| of(line)).collect();
    let right = LINES.iter().take(lines.len());
    let place = (right.zip(&lines).position(|(right, line)| right != line))
        .or((lines.len() == LINES.len() - 1).then_some(lines.len()))?;
    let line = lines.get(place).map_or("", String::as_str);
    let next = lines.get(place + 1).map_or("", String::as_str);
    let mistake = match (place, line, next) {
        (1 | 3, line, next) if line.starts_with("got") && next.starts_with("send") => {
            "got-before-send"
        }
        (1, "send 1 at 0 s", _) => "wait-before-the-item-left-out",
        (2, "send 2 at 2 s", _) => "all-items-first",
        (3, "send 2 at 1 s", _) => "wait-before-the-item-left-out",
        (3, "send 2 at 2 s", "got 2 at 2 s") => "bodies-run-together",
        (3, "send 2 at 2 s", _) => "stream-runs-alone",
        (3, "send 2 at 3 s", _) => "runs-past-its-send",
        (4 | 5, "drop numbers at 4 s", _) | (5, "drop numbers at 6 s", _) => {
            "source-dropped-at-the-count"
        }
        (5, "end at 4 s", _) => "last-body-skipped",
        (5, line, _) if line.starts_with("send 3") => "polled-past-the-count",
        (6, "", _) => "destructor-left-out",
        _ => return None,
    };
    KNOWN.iter().find(|known| known.mistake == mistake)
}

#[test]
fn the_prediction_is_what_the_loop_does() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        prediction,
        Wording {
            forms: &FORMS,
            guide: "a line is a text that the program writes and its time, such as `got 1 at 5 s` or `drop numbers at 5 s`",
        },
    );
    let first_wrong = first_wrong(prediction);
    let mut known = KNOWN.to_vec();
    let whole = [prediction];
    known.extend(first_wrong.map(|known| Misconception {
        predictions: &whole,
        ..*known
    }));
    predict::compare(&run!(), prediction, &LINES, &known);
    let run = run!("to_the_end");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    let log = Log(event_loop.handle(), run.recorder().clone());
    event_loop.block_on(main(log));
    snapshot!(run);
}

/// Writes a line with its time.
#[derive(Clone)]
struct Log(Handle, Recorder);

impl Log {
    fn writes(&self, actor: &str, text: &str) {
        let seconds = self.0.now().since_start().as_secs();
        self.1.says(actor, format!("{text} at {seconds} s"));
    }
}

struct Note(Log);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.writes("numbers", "drop numbers");
    }
}

async fn main(log: Log) {
    let (inside, handle) = (log.clone(), log.0.clone());
    let numbers = from_async(async move |mut items| {
        let note = Note(inside);
        for number in 1.. {
            handle.sleep(SECOND).await;
            note.0.writes("numbers", &format!("send {number}"));
            items.send(number).await;
        }
    });
    let mut two = Box::pin(take(numbers, 2));
    log.writes("main", "made");
    while let Some(number) = next(&mut two).await {
        log.writes("main", &format!("got {number}"));
        log.0.sleep(2 * SECOND).await;
    }
    log.writes("main", "end");
    drop(two);
}
