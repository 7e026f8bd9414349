//! The states and the operations, and what is said of a wrong answer.

use super::super::subject::{Answer, Operation, State};
use probe::{Run, panics};

pub(super) type Op = Operation<u32>;

pub(super) const OPERATIONS: [Op; 5] = [
    Operation::Start,
    Operation::Finish(2),
    Operation::Cancel,
    Operation::Ask,
    Operation::Tell,
];

pub(super) fn all_states() -> [State<u32>; 4] {
    [
        State::Pending,
        State::Running,
        State::Done(1),
        State::Cancelled,
    ]
}

/// One step from a state, recorded.
#[track_caller]
pub(super) fn step(run: &Run, before: State<u32>, operation: Op) -> (Answer, State<u32>) {
    let mut state = before;
    let call = run.recorder().enters(&describe(&before), said(operation));
    let answer = match panics::expected(|| state.step(operation)) {
        Ok(answer) => answer,
        Err(panic) => {
            drop(call);
            run.diagnose(
                "mistake-panics",
                format!(
                    "“{}” was tried on a future that is {}, and `step` panicked: {}. By the contract it does not panic: a call that is a mistake \
                     is answered with `Invalid`.",
                    operation.name(),
                    describe(&before),
                    panic.message
                ),
            );
        }
    };
    call.returns(format!("{}, {}", word(answer), describe(&state)));
    if state == State::Pending && before != State::Pending {
        run.diagnose(
            "state-left-taken",
            format!(
                "The future was {}, and after “{}” it is pending: the state that was taken out was not put back.",
                describe(&before),
                operation.name()
            ),
        );
    }
    (answer, state)
}

#[track_caller]
pub(super) fn expect_state(run: &Run, before: State<u32>, operation: Op, after: State<u32>) {
    if after != before && matches!(operation, Operation::Ask | Operation::Tell) {
        run.diagnose(
            "asking-changes-it",
            format!(
                "The future was {}. After “{}” it is {}. This operation only asks: it changes nothing.",
                describe(&before),
                operation.name(),
                describe(&after)
            ),
        );
    }
    if after != before {
        run.departs(format!(
            "The future was {}. After “{}” it is {}, and it had to stay as it was.",
            describe(&before),
            operation.name(),
            describe(&after)
        ));
    }
}

#[track_caller]
pub(super) fn expect_answer(
    run: &Run,
    before: State<u32>,
    operation: Op,
    answer: Answer,
    expected: Answer,
) {
    if answer != expected {
        why_not(run, before, operation, answer);
        run.departs(format!(
            "The answer to “{}” on a future that is {} is “{}”; expected: “{}”.",
            operation.name(),
            describe(&before),
            word(answer),
            word(expected)
        ));
    }
}

#[track_caller]
pub(super) fn expect_invalid(run: &Run, before: State<u32>, operation: Op, answer: Answer) {
    if !matches!(answer, Answer::Invalid(_)) {
        why_not(run, before, operation, answer);
        run.departs(format!(
            "“{}” on a future that is {} is a mistake, and the answer is “{}”; expected: “invalid”.",
            operation.name(),
            describe(&before),
            word(answer)
        ));
    }
}

/// Names a wrong answer, where its state and its operation say which mistake it is.
#[track_caller]
fn why_not(run: &Run, before: State<u32>, operation: Op, answer: Answer) {
    let is_invalid = matches!(answer, Answer::Invalid(_));
    let (mistake, because) = match (before, operation) {
        (State::Running | State::Done(_), Operation::Start) => (
            "started-twice",
            "A worker starts only a pending future. This call is a mistake in the program, and the answer has to be `Invalid`: a second worker \
             would believe that the work is its own.",
        ),
        (State::Cancelled, Operation::Start) if is_invalid => (
            "late-start-is-an-error",
            "It is not a mistake: the worker could not know of the cancellation, and this answer is how it learns of it. The answer is `TooLate`.",
        ),
        (State::Pending, Operation::Finish(_)) if is_invalid => (
            "finish-needs-a-start",
            "A worker may finish without having called “start”: the future is pending, and the answer is `Changed`.",
        ),
        (State::Done(_) | State::Cancelled, Operation::Finish(_)) => (
            "late-finish-accepted",
            "A future has one outcome, and this call comes after its end. It is a mistake in the program, and the answer has to be `Invalid`.",
        ),
        (State::Running, Operation::Cancel) if is_invalid => (
            "late-cancel-is-an-error",
            "Cancelling late is not a mistake: the waiter cannot know how far the work is. The answer is `TooLate`.",
        ),
        (State::Running, Operation::Cancel) if answer == Answer::Changed => (
            "changed-nothing",
            "Nothing changed, and the answer has to say that the cancellation came too late.",
        ),
        (State::Pending | State::Running, Operation::Ask) if answer == Answer::NotYet => (
            "ask-waits",
            "A caller of “ask” does not wait, so for this caller it is a mistake to ask before the end: the answer is `Invalid`. “tell” is for a \
             caller that waits.",
        ),
        (State::Pending | State::Running, Operation::Tell) if is_invalid => (
            "tell-does-not-wait",
            "A caller of “tell” is willing to wait, so it is no mistake to call it before the end. The answer is `NotYet`.",
        ),
        (State::Pending | State::Running, Operation::Tell) if answer == Answer::Now => {
            ("ready-too-early", "There is no outcome yet.")
        }
        (State::Cancelled, Operation::Ask | Operation::Tell) => (
            "cancelled-is-no-outcome",
            "A cancelled future is final: the cancellation is how it ended, and the caller learns of it now. The answer is `Now`.",
        ),
        _ => return,
    };
    run.diagnose(
        mistake,
        format!(
            "The future is {}, and the answer to “{}” is “{}”. {because}",
            describe(&before),
            operation.name(),
            word(answer)
        ),
    );
}

fn said(operation: Op) -> String {
    match operation {
        Operation::Finish(value) => format!("finish({value})"),
        other => other.name().to_owned(),
    }
}

pub(super) fn describe(state: &State<u32>) -> String {
    match state {
        State::Done(value) => format!("done({value})"),
        other => other.name().to_owned(),
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Changed => "changed",
        Answer::TooLate => "too late",
        Answer::NotYet => "not yet",
        Answer::Now => "now",
        Answer::Invalid(_) => "invalid",
    }
}
