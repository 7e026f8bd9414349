//! 8.1 who-goes-next: in which order a semaphore's waiters go on.

use std::rc::Rc;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};
use probe::predict::{self, Misconception, Wording};
use probe::{Recorder, run, snapshot};
use synchronization::Semaphore;

const LINES: [&str; 5] = ["main is refused", "b goes", "d asks", "c goes", "d goes"];

const KNOWN: [Misconception<'static>; 6] = [
    Misconception {
        mistake: "overtaken-by-try",
        predictions: &[
            &["main goes", "b goes", "d asks", "c goes", "d goes"],
            &["main goes", "d asks", "b goes", "c goes", "d goes"],
            &["main goes", "b goes", "c goes", "d asks", "d goes"],
        ],
        sentence: "In your prediction `try_acquire` succeeds while tasks wait. The permit was handed to a waiter inside of `drop(permit)`: none was free when `main` tried.",
    },
    Misconception {
        mistake: "turn-not-passed-on",
        predictions: &[
            &["main is refused", "d asks", "nothing", "nothing", "nothing"],
            &["main goes", "d asks", "d goes", "nothing", "nothing"],
            &["main goes", "d asks", "nothing", "nothing", "nothing"],
            &["main is refused", "d asks", "d goes", "nothing", "nothing"],
        ],
        sentence: "In your prediction the permit that was handed to a is lost when a is cancelled. Dropping the future of a drops the permit, and its destructor hands it to the next waiter.",
    },
    Misconception {
        mistake: "drop-is-later",
        predictions: &[
            &["main is refused", "a goes", "b goes", "d asks", "c goes"],
            &["main is refused", "a goes", "b goes", "c goes", "d asks"],
            &["main is refused", "a goes", "d asks", "b goes", "c goes"],
            &["main goes", "a goes", "b goes", "d asks", "c goes"],
        ],
        sentence: "In your prediction a goes on after it was cancelled, because it had been chosen. A dropped future is not polled again: no line of it runs.",
    },
    Misconception {
        mistake: "wake-runs-the-task-now",
        predictions: &[
            &["a goes", "main is refused", "b goes", "d asks", "c goes"],
            &["a goes", "b goes", "c goes", "main goes", "d asks"],
            &["a goes", "main is refused", "d asks", "b goes", "c goes"],
            &["b goes", "main is refused", "d asks", "c goes", "d goes"],
            &["b goes", "main is refused", "c goes", "d asks", "d goes"],
            &["b goes", "c goes", "main goes", "d asks", "d goes"],
        ],
        sentence: "In your prediction a waiter runs before `main` awaits. To hand over a permit wakes the waiter's task: it is in the ready queue, and runs when `main` is suspended.",
    },
    Misconception {
        mistake: "barging",
        predictions: &[&["main is refused", "b goes", "d asks", "d goes", "c goes"]],
        sentence: "In your prediction d, which asks while c waits, goes before c. The permit of b was handed to c when b returned it: none was free when d asked.",
    },
    Misconception {
        mistake: "woken-before-spawned",
        predictions: &[
            &["main is refused", "b goes", "c goes", "d asks", "d goes"],
            &["main is refused", "d asks", "b goes", "c goes", "d goes"],
        ],
        sentence: "The waiters go in the order that you predicted. But a woken task joins the end of the ready queue, as a spawned one does: b was woken, then d was spawned, and c is woken when b has returned the permit.",
    },
];

#[test]
fn the_prediction_is_the_order_in_which_they_go() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &[
                "a goes",
                "b goes",
                "c goes",
                "d goes",
                "main goes",
                "d asks",
                "main is refused",
                "nothing",
            ],
            guide: "a line is `main goes`, `main is refused`, `d asks`, or the name of a task and `goes`: `b goes`",
        },
    );
    predict::compare(&run!(), &prediction, &LINES, &KNOWN);
    let run = run!("order");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(program(event_loop.handle(), run.recorder().clone()));
    snapshot!(run);
}

async fn program(handle: Handle, recorder: Recorder) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let semaphore = Semaphore::new(1);
    let permit = semaphore.acquire().await;
    let tasks = ["a", "b", "c", "d"].map(|name| task(name, semaphore.clone(), recorder.clone()));
    let [a, b, c, d] = tasks;
    let [a, b, c] = [
        Task::spawn(&spawn, a),
        Task::spawn(&spawn, b),
        Task::spawn(&spawn, c),
    ];
    yield_now().await;
    drop(permit);
    recorder.says("main", "returns its permit");
    a.cancel();
    recorder.says("main", "cancels a");
    match semaphore.try_acquire() {
        Ok(_permit) => recorder.says("main", "goes"),
        Err(_) => recorder.says("main", "is refused"),
    }
    let d = Task::spawn(&spawn, d);
    handle.sleep(Duration::from_secs(1)).await;
    for task in [b, c, d] {
        assert!(task.is_over(), "every task goes");
    }
}

async fn task(name: &'static str, semaphore: Semaphore, recorder: Recorder) {
    recorder.says(name, "asks");
    let _permit = semaphore.acquire().await;
    recorder.says(name, "goes");
}
