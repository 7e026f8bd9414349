//! 5.10 lines: lines from a pipe.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::subject::{LineError, Lines, lines};
use futures::io::AsyncRead;
use probe::random::{LETTERS, Random, SIZES};
use probe::{Run, panics, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Broken, Ended, Script, hostile};
use probe_io::stream::show;
use probe_io::{Peer, Stream, heap, stream};

const LIMIT: usize = 10;

/// Text in pieces, and the lines that are read from it.
struct Reading {
    run: Run,
    sim: Sim,
    lines: Lines<Stream>,
    peer: Peer,
    /// The events at which `next` returned.
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
        Reading::limited(run, LIMIT)
    }

    fn limited(run: &Run, limit: usize) -> Reading {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        peer.bounds_reads_of_the_end();
        Reading {
            run: run.clone(),
            sim,
            lines: lines(stream, limit),
            peer,
            events: Vec::new(),
        }
    }

    /// The first event at which `next` returned another line than these.
    fn first_wrong(&self, all: &[String], right: &[impl AsRef<str>]) -> Option<usize> {
        let same = all.iter().zip(right);
        let same = same.take_while(|(line, right)| *line == right.as_ref());
        self.events.get(same.count()).copied().flatten()
    }

    /// Every line, and they are these.
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
            Err(_stuck) => STUCK.to_owned(),
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
                STUCK => self
                    .run
                    .departs("The peer's end has come, and `next` is pending."),
                line => all.push(line.to_owned()),
            }
        }
        self.run
            .departs("`next` returned 100 lines, and the peer sent fewer.")
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

/// What is shown of a call that is pending when no event is left.
const STUCK: &str = "pending, and no waker is called";

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
    if all == quoted(&["one", "two", "three"]) {
        run.departs_at(
            wrong,
            "The third of four lines is empty, and `next` did not return it. An empty line is a line.",
        );
    }
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
    Reading::new(&run!(), &[six, b"two\n"]).expect(
        &["too long", "\"two\""].map(str::to_owned),
        "The first line has 6 letters, of 2 bytes each, and the limit is 10 bytes.",
    );
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
        run.departs_at(
            reading.first_wrong(&all, &right),
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

/// How much memory may be in use for a reader, its future and what they have read.
fn allowed(limit: usize) -> isize {
    isize::try_from(4 * limit + 30_000).expect("a small limit")
}

#[test]
fn a_very_long_line_does_not_fill_the_memory() {
    for limit in [LIMIT, 10_000] {
        much_too_long(limit);
    }
}

fn much_too_long(limit: usize) {
    let run = run!();
    let mut used = Used::since_now();
    let mut reading = Reading::limited(&run, limit);
    let allowed = allowed(limit);
    for _ in 0..200 {
        reading.peer.sends_quietly(&[b'x'; 1_000]);
        reading.polls_until_it_waits(&mut used);
        if used.most <= allowed {
            continue;
        }
        let taken = reading.peer.taken();
        (run.recorder()).says("peer", format!("has sent {taken} bytes, and no `\\n`"));
        (run.recorder()).says("memory", format!("{} bytes more", used.most));
        if taken <= 1_000 {
            run.departs(format!(
                "1,000 bytes have been read, and the reader takes {} bytes. A read may take 30,000 bytes of memory, and the line four times \
                 its limit.",
                used.most
            ));
        }
        if used.told > 0 && taken > 2_000 {
            run.diagnose(
                "never-freed",
                format!(
                    "{taken} bytes of one line have been read, and `next` has reported it. But {} bytes more are in use than before: the skipped \
                     bytes are still in memory.",
                    used.most
                ),
            );
        }
        run.diagnose(
            "no-limit-while-reading",
            format!(
                "{taken} bytes of one line have been read, the limit is {limit}, and {} bytes more are in use than before. The peer has sent \
                 no `\\n`, and may never send one.",
                used.most
            ),
        );
    }
    reading.peer.sends_quietly(b"\ntwo\n");
    reading.peer.ends();
    reading.polls_until_it_waits(&mut used);
    if used.told != 1 {
        run.departs(format!(
            "One line was too long, and `next` reported it {} times.",
            used.told
        ));
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

/// What is seen of a reader without a recording, which would take memory too.
struct Used {
    before: isize,
    /// The most bytes that were in use, beyond those before, while a call waited.
    most: isize,
    /// How many lines were reported as too long.
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
    /// Reads line after line, until a call is pending.
    fn polls_until_it_waits(&mut self, used: &mut Used) {
        let mut context = Context::from_waker(Waker::noop());
        let on_the_stack = size_of::<Lines<Stream>>();
        loop {
            let mut next = pin!(self.lines.next());
            let fixed = (on_the_stack + size_of_val(&*next)).cast_signed();
            let line = loop {
                match next.as_mut().poll(&mut context) {
                    Poll::Ready(line) => break line,
                    Poll::Pending if self.sim.advance() => {}
                    Poll::Pending => {
                        used.most = used.most.max(heap::in_use() - used.before + fixed);
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

/// The lines of these bytes, in words: the contract in its plainest form, for bytes that are all there.
fn contract(bytes: &[u8], limit: usize) -> Vec<String> {
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let last = parts.pop().unwrap_or_default();
    let ended = parts
        .into_iter()
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let last = (!last.is_empty()).then_some(last);
    let line = |line: &[u8]| match std::str::from_utf8(line) {
        _ if line.len() > limit => "too long".to_owned(),
        Ok(text) => format!("{text:?}"),
        Err(_) => "not text".to_owned(),
    };
    ended.chain(last).map(line).collect()
}

/// The largest limit that the contract allows.
const LARGEST: usize = usize::MAX - 1;

/// A reader that returns these pieces, and is pending before each.
struct Cut {
    pieces: VecDeque<VecDeque<u8>>,
    ready: bool,
    reads_of_the_end: usize,
}

impl Cut {
    fn into(pieces: impl IntoIterator<Item = Vec<u8>>) -> Cut {
        Cut {
            pieces: pieces.into_iter().map(VecDeque::from).collect(),
            ready: false,
            reads_of_the_end: 0,
        }
    }
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !std::mem::replace(&mut self.ready, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(piece) = self.pieces.front_mut() else {
            self.reads_of_the_end += 1;
            assert!(self.reads_of_the_end < 1_000, "the end is read without end");
            return Poll::Ready(Ok(0));
        };
        let count = io::Read::read(piece, buffer)?;
        if piece.is_empty() {
            self.pieces.pop_front();
            self.ready = false;
        }
        Poll::Ready(Ok(count))
    }
}

/// The lines of these pieces. With `gives_up`, a call that is pending is dropped.
fn read(pieces: Vec<Vec<u8>>, limit: usize, gives_up: bool) -> Vec<String> {
    let bytes: usize = pieces.iter().map(Vec::len).sum();
    let mut lines = lines(Cut::into(pieces), limit);
    let mut context = Context::from_waker(Waker::noop());
    let mut all = Vec::new();
    // No right answer needs more: a poll for each piece and for each line, and for the end.
    for _ in 0..3 * bytes + 10 {
        let mut next = pin!(lines.next());
        let mut polled = next.as_mut().poll(&mut context);
        while !gives_up && polled.is_pending() {
            polled = next.as_mut().poll(&mut context);
        }
        match polled {
            Poll::Pending => {}
            Poll::Ready(None) => return all,
            Poll::Ready(line) => all.push(in_words(&line)),
        }
    }
    all.push("and so on, without end".to_owned());
    all
}

/// Reads these bytes in these pieces, and ends the run if other lines come out than the contract says.
#[track_caller]
fn compare(run: &Run, pieces: Vec<Vec<u8>>, limit: usize) {
    let bytes = pieces.concat();
    let right = contract(&bytes, limit);
    for gives_up in [false, true] {
        let came = panics::expected(|| read(pieces.clone(), limit, gives_up));
        if matches!(&came, Ok(came) if *came == right) {
            continue;
        }
        show_difference(run, &pieces, limit, gives_up);
        let came = match came {
            Ok(came) => came,
            Err(panic) => {
                run.recorder()
                    .says("reader", format!("panics: {}", panic.message));
                if limit == LARGEST {
                    run.diagnose(
                        "overflows-at-max",
                        format!(
                            "The limit was `usize::MAX - 1`, and `next` panicked: {}.",
                            panic.message
                        ),
                    );
                }
                run.departs(format!("`next` panicked: {}.", panic.message));
            }
        };
        let same = came
            .iter()
            .zip(&right)
            .take_while(|(came, right)| came == right)
            .count();
        let line = |lines: &[String]| shortened(lines.get(same).map_or("the end", |line| line));
        let (came_out, expected) = (line(&came), line(&right));
        run.recorder().says(
            "reader",
            format!("line {}: {came_out}    expected: {expected}", same + 1),
        );
        let mut rest = right.iter();
        let is_missing =
            came.len() < right.len() && came.iter().all(|line| rest.any(|right| right == line));
        if is_missing && gives_up {
            run.diagnose("lost-on-cancel", "Each pending call was dropped, and a line is missing that `next` returns if no call is dropped.");
        }
        if is_missing && pieces.len() == 1 {
            run.diagnose(
                "rest-thrown-away",
                format!("One read returned several lines, and `next` returned {} of {} lines. The other bytes belong to the next call.", came.len(), right.len()),
            );
        }
        run.departs(format!(
            "Result {} of `next` is {came_out}. It should be {expected}.",
            same + 1
        ));
    }
}

fn show_difference(run: &Run, pieces: &[Vec<u8>], limit: usize, gives_up: bool) {
    let recorder = run.recorder();
    recorder.clear();
    let limit = match limit {
        LARGEST => "usize::MAX - 1".to_owned(),
        limit => limit.to_string(),
    };
    recorder.says("reader", format!("limit {limit}"));
    for piece in pieces.iter().take(10) {
        recorder.says("peer", format!("sends {}", show(piece)));
    }
    recorder.says("peer", format!("ends, after {} pieces", pieces.len()));
    if gives_up {
        recorder.says("reader", "drops each pending call, and calls `next` again");
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(60) {
        None => line.to_owned(),
        Some((at, _)) => format!("{}… ({} bytes)", &line[..at], line.len()),
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

const SEED: u64 = 0x0510;

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
fn every_short_script_of_reads_gives_the_right_lines() {
    let run = run!();
    let text = b"one\ntwo\r\nthree";
    for script in Script::of_reads(4) {
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

/// Lines of about this length, of letters of every kind.
fn long_text(random: &mut Random, size: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for length in [size, 0, size + 1, 3] {
        let begin = text.len();
        while text.len() < begin + length {
            let letter = *random.pick(&LETTERS);
            let left = begin + length - text.len();
            if letter.len_utf8() > left || matches!(letter, '\n' | '\r') {
                text.push(b'x');
            } else {
                text.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            }
        }
        text.extend(random.pick(&[&b"\n"[..], b"\r\n"]).iter());
    }
    text
}

/// Cut at places that look random.
fn in_pieces(random: &mut Random, mut text: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, behind) = text.split_at(text.len().min(1 + random.below(3_000)));
        pieces.push(piece.to_vec());
        text = behind;
    }
    pieces
}
