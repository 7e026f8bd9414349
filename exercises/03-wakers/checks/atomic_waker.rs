//! 3.9 atomic-waker: a place for one waker, without a lock.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::subject::AtomicWaker;
use probe::report::{self, Entry};
use probe::{Run, What, run, snapshot};
use probe_futures::laws::waiting::Wait;
use probe_futures::{Poller, poller, spy};
use probe_model::sync::atomic::{AtomicBool, Ordering};
use probe_model::sync::{inside_the_next_cell, thread};
use probe_model::{Blame, Both, alone, explore, nobody_waits, once};

const SPINS: Blame<'static> = Blame {
    mistake: Some("spins-for-the-cell"),
    sentence: "One thread was at the cell, and another went round in circles until it left. If the first one is not running, and it may not \
               be for a long time, the second one burns its share for nothing.",
};

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-at-the-cell"),
    sentence: "One thread was stopped in the middle of its call, and another could not finish its own until the first one went on. Here \
               nobody has to wait for anybody: who comes second leaves its wish behind, and goes.",
};

/// What may be the matter if the process dies while several are at the cell.
const FREED: &str = "It died while two were at the cell: memory was used that the other one had freed, or was freed by both.";

/// The code under test has unsafe parts: whatever it does, it does behind a crumb.
fn careful(run: &Run, mistake: Option<&str>, step: impl FnOnce()) {
    run.risk(mistake, FREED, step);
}

/// A call by somebody: recorded, with a crumb that shows what had happened before.
fn call(run: &Run, mistake: Option<&str>, lane: &str, what: &str, step: impl FnOnce()) {
    let call = run.recorder().enters(lane, what);
    report::write(&Entry::Crumb {
        mistake: mistake.map(str::to_owned),
        sentence: FREED.to_owned(),
        recording: run.recorder().recording(),
    });
    step();
    call.returns("returns");
}

/// After two have met at the cell, it has to be as good as new.
#[track_caller]
fn works_as_before(run: &Run, cell: &AtomicWaker) {
    let c = poller(run.recorder(), "C");
    run.recorder()
        .says("cell", "C registers, with nobody else there");
    cell.register(&c.waker());
    if c.wakes() > 0 {
        run.diagnose(
            "cell-not-reset",
            "Nobody else was at the cell any more, nothing had happened, and registering woke C at once: those who met before have left a \
             mark behind. Every task that registers from now on will poll again and again.",
        );
    }
    run.recorder().says("cell", "wake");
    cell.wake();
    if c.wakes() == 0 {
        run.diagnose(
            "cell-not-reset",
            "Nobody else was at the cell any more; C registered, and was not woken. Those who met before have left the state as if \
             somebody were inside still.",
        );
    }
}

#[test]
fn in_an_empty_one_there_is_nobody_to_wake() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            cell.wake();
            if cell.take().is_some() {
                run.departs("Nobody registered, and a waker came out.");
            }
        },
    );
}

#[test]
fn who_has_registered_is_woken_once() {
    let run = alone(
        || run!("registered"),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            run.recorder().says("cell", "A registers");
            cell.register(&a.waker());
            if a.wakes() > 0 {
                run.diagnose(
                    "busy-poll",
                    "Nothing had happened, and registering woke A at once. Whoever drives it will poll again, register again, and never \
                     sleep.",
                );
            }
            for wake in ["wake", "wake again"] {
                run.recorder().says("cell", wake);
                cell.wake();
            }
            match a.wakes() {
                1 => {}
                0 => run.diagnose(
                    "forgot-to-wake",
                    "A had registered, and was not woken.",
                ),
                _ => run.diagnose(
                    "waker-kept",
                    "A registered once, and was woken twice: the first wake should take the waker out.",
                ),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn who_registers_later_takes_the_place() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            for task in [&a, &b] {
                run.recorder()
                    .says("cell", format!("{} registers", task.name()));
                cell.register(&task.waker());
            }
            let kept = a.counts().alive;
            cell.wake();
            match (a.wakes(), b.wakes()) {
                (0, 1) => {}
                (1.., 0) => run.diagnose(
                    "first-waker-only",
                    "The wake went to A, who registered first; B, who registered last, is the one who waits.",
                ),
                _ => run.departs("B registered last, and should be woken, once, and A should not."),
            }
            drop(cell);
            match (kept, a.counts().alive) {
                (0, _) => {}
                (_, 0) => run.diagnose(
                    "waker-kept",
                    "B took A's place, and A's waker was kept all the same.",
                ),
                _ => run.diagnose(
                    "waker-leaked",
                    "B took A's place. A's waker is in nobody's hands any more, and was never dropped: the task that it belongs to stays in \
                     memory.",
                ),
            }
        },
    );
}

#[test]
fn it_can_be_used_again_and_again() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            for round in 1..=3 {
                cell.register(&a.waker());
                if a.wakes() == round {
                    run.diagnose(
                        "cell-not-reset",
                        format!(
                            "In round {round}, with nobody at the cell and nothing to wake for, registering woke A at once: the wake \
                             before has left its mark, and every task that registers will poll again and again.",
                        ),
                    );
                }
                cell.wake();
                run.recorder()
                    .says("cell", format!("round {round}: {} wakes", a.wakes()));
                if a.wakes() != round {
                    run.diagnose(
                        "cell-not-reset",
                        format!(
                            "In round {round} A registered, and was not woken. The round before has left the state as if somebody were \
                             at the cell still.",
                        ),
                    );
                }
            }
        },
    );
}

#[test]
fn one_that_is_dropped_drops_its_waker() {
    alone(
        || run!(),
        |run| {
            let cell = AtomicWaker::new();
            let a = poller(run.recorder(), "A");
            cell.register(&a.waker());
            drop(cell);
            run.recorder().says("cell", "is dropped");
            if a.counts().alive > 0 {
                run.diagnose(
                    "waker-leaked",
                    "The cell is gone, and the waker that was in it was never dropped.",
                );
            }
        },
    );
}

#[test]
fn a_wake_in_the_middle_of_a_registration_is_not_dropped() {
    for polls_at_once in [false, true] {
        once(
            || run!(),
            SPINS,
            SPINS,
            move |run| woken_while_registering(run, polls_at_once),
        );
    }
}

fn woken_while_registering(run: &Run, polls_at_once: bool) {
    let cell = Arc::new(AtomicWaker::new());
    let [a, again] = ["A", "A again"].map(|name| poller(run.recorder(), name));
    let (theirs, recorder) = (Arc::clone(&cell), run.recorder().clone());
    inside_the_next_cell(move || {
        let call = recorder.enters("other", "calls wake, while A is in the cell");
        theirs.wake();
        call.returns("returns");
    });
    if polls_at_once {
        let (theirs, waker, recorder) = (Arc::clone(&cell), again.waker(), run.recorder().clone());
        a.on_wake(move || {
            let call = recorder.enters("A", "polls at once, inside wake, and registers again");
            theirs.register(&waker);
            call.returns("has registered");
        });
    }
    call(run, None, "A", "registers", || cell.register(&a.waker()));
    if moment_came(run).is_none() {
        return; // Nobody was inside a cell of the model's, so there was no such moment.
    }
    if a.wakes() == 0 {
        run.diagnose(
            "wake-lost-at-the-cell",
            "Somebody called `wake` while A was in the cell, could not get in, and went away. A left the cell, did not look whether anybody \
             had come, and was not woken.",
        );
    }
    run.recorder().says("other", "calls wake again");
    careful(run, None, || cell.wake());
    if a.wakes() > 1 {
        run.diagnose(
            "waker-kept",
            "A had been woken as it left the cell, and its waker stayed in: the next wake woke it again.",
        );
    }
    if polls_at_once && again.wakes() == 0 {
        run.diagnose(
            "woke-too-soon",
            "A was woken, polled at once and wanted to register, and the state still said that somebody was inside. So it is not \
             registered, and the next wake did not reach it.",
        );
    }
    works_as_before(run, &cell);
}

#[test]
fn a_registration_in_the_middle_of_a_wake_is_not_dropped() {
    once(
        || run!(),
        SPINS,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            let (theirs, waker, recorder) = (Arc::clone(&cell), b.waker(), run.recorder().clone());
            inside_the_next_cell(move || {
                let call = recorder.enters("B", "registers, while somebody takes A's waker");
                theirs.register(&waker);
                call.returns("has registered");
            });
            careful(run, None, || cell.wake());
            if moment_came(run).is_none() {
                return; // Nobody was inside a cell of the model's, so there was no such moment.
            }
            if b.wakes() == 0 {
                run.recorder().says("other", "calls wake again");
                cell.wake();
            }
            if b.wakes() == 0 {
                run.diagnose(
                    "wake-lost-at-the-cell",
                    "B came to register while somebody was taking the waker of A, and could not get in. It was not woken, and it is not \
                     registered either: nobody will ever wake it.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}

/// When the step inside the cell was taken, if it was.
fn moment_came(run: &Run) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Enters(call) if call.contains("while")))
}

/// Somebody who registers at `cell`.
fn registers(run: &Run, cell: &Arc<AtomicWaker>, task: &Poller) -> Box<dyn FnOnce() + Send> {
    let (run, cell, task) = (run.clone(), Arc::clone(cell), task.clone());
    Box::new(move || {
        call(&run, None, task.name(), "registers", || {
            cell.register(&task.waker());
        });
    })
}

/// Somebody who wakes whoever is at `cell`.
fn wakes(
    run: &Run,
    cell: &Arc<AtomicWaker>,
    name: &'static str,
    mistake: Option<&'static str>,
) -> Box<dyn FnOnce() + Send> {
    let (run, cell) = (run.clone(), Arc::clone(cell));
    Box::new(move || call(&run, mistake, name, "wakes", || cell.wake()))
}

#[test]
fn two_who_wake_at_once_wake_once() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let a = poller(run.recorder(), "A");
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
            careful(run, Some("taken-twice"), || {
                let threads = ["left", "right"]
                    .map(|name| thread::spawn(wakes(run, &cell, name, Some("taken-twice"))));
                for thread in threads {
                    thread.join().expect("waking does not panic");
                }
            });
            match a.wakes() {
                1 => {}
                0 => lost(
                    run,
                    "A had registered, two came to wake it, and neither did.",
                ),
                _ => run.diagnose(
                    "taken-twice",
                    "A registered once, and two who came at the same moment both took its waker.",
                ),
            }
            works_as_before(run, &cell);
        },
    );
}

#[test]
fn one_who_is_stopped_at_the_cell_keeps_nobody_waiting() {
    let pairs: [fn(&Run, &Arc<AtomicWaker>) -> Both; 3] = [
        |run, cell| {
            let b = poller(run.recorder(), "B");
            (registers(run, cell, &b), wakes(run, cell, "other", None))
        },
        |run, cell| {
            let b = poller(run.recorder(), "B");
            (wakes(run, cell, "other", None), registers(run, cell, &b))
        },
        |run, cell| {
            (
                wakes(run, cell, "left", None),
                wakes(run, cell, "right", None),
            )
        },
    ];
    for pair in pairs {
        nobody_waits(
            || run!(),
            BLOCKED,
            SPINS,
            move |run| {
                let cell = Arc::new(AtomicWaker::new());
                cell.register(&poller(run.recorder(), "A").waker());
                run.recorder().says("A", "has registered");
                pair(run, &cell)
            },
        );
    }
}

#[test]
fn a_wake_beside_a_registration_wakes_one_of_the_two() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
            careful(run, None, || {
                let other = thread::spawn(wakes(run, &cell, "other", None));
                registers(run, &cell, &b)();
                other.join().expect("waking does not panic");
            });
            if a.wakes() + b.wakes() == 0 {
                lost(
                    run,
                    "A was registered, B took its place, and somebody called `wake` at the same moment. Whichever came first, there was \
                     somebody to wake at every moment, and neither was woken.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}

#[test]
fn register_first_and_look_then_and_nothing_is_missed() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let a = poller(run.recorder(), "A");
            let mut pending = false;
            careful(run, None, || {
                let theirs = run.clone();
                let other = thread::spawn(move || {
                    call(&theirs, None, "event", "happens, and wakes", event);
                });
                pending = a.poll(Pin::new(&mut future)).is_pending();
                other.join().expect("waking does not panic");
            });
            if pending && a.wakes() == 0 {
                lost(run, MET);
            }
        },
    );
}

#[test]
fn a_task_that_comes_back_in_the_middle_of_a_wake_is_not_missed() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let Wait { future, event } = flag();
            let mut future = spy(run, "future", future);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            if a.poll(Pin::new(&mut future)).is_ready() {
                run.departs("It was ready although nothing had happened yet.");
            }
            let mut pending = false;
            careful(run, None, || {
                let theirs = run.clone();
                let other = thread::spawn(move || {
                    call(&theirs, None, "event", "happens, and wakes", event);
                });
                pending = b.poll(Pin::new(&mut future)).is_pending();
                other.join().expect("waking does not panic");
            });
            if pending && b.wakes() == 0 {
                lost(run, MET);
            }
        },
    );
}

#[test]
fn two_who_wake_and_one_who_registers_do_not_meet_in_the_cell() {
    explore(
        || run!(),
        BLOCKED,
        SPINS,
        |run| {
            let cell = Arc::new(AtomicWaker::new());
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            cell.register(&a.waker());
            run.recorder().says("A", "has registered");
            careful(run, None, || {
                let threads =
                    ["left", "right"].map(|name| thread::spawn(wakes(run, &cell, name, None)));
                registers(run, &cell, &b)();
                for thread in threads {
                    thread.join().expect("waking does not panic");
                }
                run.recorder().says("other", "wakes once more");
                cell.wake();
            });
            if b.wakes() == 0 {
                lost(
                    run,
                    "B registered while two others woke, and a third wake came when all were done. B was not woken by any of them.",
                );
            }
            works_as_before(run, &cell);
        },
    );
}

const MET: &str = "The task registered and looked, and the event happened and woke, at the same moment. Each saw the other at the cell and \
                   went away: the task waits, the event has happened, and nobody was woken.";

#[track_caller]
fn lost(run: &Run, sentence: &str) -> ! {
    run.diagnose("wake-lost-at-the-cell", sentence)
}

/// A future that waits for a flag by way of the cell, and what sets the flag.
fn flag() -> Wait<impl Future<Output = ()> + 'static> {
    let shared = Arc::new((AtomicBool::new(false), AtomicWaker::new()));
    let theirs = Arc::clone(&shared);
    let future = poll_fn(move |context| {
        let (happened, cell) = &*shared;
        cell.register(context.waker());
        if happened.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    Wait::new(future, move || {
        let (happened, cell) = &*theirs;
        happened.store(true, Ordering::Release);
        cell.wake();
    })
}
