//! 10.9 both-pipes: a program that does not end.

#[path = "both_pipes/drive.rs"]
mod drive;
#[path = "both_pipes/pipes.rs"]
mod pipes;
#[path = "both_pipes/program.rs"]
mod program;
#[path = "both_pipes/verdicts.rs"]
mod verdicts;

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::communicate;
use drive::{Case, compare, show};
use futures::io::AsyncWrite;
use probe::random::Random;
use probe::{Run, run, snapshot};
use program::Name::{Stderr, Stdin, Stdout};
use program::Step::{self, Breaks, Closes, Reads, ReadsToTheEnd, Sleeps, Writes};

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

/// A standard input that takes every byte, and whose flush fails.
struct FlushFails {
    with: ErrorKind,
    called: Rc<Cell<bool>>,
}

impl AsyncWrite for FlushFails {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.called.set(true);
        Poll::Ready(Err(self.with.into()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn an_error_of_a_flush_counts_as_one_of_a_write() {
    for with in [ErrorKind::BrokenPipe, ErrorKind::Other] {
        let run = run!();
        let called = Rc::new(Cell::new(false));
        let stdin = FlushFails {
            with,
            called: Rc::clone(&called),
        };
        let mut call = pin!(communicate(stdin, &b"out"[..], &b"err"[..], b"input"));
        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if !called.get() {
            continue; // A pipe has nothing to flush: the call may be left out.
        }
        run.recorder().says("stdin", format!("flush → {with:?}"));
        let outcome = polled.map(|outcome| outcome.map_err(|error| error.kind()));
        run.recorder().says("communicate", format!("{outcome:?}"));
        match (with, outcome) {
            (ErrorKind::BrokenPipe, Poll::Ready(Err(ErrorKind::BrokenPipe))) => run.diagnose(
                "broken-pipe-is-an-error",
                "All input was written, the program closed its input before the flush, and `communicate` returned `BrokenPipe`. A program need not read its input to the end, also when that is seen by the flush.",
            ),
            (ErrorKind::BrokenPipe, Poll::Ready(Ok((output, errors))))
                if output == b"out" && errors == b"err" => {}
            (ErrorKind::Other, Poll::Ready(Err(ErrorKind::Other))) => {}
            (ErrorKind::Other, Poll::Ready(Ok(_))) => run.diagnose(
                "error-swallowed",
                "The flush of stdin returned an error, and `communicate` returned `Ok`.",
            ),
            (_, outcome) => run.departs(format!(
                "The flush of stdin returned {with:?}, the outputs have ended, and `communicate` is {outcome:?}."
            )),
        }
    }
}

/// A standard input that takes no byte, whatever is written.
struct TakesNothing {
    run: Run,
    writes: usize,
}

impl AsyncWrite for TakesNothing {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes += 1;
        if self.writes > 1_000 {
            self.run.diagnose(
                "zero-write-spins",
                "A write to stdin took no byte, and `communicate` wrote again, 1,000 times. Such a pipe takes nothing any more: that is the error `WriteZero`.",
            );
        }
        Poll::Ready(Ok(0))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_write_that_takes_no_byte_is_an_error() {
    let run = run!();
    let stdin = TakesNothing {
        run: run.clone(),
        writes: 0,
    };
    let mut call = pin!(communicate(stdin, &b"out"[..], &b"err"[..], b"input"));
    let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let outcome = polled.map(|outcome| outcome.map_err(|error| error.kind()));
    run.recorder().says("stdin", "write → 0 bytes");
    run.recorder().says("communicate", format!("{outcome:?}"));
    match outcome {
        Poll::Ready(Err(_)) => {}
        Poll::Ready(Ok(_)) => run.diagnose(
            "input-cut-short",
            "A write to stdin took no byte, and `communicate` returned `Ok`. The input was not written.",
        ),
        Poll::Pending => run.departs("A write to stdin took no byte, both outputs have ended, and `communicate` is pending. No pipe will wake it."),
    }
}

#[test]
fn input_is_written_after_both_outputs_have_ended() {
    let script = [Closes(Stdout), Closes(Stderr), ReadsToTheEnd];
    runs(&run!(), 200_000, &script);
}

#[test]
fn an_error_of_an_output_is_returned_at_once() {
    for name in [Stdout, Stderr] {
        for error in [
            ErrorKind::Other,
            ErrorKind::BrokenPipe,
            ErrorKind::UnexpectedEof,
        ] {
            let script = [Writes(name, 3), Breaks(name, error), Sleeps];
            runs(&run!(), 0, &script[..2]);
            runs(&run!(), 0, &script);
            runs(&run!(), 200_000, &script);
        }
    }
}

#[test]
fn an_error_of_the_input_is_returned_at_once() {
    // More than the pipe holds: the code has seen both ends before the error.
    let late = [Reads(100_000), Breaks(Stdin, ErrorKind::Other)];
    runs(
        &run!(),
        200_000,
        &[&[Closes(Stdout), Closes(Stderr)], &late[..]].concat(),
    );
    for error in [
        ErrorKind::Other,
        ErrorKind::ConnectionReset,
        ErrorKind::UnexpectedEof,
    ] {
        let script = [Reads(3), Breaks(Stdin, error), Sleeps];
        runs(&run!(), 200_000, &script[..2]);
        runs(&run!(), 200_000, &script);
    }
}

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
fn small(run: &Run, script: &[Step], input: usize, capacity: usize) {
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
