//! Lines about as long as the limit, and the memory that long and many lines take.

use super::reading::{LIMIT, Reading, Used, allowed, much_too_long, quoted};
use probe::run;

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
