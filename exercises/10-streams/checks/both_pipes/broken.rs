//! Pipes that fail, and a standard input that takes no byte.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::communicate;
use super::program::Name::{Stderr, Stdin, Stdout};
use super::program::Step::{Breaks, Closes, Reads, ReadsToTheEnd, Sleeps, Writes};
use super::runs;
use futures::io::AsyncWrite;
use probe::{Run, run};

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

/// A standard input that takes no byte of any write.
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
