//! Tasks on the learner's trampoline, and its turns.

use super::super::subject::{Port, Trampoline};
use probe::{Run, panics};

/// Adds a task whose body notes what it does under its name.
#[track_caller]
pub(super) fn spawn(
    run: &Run,
    tasks: &mut Trampoline<u32>,
    name: &'static str,
    body: impl FnOnce(&Port<'_, u32>, &dyn Fn(String)) + 'static,
) -> usize {
    let recorder = run.recorder().clone();
    let number = tasks.spawn(move |port| {
        let says = |text: String| recorder.says(name, text);
        body(port, &says);
        recorder.says(name, "ends");
    });
    number.expect("the system gives a stack")
}

/// One turn. A panic of a task that only a wrong answer of the trampoline brings about is a verdict.
#[track_caller]
pub(super) fn turn(run: &Run, tasks: &mut Trampoline<u32>) -> Option<usize> {
    let call = run.recorder().enters("trampoline", "turn()");
    let turn = panics::expected(|| tasks.turn());
    match turn {
        Ok(turn) => {
            call.returns(format!("{turn:?}"));
            turn
        }
        Err(panic) if panic.message.contains("`Receive` is no message") => run.diagnose(
            "receiver-resumed-without-a-message",
            "A task had asked for a message, and none had been sent to it. The trampoline resumed it with another answer.",
        ),
        Err(panic) if panic.message.contains("has ended was resumed") => run.diagnose(
            "ended-task-in-the-queue",
            "A task had ended, and the trampoline resumed it.",
        ),
        Err(panic) => run.departs(format!("`turn` panicked: {}", panic.message)),
    }
}

/// Turns until none is left, or until the limit.
#[track_caller]
pub(super) fn turns(run: &Run, tasks: &mut Trampoline<u32>, most: usize) -> usize {
    let count = (0..=most)
        .take_while(|_| turn(run, tasks).is_some())
        .count();
    if count > most {
        run.departs(format!(
            "After {most} turns each task has ended or waits. Expected: None."
        ));
    }
    count
}
