//! 10.9 both-pipes: a program that does not end.

#[path = "both_pipes/drive.rs"]
mod drive;
#[path = "both_pipes/pipes.rs"]
mod pipes;
#[path = "both_pipes/program.rs"]
mod program;
#[path = "both_pipes/verdicts.rs"]
mod verdicts;

// The tests below come first, and then those of these modules, in this order.
#[path = "both_pipes/broken.rs"]
mod broken;

#[path = "both_pipes/scripts.rs"]
mod scripts;

use drive::{Case, show};
use probe::{Run, run, snapshot};
use program::Name::{Stderr, Stdin, Stdout};
use program::Step::{self, Closes, Reads, ReadsToTheEnd, Writes};

/// What a pipe holds on Linux.
const HOLDS: usize = 65_536;

#[track_caller]
fn runs(run: &Run, input: usize, script: &[Step]) {
    let case = Case {
        script,
        input: &bytes(input),
        capacity: HOLDS,
    };
    show(run, case);
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|place| b'0' + (place % 10) as u8).collect()
}

#[test]
fn input_goes_in_and_both_outputs_come_out() {
    let run = run!("small");
    runs(
        &run,
        5,
        &[ReadsToTheEnd, Writes(Stdout, 6), Writes(Stderr, 3)],
    );
    snapshot!(run);
}

#[test]
fn more_warnings_than_a_pipe_holds_come_before_the_result() {
    let run = run!("warnings");
    runs(&run, 0, &[Writes(Stderr, 100_000), Writes(Stdout, 6)]);
    snapshot!(run);
}

#[test]
fn more_output_than_a_pipe_holds_comes_before_a_warning() {
    runs(&run!(), 0, &[Writes(Stdout, 100_000), Writes(Stderr, 6)]);
}

#[test]
fn both_outputs_come_in_turns() {
    let turn = [Writes(Stdout, 70_000), Writes(Stderr, 70_000)];
    runs(&run!(), 0, &turn.repeat(3));
}

#[test]
fn a_program_may_write_before_it_has_read_its_input() {
    let run = run!("while_fed");
    let turn = [Reads(70_000), Writes(Stdout, 70_000)];
    runs(&run, 200_000, &turn.repeat(3));
    snapshot!(run);
}

#[test]
fn the_input_ends_before_the_program_writes() {
    for input in [0, 5, 200_000] {
        runs(&run!(), input, &[ReadsToTheEnd, Writes(Stdout, 6)]);
    }
}

#[test]
fn a_program_that_closes_its_input_is_no_error() {
    let run = run!("closes_its_input");
    let script = [Reads(5), Closes(Stdin), Writes(Stdout, 6)];
    runs(&run, 200_000, &script);
    runs(&run!(), 200_000, &[Reads(5), Writes(Stdout, 6)]);
    snapshot!(run);
}
