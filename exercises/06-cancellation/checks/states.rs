//! 6.2 states: four states, five operations, twenty answers.

#[path = "states/machine.rs"]
mod machine;
#[path = "states/table.rs"]
mod table;

use super::subject::{Answer, InvalidState, Operation, State};
use machine::{Reference, Step, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use table::{OPERATIONS, all_states, describe, expect_answer, expect_invalid, expect_state, step};

#[test]
fn a_pending_future_can_be_started_finished_and_cancelled() {
    let run = run!("pending");
    for (operation, after) in [
        (Operation::Start, State::Running),
        (Operation::Finish(2), State::Done(2)),
        (Operation::Cancel, State::Cancelled),
    ] {
        let (answer, state) = step(&run, State::Pending, operation);
        if operation == Operation::Cancel && state == State::Pending {
            run.diagnose(
                "cancel-swallowed",
                "No worker had started, the future was cancelled, and it is still pending: a waiter goes on waiting.",
            );
        }
        if state == State::Pending && answer == Answer::Changed {
            run.diagnose(
                "changed-nothing",
                format!(
                    "The future was pending, and the answer to “{}” is `Changed`. It is still pending.",
                    operation.name()
                ),
            );
        }
        if state != after && !matches!(answer, Answer::Invalid(_)) {
            run.departs(format!(
                "The future was pending. After “{}” it is {}; expected: {}.",
                operation.name(),
                describe(&state),
                describe(&after)
            ));
        }
        expect_answer(&run, State::Pending, operation, answer, Answer::Changed);
    }
    snapshot!(run);
}

#[test]
fn a_running_future_can_be_finished() {
    let run = run!();
    let (answer, state) = step(&run, State::Running, Operation::Finish(2));
    if state == State::Running && answer == Answer::Changed {
        run.diagnose(
            "changed-nothing",
            "The future was running, and the answer to “finish” is `Changed`. It is still running, and the outcome is lost.",
        );
    }
    if state != State::Done(2) {
        run.departs(format!(
            "The future was running and was finished with 2. It is {}; expected: done(2).",
            describe(&state)
        ));
    }
    expect_answer(
        &run,
        State::Running,
        Operation::Finish(2),
        answer,
        Answer::Changed,
    );
}

#[test]
fn cancelling_a_running_future_is_too_late_and_changes_nothing() {
    let run = run!("running");
    let (answer, state) = step(&run, State::Running, Operation::Cancel);
    if state == State::Cancelled {
        run.diagnose(
            "cancelled-while-running",
            "A worker had started, and the future was cancelled. The worker does not know that, and its outcome will be refused. From “start” on it is too late to cancel.",
        );
    }
    expect_state(&run, State::Running, Operation::Cancel, state);
    expect_answer(
        &run,
        State::Running,
        Operation::Cancel,
        answer,
        Answer::TooLate,
    );
    snapshot!(run);
}

#[test]
fn ask_and_tell_change_nothing() {
    let run = run!();
    for before in all_states() {
        for operation in [Operation::Ask, Operation::Tell] {
            let (_, state) = step(&run, before, operation);
            expect_state(&run, before, operation, state);
        }
    }
}

#[test]
fn done_and_cancelled_are_final() {
    let run = run!();
    for before in [State::Done(1), State::Cancelled] {
        for operation in OPERATIONS {
            let (_, state) = step(&run, before, operation);
            match (before, state) {
                (State::Done(1), State::Done(2)) => run.diagnose(
                    "outcome-overwritten",
                    "The outcome was 1, and now it is 2. A waiter may have used the first one already: there is one outcome.",
                ),
                (State::Done(_), State::Cancelled) => run.diagnose(
                    "cancelled-after-the-end",
                    "The future was done, and a later cancellation removed its outcome.",
                ),
                (State::Cancelled, State::Done(_) | State::Running) => run.diagnose(
                    "revived",
                    "The future was cancelled, the waiters know that, and now it is in another state. Cancelled is final.",
                ),
                _ => expect_state(&run, before, operation, state),
            }
        }
    }
}

#[test]
fn cancelling_a_final_future_is_answered_with_too_late() {
    let run = run!("too_late");
    for before in [State::Cancelled, State::Done(1)] {
        let (answer, _) = step(&run, before, Operation::Cancel);
        if answer == Answer::Changed {
            run.diagnose(
                "cancel-twice",
                format!(
                    "The future was {} before, and the answer to “cancel” is `Changed`. A caller that believes this schedules every \
                     callback a second time.",
                    describe(&before)
                ),
            );
        }
        if matches!(answer, Answer::Invalid(_)) {
            run.diagnose(
                "late-cancel-is-an-error",
                format!(
                    "The future was {}, and the answer to “cancel” is `Invalid`. Cancelling late is not a mistake: the waiter cannot know how \
                     far the work is. The answer is `TooLate`.",
                    describe(&before)
                ),
            );
        }
        expect_answer(&run, before, Operation::Cancel, answer, Answer::TooLate);
    }
    snapshot!(run);
}

#[test]
fn before_the_end_ask_is_a_mistake_and_tell_is_answered_with_not_yet() {
    let run = run!();
    for before in [State::Pending, State::Running] {
        let (answer, _) = step(&run, before, Operation::Ask);
        match answer {
            Answer::Now => run.diagnose(
                "ready-too-early",
                format!(
                    "The future is {}, and the answer to “ask” is `Now`: there is no outcome yet.",
                    describe(&before)
                ),
            ),
            _ => expect_invalid(&run, before, Operation::Ask, answer),
        }
        let (answer, _) = step(&run, before, Operation::Tell);
        expect_answer(&run, before, Operation::Tell, answer, Answer::NotYet);
    }
}

#[test]
fn after_the_end_ask_and_tell_are_answered_with_now() {
    let run = run!();
    for before in [State::Done(1), State::Cancelled] {
        for operation in [Operation::Ask, Operation::Tell] {
            let (answer, _) = step(&run, before, operation);
            if before == State::Cancelled && answer == Answer::NotYet {
                run.diagnose(
                    "waits-for-a-cancelled-one",
                    "The future is cancelled, and the answer is `NotYet`. No outcome will come: the cancellation is how the future ended.",
                );
            }
            expect_answer(&run, before, operation, answer, Answer::Now);
        }
    }
}

#[test]
fn starting_or_finishing_at_the_wrong_time_is_a_mistake() {
    let run = run!();
    for (before, operation) in [
        (State::Running, Operation::Start),
        (State::Done(1), Operation::Start),
        (State::Done(1), Operation::Finish(2)),
        (State::Cancelled, Operation::Finish(2)),
    ] {
        let (answer, _) = step(&run, before, operation);
        expect_invalid(&run, before, operation, answer);
    }
}

#[test]
fn starting_a_cancelled_future_is_answered_with_too_late() {
    let run = run!();
    let (answer, _) = step(&run, State::Cancelled, Operation::Start);
    expect_answer(
        &run,
        State::Cancelled,
        Operation::Start,
        answer,
        Answer::TooLate,
    );
}

#[test]
fn the_answer_to_a_mistake_names_the_operation_and_the_state_before_it() {
    let run = run!();
    for before in all_states() {
        for operation in OPERATIONS {
            let (answer, _) = step(&run, before, operation);
            let expected = InvalidState {
                operation: operation.name(),
                state: before.name(),
            };
            if let Answer::Invalid(invalid) = answer
                && invalid != expected
            {
                run.diagnose(
                    "mistake-misnamed",
                    format!(
                        "“{}” was tried on a future that was {}. The answer names “{}” and {}. `invalid` has to see the operation that was \
                         tried, and the state before it.",
                        expected.operation, expected.state, invalid.operation, invalid.state
                    ),
                );
            }
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&OPERATIONS.map(Step))
        .up_to(5)
        .compare(&run!(), Yours::new, Reference::new);
}
