//! The table of states and operations, printed by the code that it describes.

use cancellation::{Answer, Operation, State};

// ANCHOR: pairs
const STATES: [State<u32>; 4] = [
    State::Pending,
    State::Running,
    State::Done(1),
    State::Cancelled,
];

const OPERATIONS: [Operation<u32>; 5] = [
    Operation::Start,
    Operation::Finish(2),
    Operation::Cancel,
    Operation::Ask,
    Operation::Tell,
];
// ANCHOR_END: pairs

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let names = OPERATIONS.map(|operation| operation.name().to_owned());
    print_row("", names);
    for before in STATES {
        let cells = OPERATIONS.map(|operation| {
            let mut state = before;
            match state.step(operation) {
                Answer::Changed => format!("→ {}", state.name()),
                Answer::TooLate => "too late".to_owned(),
                Answer::NotYet => "wait".to_owned(),
                Answer::Now => "now".to_owned(),
                Answer::Invalid(_) => "a mistake".to_owned(),
            }
        });
        print_row(before.name(), cells);
    }
}
// ANCHOR_END: main

fn print_row(name: &str, cells: [String; 5]) {
    let cells = cells.map(|cell| format!("{cell:11}"));
    println!("{name:9}   {}", cells.join("   ").trim_end());
}
