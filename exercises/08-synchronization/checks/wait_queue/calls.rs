//! Wakers and tasks that use the queue while it is in one of its calls.

use std::task::Poll;

use super::world::World;
use probe::{panics, run};

#[test]
fn a_task_may_use_the_queue_while_it_is_woken() {
    let mut world = World::new(run!());
    for name in ["a", "b"] {
        world.wait(name);
        world.pending(name, "Nothing was handed over");
    }
    let (queue, recorder) = (world.queue.clone(), world.run.recorder().clone());
    world.poller("a").on_wake_local(move || {
        let (len, handed) = (queue.len(), queue.hand_over(2));
        recorder.says(
            "a",
            format!("in its wake: len() → {len}, hand_over(2) → {handed:?}"),
        );
    });
    let handed = panics::expected(|| world.queue.hand_over(1));
    if let Err(panic) = handed {
        world.run.diagnose(
            "woken-under-borrow",
            format!(
                "`hand_over` woke a, and a called `len` and `hand_over` in its wake. That panicked: {}. A waker is caller-supplied code.",
                panic.message
            ),
        );
    }
    if world.poll("a") != Poll::Ready(1) || world.poll("b") != Poll::Ready(2) {
        world.run.diagnose(
            "woken-under-borrow",
            "a was handed turn 1, and in its wake it handed turn 2 to b. The two turns did not reach a and b.",
        );
    }
}

#[test]
fn a_dropped_waker_may_use_the_queue() {
    // The queue drops a's waker because a newer one replaces it, or because the wait is dropped.
    for replaced in [true, false] {
        let mut world = World::new(run!());
        world.wait("a");
        world.pending("a", "Nothing was handed over");
        let (queue, recorder) = (world.queue.clone(), world.run.recorder().clone());
        world.poller("a").on_drop_local(move || {
            let len = queue.len();
            recorder.says("a", format!("its waker is dropped: len() → {len}"));
        });
        let dropped = panics::expected(|| {
            if replaced {
                let _polled = world.poll_by("a", "b");
            } else {
                world.drops("a");
            }
        });
        if let Err(panic) = dropped {
            world.run.diagnose(
                "borrowed-when-dropped",
                format!(
                    "The queue dropped a waker, and the waker's destructor called `len`. That panicked: {}.",
                    panic.message
                ),
            );
        }
    }
}

#[test]
fn a_wait_that_has_returned_its_turn_removes_no_other() {
    let mut world = World::new(run!());
    world.wait("a");
    world.hands_over(1);
    world.ready("a", 1);
    world.wait("b");
    world.pending("b", "Nothing was handed over");
    world.drops("a");
    let handed = panics::expected(|| world.hand_over(2));
    if handed != Ok(Ok(())) || world.wakes("b") == 0 {
        world.run.recorder().lacks("b", "is not woken");
        world.run.diagnose(
            "takes-others-along",
            "a had returned its turn and was dropped, while b waited. After that no turn reached b: the drop removed b.",
        );
    }
    world.ready("b", 2);
}
