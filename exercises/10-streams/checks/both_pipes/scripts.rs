//! Every short program, long ones, and one and a half megabytes.

use std::io::ErrorKind;

use super::drive::{Case, compare};
use super::program::Name::{Stderr, Stdin, Stdout};
use super::program::Step::{self, Breaks, Closes, Reads, ReadsToTheEnd, Writes};
use super::{HOLDS, bytes};
use probe::random::Random;
use probe::{Run, run};

const STEPS: [Step; 13] = [
    Reads(3),
    Reads(9),
    ReadsToTheEnd,
    Writes(Stdout, 3),
    Writes(Stderr, 3),
    Writes(Stdout, 9),
    Writes(Stderr, 9),
    Closes(Stdin),
    Closes(Stdout),
    Closes(Stderr),
    Breaks(Stdin, ErrorKind::Other),
    Breaks(Stdout, ErrorKind::Other),
    Breaks(Stderr, ErrorKind::ConnectionReset),
];

/// Whether the contract says which error is returned: at most one pipe breaks, and no closed one.
fn is_clear(script: &[Step]) -> bool {
    let breaks = script.iter().position(|step| matches!(step, Breaks(..)));
    let Some(place) = breaks else { return true };
    let Breaks(name, _) = script[place] else {
        unreachable!("it breaks there")
    };
    let once = !script[place + 1..]
        .iter()
        .any(|step| matches!(step, Breaks(..)));
    once && !script.contains(&Closes(name))
}

#[test]
fn every_short_program_is_fed_and_read() {
    let run = run!();
    let mut layer: Vec<Vec<Step>> = vec![Vec::new()];
    for length in 0..=3 {
        let inputs: &[usize] = if length < 3 { &[0, 6, 20] } else { &[20] };
        for script in layer.iter().filter(|script| is_clear(script)) {
            for input in inputs {
                small(&run, script, *input, 4);
            }
        }
        let longer = |script: &Vec<Step>| STEPS.map(|step| [&script[..], &[step]].concat());
        layer = layer.iter().flat_map(longer).collect();
    }
}

#[test]
fn long_programs_are_fed_and_read() {
    let run = run!();
    let mut random = Random::seeded(0x0A09);
    for (length, count) in [(3, 300), (4, 300), (5, 200), (30, 100)] {
        for _ in 0..count {
            let script: Vec<_> = (0..length).map(|_| *random.pick(&STEPS)).collect();
            let (input, capacity) = (random.below(40), 1 + random.below(8));
            if is_clear(&script) {
                small(&run, &script, input, capacity);
            }
        }
    }
}

#[track_caller]
pub(super) fn small(run: &Run, script: &[Step], input: usize, capacity: usize) {
    let case = Case {
        script,
        input: &bytes(input),
        capacity,
    };
    compare(run, case);
}

#[test]
fn one_and_a_half_megabytes_go_in_and_come_out_twice() {
    let turn = [
        Reads(50_000),
        Writes(Stdout, 50_000),
        Writes(Stderr, 50_000),
    ];
    let script = turn.repeat(30);
    let case = Case {
        script: &script,
        input: &bytes(1_500_000),
        capacity: HOLDS,
    };
    compare(&run!(), case);
}
