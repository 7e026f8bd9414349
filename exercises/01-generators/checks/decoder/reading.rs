//! Texts in pieces, and what the decoder and the standard library make of them.

use std::fmt;

use super::super::subject::{Decoder, Input, Malformed};
use generators::{Generator, Step};
use probe::random::Random;
use probe::{Run, panics};
use probe_generators::{Spy, spy};

/// Letters of one, two, three and four bytes.
pub(super) const TEXT: &str = "a я € 🦀 z";

/// Bytes in chunks of up to three, some of them empty.
pub(super) fn cut<'b>(mut bytes: &'b [u8], random: &mut Random) -> Vec<&'b [u8]> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (chunk, rest) = bytes.split_at(random.below(4).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

/// Sends the chunks and the end, and holds each answer against that of the standard library. Only a run with a wrong answer is
/// recorded: its last chunks.
#[track_caller]
pub(super) fn conversation(run: &Run, chunks: &[&[u8]]) {
    let mut decoder = Decoder::new();
    let mut kept: Vec<u8> = Vec::new(); // Of the standard library's decoder: what is no whole letter yet.
    let inputs = chunks.iter().map(|chunk| Some(*chunk)).chain([None]);
    for (number, chunk) in inputs.enumerate() {
        let right = answer_of_std(&mut kept, chunk);
        let input = chunk.map_or(Input::End, |chunk| Input::Bytes(chunk.to_vec()));
        let answer = panics::expected(|| decoder.resume(input));
        let is_right = match (&answer, &right) {
            (Ok(Step::Yielded(ours)), Step::Yielded(theirs)) => ours == theirs,
            (Ok(Step::Complete(ours)), Step::Complete(theirs)) => ours == theirs,
            _ => false,
        };
        if !is_right {
            wrong(run, chunks, number, answer.ok(), &right);
        }
        if matches!(right, Step::Complete(_)) {
            return;
        }
    }
}

/// What a right decoder answers, as the standard library judges the bytes.
fn answer_of_std(kept: &mut Vec<u8>, chunk: Option<&[u8]>) -> Step<String, Result<(), Malformed>> {
    let Some(chunk) = chunk else {
        return Step::Complete(match kept[..] {
            [] => Ok(()),
            _ => Err(Malformed::Truncated),
        });
    };
    kept.extend_from_slice(chunk);
    match std::str::from_utf8(kept) {
        Err(error) if error.error_len().is_some() => Step::Complete(Err(Malformed::Invalid)),
        result => {
            let whole = result.map_or_else(|error| error.valid_up_to(), str::len);
            let letters = kept.drain(..whole).collect();
            Step::Yielded(String::from_utf8(letters).expect("it is valid up to here"))
        }
    }
}

/// Whether some of these letters are missing, and the others came out in their order.
fn left_out(ours: &str, theirs: &str) -> bool {
    let mut rest = theirs.chars();
    ours != theirs && ours.chars().all(|letter| rest.any(|other| other == letter))
}

#[track_caller]
pub(super) fn wrong(
    run: &Run,
    chunks: &[&[u8]],
    number: usize,
    answer: Option<Step<String, Result<(), Malformed>>>,
    right: &Step<String, Result<(), Malformed>>,
) -> ! {
    let shown = |step: &Step<String, _>| match step {
        Step::Yielded(text) if text.len() > 60 => format!("yields {} bytes", text.len()),
        Step::Yielded(text) => format!("yields {text:?}"),
        Step::Complete(result) => format!("completes with {result:?}"),
    };
    let shown_chunk = |chunk: Option<&&[u8]>| match chunk {
        Some(chunk) if chunk.len() > 16 => format!("resume(Bytes(of {} bytes))", chunk.len()),
        Some(chunk) => format!("resume(Bytes({chunk:02x?}))"),
        None => "resume(End)".to_owned(),
    };
    let seen = answer.as_ref().map_or("panics".to_owned(), shown);
    for before in number.saturating_sub(3)..number {
        run.recorder()
            .says("decoder", shown_chunk(chunks.get(before)));
    }
    let call = run
        .recorder()
        .enters("decoder", shown_chunk(chunks.get(number)));
    call.returns(format!("{seen}    expected: {}", shown(right)));
    let difference = format!("Your decoder {seen} here; expected: it {}.", shown(right));
    match (&answer, right) {
        (Some(Step::Yielded(ours)), Step::Yielded(theirs)) if left_out(ours, theirs) => run
            .diagnose(
                "letter-left-out",
                format!(
                    "{difference} Every letter of UTF-8 comes out, also one that cannot be seen."
                ),
            ),
        (Some(Step::Yielded(_)), Step::Complete(Err(Malformed::Invalid))) => run.diagnose(
            "invalid-taken-for-incomplete",
            format!("{difference} No bytes that follow can make these a letter."),
        ),
        (Some(Step::Complete(Err(Malformed::Invalid))), Step::Complete(Err(Malformed::Truncated))) => run.diagnose(
            "incomplete-taken-for-invalid",
            format!("{difference} The bytes before the end are the beginning of a letter: the right continuation would have made them one."),
        ),
        _ if alone_is_right(chunks) => run.diagnose(
            "state-not-in-the-struct",
            format!(
                "{difference} A decoder in another thread, sent the same, was right: yours met what other decoders had left behind."
            ),
        ),
        _ => run.departs(difference),
    }
}

/// Whether a decoder that shares no thread with others decodes these chunks as it should.
fn alone_is_right(chunks: &[&[u8]]) -> bool {
    let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.to_vec()).collect();
    let alone = move || {
        let (mut decoder, mut kept) = (Decoder::new(), Vec::new());
        for chunk in chunks.iter().map(Some).chain([None]) {
            let right = answer_of_std(&mut kept, chunk.map(Vec::as_slice));
            let answer =
                decoder.resume(chunk.map_or(Input::End, |chunk| Input::Bytes(chunk.clone())));
            let same = match (&answer, &right) {
                (Step::Yielded(ours), Step::Yielded(theirs)) => ours == theirs,
                (Step::Complete(ours), Step::Complete(theirs)) => ours == theirs,
                _ => false,
            };
            if !same || matches!(right, Step::Complete(_)) {
                return same;
            }
        }
        true
    };
    std::thread::spawn(move || panics::expected(alone).unwrap_or(false))
        .join()
        .unwrap_or(false)
}

/// Feeds chunks of which only the last makes the text invalid, and sees whether that is noticed at once.
#[track_caller]
pub(super) fn invalid(run: &Run, chunks: &[&[u8]]) {
    let mut decoder = spy(run, "decoder", Watched::new());
    let mut last = None;
    for chunk in chunks {
        last = Some(resume(run, &mut decoder, Input::Bytes(chunk.to_vec())));
    }
    let event = run.recorder().last_event();
    match last {
        Some(Step::Complete(Err(Malformed::Invalid))) => {}
        Some(Step::Yielded(text)) if text.contains(char::REPLACEMENT_CHARACTER) => run.diagnose(
            "broken-letter",
            "Bytes that are no letter came out as U+FFFD, the sign for a letter that was lost, as if they had been text.",
        ),
        // What it makes of four letters more, the longest that it could still be waiting for, tells why it did not complete.
        Some(Step::Yielded(_)) => match resume(run, &mut decoder, Input::Bytes(b"next".to_vec())) {
            Step::Complete(_) => run.diagnose_at(
                event,
                "invalid-noticed-late",
                "These bytes can never become a letter. The decoder completed with the next chunk, and not with this one.",
            ),
            Step::Yielded(text) if text.contains("next") => run.departs_at(
                event,
                "Bytes that can never become a letter were passed over in silence, and the decoder went on behind them.",
            ),
            Step::Yielded(_) => run.diagnose_at(
                event,
                "invalid-taken-for-incomplete",
                "The decoder waits for more, and nothing that may follow can make these bytes a letter: it would wait, and keep \
                 them, forever.",
            ),
        },
        _ => run.departs("These bytes can never become a letter: that completes with `Malformed::Invalid`."),
    }
}

/// The end of the last letter of [`TEXT`] that is whole before this byte.
pub(super) fn whole(end: usize) -> usize {
    let boundary = |end: &usize| TEXT.is_char_boundary(*end);
    (0..=end).rev().find(boundary).unwrap_or(0)
}

/// Resumes the decoder. That it never panics before it has completed is part of every promise.
#[track_caller]
pub(super) fn resume(
    run: &Run,
    decoder: &mut Spy<Watched>,
    input: Input,
) -> Step<String, Result<(), Malformed>> {
    match panics::expected(|| decoder.resume(Shown(input))) {
        Ok(step) => step,
        Err(panic) => run.diagnose(
            "panicked-on-input",
            format!(
                "`resume` panicked: {}. Bytes come from outside: for any bytes the answer is a step, not a panic.",
                panic.message
            ),
        ),
    }
}

/// An input as recordings show it: with its bytes in hexadecimal, where a letter's first byte can be told from the others.
#[derive(Clone)]
pub(super) struct Shown(pub(super) Input);

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02x?}", self.0)
    }
}

/// The learner's decoder, fed with [`Shown`] inputs.
pub(super) struct Watched(Decoder);

impl Watched {
    pub(super) fn new() -> Watched {
        Watched(Decoder::new())
    }
}

impl Generator<Shown> for Watched {
    type Yield = String;
    type Return = Result<(), Malformed>;

    fn resume(&mut self, Shown(input): Shown) -> Step<String, Result<(), Malformed>> {
        self.0.resume(input)
    }
}
