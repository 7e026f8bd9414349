//! 6.6 cancel-and-await: what runs after a `cancel()`, and in which order.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Task;
use event_loop::{EventLoop, Handle, Spawn, yield_now};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;

const LINES: [&str; 5] = ["cancels", "drop child", "drop worker", "goes on", "knows"];

const KNOWN: [Misconception<'static>; 5] = [
    Misconception {
        mistake: "cancel-is-thrown-in",
        predictions: &[
            &["cancels", "goes on", "drop child", "drop worker", "knows"],
            &["cancels", "goes on", "drop worker", "drop child", "knows"],
        ],
        sentence: "This has the tasks go on existing until the loop comes to them, as in asyncio, where `cancel` makes a note and an exception is thrown \
                   in at the next turn. Here the future is suspended, so it can be dropped at once: when `cancel` has returned, it is gone.",
    },
    Misconception {
        mistake: "drop-is-later",
        predictions: &[
            &[
                "cancels",
                "goes on",
                "child ends",
                "drop child",
                "worker ends",
            ],
            &["cancels", "goes on", "child ends", "worker ends", "knows"],
            &[
                "cancels",
                "child ends",
                "drop child",
                "worker ends",
                "drop worker",
            ],
            &["cancels", "worker ends", "drop worker", "goes on", "knows"],
            &["cancels", "goes on", "worker ends", "drop worker", "knows"],
            &["cancels", "child ends", "worker ends", "goes on", "knows"],
        ],
        sentence: "This has a task that is cancelled come to its last line. It is never polled again: no line of it runs after the `await` where it stands.",
    },
    Misconception {
        mistake: "outermost-first",
        predictions: &[
            &["cancels", "drop worker", "drop child", "goes on", "knows"],
            &["cancels", "drop worker", "goes on", "drop child", "knows"],
        ],
        sentence: "This has the worker's note go first. The child came after it, and is what the worker waits for; what came last goes first.",
    },
    Misconception {
        mistake: "child-lives-on",
        predictions: &[
            &["cancels", "drop worker", "goes on", "knows", "drop child"],
            &["cancels", "drop worker", "goes on", "knows", "child ends"],
            &["cancels", "goes on", "drop worker", "knows", "drop child"],
            &["cancels", "goes on", "drop worker", "knows", "child ends"],
        ],
        sentence: "This has the child live on when its parent is gone. The worker owns it: the task is one of its variables, it is dropped with the others, \
                   and to drop a task is to cancel it. (In tokio it would live on.)",
    },
    Misconception {
        mistake: "runs-when-awaited",
        predictions: &[
            &["cancels", "goes on", "knows", "drop child", "drop worker"],
            &["cancels", "goes on", "knows", "drop worker", "drop child"],
        ],
        sentence: "This has main know of the end before the destructors have run. Whoever learns that a task is over may rely on it that nothing of it is left.",
    },
];

#[test]
fn the_prediction_is_what_the_loop_does() {
    predict::written_as(
        &run!(),
        &prediction(),
        Wording {
            forms: &[
                "cancels",
                "goes on",
                "knows",
                "drop child",
                "drop worker",
                "child ends",
                "worker ends",
            ],
            guide: "a line is a text that the program writes, such as `goes on` or `child ends`, or `drop` and the name of a note: `drop child`",
        },
    );
    predict::compare(&run!(), &prediction(), &LINES, &KNOWN);
    let run = run!("from_cancels_on");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    event_loop.block_on(main(event_loop.handle(), run.recorder().clone()));
    snapshot!(run);
}

struct Note(Recorder, &'static str);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.drops(self.1);
    }
}

async fn main(handle: Handle, recorder: Recorder) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let worker = Task::spawn(&spawn, worker(Rc::clone(&spawn), handle, recorder.clone()));
    for _ in 0..3 {
        yield_now().await;
    }
    recorder.says("main", "cancels");
    worker.cancel();
    recorder.says("main", "goes on");
    let _ = worker.await;
    recorder.says("main", "knows");
}

async fn worker(spawn: Rc<dyn Spawn>, handle: Handle, recorder: Recorder) {
    let _note = Note(recorder.clone(), "worker");
    let child = Task::spawn(&spawn, child(handle, recorder.clone()));
    let _ = child.await;
    recorder.says("worker", "ends");
}

async fn child(handle: Handle, recorder: Recorder) {
    let _note = Note(recorder.clone(), "child");
    handle.sleep(Duration::from_secs(3600)).await;
    recorder.says("child", "ends");
}
