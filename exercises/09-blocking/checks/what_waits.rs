//! 9.1 what-waits: which job waits for which thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use event_loop::{EventLoop, Handle};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;

const LINES: [&str; 5] = ["other", "tick", "B", "look-up", "A"];

const KNOWN: [Misconception<'static>; 5] = [
    Misconception {
        mistake: "look-up-overtakes",
        predictions: &[
            &["other", "look-up", "tick", "B", "A"],
            &["look-up", "other", "tick", "B", "A"],
            &["other", "look-up", "C", "tick", "B"],
            &["look-up", "other", "C", "tick", "B"],
        ],
        sentence: "In your prediction the look-up returns after 1 second. Both threads of its pool are blocked then: A and B were submitted first, and a thread that is blocked takes no job.",
    },
    Misconception {
        mistake: "pool-blocks-the-loop",
        predictions: &[
            &["other", "B", "look-up", "A", "tick"],
            &["B", "look-up", "A", "other", "tick"],
            &["B", "other", "look-up", "A", "tick"],
            &["other", "B", "tick", "look-up", "A"],
        ],
        sentence: "In your prediction the timer waits for jobs. The jobs block the threads of the pools; the loop has a thread of its own, and its timer fires when it is due.",
    },
    Misconception {
        mistake: "started-job-stops",
        predictions: &[
            &["other", "A", "tick", "B", "look-up"],
            &["other", "tick", "look-up", "B", "C"],
            &["other", "tick", "B", "look-up", "?"],
        ],
        sentence: "In your prediction A does not return, because its handle was dropped. Its thread had started it, and a thread cannot be stopped from outside: A runs its 10 seconds, and its result is dropped.",
    },
    Misconception {
        mistake: "queued-job-runs",
        predictions: &[
            &["other", "tick", "B", "look-up", "C"],
            &["other", "tick", "B", "C", "look-up"],
        ],
        sentence: "In your prediction C runs. At second 2 no thread had started it, and dropping the handle of such a job removes it from the queue.",
    },
    Misconception {
        mistake: "shared-pool-starved",
        predictions: &[
            &["tick", "B", "look-up", "other", "A"],
            &["tick", "B", "other", "look-up", "A"],
            &["tick", "B", "look-up", "A", "other"],
        ],
        sentence: "In your prediction `other` waits for jobs of the first pool. It was submitted to a pool of its own, whose only thread is free.",
    },
];

#[test]
fn the_prediction_is_what_the_pools_do() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &["A", "B", "C", "look-up", "other", "tick"],
            guide: "a line is the name of a job that returns, `A`, `B`, `C`, `look-up` or `other`, or `tick`",
        },
    );
    predict::compare(&run!(), &prediction, &LINES, &KNOWN);
    let run = run!("two_pools");
    let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
    event_loop.block_on(program(event_loop.handle(), run.recorder().clone()));
    snapshot!(run);
}

type Queue = Rc<RefCell<VecDeque<(&'static str, u64)>>>;

/// The program. A thread is a task here, which sleeps where a thread would block.
async fn program(handle: Handle, recorder: Recorder) {
    let jobs: Queue = queue(&[("A", 10), ("B", 4), ("look-up", 1), ("C", 2)]);
    let names: Queue = queue(&[("other", 1)]);
    let threads: Vec<_> = [("jobs 1", &jobs), ("jobs 2", &jobs), ("names 1", &names)]
        .into_iter()
        .map(|(name, queue)| {
            handle.spawn(thread(
                handle.clone(),
                recorder.clone(),
                name,
                Rc::clone(queue),
            ))
        })
        .collect();
    handle.sleep(Duration::from_secs(2)).await;
    recorder.says("program", "drops A: its thread runs it, so it runs on");
    recorder.says("program", "drops C: it leaves the queue");
    jobs.borrow_mut().retain(|(name, _)| *name != "C");
    handle.sleep(Duration::from_secs(1)).await;
    recorder.says("loop", "tick");
    for thread in threads {
        thread.await.expect("no job panics");
    }
}

fn queue(jobs: &[(&'static str, u64)]) -> Queue {
    Rc::new(RefCell::new(jobs.iter().copied().collect()))
}

async fn thread(handle: Handle, recorder: Recorder, name: &'static str, queue: Queue) {
    loop {
        let job = queue.borrow_mut().pop_front();
        let Some((job, seconds)) = job else { return };
        recorder.says(name, format!("starts {job}"));
        handle.sleep(Duration::from_secs(seconds)).await;
        recorder.says(name, format!("{job} returns"));
    }
}
