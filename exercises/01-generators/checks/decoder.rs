//! 1.10 decoder: text that arrives in chunks, cut anywhere.

#[path = "decoder/diagnoses.rs"]
mod diagnoses;
#[path = "decoder/reading.rs"]
mod reading;

use super::subject::{Decoder, Input, Malformed};
use diagnoses::expect;
use generators::{Generator, Step};
use probe::random::{self, Random};
use probe::{leaks, run, snapshot};
use probe_generators::{laws, spy};
use reading::{Shown, TEXT, Watched, conversation, cut, invalid, resume, whole};

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

#[test]
fn a_dropped_decoder_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "decoder", || {
        let mut decoder = Decoder::new();
        for byte in "aпр".bytes() {
            let _letters = decoder.resume(Input::Bytes(vec![byte]));
        }
        let _end = decoder.resume(Input::End);
    });
}
