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
            run.departs(format!("`step` panicked: {}.", panic.message));
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
        run.departs(format!(
            "“{}” on a future that is {} is a mistake, and the answer is “{}”; expected: “invalid”.",
            operation.name(),
            describe(&before),
            word(answer)
        ));
    }
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
