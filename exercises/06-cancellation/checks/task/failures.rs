//! Panics: of the task, of its destructors, and of one that has no joiner.

use std::task::Poll;

use super::super::subject::{Ended, Task};
use super::guards::Ready;
use super::world::{HOUR, World};
use probe::detect::OnDrop;
use probe::{panics, run, snapshot};

/// The message of the panics here.
const FAILS: &str = "the task fails";

#[test]
fn a_joiner_receives_the_panic_of_the_task() {
    let world = World::new(run!("panics"));
    let recorder = world.recorder.clone();
    let mut task: Task<u32> = Task::spawn(&world.spawn, async move {
        recorder.says("task", "panics");
        panic!("{FAILS}")
    });
    let a = world.poller("A");
    let _ = world.join(&a, &mut task);
    world.turns();
    match world.join(&a, &mut task) {
        Poll::Ready(Err(Ended::Panicked(_))) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world
            .run
            .departs("The future panicked, and the joiner got `Cancelled`."),
        Poll::Ready(Ok(_)) => world
            .run
            .departs("The future panicked, and the joiner got an output."),
        Poll::Pending => world.run.diagnose(
            "panic-swallowed",
            "The future panicked, and the joiner's poll still returns `Pending`.",
        ),
    }
    if a.wakes() == 0 {
        world.run.diagnose(
            "forgot-to-wake",
            "The future panicked, and A, which joins the task, was not woken.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_joiner_receives_the_panic_of_a_destructor_of_a_cancelled_task() {
    let world = World::new(run!());
    let (handle, recorder) = (world.sim.handle(), world.recorder.clone());
    let mut task = Task::spawn(&world.spawn, async move {
        let _guard = OnDrop::new(move || {
            recorder.says("task", "its destructors panic");
            panic!("{FAILS}");
        });
        handle.sleep(HOUR).await;
        7
    });
    world.turns();
    if panics::expected(|| task.cancel()).is_err() {
        world.run.diagnose(
            "destructor-panic-escapes",
            "A destructor of the task panicked, and the panic left `cancel`. The caller of `cancel` did nothing wrong, and may have other tasks to cancel.",
        );
    }
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Err(Ended::Panicked(_))) => {}
        Poll::Ready(Err(Ended::Cancelled)) => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked, and the joiner got `Cancelled`, without the panic.",
        ),
        Poll::Ready(Ok(_)) => world
            .run
            .departs("The task was cancelled, and the joiner got an output."),
        Poll::Pending => world
            .run
            .departs("A destructor panicked, and the joiner got `Pending`."),
    }
}

#[test]
fn a_panic_of_a_destructor_after_the_output_is_reported_and_the_output_stays() {
    let world = World::new(run!());
    let reports = world.reports();
    let recorder = world.recorder.clone();
    let mut task = Task::spawn(
        &world.spawn,
        Ready(OnDrop::new(move || {
            recorder.says("task", "its destructors panic");
            panic!("{FAILS}");
        })),
    );
    world.recorder.says("task", "is ready with 7");
    world.turns();
    let a = world.poller("A");
    match world.join(&a, &mut task) {
        Poll::Ready(Ok(7)) => {}
        Poll::Ready(Err(_)) => world.run.diagnose(
            "output-thrown-away",
            "The future returned 7, and then one of its destructors panicked. The joiner did not get the 7.",
        ),
        Poll::Ready(Ok(other)) => world.run.departs(format!(
            "The future returned 7, and the joiner got {other}."
        )),
        Poll::Pending => world.run.departs(
            "The future returned 7, one of its destructors panicked, and the joiner got `Pending`.",
        ),
    }
    match reports.borrow().iter().filter(|one| one.contains(FAILS)).count() {
        0 => world.run.diagnose(
            "panic-swallowed",
            "A destructor of the task panicked after the last poll. The joiner got the output, and the panic was not reported.",
        ),
        1 => {}
        several => world
            .run
            .departs(format!("One panic was reported {several} times; expected: once.")),
    }
}

#[test]
fn a_panic_of_a_detached_task_is_reported() {
    let world = World::new(run!());
    let reports = world.reports();
    let task: Task<u32> = Task::spawn(&world.spawn, async move { panic!("{FAILS}") });
    task.detach();
    world.turns();
    match reports.borrow()[..] {
        [] => world.run.diagnose(
            "panic-swallowed",
            "A detached task panicked, and the panic was not reported.",
        ),
        [_] => {}
        ref several => world
            .run
            .departs(format!("One panic was reported {} times.", several.len())),
    }
}
