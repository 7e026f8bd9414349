//! What an observer is told of origins, durations and the close.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_loop::{
    Driver, End, EventLoop, JumpingDriver, Observer, Origin, Step, TaskId, Time, Unparker,
    WeakWaker, yield_now,
};

const MS: Duration = Duration::from_millis(1);

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Notes {
    measures: bool,
    coarsely: bool,
    lines: Arc<Mutex<Vec<String>>>,
    wakers: Arc<Mutex<Vec<WeakWaker>>>,
}

impl Notes {
    fn says(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

impl Observer for Notes {
    fn task_spawned_at(&self, task: TaskId, origin: Origin) {
        let callback = if origin.is_callback {
            ", a callback"
        } else {
            ""
        };
        let line = origin.location.line();
        self.says(format!("{task} {}:{line}{callback}", origin.name()));
    }

    fn task_waker(&self, _task: TaskId, waker: WeakWaker) {
        self.wakers.lock().unwrap().push(waker);
    }

    fn task_finished(&self, task: TaskId, end: End) {
        self.says(format!("{task} {end:?}"));
    }

    fn measures(&self) -> bool {
        self.measures
    }

    fn measures_coarsely(&self) -> bool {
        self.coarsely
    }

    fn took(&self, step: Step, duration: Duration) {
        self.says(match step {
            Step::Poll(task) => format!("poll of {task}: {duration:?}"),
            step => format!("{step:?}: {duration:?}"),
        });
    }

    fn close_begun(&self) {
        self.says("close begun".to_owned());
    }

    fn closed(&self) {
        self.says("closed".to_owned());
    }
}

fn observed(measures: bool) -> (Notes, JumpingDriver, EventLoop<JumpingDriver, Notes>) {
    let notes = Notes {
        measures,
        ..Notes::default()
    };
    let driver = JumpingDriver::new();
    let event_loop = EventLoop::observed(driver.clone(), notes.clone());
    (notes, driver, event_loop)
}

async fn nothing() {}

#[test]
fn a_task_is_reported_with_the_line_that_spawned_it_and_the_function_of_its_future() {
    let (notes, _driver, event_loop) = observed(false);
    let handle = event_loop.handle();
    let line = line!();
    drop(handle.spawn(nothing()));
    let _soon = handle.call_soon(|| ());
    let _later = handle.call_later(MS, || ());
    event_loop::Spawn::spawn_boxed(&handle, Box::pin(nothing()));
    let here = "a_task_is_reported_with_the_line_that_spawned_it_and_the_function_of_its_future";
    assert_eq!(
        notes.take(),
        [
            format!("task 1 nothing:{}", line + 1),
            format!("task 2 {here}:{}, a callback", line + 2),
            format!("task 3 {here}:{}, a callback", line + 3),
            format!("task 4 :{}", line + 4),
        ]
    );
}

#[test]
fn durations_are_those_of_the_loops_clock_and_of_each_step_alone() {
    let (notes, driver, event_loop) = observed(true);
    let handle = event_loop.handle();
    event_loop.block_on(async {
        driver.spend(3 * MS);
        handle.sleep(5 * MS).await;
        driver.spend(7 * MS);
    });
    let steps = notes.take();
    let steps: Vec<&str> = steps
        .iter()
        .map(String::as_str)
        .filter(|line| !line.starts_with("task"))
        .collect();
    assert_eq!(
        steps,
        [
            "Park(Some(0ns)): 0ns",
            "poll of task 1: 3ms",
            "Park(Some(5ms)): 5ms",
            "poll of task 1: 7ms",
        ]
    );
}

/// Its coarse clock moves by steps of 4 ms.
struct InSteps(JumpingDriver);

impl Driver for InSteps {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn coarse_now(&self) -> Time {
        let steps = self.0.now().since_start().as_millis() as u32 / 4;
        Time::START + steps * 4 * MS
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.park(timeout)
    }

    fn unparker(&self) -> Unparker {
        self.0.unparker()
    }
}

#[test]
fn an_observer_that_measures_coarsely_is_told_durations_of_the_coarse_clock() {
    for (coarsely, expected) in [
        (false, ["poll of task 1: 3ms", "poll of task 1: 7ms"]),
        (true, ["poll of task 1: 0ns", "poll of task 1: 8ms"]),
    ] {
        let notes = Notes {
            measures: true,
            coarsely,
            ..Notes::default()
        };
        let driver = JumpingDriver::new();
        let event_loop = EventLoop::observed(InSteps(driver.clone()), notes.clone());
        event_loop.block_on(async {
            driver.spend(3 * MS);
            yield_now().await;
            driver.spend(7 * MS);
        });
        let mut polls = notes.take();
        polls.retain(|line| line.starts_with("poll of"));
        assert_eq!(polls, expected);
    }
}

#[test]
fn what_happens_between_two_runs_belongs_to_no_step() {
    let (notes, driver, event_loop) = observed(true);
    event_loop.block_on(yield_now());
    driver.spend(100 * MS);
    event_loop.block_on(yield_now());
    let lines = notes.take();
    assert!(lines.iter().all(|line| !line.contains("ms")), "{lines:?}");
}

#[test]
fn an_observer_that_does_not_measure_is_told_no_duration() {
    let (notes, _driver, event_loop) = observed(false);
    event_loop.block_on(yield_now());
    let lines = notes.take();
    assert!(
        lines.iter().all(|line| !line.contains("poll of")),
        "{lines:?}"
    );
}

#[test]
fn the_close_is_reported_once_around_the_tasks_that_it_drops() {
    let (notes, _driver, event_loop) = observed(false);
    drop(event_loop.handle().spawn(std::future::pending::<()>()));
    notes.take();
    event_loop.close();
    drop(event_loop);
    assert_eq!(notes.take(), ["close begun", "task 1 Dropped", "closed"]);
}

#[test]
fn a_weak_waker_wakes_its_task_while_that_is_there() {
    let (notes, _driver, event_loop) = observed(false);
    let task = event_loop.handle().spawn(yield_now());
    let weak = notes.wakers.lock().unwrap()[0].clone();
    assert_eq!(weak.count(), 2);
    weak.upgrade().unwrap().wake();
    event_loop.block_on(task).unwrap();
    assert_eq!(weak.count(), 0);
    assert!(weak.upgrade().is_none());
}
