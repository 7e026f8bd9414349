//! The contract as a function, streams that cut a text into pieces, and the comparison of the two.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::super::subject::lines;
use super::names::{Difference, difference};
use super::reading::in_words;
use futures::io::AsyncRead;
use probe::random::{LETTERS, Random};
use probe::{Run, panics};
use probe_io::stream::show;

/// The lines of these bytes, in words: the contract in its plainest form, for bytes that are all there.
pub(super) fn contract(bytes: &[u8], limit: usize) -> Vec<String> {
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
pub(super) const LARGEST: usize = usize::MAX - 1;

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
pub(super) fn compare(run: &Run, pieces: Vec<Vec<u8>>, limit: usize) {
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
        if !gives_up
            && let Some(Difference { mistake, sentence }) = difference(&came, &right, limit)
        {
            run.diagnose(mistake, sentence);
        }
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

pub(super) const SEED: u64 = 0x0510;

/// Lines of about this length, of letters of every kind.
pub(super) fn long_text(random: &mut Random, size: usize) -> Vec<u8> {
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
pub(super) fn in_pieces(random: &mut Random, mut text: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, behind) = text.split_at(text.len().min(1 + random.below(3_000)));
        pieces.push(piece.to_vec());
        text = behind;
    }
    pieces
}
