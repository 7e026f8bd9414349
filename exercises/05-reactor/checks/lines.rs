//! 5.10 lines: lines from a pipe.

#[path = "lines/contract.rs"]
mod contract;
#[path = "lines/names.rs"]
mod names;
#[path = "lines/reading.rs"]
mod reading;

// The tests below come first, and then those of these modules, in this order.
#[path = "lines/limit.rs"]
mod limit;

#[path = "lines/any_input.rs"]
mod any_input;

use std::io::ErrorKind;

use super::subject::lines;
use probe::{run, snapshot};
use probe_io::stream;
use reading::{Reading, quoted};

#[test]
fn two_lines_are_returned_as_two_lines() {
    let run = run!("two_lines");
    let mut reading = Reading::new(&run, &[b"one\n", b"two\n"]);
    let all = reading.all();
    if all == quoted(&["one", "two", ""]) {
        run.diagnose(
            "a-line-from-nothing",
            "The peer sent two lines, and `next` returned a third, empty one. The bytes after the last `\\n` are a line only if there are \
             any.",
        );
    }
    let right = quoted(&["one", "two"]);
    if all != right {
        run.departs_at(
            reading.first_wrong(&all, &right),
            "The peer sent two lines, and `next` returned others.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_line_may_come_in_pieces() {
    let run = run!("in_pieces");
    let mut reading = Reading::new(&run, &[b"o", b"ne", b"\n", b"two\n"]);
    let (all, right) = (reading.all(), quoted(&["one", "two"]));
    if all != right {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "read-is-a-message",
            "A line came in pieces, and `next` returned another line. A line ends at its `\\n`, and not where a read ends.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_piece_may_hold_many_lines() {
    let run = run!();
    let mut reading = Reading::new(&run, &[b"one\ntwo\n\nth", b"ree\n"]);
    let (all, right) = (reading.all(), quoted(&["one", "two", "", "three"]));
    if all == right {
        return;
    }
    let wrong = reading.first_wrong(&all, &right);
    reading.name(&all, &right, wrong);
    if all.len() < 4 {
        run.diagnose_at(
            wrong,
            "rest-thrown-away",
            "One read returned more than a line, and bytes after the first `\\n` are lost. They belong to the next call.",
        );
    }
    run.departs_at(
        wrong,
        "The peer sent four lines, one of them empty, and `next` returned others.",
    );
}

#[test]
fn a_line_is_returned_as_soon_as_its_end_has_come() {
    let run = run!();
    let mut reading = Reading::open(&run);
    reading.peer.sends(b"one\ntwo\n");
    for line in ["\"one\"", "\"two\""] {
        if reading.next() != line {
            run.departs("The peer has sent the whole line, and `next` did not return it. A peer that waits for the answer would wait without end.");
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
            "The stream ended without a `\\n`, and `next` did not return the bytes after the last one.",
        );
    }
    if all != quoted(&["one", "two"]) {
        run.departs("The lines are \"one\" and \"two\", the second without a `\\n` behind it.");
    }
}

#[test]
fn no_empty_line_follows_the_last_newline() {
    let run = run!();
    if !Reading::new(&run, &[]).all().is_empty() {
        run.diagnose(
            "a-line-from-nothing",
            "The peer sent only its end, and `next` returned a line.",
        );
    }
    let run = run!();
    let mut reading = Reading::new(&run, &[b"one\n"]);
    if reading.all() != quoted(&["one"]) {
        run.diagnose(
            "a-line-from-nothing",
            "The peer sent one line, and `next` returned another, empty one. The bytes after the last `\\n` are a line only if there are \
             any.",
        );
    }
    if reading.next() != "the end" {
        run.departs("`next` had returned `None`, and the next call returned a line.");
    }
}

#[test]
fn a_carriage_return_before_the_end_belongs_to_the_end() {
    let run = run!("carriage_return");
    Reading::new(&run, &[b"one\r\ntwo\r", b"\nth\rree\r\n"]).expect(
        &quoted(&["one", "two", "th\rree"]),
        "A `\\r` is no part of the line if a `\\n` follows it, also in the next piece; anywhere else it is.",
    );
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
    let (all, right) = (reading.all(), quoted(&["я здесь"]));
    if all != right {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "decoded-in-pieces",
            "A letter of several bytes came in two pieces, and `next` did not return it whole. Bytes become text when the whole line is \
             there.",
        );
    }
}

#[test]
fn a_line_that_is_not_text_is_reported_and_the_next_is_returned() {
    let run = run!();
    Reading::new(&run, &[b"one\n\xff\xfe\ntwo\n"]).expect(
        &["\"one\"", "not text", "\"two\""].map(str::to_owned),
        "The second of three lines is not UTF-8: `next` should return `NotText`, and then the third line.",
    );
}

#[test]
fn a_dropped_call_loses_no_bytes() {
    let run = run!("given_up");
    let mut reading = Reading::open(&run);
    for piece in [&b"fir"[..], b"st\r", b"\nse", b"cond\nth", b"ird"] {
        reading.peer.sends(piece);
    }
    reading.peer.ends();
    let all = reading.all_with_a_call_for_each_poll();
    if all != quoted(&["first", "second", "third"]) {
        run.diagnose(
            "lost-on-cancel",
            "Each pending call was dropped, as a timeout would do it, and bytes are missing. They were in the dropped future, and not in \
             `self`.",
        );
    }
    snapshot!(run);
}

#[test]
fn the_error_of_a_read_is_returned() {
    let run = run!();
    let mut reading = Reading::open(&run);
    reading.peer.sends(b"one\ntw");
    reading.peer.breaks(ErrorKind::ConnectionReset);
    if reading.next() != "\"one\"" {
        run.departs(
            "The first line came before the connection broke, and `next` did not return it.",
        );
    }
    match reading.next().as_str() {
        "ConnectionReset" => {}
        "the end" | "\"tw\"" => run.diagnose(
            "error-swallowed",
            "The read failed in the middle of a line, and `next` did not return the error.",
        ),
        _ => run
            .departs("The read failed with ConnectionReset, and `next` did not return that error."),
    }
}
