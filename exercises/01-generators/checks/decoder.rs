//! 1.10 decoder: text that arrives in chunks, cut anywhere.

use super::subject::{Decoder, Input, Malformed};
use generators::{Generator, Step};
use probe::{Run, panics, run, snapshot};
use probe_generators::{Spy, laws, spy};

/// Letters of one, two, three and four bytes.
const TEXT: &str = "a я € 🦀 z";

#[test]
fn letters_of_one_byte_come_out_as_they_went_in() {
    let run = run!();
    let fed = feed(&run, &[b"yield ", b"and", b" await"]);
    expect(&run, &fed, &["yield ", "and", " await"]);
}

#[test]
fn a_letter_that_is_cut_in_two_comes_out_whole() {
    let run = run!("a_letter_cut_in_two");
    let bytes = "при".as_bytes();
    let fed = feed(&run, &[&bytes[..3], &bytes[3..]]);
    expect(&run, &fed, &["п", "ри"]);
    snapshot!(run);
}

#[test]
fn a_letter_of_four_bytes_may_come_a_byte_at_a_time() {
    let run = run!();
    let chunks: Vec<&[u8]> = "🦀".as_bytes().chunks(1).collect();
    let fed = feed(&run, &chunks);
    expect(&run, &fed, &["", "", "", "🦀"]);
}

#[test]
fn wherever_it_is_cut_the_same_text_comes_out() {
    for first in 0..=TEXT.len() {
        for second in first..=TEXT.len() {
            let run = run!();
            let bytes = TEXT.as_bytes();
            let fed = feed(
                &run,
                &[&bytes[..first], &bytes[first..second], &bytes[second..]],
            );
            let whole = |end: usize| {
                (0..=end)
                    .rev()
                    .find(|&end| TEXT.is_char_boundary(end))
                    .unwrap_or(0)
            };
            let (first, second) = (whole(first), whole(second));
            expect(
                &run,
                &fed,
                &[&TEXT[..first], &TEXT[first..second], &TEXT[second..]],
            );
        }
    }
}

#[test]
fn an_end_after_whole_letters_is_well() {
    let run = run!();
    let mut decoder = spy(&run, "decoder", Decoder::new());
    for chunk in ["я".as_bytes(), b""] {
        resume(&run, &mut decoder, Input::Bytes(chunk.to_vec()));
    }
    if resume(&run, &mut decoder, Input::End) != Step::Complete(Ok(())) {
        run.departs("Every byte was part of a whole letter, so the end should be `Ok`.");
    }
}

#[test]
fn an_end_in_the_middle_of_a_letter_is_noticed() {
    let run = run!();
    let mut decoder = spy(&run, "decoder", Decoder::new());
    resume(
        &run,
        &mut decoder,
        Input::Bytes("a€".as_bytes()[..2].to_vec()),
    );
    match resume(&run, &mut decoder, Input::End) {
        Step::Complete(Err(Malformed::Truncated)) => {}
        Step::Complete(Ok(())) => run.diagnose(
            "truncation-unnoticed",
            "The text ended in the middle of a letter, and the answer was `Ok`: the beginning of that letter is lost silently.",
        ),
        _ => run.departs("The text ended in the middle of a letter: that completes with `Malformed::Truncated`."),
    }
}

#[test]
fn bytes_that_can_never_become_a_letter_end_it_at_once() {
    for wrong in [&b"\xff"[..], b"abc\xff", b"\xd0a", b"\xe2\x28\xa1", b"\x80"] {
        let run = run!();
        invalid(&run, &[wrong]);
    }
}

#[test]
fn a_cut_letter_that_does_not_go_on_as_a_letter_ends_it() {
    let run = run!("a_letter_that_does_not_go_on");
    invalid(&run, &[b"ab\xd0", b"cd"]);
    snapshot!(run);
}

#[test]
fn resumed_after_it_has_completed_it_panics() {
    let run = run!();
    let mut decoder = spy(&run, "decoder", Decoder::new());
    resume(&run, &mut decoder, Input::End);
    laws::stays_complete(&run, &mut decoder, Input::Bytes(b"more".to_vec()));
}

/// Feeds chunks to a fresh decoder, and returns what it yielded; a completion is an error of its own.
#[track_caller]
fn feed(run: &Run, chunks: &[&[u8]]) -> Vec<String> {
    let mut decoder = spy(run, "decoder", Decoder::new());
    let mut yielded = Vec::new();
    for chunk in chunks {
        match resume(run, &mut decoder, Input::Bytes(chunk.to_vec())) {
            Step::Yielded(text) => yielded.push(text),
            Step::Complete(result) => run.diagnose(
                "incomplete-taken-for-invalid",
                format!(
                    "A letter was cut in two, and the decoder completed with {result:?}: it takes bytes that are not a letter yet \
                     for bytes that can never be one.",
                ),
            ),
        }
    }
    yielded
}

/// Feeds chunks of which only the last makes the text invalid, and sees whether that is noticed at once.
#[track_caller]
fn invalid(run: &Run, chunks: &[&[u8]]) {
    let mut decoder = spy(run, "decoder", Decoder::new());
    let mut last = None;
    for chunk in chunks {
        last = Some(resume(run, &mut decoder, Input::Bytes(chunk.to_vec())));
    }
    match last {
        Some(Step::Complete(Err(Malformed::Invalid))) => {}
        Some(Step::Yielded(text)) if text.contains(char::REPLACEMENT_CHARACTER) => run.diagnose(
            "broken-letter",
            "Bytes that are no letter came out as U+FFFD, the sign for a letter that was lost, as if they had been text.",
        ),
        Some(Step::Yielded(_)) => run.diagnose(
            "invalid-taken-for-incomplete",
            "The decoder waits for more, and nothing that may follow can make these bytes a letter: it would wait, and keep them, \
             for ever.",
        ),
        _ => run.departs("These bytes can never become a letter: that completes with `Malformed::Invalid`."),
    }
}

/// Holds what came out of each chunk against what should have.
#[track_caller]
fn expect(run: &Run, yielded: &[String], right: &[&str]) {
    if yielded == right {
        return;
    }
    let all: String = yielded.concat();
    if all.contains(char::REPLACEMENT_CHARACTER) {
        run.diagnose(
            "broken-letter",
            "A letter was cut in two, and each half came out as U+FFFD, the sign for a letter that was lost: the chunks were \
             decoded one by one.",
        );
    }
    if all == right.concat() {
        run.diagnose(
            "waits-for-everything",
            format!(
                "The text is right, and late: {yielded:?} came out where {right:?} could have. Letters that are complete are held \
                 back.",
            ),
        );
    }
    if all.chars().count() < right.concat().chars().count() {
        run.diagnose(
            "tail-dropped",
            format!("{yielded:?} came out where {right:?} should have: the bytes of a letter that was cut are thrown away."),
        );
    }
    run.departs(format!("{yielded:?} came out where {right:?} should have."))
}

/// Resumes the decoder. That it never panics before it has completed is part of every promise.
#[track_caller]
fn resume(
    run: &Run,
    decoder: &mut Spy<Decoder>,
    input: Input,
) -> Step<String, Result<(), Malformed>> {
    match panics::expected(|| decoder.resume(input)) {
        Ok(step) => step,
        Err(panic) => run.diagnose(
            "panicked-on-input",
            format!(
                "`resume` panicked: {}. Bytes come from somebody else: whatever they are, the answer is a step, not a panic.",
                panic.message
            ),
        ),
    }
}
