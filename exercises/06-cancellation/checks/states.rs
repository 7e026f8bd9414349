//! 6.2 states: four states, five operations, twenty answers.

use super::subject::{Answer, InvalidState, Operation, State};
use probe::{Run, panics, run, snapshot};

type Op = Operation<u32>;

const OPERATIONS: [Op; 5] = [
    Operation::Start,
    Operation::Finish(2),
    Operation::Cancel,
    Operation::Ask,
    Operation::Tell,
];

#[test]
fn a_pending_one_is_started_finished_or_given_up() {
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
                "Nobody had begun to work on it, it was cancelled, and it is still pending: whoever waits for it will wait for a value that \
                 nobody has to give any more.",
            );
        }
        if state != after {
            run.departs(format!(
                "After “{}” a pending one is {}; it should be {}.",
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
fn one_on_which_somebody_works_is_finished() {
    let run = run!();
    let (answer, state) = step(&run, State::Running, Operation::Finish(2));
    if state != State::Done(2) {
        run.departs(format!(
            "It was finished with 2, and is {}.",
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
fn whoever_works_on_it_is_not_stopped() {
    let run = run!("running");
    let (answer, state) = step(&run, State::Running, Operation::Cancel);
    if state == State::Cancelled {
        run.diagnose(
            "cancelled-while-running",
            "Somebody works on it, and it was cancelled all the same. Whoever works does not know that, and will bring an outcome that is then \
             refused. From “start” on it is too late.",
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
fn whoever_asks_or_wants_to_be_told_changes_nothing() {
    let run = run!();
    for before in all_states() {
        for operation in [Operation::Ask, Operation::Tell] {
            let (_, state) = step(&run, before, operation);
            expect_state(&run, before, operation, state);
        }
    }
}

#[test]
fn what_is_over_stays_what_it_is() {
    let run = run!();
    for before in [State::Done(1), State::Cancelled] {
        for operation in OPERATIONS {
            let (_, state) = step(&run, before, operation);
            match (before, state) {
                (State::Done(1), State::Done(2)) => run.diagnose(
                    "outcome-overwritten",
                    "It had its outcome, 1, and now it is 2. Somebody may have acted on the first already: an outcome comes once.",
                ),
                (State::Done(_), State::Cancelled) => run.diagnose(
                    "cancelled-after-the-end",
                    "It had its outcome, and a cancellation that came after that has thrown it away.",
                ),
                (State::Cancelled, State::Done(_) | State::Running) => run.diagnose(
                    "revived",
                    "It was cancelled, everybody has been told so, and now it is something else. What is over is over.",
                ),
                _ => expect_state(&run, before, operation, state),
            }
        }
    }
}

#[test]
fn who_cancels_too_late_is_told_that_nothing_was_done() {
    let run = run!("too_late");
    for before in [State::Cancelled, State::Done(1)] {
        let (answer, _) = step(&run, before, Operation::Cancel);
        if answer == Answer::Changed {
            run.diagnose(
                "cancel-twice",
                format!(
                    "It was {} already, and the answer to “cancel” is that something has changed. Whoever believes that tells everybody once \
                     more, and calls their callbacks twice.",
                    describe(&before)
                ),
            );
        }
        if matches!(answer, Answer::Invalid(_)) {
            run.diagnose(
                "late-cancel-is-an-error",
                format!(
                    "It was {}, and “cancel” is answered as if that were a mistake in the program. It is none: whoever gives something up cannot \
                     know how far it has got. It is too late, and that is all.",
                    describe(&before)
                ),
            );
        }
        expect_answer(&run, before, Operation::Cancel, answer, Answer::TooLate);
    }
    snapshot!(run);
}

#[test]
fn who_asks_too_early_makes_a_mistake_and_who_wants_to_be_told_has_to_wait() {
    let run = run!();
    for before in [State::Pending, State::Running] {
        let (answer, _) = step(&run, before, Operation::Ask);
        match answer {
            Answer::Now => run.diagnose(
                "ready-too-early",
                format!("It is {}, and whoever asks is told that the outcome is there.", describe(&before)),
            ),
            Answer::NotYet => run.departs(format!(
                "It is {}, and whoever asks is told to wait. To ask is what somebody does who will not wait; the one who wants to be told waits.",
                describe(&before)
            )),
            _ => expect_invalid(&run, before, Operation::Ask, answer),
        }
        let (answer, _) = step(&run, before, Operation::Tell);
        expect_answer(&run, before, Operation::Tell, answer, Answer::NotYet);
    }
}

#[test]
fn once_it_is_over_whoever_asks_or_wants_to_be_told_gets_it_now() {
    let run = run!();
    for before in [State::Done(1), State::Cancelled] {
        for operation in [Operation::Ask, Operation::Tell] {
            let (answer, _) = step(&run, before, operation);
            if before == State::Cancelled && answer == Answer::NotYet {
                run.diagnose(
                    "waits-for-a-cancelled-one",
                    "It is cancelled, and whoever asks is told to wait. Nothing will come: that it was given up is how it ended.",
                );
            }
            expect_answer(&run, before, operation, answer, Answer::Now);
        }
    }
}

#[test]
fn who_begins_or_finishes_at_the_wrong_time_makes_a_mistake() {
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
fn who_begins_with_something_that_was_given_up_is_told_so() {
    let run = run!();
    let (answer, _) = step(&run, State::Cancelled, Operation::Start);
    if let Answer::Invalid(_) = answer {
        run.departs(
            "It was cancelled before anybody began, and “start” is answered as a mistake. It is none: this is how whoever wants to begin learns \
             that there is nothing to do.",
        );
    }
    expect_answer(
        &run,
        State::Cancelled,
        Operation::Start,
        answer,
        Answer::TooLate,
    );
}

#[test]
fn what_makes_no_sense_says_what_was_tried_and_where_it_stood() {
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
                run.departs(format!(
                    "“{}” was tried when it was {}, and the answer says “{}” and {}.",
                    expected.operation, expected.state, invalid.operation, invalid.state
                ));
            }
        }
    }
}

fn all_states() -> [State<u32>; 4] {
    [
        State::Pending,
        State::Running,
        State::Done(1),
        State::Cancelled,
    ]
}

/// One step from a state, recorded.
#[track_caller]
fn step(run: &Run, before: State<u32>, operation: Op) -> (Answer, State<u32>) {
    let mut state = before;
    let call = run.recorder().enters(&describe(&before), said(operation));
    let answer = match panics::expected(|| state.step(operation)) {
        Ok(answer) => answer,
        Err(panic) => {
            drop(call);
            run.departs(format!("It panicked: {}.", panic.message));
        }
    };
    call.returns(format!("{}, {}", word(answer), describe(&state)));
    if state == State::Pending && before != State::Pending {
        run.diagnose(
            "state-left-taken",
            format!(
                "It was {}, and after “{}” it is pending: what was taken out of the state was not put back.",
                describe(&before),
                operation.name()
            ),
        );
    }
    (answer, state)
}

#[track_caller]
fn expect_state(run: &Run, before: State<u32>, operation: Op, after: State<u32>) {
    if after != before {
        run.departs(format!(
            "It was {}, and “{}” made it {}. It should have stayed as it was.",
            describe(&before),
            operation.name(),
            describe(&after)
        ));
    }
}

#[track_caller]
fn expect_answer(run: &Run, before: State<u32>, operation: Op, answer: Answer, expected: Answer) {
    if answer != expected {
        run.departs(format!(
            "“{}”, when it is {}, is answered with “{}”; the table says “{}”.",
            operation.name(),
            describe(&before),
            word(answer),
            word(expected)
        ));
    }
}

#[track_caller]
fn expect_invalid(run: &Run, before: State<u32>, operation: Op, answer: Answer) {
    if !matches!(answer, Answer::Invalid(_)) {
        run.departs(format!(
            "“{}”, when it is {}, makes no sense, and is answered with “{}”.",
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

fn describe(state: &State<u32>) -> String {
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
