//! 5.10 lines: lines from a pipe.

use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::task::Poll;

use super::subject::{LineError, Lines, lines};
use probe::{Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::{Peer, Stream, stream};

const LIMIT: usize = 10;

/// Text that comes in pieces, and the lines that are asked for.
struct Reading {
    run: Run,
    sim: Sim,
    lines: Lines<Stream>,
    peer: Peer,
}

impl Reading {
    fn new(run: &Run, pieces: &[&[u8]]) -> Reading {
        let reading = Reading::open(run);
        for piece in pieces {
            reading.peer.sends(piece);
        }
        reading.peer.ends();
        reading
    }

    fn open(run: &Run) -> Reading {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        Reading {
            run: run.clone(),
            sim,
            lines: lines(stream, LIMIT),
            peer,
        }
    }

    /// The next line, in words.
    #[track_caller]
    fn next(&mut self) -> String {
        let call = self.run.recorder().enters("reader", "next");
        let line = self.sim.run("task", pin!(self.lines.next()));
        let line = match line {
            Ok(line) => in_words(&line),
            Err(_stuck) => "waits for ever".to_owned(),
        };
        call.returns(line.clone());
        line
    }

    /// All lines to the end, each in words.
    #[track_caller]
    fn all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..100 {
            match self.next().as_str() {
                "the end" => return all,
                "waits for ever" => self
                    .run
                    .departs("The peer has ended, and the reader waits for more."),
                line => all.push(line.to_owned()),
            }
        }
        self.run
            .departs("A hundred lines came out, and not so many went in.")
    }
}

fn in_words(line: &Option<Result<String, LineError>>) -> String {
    match line {
        None => "the end".to_owned(),
        Some(Ok(line)) => format!("{line:?}"),
        Some(Err(LineError::TooLong)) => "too long".to_owned(),
        Some(Err(LineError::NotText)) => "not text".to_owned(),
        Some(Err(LineError::Io(error))) => format!("{:?}", error.kind()),
    }
}

fn quoted(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| format!("{line:?}")).collect()
}

#[test]
fn two_lines_are_two_lines() {
    let run = run!("two_lines");
    let all = Reading::new(&run, &[b"one\n", b"two\n"]).all();
    if all == quoted(&["one", "two", ""]) {
        run.diagnose(
            "a-line-from-nothing",
            "Two lines were sent, each with its end, and a third one came out, which is empty. What stands behind the last `\\n` is a line \
             only if there is something.",
        );
    }
    if all != quoted(&["one", "two"]) {
        run.departs("Two lines were sent, and they did not come out as these two.");
    }
    snapshot!(run);
}

#[test]
fn a_line_may_come_in_pieces() {
    let run = run!("in_pieces");
    let all = Reading::new(&run, &[b"o", b"ne", b"\n", b"two\n"]).all();
    if all.iter().map(String::as_str).collect::<Vec<_>>() != ["\"one\"", "\"two\""] {
        run.diagnose(
            "read-is-a-message",
            "A line came in pieces, and something else came out. Where a line ends is where the `\\n` stands, and not where a read ends.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_piece_may_hold_many_lines() {
    let run = run!();
    let all = Reading::new(&run, &[b"one\ntwo\n\nth", b"ree\n"]).all();
    if all == quoted(&["one", "two", "", "three"]) {
        return;
    }
    if all.len() < 4 {
        run.diagnose(
            "rest-thrown-away",
            "One read gave more than a line, and what stood behind the first `\\n` is lost. It belongs to the next call.",
        );
    }
    run.departs(
        "Four lines were sent, one of them empty, and they did not come out as these four.",
    );
}

#[test]
fn a_line_is_there_as_soon_as_its_end_is() {
    let run = run!();
    let mut reading = Reading::open(&run);
    reading.peer.sends(b"one\ntwo\n");
    for line in ["\"one\"", "\"two\""] {
        if reading.next() != line {
            run.departs("The whole line has been sent, and it does not come out. The peer waits for an answer to it, perhaps.");
        }
    }
}

#[test]
fn the_last_line_needs_no_end() {
    let run = run!();
    let all = Reading::new(&run, &[b"one\ntwo"]).all();
    if all == quoted(&["one"]) {
        run.diagnose(
            "last-line-lost",
            "The stream ended without a `\\n`, and what stood behind the last one did not come out.",
        );
    }
    if all != quoted(&["one", "two"]) {
        run.departs("The lines are \"one\" and \"two\", the second without a `\\n` behind it.");
    }
}

#[test]
fn after_the_last_end_of_a_line_there_is_no_empty_one() {
    let run = run!();
    if !Reading::new(&run, &[]).all().is_empty() {
        run.diagnose(
            "a-line-from-nothing",
            "Nothing was sent but the end, and a line came out.",
        );
    }
    let run = run!();
    let mut reading = Reading::new(&run, &[b"one\n"]);
    if reading.all() != quoted(&["one"]) {
        run.diagnose(
            "a-line-from-nothing",
            "One line was sent, with its end, and another one came out, which is empty. What stands behind the last `\\n` is a line only \
             if there is something.",
        );
    }
    if reading.next() != "the end" {
        run.departs("The lines had come to an end, and another one came out.");
    }
}

#[test]
fn a_carriage_return_before_the_end_belongs_to_the_end() {
    let run = run!("carriage_return");
    let all = Reading::new(&run, &[b"one\r\ntwo\r", b"\nth\rree\r\n"]).all();
    if all != quoted(&["one", "two", "th\rree"]) {
        run.departs("A `\\r` is no part of the line if a `\\n` follows it, also in the next piece; anywhere else it is.");
    }
    snapshot!(run);
}

#[test]
fn a_letter_may_be_cut_in_two() {
    let run = run!();
    let text = "я здесь\n".as_bytes();
    let mut reading = Reading::open(&run);
    reading.lines = {
        let (stream, peer) = stream(&run, &reading.sim);
        peer.sends_byte_by_byte(text);
        peer.ends();
        lines(stream, 100)
    };
    let all = reading.all();
    if all != quoted(&["я здесь"]) {
        run.diagnose(
            "decoded-in-pieces",
            "A letter of several bytes was cut in two by the pieces in which it came, and did not come out whole. Bytes are text when \
             all of them are there.",
        );
    }
}

#[test]
fn what_is_not_text_is_told_of_and_the_next_line_is_there() {
    let run = run!();
    let all = Reading::new(&run, &[b"one\n\xff\xfe\ntwo\n"]).all();
    if all != ["\"one\"", "not text", "\"two\""] {
        run.departs("The second of three lines is not UTF-8: it should be told of as `NotText`, and the third should be there.");
    }
}

#[test]
fn a_call_that_is_given_up_loses_nothing() {
    let run = run!("given_up");
    let mut reading = Reading::open(&run);
    for piece in [&b"fir"[..], b"st\r", b"\nse", b"cond\nth", b"ird"] {
        reading.peer.sends(piece);
    }
    reading.peer.ends();
    let task = poller(run.recorder(), "task");
    let mut all = Vec::new();
    for _ in 0..1_000 {
        // A new call for each poll, and each that is pending is dropped.
        let line = match task.poll(pin!(reading.lines.next())) {
            Poll::Pending => {
                if !reading.sim.advance() {
                    break;
                }
                continue;
            }
            Poll::Ready(line) => line,
        };
        run.recorder()
            .says("reader", format!("next → {}", in_words(&line)));
        match line {
            None => break,
            line => all.push(in_words(&line)),
        }
    }
    if all != quoted(&["first", "second", "third"]) {
        run.diagnose(
            "lost-on-cancel",
            "Each call that was pending was dropped, as a time-out would do it, and bytes are missing. What had been read was in the \
             future that was dropped, and not in `self`.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_read_that_fails_is_told_of() {
    let run = run!();
    let mut reading = Reading::open(&run);
    reading.peer.sends(b"one\ntw");
    reading.peer.breaks(ErrorKind::ConnectionReset);
    if reading.next() != "\"one\"" {
        run.departs("The first line was there before the connection broke, and did not come out.");
    }
    match reading.next().as_str() {
        "ConnectionReset" => {}
        "the end" | "\"tw\"" => run.diagnose(
            "error-swallowed",
            "The connection broke in the middle of a line, and that was taken for the end of the stream.",
        ),
        _ => run.departs("The connection broke, and the error did not come out."),
    }
}

#[test]
fn a_line_of_just_the_limit_is_not_too_long() {
    for text in [&b"0123456789\n"[..], b"0123456789\r\n", b"0123456789"] {
        let run = run!();
        let mut reading = Reading::open(&run);
        reading.peer.sends_byte_by_byte(text);
        reading.peer.ends();
        if reading.all() != ["\"0123456789\""] {
            run.departs("The line has just as many bytes as the limit, its end not counted, and did not come out.");
        }
    }
}

#[test]
fn a_line_that_is_too_long_is_told_of_once_and_left_out() {
    for pieces in [
        &[&b"one\n01234567890\ntwo\n"[..]][..],
        &[
            b"one\n0123456",
            b"7890",
            b"...............",
            b".......\ntwo\n",
        ],
    ] {
        let run = run!();
        let all = Reading::new(&run, pieces).all();
        let told = all.iter().filter(|line| *line == "too long").count();
        if told > 1
            || all
                .iter()
                .any(|line| line.contains('.') || line.contains('0'))
        {
            run.diagnose(
                "long-line-in-parts",
                "One line was too long, and parts of it came out, or it was told of more than once. What follows up to its `\\n` is \
                 still that line.",
            );
        }
        if all != ["\"one\"", "too long", "\"two\""] {
            run.departs("The second of three lines is too long: it should be told of once, and the others should be there.");
        }
    }
}

#[test]
fn a_line_without_an_end_does_not_fill_the_memory() {
    let run = run!();
    let mut reading = Reading::open(&run);
    reading.peer.sends_without_end();
    let line = run.risk(
        Some("no-limit-while-reading"),
        "The peer sends one line that never ends, and the reader reads on and on: the limit is looked at only when the line is there.",
        || {
            let mut next = pin!(reading.lines.next());
            let task = poller(run.recorder(), "task");
            reading.sim.advance();
            match task.poll(Pin::new(&mut next)) {
                Poll::Ready(line) => in_words(&line),
                Poll::Pending => "pending".to_owned(),
            }
        },
    );
    let taken = reading.peer.taken();
    run.recorder().says("reader", format!("next → {line}"));
    if line != "too long" {
        run.departs("The peer sends one line that never ends, and the reader did not say that it is too long.");
    }
    if taken > 100_000 {
        run.diagnose(
            "no-limit-while-reading",
            format!("{taken} bytes were read of a line that may have {LIMIT}, before it was told that it is too long."),
        );
    }
}
