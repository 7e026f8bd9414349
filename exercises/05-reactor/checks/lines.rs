//! 5.10 lines: lines from a pipe.

#[path = "lines/contract.rs"]
mod contract;
#[path = "lines/names.rs"]
mod names;
#[path = "lines/reading.rs"]
mod reading;

use std::io::ErrorKind;
use std::pin::pin;

use super::subject::{LineError, lines};
use contract::{LARGEST, SEED, compare, contract, in_pieces, long_text};
use probe::random::{Random, SIZES};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use probe_io::hostile::{Broken, Ended, Script, hostile};
use probe_io::stream;
use probe_io::stream::show;
use reading::{LIMIT, Reading, Used, allowed, ends_once, in_words, much_too_long, quoted};

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

#[test]
fn a_line_of_exactly_the_limit_is_returned() {
    let texts = [
        (
            &b"0123456789\n"[..],
            "The line has exactly as many bytes as the limit, its end not counted, and `next` did not return it.",
        ),
        (
            b"0123456789",
            "The last line has exactly as many bytes as the limit, and `next` did not return it.",
        ),
        (
            b"0123456789\r\n",
            "The line has exactly as many bytes as the limit, and `next` did not return it. A `\\r` may be the first byte of the line's \
             end, which does not count.",
        ),
    ];
    for (text, sentence) in texts {
        let mut reading = Reading::open(&run!());
        reading.peer.sends_byte_by_byte(text);
        reading.peer.ends();
        reading.expect(&quoted(&["0123456789"]), sentence);
    }
}

#[test]
fn the_limit_counts_bytes_and_not_letters() {
    let six = "жжжжжж\n".as_bytes();
    let run = run!();
    let mut reading = Reading::new(&run, &[six, b"two\n"]);
    let all = reading.all();
    let right = ["too long", "\"two\""].map(str::to_owned);
    let twelve = Reading::new(&run!(), &[b"012345678901\n"]).all();
    if all == quoted(&["жжжжжж", "two"]) && twelve == ["too long"] {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "limit-counts-letters",
            "The first line has 6 letters, of 2 bytes each, and the limit is 10 bytes. `next` returned the line. The limit counts bytes: they are what \
             the memory holds.",
        );
    }
    if all != right {
        let wrong = reading.first_wrong(&all, &right);
        reading.name(&all, &right, wrong);
        run.departs_at(
            wrong,
            "The first line has 6 letters, of 2 bytes each, and the limit is 10 bytes.",
        );
    }
}

#[test]
fn a_line_that_is_too_long_is_reported_once_and_skipped() {
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
        let mut reading = Reading::new(&run, pieces);
        let (all, right) = (reading.all(), ["\"one\"", "too long", "\"two\""]);
        if all.iter().any(|line| line == "\"01234567890\"") {
            run.diagnose_at(
                reading.first_wrong(&all, &right),
                "limit-plus-one",
                "A line of 11 bytes came, the limit is 10, and `next` returned the line. A `\\r` may come beyond the limit, and no other byte.",
            );
        }
        let told = all.iter().filter(|line| *line == "too long").count();
        if told > 1
            || all
                .iter()
                .any(|line| line.contains('.') || line.contains('0'))
        {
            run.diagnose_at(
                reading.first_wrong(&all, &right),
                "long-line-in-parts",
                "One line was too long, and `next` returned parts of it, or reported it more than once. Every byte up to its `\\n` is part of \
                 that line.",
            );
        }
        if all != right {
            run.departs_at(
                reading.first_wrong(&all, &right),
                "The second of three lines is too long: `next` should report it once, and return the other two.",
            );
        }
    }
}

#[test]
fn a_last_line_that_is_too_long_is_reported_once_too() {
    let run = run!();
    let mut reading = Reading::new(&run, &[b"one\n0123456", b"789.....", b"....."]);
    let (all, right) = (reading.all(), ["\"one\"", "too long"]);
    if all.iter().filter(|line| *line == "too long").count() > 1 {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "long-line-in-parts",
            "The last line is too long and has no `\\n`, and `next` reported it more than once.",
        );
    }
    if all != right {
        let wrong = reading.first_wrong(&all, &right);
        if let [before @ .., rest] = &all[..]
            && before == right
        {
            run.diagnose_at(
                wrong,
                "long-line-in-parts",
                format!(
                    "The last line is too long and has no `\\n`. `next` reported it, and returned {rest} as a line after it: that is the end \
                     of the long line."
                ),
            );
        }
        reading.name(&all, &right.map(str::to_owned), wrong);
        run.departs_at(
            wrong,
            "The second of two lines is too long, and the stream ends without a `\\n`: `next` should report it once, and then return \
             `None`.",
        );
    }
}

#[test]
fn a_carriage_return_anywhere_else_belongs_to_the_line() {
    Reading::new(&run!(), &[b"one\r\r\ntwo\n"]).expect(
        &quoted(&["one\r", "two"]),
        "A line ends with `\\r\\n` or with `\\n`. Of two `\\r` before a `\\n` the first is no part of its end, and belongs to the line.",
    );
    Reading::new(&run!(), &[b"one\ntwo\r"]).expect(
        &quoted(&["one", "two\r"]),
        "No `\\n` follows the last `\\r`, so the `\\r` belongs to the line.",
    );
}

#[test]
fn a_call_that_is_dropped_within_a_line_that_is_too_long_still_skips_it() {
    let run = run!();
    let mut reading = Reading::open(&run);
    for piece in [&b"0123456"[..], b"789...", b"...", b"...\ntwo\n"] {
        reading.peer.sends(piece);
    }
    reading.peer.ends();
    let all = reading.all_with_a_call_for_each_poll();
    let right = ["too long", "\"two\""];
    if all != right {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "lost-on-cancel",
            "Each pending call was dropped, as a timeout would do it, one of them in the middle of a line that is too long. The fact that \
             the rest of this line is to be skipped was in the dropped future, and not in `self`.",
        );
    }
}

#[test]
fn a_very_long_line_does_not_fill_the_memory() {
    for limit in [LIMIT, 10_000] {
        much_too_long(limit);
    }
}

#[test]
fn returned_lines_do_not_fill_the_memory() {
    let run = run!();
    let mut used = Used::since_now();
    let mut reading = Reading::open(&run);
    for _ in 0..200 {
        reading.peer.sends_quietly(&b"one line\n".repeat(100));
        reading.polls_until_it_waits(&mut used);
    }
    if used.most > allowed(LIMIT) {
        let taken = reading.peer.taken();
        (run.recorder()).says("reader", format!("has returned {} lines", taken / 9));
        (run.recorder()).says("memory", format!("{} bytes more", used.most));
        run.diagnose(
            "never-freed",
            format!(
                "{taken} bytes have been read, and `next` has returned all their lines. But {} bytes more are in use than before: the returned \
                 lines are still in memory.",
                used.most
            ),
        );
    }
}

#[test]
fn every_short_text_gives_the_right_lines() {
    let run = run!();
    // The two bytes of `é`, of which each alone is no text.
    let alphabet = [b'a', b'\n', b'\r', 0xC3, 0xA9, 0];
    let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut begin = 0;
    for _ in 0..4 {
        let end = texts.len();
        for place in begin..end {
            for byte in alphabet {
                texts.push([&texts[place][..], &[byte]].concat());
            }
        }
        begin = end;
    }
    for text in texts {
        for limit in [0, 2, LARGEST] {
            compare(&run, vec![text.clone()], limit);
            if limit != 2 {
                continue;
            }
            compare(&run, text.iter().map(|byte| vec![*byte]).collect(), limit);
        }
    }
}

#[test]
fn long_texts_in_pieces_of_any_size_give_the_right_lines() {
    let run = run!();
    let mut random = Random::seeded(SEED);
    // Four bytes a line: every usual buffer holds whole lines.
    compare(&run, vec![b"one\n".repeat(2_000)], 3);
    for size in SIZES
        .into_iter()
        .filter(|size| *size <= 1_025 || *size == 65_537)
    {
        let text = long_text(&mut random, size);
        if size <= 1_025 {
            compare(&run, vec![text.clone()], size);
            compare(&run, in_pieces(&mut random, &text), LARGEST);
        }
        compare(&run, in_pieces(&mut random, &text), size);
    }
}

#[test]
fn after_the_end_the_reader_is_not_read_again() {
    let run = run!();
    for text in [&b"one\n"[..], b"one", b""] {
        let (reader, reads_after) = ends_once(text);
        let mut lines = lines(reader, LIMIT);
        let task = poller(&Recorder::default(), "task");
        for _ in 0..4 {
            if task.poll(pin!(lines.next())).is_pending() {
                run.departs("The reader was never pending, and `next` was.");
            }
        }
        let again = reads_after.get();
        if again > 0 {
            (run.recorder()).says("reader", format!("gives {}, then its end", show(text)));
            (run.recorder()).says(
                "reader",
                format!("is read {again} times after its end    expected: not again"),
            );
            run.diagnose(
                "end-read-again",
                format!("The reader had given its end, and `next` read it {again} times more. The end is read once."),
            );
        }
    }
}

#[test]
fn every_short_script_of_reads_gives_the_right_lines() {
    let run = run!();
    let text = b"one\ntwo\r\nthree";
    for script in [Script::of_reads(4), Script::of_kinds()].concat() {
        let (stream, witness) = hostile(&run, &script, text);
        let mut lines = lines(stream, LIMIT);
        let mut all = Vec::new();
        let ended = {
            let reads = async {
                let mut failure = Ok(());
                // The call after the last one has to return `None`, and a third one as well.
                let mut ends = 0;
                while ends < 2 {
                    match lines.next().await {
                        None => ends += 1,
                        Some(Err(LineError::Io(error))) if failure.is_ok() => failure = Err(error),
                        line => all.push(in_words(&line)),
                    }
                    assert!(all.len() < 10, "lines come out without end");
                }
                failure
            };
            witness.drive(pin!(reads), || {})
        };
        let failed = witness.failure().is_some();
        let ended_well = matches!(ended, Ended::Ready(_));
        if ended_well {
            run.recorder()
                .says("reader", format!("lines: {}", all.join(", ")));
        }
        witness.judge(ended, b"", |broken| match broken {
            Broken::ErrorHidden(_) => Some("error-swallowed"),
            Broken::EarlierWoken => Some("first-waker-only"),
            Broken::CalledAfterFailure(_) => Some("called-after-failure"),
            Broken::Spins => Some("spins-at-the-end"),
            _ => None,
        });
        let mut right = contract(&witness.input()[..witness.read()], LIMIT);
        if failed
            && witness.input()[..witness.read()]
                .last()
                .is_some_and(|byte| *byte != b'\n')
        {
            // The line in which reading failed does not come out.
            right.pop();
        }
        if all != right {
            run.departs(format!("The lines should be: {}.", right.join(", ")));
        }
    }
}
