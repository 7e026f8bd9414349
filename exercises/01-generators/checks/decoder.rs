//! 1.10 decoder: text that arrives in chunks, cut anywhere.

use std::fmt;

use super::subject::{Decoder, Input, Malformed};
use generators::{Generator, Step};
use probe::random::{self, Random};
use probe::{Run, panics, run, snapshot};
use probe_generators::{Spy, laws, spy};

/// Letters of one, two, three and four bytes.
const TEXT: &str = "a я € 🦀 z";

#[test]
fn letters_of_one_byte_come_out_as_they_went_in() {
    let run = run!("letters_of_one_byte");
    expect(
        &run,
        &[b"yield ", b"and", b" await"],
        &["yield ", "and", " await"],
    );
    snapshot!(run);
}

#[test]
fn a_letter_that_is_cut_in_two_comes_out_whole() {
    let run = run!("a_letter_cut_in_two");
    let bytes = "при".as_bytes();
    expect(&run, &[&bytes[..3], &bytes[3..]], &["п", "ри"]);
    snapshot!(run);
}

#[test]
fn a_letter_of_four_bytes_may_come_a_byte_at_a_time() {
    let run = run!("a_byte_at_a_time");
    let chunks: Vec<&[u8]> = "🦀".as_bytes().chunks(1).collect();
    expect(&run, &chunks, &["", "", "", "🦀"]);
    snapshot!(run);
}

#[test]
fn wherever_it_is_cut_the_same_text_comes_out() {
    for first in 0..=TEXT.len() {
        for second in first..=TEXT.len() {
            let run = run!();
            let bytes = TEXT.as_bytes();
            let (one, two) = (whole(first), whole(second));
            expect(
                &run,
                &[&bytes[..first], &bytes[first..second], &bytes[second..]],
                &[&TEXT[..one], &TEXT[one..two], &TEXT[two..]],
            );
        }
    }
}

#[test]
fn an_end_after_whole_letters_is_well() {
    let run = run!("an_end_after_whole_letters");
    let mut decoder = spy(&run, "decoder", Watched::new());
    resume(&run, &mut decoder, Input::Bytes("я".as_bytes().to_vec()));
    if resume(&run, &mut decoder, Input::End) != Step::Complete(Ok(())) {
        run.departs("Every byte was part of a whole letter, so the end should be `Ok`.");
    }
    snapshot!(run);
}

#[test]
fn an_end_in_the_middle_of_a_letter_is_noticed() {
    let run = run!("an_end_in_the_middle");
    let mut decoder = spy(&run, "decoder", Watched::new());
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
    snapshot!(run);
}

#[test]
fn bytes_that_can_never_become_a_letter_end_it_at_once() {
    let run = run!("no_letter");
    invalid(&run, &[b"ab\xff"]);
    snapshot!(run);
    for wrong in [&b"\xff"[..], b"\xd0a", b"\xe2\x28\xa1", b"\x80"] {
        let run = run!();
        invalid(&run, &[wrong]);
    }
}

#[test]
fn the_beginning_of_what_can_never_become_a_letter_ends_it_too() {
    // The second byte does not continue the first; is too small for it, or too large; no letter begins like this.
    for wrong in [
        &b"\xe2\x28"[..],
        b"\xe0\x80",
        b"\xed\xa0",
        b"\xf0\x80",
        b"\xf4\x90",
        b"\xc0",
        b"\xf5",
    ] {
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
    let bytes = |bytes: &[u8]| Input::Bytes(bytes.to_vec());
    for inputs in [
        vec![Input::End],
        vec![bytes(b"\xe2"), Input::End],
        vec![bytes(b"\xff")],
    ] {
        let run = run!();
        let mut decoder = spy(&run, "decoder", Watched::new());
        for input in inputs {
            resume(&run, &mut decoder, input);
        }
        laws::stays_complete(&run, &mut decoder, Shown(bytes(b"more")));
    }
}

#[test]
fn every_pair_of_bytes_is_decoded_as_utf8_is() {
    let run = run!();
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            conversation(&run, &[&[first], &[second]]);
        }
    }
}

#[test]
fn letters_of_three_and_four_bytes_are_decoded_as_utf8_is() {
    let run = run!();
    let rest = [
        0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff,
    ];
    for first in 0xe0..=0xf5_u8 {
        for second in rest {
            for third in rest {
                conversation(&run, &[&[first], &[second, third]]);
                for fourth in [0x7f, 0x80, 0xbf, 0xc0] {
                    conversation(&run, &[&[first, second], &[third, fourth]]);
                }
            }
        }
    }
}

#[test]
fn every_text_comes_out_whole_however_it_is_cut() {
    let run = run!();
    let mut cuts = Random::seeded(7);
    for text in random::texts(5, 300, 12) {
        conversation(&run, &cut(text.value.as_bytes(), &mut cuts));
    }
    for bytes in random::bytes(9, 300, 9) {
        conversation(&run, &cut(&bytes.value, &mut cuts));
    }
}

#[test]
fn a_text_of_a_million_letters_is_decoded_in_chunks_of_any_size() {
    let run = run!();
    let text = "aя€🦀\0\u{feff}\u{80}".repeat(150_000);
    for size in [4_093, 65_537] {
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        conversation(&run, &chunks);
    }
}

/// Bytes in chunks of up to three, some of them empty.
fn cut<'b>(mut bytes: &'b [u8], random: &mut Random) -> Vec<&'b [u8]> {
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
fn conversation(run: &Run, chunks: &[&[u8]]) {
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

#[track_caller]
fn wrong(
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
    call.returns(seen.clone());
    run.departs(format!(
        "Your decoder {seen} here; expected: it {}.",
        shown(right)
    ))
}

/// Feeds chunks of a valid text to a fresh decoder, and holds what comes out of each against what should.
#[track_caller]
fn expect(run: &Run, chunks: &[&[u8]], right: &[&str]) {
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
            _ => {}
        }
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

/// Feeds chunks of which only the last makes the text invalid, and sees whether that is noticed at once.
#[track_caller]
fn invalid(run: &Run, chunks: &[&[u8]]) {
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
            Step::Complete(_) => run.departs_at(
                event,
                "These bytes can never become a letter. The decoder noticed it in a later call than this one.",
            ),
            Step::Yielded(text) if text.contains("next") => run.departs_at(
                event,
                "Bytes that can never become a letter were passed over in silence, and the decoder went on behind them.",
            ),
            Step::Yielded(_) => run.diagnose_at(
                event,
                "invalid-taken-for-incomplete",
                "The decoder waits for more, and nothing that may follow can make these bytes a letter: it would wait, and keep \
                 them, for ever.",
            ),
        },
        _ => run.departs("These bytes can never become a letter: that completes with `Malformed::Invalid`."),
    }
}

/// The end of the last letter of [`TEXT`] that is whole before this byte.
fn whole(end: usize) -> usize {
    let boundary = |end: &usize| TEXT.is_char_boundary(*end);
    (0..=end).rev().find(boundary).unwrap_or(0)
}

/// Whether all letters of `ours` stand in `theirs`, in this order.
fn is_part_of(ours: &str, theirs: &str) -> bool {
    let mut rest = theirs.chars();
    ours.chars().all(|letter| rest.any(|other| other == letter))
}

/// Resumes the decoder. That it never panics before it has completed is part of every promise.
#[track_caller]
fn resume(
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
struct Shown(Input);

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02x?}", self.0)
    }
}

/// The learner's decoder, fed with [`Shown`] inputs.
struct Watched(Decoder);

impl Watched {
    fn new() -> Watched {
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
