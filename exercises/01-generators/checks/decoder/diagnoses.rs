//! What is said of a wrong letter, a wrong end and a wrong error.

use super::super::subject::{Input, Malformed};
use super::reading::{Shown, Watched, resume};
use generators::{Generator, Step};
use probe::{Run, panics};
use probe_generators::{Spy, spy};

/// Feeds chunks of a valid text to a fresh decoder, and holds what comes out of each against what should.
#[track_caller]
pub(super) fn expect(run: &Run, chunks: &[&[u8]], right: &[&str]) {
    let mut decoder = spy(run, "decoder", Watched::new());
    let mut yielded = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        match resume(run, &mut decoder, Input::Bytes(chunk.to_vec())) {
            Step::Yielded(text) => yielded.push(text),
            Step::Complete(result) => explain_completion(run, chunks, index, result),
        }
    }
    if yielded != right {
        explain_text(run, &mut decoder, chunks, &yielded, right);
    }
}

/// A decoder completed on a chunk of a valid text that goes on: says why, if that is sure.
#[track_caller]
fn explain_completion(
    run: &Run,
    chunks: &[&[u8]],
    index: usize,
    result: Result<(), Malformed>,
) -> ! {
    let cut = |end: usize| std::str::from_utf8(&chunks[..end].concat()).is_err();
    match result {
        _ if chunks[index].is_empty() => run.diagnose(
            "empty-chunk-is-the-end",
            format!(
                "An empty chunk came, and the decoder completed with {result:?}. A chunk may hold no bytes at all and others follow: \
                 the end is `Input::End`.",
            ),
        ),
        Err(Malformed::Truncated) if cut(index + 1) => run.diagnose(
            "chunk-taken-for-the-text",
            "A letter was cut in two, and the decoder completed with `Truncated`: it takes the end of a chunk for the end of the \
             text.",
        ),
        Err(Malformed::Invalid) if cut(index + 1) && !cut(index) => run.diagnose(
            "incomplete-taken-for-invalid",
            "A letter was cut in two, and the decoder completed with `Invalid`: it takes bytes that are not a letter yet for bytes \
             that can never be one.",
        ),
        Err(Malformed::Invalid) if cut(index) && !cut(index + 1) => run.diagnose(
            "tail-dropped",
            "The chunk before ended in the middle of a letter. When the rest of that letter came, it was taken for invalid: its \
             beginning was not in front of it any more.",
        ),
        Err(Malformed::Invalid) if cut(index) => run.departs(
            "The chunks before brought the beginning of a letter. When it went on, it was taken for invalid.",
        ),
        _ => run.departs(format!(
            "The decoder completed with {result:?}, although every byte so far is right, and more may follow.",
        )),
    }
}

/// Other letters came out than should have: says why, if that is sure.
#[track_caller]
fn explain_text(
    run: &Run,
    decoder: &mut Spy<Watched>,
    chunks: &[&[u8]],
    yielded: &[String],
    right: &[&str],
) -> ! {
    let wrong = (0..yielded.len()).find(|&chunk| yielded[chunk] != right[chunk]);
    // Each resume is two events: it is entered, and it returns.
    let event = wrong.map(|chunk| 2 * chunk + 1);
    let (ours, theirs) = (yielded.concat(), right.concat());
    let each_byte = |chunk: &&[u8]| {
        chunk
            .iter()
            .map(|&byte| char::from(byte))
            .collect::<String>()
    };
    let is_cut = (0..chunks.len()).any(|end| std::str::from_utf8(&chunks[..end].concat()).is_err());
    if ours.contains(char::REPLACEMENT_CHARACTER) {
        run.diagnose_at(event,
            "broken-letter",
            "A letter was cut in two, and each half came out as U+FFFD, the sign for a letter that was lost: the chunks were \
             decoded one by one.",
        );
    }
    if chunks.iter().map(each_byte).eq(yielded.iter().cloned()) {
        run.diagnose_at(event,
            "byte-taken-for-a-letter",
            "Each byte came out as a letter of its own. In UTF-8 that is so for ASCII alone: other letters have two bytes, three or \
             four.",
        );
    }
    if wrong.is_some_and(|chunk| chunk > 0 && yielded[chunk] == right[..=chunk].concat()) {
        run.diagnose_at(event,
            "yielded-again",
            "Letters came out that had come out before. What has been yielded must not be there any more when the next chunk comes.",
        );
    }
    if ours == theirs {
        run.diagnose_at(event,
            "waits-for-everything",
            format!(
                "The text is right, and late: {yielded:?} came out where {right:?} could have. Letters that are complete are held \
                 back.",
            ),
        );
    }
    // Letters that are missing may be lost, or held back: one letter more tells.
    if is_cut && is_part_of(&ours, &theirs) {
        match resume(run, decoder, Input::Bytes(b".".to_vec())) {
            Step::Yielded(text) if text == "." => run.diagnose_at(
                event,
                "tail-dropped",
                format!("{yielded:?} came out where {right:?} should have: the bytes of a letter that was cut are thrown away."),
            ),
            Step::Yielded(text) if format!("{ours}{text}") == format!("{theirs}.") => run.diagnose_at(
                event,
                "waits-for-everything",
                format!("{yielded:?} came out where {right:?} could have. Letters that are complete are held back."),
            ),
            Step::Complete(result) => run.departs_at(
                event,
                format!(
                    "{yielded:?} came out where {right:?} should have. Then “.” was sent, and the decoder completed with {result:?}: what it \
                     keeps of a letter that was cut is not what was sent."
                ),
            ),
            _ => {}
        }
    }
    // Each chunk lacks its last letters, and the next one begins with them.
    if wrong.is_some() && theirs.starts_with(&ours) {
        run.diagnose_at(
            event,
            "waits-for-everything",
            format!("{yielded:?} came out where {right:?} could have. Letters that are complete are held back."),
        );
    }
    // Nothing came out at all: it may be held until the end.
    if ours.is_empty() {
        match panics::expected(|| decoder.resume(Shown(Input::End))) {
            Ok(Step::Yielded(text)) if text == theirs => run.diagnose_at(
                event,
                "waits-for-everything",
                "All letters came out at the end, where each chunk could have brought some. Letters that are complete are held back.",
            ),
            _ => run.departs_at(event, "Nothing came out, although letters were complete."),
        }
    }
    run.departs_at(
        event,
        format!("{yielded:?} came out where {right:?} should have."),
    )
}

/// Whether all letters of `ours` stand in `theirs`, in this order.
fn is_part_of(ours: &str, theirs: &str) -> bool {
    let mut rest = theirs.chars();
    ours.chars().all(|letter| rest.any(|other| other == letter))
}
