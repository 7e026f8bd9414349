//! 12.2 sim-sleep: a test on a loop of its own, on a clock that jumps.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use super::subject::alone;
use event_loop::{Time, yield_now};
use probe::detect::DropCounter;
use probe::{panics, run, snapshot};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SLEEPS: &str = "The test slept for a day on the loop's clock, and `alone` has not returned: the thread sleeps for as long.";
const SHARED: &str =
    "The clock of the second test does not begin at zero: both tests ran on one loop.";

#[test]
fn a_test_that_waits_for_nothing_takes_exactly_no_time() {
    let run = run!();
    let mut times = Vec::new();
    for _ in 0..20 {
        let (output, took) = alone(|_| async {
            for _ in 0..100 {
                yield_now().await;
            }
            7
        });
        if output != 7 {
            run.departs(format!(
                "The test returned 7, and `alone` returned {output}."
            ));
        }
        times.push(took);
    }
    if times.iter().any(|took| !took.is_zero()) {
        run.recorder()
            .says("test", "yields a hundred times, and waits for nothing");
        run.recorder().says("alone", "says that time has passed");
        if times.iter().all(|took| *took == times[0]) {
            run.departs(format!(
                "The test waited for nothing, and {:?} have passed on its clock, in each of 20 runs. Expected: no time.",
                times[0]
            ));
        }
        run.diagnose(
            "sleep-in-a-test",
            "The test waited for nothing, and time has passed on its clock, another time in each of 20 runs: the clock is the machine's. A test on it sleeps \
             as long as it says.",
        );
    }
}

#[test]
fn a_sleep_of_a_day_takes_a_day_on_the_clock_and_no_time_at_all() {
    let run = run!("a_day");
    let (output, took) = run.risk(Some("sleep-in-a-test"), SLEEPS, || {
        alone(|handle| async move {
            let before = handle.now();
            handle.sleep(DAY).await;
            handle.now().saturating_since(before)
        })
    });
    run.recorder()
        .says("test", format!("sleeps: {} h", output.as_secs() / 3600));
    run.recorder()
        .says("alone", format!("it took {} h", took.as_secs() / 3600));
    if took != DAY {
        run.departs(format!(
            "The test slept for a day, and it took {took:?} according to `alone`."
        ));
    }
    snapshot!(run);
}

#[test]
fn each_test_begins_at_zero_with_nothing_of_the_test_before() {
    let run = run!();
    let ran = Rc::new(Cell::new(0));
    for number in 0..3 {
        let (counts, verdict) = (Rc::clone(&ran), run.clone());
        let ((), took) = alone(|handle| async move {
            let now = handle.now();
            if now != Time::START {
                verdict.recorder().says(
                    "test",
                    format!("test {}: the clock shows {now}", number + 1),
                );
                if number == 0 {
                    verdict.diagnose(
                        "time-before-the-test",
                        "The clock of the first test does not begin at zero: something has let time pass on the new loop before the test.",
                    );
                }
                verdict.diagnose("one-loop-for-all-tests", SHARED);
            }
            drop(handle.clone().spawn(async move {
                handle.sleep(DAY).await;
                counts.set(counts.get() + 1);
            }));
            yield_now().await;
        });
        if !took.is_zero() {
            run.recorder()
                .says("test", "leaves a task that sleeps for a day");
            run.departs(format!(
                "A task that the test has left took {took:?} of its time."
            ));
        }
    }
    let ((), _took) = alone(|handle| async move { handle.sleep(2 * DAY).await });
    if ran.get() > 0 {
        run.recorder()
            .says("task", "left by a test, goes on in the next");
        run.diagnose(
            "one-loop-for-all-tests",
            "Three tests each left a task, and these tasks went on in the test after them: all ran on one loop.",
        );
    }
}

#[test]
fn a_sleep_takes_exactly_its_time_to_the_nanosecond() {
    let run = run!();
    for short in [Duration::from_nanos(1), Duration::from_nanos(1_999_999)] {
        let ((), took) = alone(|handle| async move { handle.sleep(short).await });
        if took < short {
            run.recorder().says("test", format!("sleeps for {short:?}"));
            run.recorder().says("alone", format!("it took {took:?}"));
            run.diagnose(
                "time-rounded-down",
                format!("The test slept for {short:?}, and it took {took:?} according to `alone`: a part of the time was thrown away."),
            );
        }
        if took != short {
            run.departs(format!(
                "The test slept for {short:?}, and it took {took:?} according to `alone`."
            ));
        }
    }
}

#[test]
fn what_a_test_leaves_is_dropped_before_it_returns() {
    let run = run!();
    let values = DropCounter::new();
    let value = values.token();
    let ((), _took) = alone(|handle| async move {
        drop(handle.spawn(async move {
            let _value = value;
            pending::<()>().await;
        }));
        yield_now().await;
    });
    if values.alive() > 0 {
        run.recorder()
            .says("task", "left by the test, is not dropped");
        run.diagnose(
            "left-tasks-kept",
            "The test has left a task, and `alone` returned before the task was dropped.",
        );
    }
    let ran = Rc::new(Cell::new(false));
    let runs = Rc::clone(&ran);
    let ((), _took) = alone(|handle| async move {
        let timer = handle.clone();
        drop(handle.spawn(async move {
            timer.sleep(Duration::from_nanos(1)).await;
            runs.set(true);
        }));
        yield_now().await;
    });
    if ran.get() {
        run.recorder()
            .says("task", "left by the test, wakes from its sleep and goes on");
        run.diagnose(
            "left-tasks-run-on",
            "The test has left a task that sleeps for 1 ns. `alone` let the clock go on for it. What a test leaves is dropped.",
        );
    }
}

#[test]
fn a_panic_passes_through_and_the_next_test_runs() {
    let run = run!();
    let panicked = panics::expected(|| {
        let ((), _took) = alone(|handle| async move {
            handle.sleep(DAY).await;
            panic!("the test fails");
        });
    });
    match panicked {
        Err(panic) if panic.message == "the test fails" => {}
        Err(panic) => run.diagnose(
            "panic-replaced",
            format!(
                "The test panicked with “the test fails”, and another panic came out of `alone`: {}.",
                panic.message
            ),
        ),
        Ok(()) => run.diagnose("panic-swallowed", "The test panicked, and `alone` returned."),
    }
    let (now, took) = alone(|handle| async move { handle.now() });
    if now != Time::START || !took.is_zero() {
        run.recorder().says(
            "test",
            format!("after one that panicked: the clock shows {now}"),
        );
        run.diagnose("one-loop-for-all-tests", SHARED);
    }
}

#[test]
fn a_test_inside_a_test_has_a_clock_of_its_own() {
    let run = run!();
    let verdict = run.clone();
    let ((inner, between), took) = alone(|handle| async move {
        handle.sleep(DAY).await;
        let (before, inner) = alone(|handle| async move {
            let before = handle.now();
            handle.sleep(3 * DAY).await;
            before
        });
        if before != Time::START {
            verdict.diagnose("one-loop-for-all-tests", SHARED);
        }
        (inner, handle.now())
    });
    let expected = (3 * DAY, Time::START + DAY, DAY);
    if (inner, between, took) != expected {
        run.departs(format!(
            "The outer test slept for a day, and the inner one for three. Seen: {inner:?} inside, {between} after it, {took:?} in all."
        ));
    }
}
