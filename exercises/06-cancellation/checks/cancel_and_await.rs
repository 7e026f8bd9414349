//! 6.6 cancel-and-await: what runs after a `cancel()`, and in which order.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Task;
use event_loop::{EventLoop, Handle, Spawn, yield_now};
use probe::detect::Token;
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
        sentence: "In your prediction the tasks exist until the loop's next iteration. In asyncio `cancel` sets a flag, and the loop throws an exception into the task later. Here the future is suspended, so `cancel` drops it before it returns.",
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
        sentence: "In your prediction a cancelled task runs to its last line. It is not polled again: no line after its `await` runs.",
    },
    Misconception {
        mistake: "outermost-first",
        predictions: &[
            &["cancels", "drop worker", "drop child", "goes on", "knows"],
            &["cancels", "drop worker", "goes on", "drop child", "knows"],
        ],
        sentence: "In your prediction the worker's note is dropped first. The `Task` of the child is the newer variable of the worker, and the newest is dropped first.",
    },
    Misconception {
        mistake: "child-lives-on",
        predictions: &[
            &["cancels", "drop worker", "goes on", "knows", "drop child"],
            &["cancels", "drop worker", "goes on", "knows", "child ends"],
            &["cancels", "goes on", "drop worker", "knows", "drop child"],
            &["cancels", "goes on", "drop worker", "knows", "child ends"],
        ],
        sentence: "In your prediction the child runs on after the worker is dropped. The worker owns the child's `Task` as a variable. It is dropped with the others, and dropping a `Task` cancels it. (In tokio the child would run on.)",
    },
    Misconception {
        mistake: "runs-when-awaited",
        predictions: &[
            &["cancels", "goes on", "knows", "drop child", "drop worker"],
            &["cancels", "goes on", "knows", "drop worker", "drop child"],
        ],
        sentence: "In your prediction `main` joins the task before its destructors have run. A joiner may rely on the destructors having run.",
    },
];

#[test]
fn the_prediction_is_what_the_loop_does() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
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
    predict::compare(&run!(), &prediction, &LINES, &KNOWN);
    let run = run!("from_cancels_on");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    event_loop.block_on(main(event_loop.handle(), run.recorder().clone()));
    snapshot!(run);
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
    let _note = Token::noting(&recorder, "worker");
    let child = Task::spawn(&spawn, child(handle, recorder.clone()));
    let _ = child.await;
    recorder.says("worker", "ends");
}

async fn child(handle: Handle, recorder: Recorder) {
    let _note = Token::noting(&recorder, "child");
    handle.sleep(Duration::from_secs(3600)).await;
    recorder.says("child", "ends");
}
