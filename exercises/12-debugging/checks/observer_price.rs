//! 12.3 observer-price: how often the loop calls an observer, and reads the clock for it.

use super::subject::{Because, because, calls_a_poll, calls_a_task, clock_readings};
use debugging::price::{Price, of_a_task, of_an_iteration};
use probe::predict::steady;
use probe::{Run, run, snapshot};

/// The methods that do not name a task: once an iteration each.
const ONCE: [&str; 4] = ["turn_begun", "parked", "unparked", "took, of a park"];

#[test]
fn a_poll_costs_so_many_calls() {
    let run = run!();
    let yours = steady(&run, calls_a_poll);
    let measured = of_an_iteration(100, true);
    note(&run, "1 poll", &measured, 100);
    let right = about_tasks(&measured) / 100;
    if yours == right - 1 {
        run.diagnose(
            "call-left-out",
            "One call is missing. A poll of a task that wakes itself is reported when it begins, when it is made, when it has returned, when it was measured, and \
             the wake in it is reported as well.",
        );
    }
    if yours == all(&of_an_iteration(1, true)) {
        run.diagnose(
            "iteration-counted-in",
            "You counted the calls of a whole iteration with one task. Four of them are made once an iteration, however many tasks it polls.",
        );
    }
    if yours != right {
        run.diagnose(
            "not-what-was-measured",
            format!("You say {yours}. With 100 tasks an iteration makes another number of calls for each."),
        );
    }
}

#[test]
fn a_task_costs_so_many_calls() {
    let run = run!();
    let yours = steady(&run, calls_a_task);
    let measured = of_a_task(true);
    note(&run, "1 task", &measured, 1);
    let right = about_tasks(&measured);
    if yours == all(&measured) {
        run.diagnose(
            "iteration-counted-in",
            "You counted the calls of the whole iteration. Four of them do not name the task, and are made once an iteration.",
        );
    }
    if yours == right - 1 {
        run.diagnose(
            "call-left-out",
            "One call is missing. Two calls report the spawn: where it was, and the task's waker.",
        );
    }
    if yours != right {
        run.diagnose(
            "not-what-was-measured",
            format!(
                "You say {yours}. From its spawn to its end another number of calls names the task."
            ),
        );
    }
}

#[test]
fn the_rule_says_how_often_the_clock_is_read() {
    let run = run!("readings");
    let yours = |tasks| steady(&run, || clock_readings(tasks));
    let measured: Vec<(u64, u64)> = [1, 10, 1_000]
        .into_iter()
        .map(|tasks| (tasks, of_an_iteration(tasks, true).clock))
        .collect();
    for &(tasks, readings) in &measured {
        if yours(tasks) == readings {
            continue;
        }
        if measured
            .iter()
            .all(|&(tasks, _)| yours(tasks) == 2 * tasks + 2)
        {
            run.diagnose(
                "two-readings-a-step",
                "You say that the clock is read at the begin and at the end of each poll. The polls of a batch follow one another, so the end of one is the begin \
                 of the next.",
            );
        }
        if measured.iter().all(|&(tasks, _)| yours(tasks) == tasks) {
            run.diagnose(
                "first-reading-left-out",
                "You say one reading a poll. The first poll needs a reading before it, and the sleep of the driver is measured as well.",
            );
        }
        if yours(1) == yours(1_000) {
            run.diagnose(
                "readings-counted-once",
                "You say the same number for one task and for a thousand. Each poll is measured.",
            );
        }
        run.recorder()
            .says("you", format!("{tasks} tasks: {} readings", yours(tasks)));
        // Some are those that the page shows: a table of them is no rule.
        let shown = [(1, 3), (10, 12), (100, 102)];
        if tasks > 100
            && shown
                .iter()
                .all(|(tasks, readings)| yours(*tasks) == *readings)
        {
            run.diagnose(
                "right-where-measured",
                format!("Your rule is right for 1, 10 and 100 tasks. For {tasks} it gives another number than the measurement."),
            );
        }
        run.diagnose(
            "not-what-was-measured",
            format!("For {tasks} tasks the rule gives another number than the measurement."),
        );
    }
    for tasks in [0, 255, 256, 65_536, 1 << 40] {
        if yours(tasks) != tasks + 2 {
            run.recorder()
                .says("you", format!("{tasks} tasks: {} readings", yours(tasks)));
            run.diagnose(
                "right-where-measured",
                format!("Your rule is right for 1, 10 and 1,000 tasks. For {tasks} tasks it does not go on in the same way."),
            );
        }
    }
    for (tasks, readings) in measured {
        run.recorder().says(
            "clock",
            format!("{tasks} polls in an iteration: {readings} readings"),
        );
    }
    snapshot!(run);
}

#[test]
fn the_reason_agrees_with_the_loop() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::TheTypeHasNoCalls => {}
        Because::ABranchThatIsPredicted => run.diagnose(
            "flag-blamed",
            "`run` tests a variable of the environment once, before the loop exists. The loop itself tests nothing: `EventLoop<D, ()>` is another type than \
             `EventLoop<D, DebugMode>`.",
        ),
        Because::AnEmptyFunctionBehindAPointer => run.diagnose(
            "pointer-blamed",
            "The observer is a type parameter of the loop, and no trait object. Its methods are called directly, and empty ones are inlined away.",
        ),
        Because::TheyAreRare => run.diagnose(
            "calls-taken-for-rare",
            "Five of the calls are made for each poll. A loop with an observer makes them in every iteration.",
        ),
    }
}

/// The calls that name a task.
fn about_tasks(price: &Price) -> u64 {
    let about = |method: &&&str| !ONCE.contains(*method);
    price
        .calls
        .iter()
        .filter(|(method, _)| about(method))
        .map(|(_, times)| times)
        .sum()
}

fn all(price: &Price) -> u64 {
    price.calls.values().sum()
}

/// What was measured, without the sum.
fn note(run: &Run, name: &str, price: &Price, of: u64) {
    for (method, times) in &price.calls {
        if !ONCE.contains(method) {
            run.recorder()
                .says(name, format!("{method}: {}", times / of));
        }
    }
}
