//! The table of states and operations, cell by cell.
//!
//! The cells are not listed: they are generated from the two lists, and the expectation is a `match` without an arm for "all the
//! rest". So a state or an operation that is added, and not decided about, does not compile.

use cancellation::{Answer, InvalidState, Operation, State};

type S = State<u32>;
type O = Operation<u32>;

const STATES: [S; 4] = [
    State::Pending,
    State::Running,
    State::Done(1),
    State::Cancelled,
];

const OPERATIONS: [O; 5] = [
    Operation::Start,
    Operation::Finish(2),
    Operation::Cancel,
    Operation::Ask,
    Operation::Tell,
];

/// The lists above are whole: this does not compile if there is a state or an operation more, and then both have to be mended.
const fn _whole(state: &S, operation: &O) -> (usize, usize) {
    let state = match state {
        State::Pending => 0,
        State::Running => 1,
        State::Done(_) => 2,
        State::Cancelled => 3,
    };
    let operation = match operation {
        Operation::Start => 0,
        Operation::Finish(_) => 1,
        Operation::Cancel => 2,
        Operation::Ask => 3,
        Operation::Tell => 4,
    };
    (state, operation)
}

/// What the book's table says: the state afterwards, and the answer in a word.
fn expected(state: S, operation: O) -> (S, &'static str) {
    use Operation::{Ask, Cancel, Finish, Start, Tell};
    use State::{Cancelled, Done, Pending, Running};
    match (state, operation) {
        (Pending, Start) => (Running, "changed"),
        (Pending | Running, Finish(value)) => (Done(value), "changed"),
        (Pending, Cancel) => (Cancelled, "changed"),
        (Pending | Running, Tell) => (state, "not yet"),
        (Pending | Running, Ask) => (state, "invalid"),
        (Running, Start) => (Running, "invalid"),
        (Running, Cancel) => (Running, "too late"),
        (Done(_), Start) => (state, "invalid"),
        (Cancelled, Start) => (state, "too late"),
        (Done(_) | Cancelled, Finish(_)) => (state, "invalid"),
        (Done(_) | Cancelled, Cancel) => (state, "too late"),
        (Done(_) | Cancelled, Ask | Tell) => (state, "now"),
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

#[test]
fn every_operation_does_in_every_state_what_the_table_says() {
    for (row, state) in STATES.into_iter().enumerate() {
        for (column, operation) in OPERATIONS.into_iter().enumerate() {
            assert_eq!(_whole(&state, &operation), (row, column));
            let mut after = state;
            let answer = after.step(operation);
            assert_eq!(
                (after, word(answer)),
                expected(state, operation),
                "{} in {}",
                operation.name(),
                state.name()
            );
        }
    }
}

#[test]
fn an_operation_changes_the_state_exactly_when_it_says_so() {
    for state in STATES {
        for operation in OPERATIONS {
            let mut after = state;
            let changed = after.step(operation) == Answer::Changed;
            assert_eq!(changed, after != state);
        }
    }
}

#[test]
fn done_and_cancelled_are_final() {
    for over in [State::Done(1), State::Cancelled] {
        for first in OPERATIONS {
            for second in OPERATIONS {
                let mut state = over;
                state.step(first);
                state.step(second);
                assert_eq!(state, over);
            }
        }
    }
}

#[test]
fn a_mistake_names_the_operation_and_the_state() {
    for state in STATES {
        for operation in OPERATIONS {
            let mut after = state;
            if let Answer::Invalid(invalid) = after.step(operation) {
                let expected = InvalidState {
                    operation: operation.name(),
                    state: state.name(),
                };
                assert_eq!(invalid, expected);
            }
        }
    }
}
