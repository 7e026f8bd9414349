//! 5.10 lines: lines from a pipe.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::subject::{LineError, Lines, lines};
use probe::{Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::{Peer, Stream, heap, stream};

const LIMIT: usize = 10;

/// Text that comes in pieces, and the lines that are asked for.
struct Reading {
    run: Run,
    sim: Sim,
    lines: Lines<Stream>,
    peer: Peer,
    /// The events at which lines came out, and the end.
    events: Vec<Option<usize>>,
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
            events: Vec::new(),
        }
    }

    /// The first event at which something else came out than these lines.
    fn first_wrong(&self, all: &[String], right: &[impl AsRef<str>]) -> Option<usize> {
        let same = all.iter().zip(right);
        let same = same.take_while(|(line, right)| *line == right.as_ref());
        self.events.get(same.count()).copied().flatten()
    }

    /// All lines, and they are these.
    #[track_caller]
    fn expect(&mut self, right: &[String], sentence: &str) {
        let all = self.all();
        if all != right {
            self.run.departs_at(self.first_wrong(&all, right), sentence);
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
        self.events.push(self.run.recorder().last_event());
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

impl Reading {
    /// All lines to the end, with a new call for each poll: one that is pending is dropped.
    fn all_with_a_call_for_each_poll(&mut self) -> Vec<String> {
        let task = poller(self.run.recorder(), "task");
        let mut all = Vec::new();
        for _ in 0..1_000 {
            let line = match task.poll(pin!(self.lines.next())) {
                Poll::Pending => {
                    if !self.sim.advance() {
                        break;
                    }
                    continue;
                }
                Poll::Ready(line) => line,
            };
            (self.run.recorder()).says("reader", format!("next → {}", in_words(&line)));
            self.events.push(self.run.recorder().last_event());
            match line {
                None => break,
                line => all.push(in_words(&line)),
            }
        }
        all
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
    let mut reading = Reading::new(&run, &[b"one\n", b"two\n"]);
    let all = reading.all();
    if all == quoted(&["one", "two", ""]) {
        run.diagnose(
            "a-line-from-nothing",
            "Two lines were sent, each with its end, and a third one came out, which is empty. What stands behind the last `\\n` is a line \
             only if there is something.",
        );
    }
    let right = quoted(&["one", "two"]);
    if all != right {
        run.departs_at(
            reading.first_wrong(&all, &right),
            "Two lines were sent, and they did not come out as these two.",
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
            "A line came in pieces, and something else came out. Where a line ends is where the `\\n` stands, and not where a read ends.",
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
    if all == quoted(&["one", "two", "three"]) {
        run.departs_at(
            wrong,
            "The third of four lines is empty, and did not come out. A line with nothing in it is a line.",
        );
    }
    if all.len() < 4 {
        run.diagnose_at(
            wrong,
            "rest-thrown-away",
            "One read gave more than a line, and of what stood behind the first `\\n` something is lost. It belongs to the next call.",
        );
    }
    run.departs_at(
        wrong,
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
            "A letter of several bytes was cut in two by the pieces in which it came, and did not come out whole. Bytes are text when \
             all of them are there.",
        );
    }
}

#[test]
fn what_is_not_text_is_told_of_and_the_next_line_is_there() {
    let run = run!();
    Reading::new(&run, &[b"one\n\xff\xfe\ntwo\n"]).expect(
        &["\"one\"", "not text", "\"two\""].map(str::to_owned),
        "The second of three lines is not UTF-8: it should be told of as `NotText`, and the third should be there.",
    );
}

#[test]
fn a_call_that_is_given_up_loses_nothing() {
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
    let texts = [
        (
            &b"0123456789\n"[..],
            "The line has just as many bytes as the limit, its end not counted, and did not come out.",
        ),
        (
            b"0123456789",
            "The last line has just as many bytes as the limit, and did not come out.",
        ),
        (
            b"0123456789\r\n",
            "The line has just as many bytes as the limit, and did not come out. Its `\\r` had come and its `\\n` had not: a `\\r` may be \
             the beginning of the end, which does not count.",
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
fn the_limit_is_in_bytes_and_not_in_letters() {
    let six = "жжжжжж\n".as_bytes();
    Reading::new(&run!(), &[six, b"two\n"]).expect(
        &["too long", "\"two\""].map(str::to_owned),
        "The first line has 6 letters, of 2 bytes each, and the limit is 10 bytes.",
    );
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
        let mut reading = Reading::new(&run, pieces);
        let (all, right) = (reading.all(), ["\"one\"", "too long", "\"two\""]);
        let told = all.iter().filter(|line| *line == "too long").count();
        if told > 1
            || all
                .iter()
                .any(|line| line.contains('.') || line.contains('0'))
        {
            run.diagnose_at(
                reading.first_wrong(&all, &right),
                "long-line-in-parts",
                "One line was too long, and parts of it came out, or it was told of more than once. What follows up to its `\\n` is \
                 still that line.",
            );
        }
        if all != right {
            run.departs_at(
                reading.first_wrong(&all, &right),
                "The second of three lines is too long: it should be told of once, and the others should be there.",
            );
        }
    }
}

#[test]
fn a_last_line_that_is_too_long_is_told_of_once_as_well() {
    let run = run!();
    let mut reading = Reading::new(&run, &[b"one\n0123456", b"789.....", b"....."]);
    let (all, right) = (reading.all(), ["\"one\"", "too long"]);
    if all.iter().filter(|line| *line == "too long").count() > 1 {
        run.diagnose_at(
            reading.first_wrong(&all, &right),
            "long-line-in-parts",
            "The last line is too long and has no `\\n`, and it was told of more than once: when it was found to be too long, and at the \
             end of the stream.",
        );
    }
    if all != right {
        run.departs_at(
            reading.first_wrong(&all, &right),
            "The second of two lines is too long, and the stream ends without a `\\n`: it should be told of once, and nothing else should \
             come.",
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
        "Behind the last `\\r` there was no `\\n`, so it is no part of an end, and belongs to the line.",
    );
}

#[test]
fn a_call_that_is_given_up_within_a_line_that_is_too_long_loses_nothing() {
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
            "Each call that was pending was dropped, as a time-out would do it, one of them in the middle of a line that is too long. That \
             the rest of this line is still to be left out was in the future that was dropped, and not in `self`.",
        );
    }
}

/// How much memory may be in use for what has been read: the limit, and a few thousand bytes.
const ALLOWED: isize = 32_000;

#[test]
fn a_line_that_is_much_too_long_does_not_fill_the_memory() {
    let run = run!();
    let mut reading = Reading::open(&run);
    let mut used = Used::since_now();
    for _ in 0..200 {
        reading.peer.sends_quietly(&[b'x'; 1_000]);
        reading.polls_until_it_waits(&mut used);
        if used.most <= ALLOWED {
            continue;
        }
        let taken = reading.peer.taken();
        (run.recorder()).says("peer", format!("has sent {taken} bytes, and no `\\n`"));
        (run.recorder()).says("memory", format!("{} bytes more", used.most));
        if used.told > 0 && taken > 2_000 {
            run.diagnose(
                "never-freed",
                format!(
                    "{taken} bytes of one line have been read, and it was told that it is too long. But {} bytes more are in use than \
                     before: what was left out is still in memory.",
                    used.most
                ),
            );
        }
        run.diagnose(
            "no-limit-while-reading",
            format!(
                "{taken} bytes of one line have been read, which may have {LIMIT}, and {} bytes more are in use than before. The peer has \
                 not sent a `\\n` yet, and need not ever.",
                used.most
            ),
        );
    }
    reading.peer.sends_quietly(b"\ntwo\n");
    reading.peer.ends();
    reading.polls_until_it_waits(&mut used);
    if used.told != 1 {
        run.departs(format!(
            "One line came that is much too long, and `TooLong` was told {} times.",
            used.told
        ));
    }
}

#[test]
fn lines_that_were_given_out_do_not_fill_the_memory() {
    let run = run!();
    let mut reading = Reading::open(&run);
    let mut used = Used::since_now();
    for _ in 0..200 {
        reading.peer.sends_quietly(&b"one line\n".repeat(100));
        reading.polls_until_it_waits(&mut used);
    }
    if used.most > ALLOWED {
        let taken = reading.peer.taken();
        (run.recorder()).says("reader", format!("has given out {} lines", taken / 9));
        (run.recorder()).says("memory", format!("{} bytes more", used.most));
        run.diagnose(
            "never-freed",
            format!(
                "{taken} bytes have been read, and all their lines have been given out; but {} bytes more are in use than before. What \
                 was given out is still in memory.",
                used.most
            ),
        );
    }
}

/// What is seen of a reader that is not recorded, since that would take memory as well.
struct Used {
    before: isize,
    /// The most bytes that were in use, beyond those before, while a call waited.
    most: isize,
    /// How many lines were told to be too long.
    told: usize,
}

impl Used {
    fn since_now() -> Used {
        Used {
            before: heap::in_use(),
            most: 0,
            told: 0,
        }
    }
}

impl Reading {
    /// What the peer has sent is read, line after line, until there is no more.
    fn polls_until_it_waits(&mut self, used: &mut Used) {
        let mut context = Context::from_waker(Waker::noop());
        loop {
            let mut next = pin!(self.lines.next());
            let line = loop {
                match next.as_mut().poll(&mut context) {
                    Poll::Ready(line) => break line,
                    Poll::Pending if self.sim.advance() => {}
                    Poll::Pending => {
                        used.most = used.most.max(heap::in_use() - used.before);
                        return;
                    }
                }
            };
            match line {
                Some(Err(LineError::TooLong)) => used.told += 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}
