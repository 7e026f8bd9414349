//! 2.4 netstring: a text with its length in front, on a slow wire.

#[path = "netstring/machine.rs"]
mod machine;
#[path = "netstring/reading.rs"]
mod reading;

use std::pin::pin;
use std::task::Poll;

use super::subject::netstring;
use machine::{ARRIVALS, Reading};
use probe::random::texts;
use probe::runs::Search;
use probe::{Recorder, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::poller;
use reading::{Scripted, Silent, TEXTS, expect, expect_length, explain, read};

#[test]
fn bytes_that_are_ready_at_once_are_read_in_one_poll() {
    for (bytes, text) in [
        ("5:hello", "hello"),
        ("0:", ""),
        ("11:hello world", "hello world"),
    ] {
        let run = run!();
        expect(&run, bytes, Some(text));
    }
}

#[test]
fn no_byte_after_the_text_is_taken_from_the_wire() {
    // Where the next byte is there, and where it is late.
    for bytes in ["2:hi3:you", "2:hi|3:you"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        read(&run, &mut wire);
        let left = wire.left().replace('|', "");
        if left != "3:you" {
            run.diagnose(
                "reads-past-the-end",
                format!(
                    "After \"2:hi\" the wire holds {left:?}. Expected: \"3:you\". What comes after the text is for the next reader."
                ),
            );
        }
    }
}

#[test]
fn a_pending_poll_inside_of_the_text_loses_nothing() {
    let run = run!("a_pause_in_the_text");
    expect(&run, "2:h|i", Some("hi"));
    snapshot!(run);
}

#[test]
fn a_pending_poll_inside_of_the_length_loses_nothing() {
    let run = run!("a_pause_in_the_length");
    expect(&run, "1|2:to be or not", Some("to be or not"));
    snapshot!(run);
}

#[test]
fn the_text_is_the_same_wherever_the_wire_is_pending() {
    let bytes = "12:to be or not";
    for first in 0..bytes.len() {
        for second in first..bytes.len() {
            let (a, rest) = bytes.split_at(first);
            let (b, c) = rest.split_at(second - first);
            expect(&run!(), &format!("{a}||{b}|{c}"), Some("to be or not"));
        }
    }
}

#[test]
fn a_wire_that_ends_too_early_gives_none() {
    for bytes in ["", "3", "3|", "3:", "3:ab", "3:a|b|"] {
        let run = run!();
        expect(&run, bytes, None);
    }
}

#[test]
fn a_length_that_is_not_one_to_six_digits_gives_none() {
    for bytes in [
        ":a",
        "x:a",
        "+1:a",
        "|-|1:a",
        "1000000:a",
        "1|0|0|0|0|0|0|:a",
        "0000001:a",
        " 1:a",
        "1 :a",
        "-1:a",
        "0x1:a",
        "1_0:aaaaaaaaaa",
        "\0:a",
        "١:a",
    ] {
        let run = run!();
        expect(&run, bytes, None);
    }
}

#[test]
fn after_a_length_that_is_too_long_no_text_is_read() {
    let run = run!();
    let mut wire = Scripted::new(&run, "1000000:abc");
    let read = read(&run, &mut wire);
    if !wire.left().ends_with("abc") {
        run.departs("The length has seven digits, and bytes of the text were taken from the wire.");
    }
    if let Some(read) = read {
        run.departs(format!(
            "The length has seven digits, and the outcome is {read:?}. Expected: None."
        ));
    }
}

#[test]
fn after_a_wrong_length_no_byte_of_the_text_is_taken() {
    for bytes in [":abc", "x:abc", "+1:abc", "1 :abc", "-:abc", "1|x|:abc"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let read = read(&run, &mut wire);
        if !wire.left().ends_with("abc") {
            run.diagnose(
                "reads-past-the-end",
                format!(
                    "The length of {:?} is wrong. {:?} is left on the wire. Expected: no byte behind the colon is taken.",
                    bytes.replace('|', ""),
                    wire.left().replace('|', "")
                ),
            );
        }
        if let Some(read) = read {
            run.departs(format!(
                "The length is wrong, and the outcome is {read:?}. Expected: None."
            ));
        }
    }
}

/// Seven digits, with a pending wire at each place: those before it count, too.
#[test]
fn the_digits_before_a_pending_wire_are_counted_too() {
    for place in 1..=7 {
        let run = run!();
        let (before, after) = "0000001".split_at(place);
        expect(&run, &format!("{before}|{after}:a"), None);
        let bytes: String = "0000001".chars().map(|digit| format!("|{digit}")).collect();
        expect(&run!(), &format!("{bytes}:a"), None);
    }
}

#[test]
fn the_wire_wakes_the_task_that_polled_last() {
    for bytes in ["|1:a", "1|:a", "1:|a"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let bell = wire.quiet();
        let mut reading = Driven::in_turn(&run, "netstring", netstring(&mut wire));
        driving::wakes_reach_the_caller(&run, &mut reading, "wire", || {
            if let Some(waker) = bell.borrow_mut().take() {
                waker.wake();
            }
        });
    }
}

#[test]
fn each_poll_after_the_end_panics() {
    for bytes in ["1:a", "x:a"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let a = poller(run.recorder(), "A");
        let mut reading = Driven::in_turn(&run, "netstring", netstring(&mut wire));
        reading.run(&a, 3);
        reading.panics_after_the_end(&a);
    }
}

#[test]
fn the_length_counts_bytes_and_the_text_may_hold_any_letters() {
    let generated = texts(2_04, 60, 12).map(|input| input.value);
    for text in TEXTS.map(str::to_owned).into_iter().chain(generated) {
        let run = run!();
        let text = text.as_str();
        let bytes = [
            format!("{}:", text.len()).as_bytes(),
            text.as_bytes(),
            b"1:a",
        ]
        .concat();
        run.recorder()
            .says("wire", format!("{}:{text}1:a", text.len()));
        let (mut wire, a) = (Silent::new(&run, bytes), poller(&Recorder::default(), "A"));
        let read = a.poll(pin!(netstring(&mut wire)));
        if read != Poll::Ready(Some(text.to_owned())) {
            explain(&run, text, &read);
        }
        if wire.bytes.len() != 3 {
            run.diagnose(
                "reads-past-the-end",
                format!(
                    "After a text of {} bytes, {} bytes are left on the wire. Expected: 3.",
                    text.len(),
                    wire.bytes.len(),
                ),
            );
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_give_none() {
    let wrong: [&[u8]; 6] = [
        b"\xff",
        b"\xc3",
        b"\xc3(",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"a\xf4\x90\x80\x80",
    ];
    for text in wrong {
        let run = run!();
        run.recorder()
            .says("wire", format!("{}:{}", text.len(), text.escape_ascii()));
        let bytes = [format!("{}:", text.len()).as_bytes(), text].concat();
        let (mut wire, a) = (Silent::new(&run, bytes), poller(&Recorder::default(), "A"));
        let read = a.poll(pin!(netstring(&mut wire)));
        if read == Poll::Ready(Some(String::from_utf8_lossy(text).into_owned())) {
            run.diagnose(
                "invalid-replaced",
                format!("The bytes of the text are not UTF-8, and the outcome is {read:?}. Expected: Ready(None). U+FFFD took their place."),
            );
        }
        if read != Poll::Ready(None) {
            run.departs(format!(
                "The bytes of the text are not UTF-8. The outcome is {read:?}. Expected: Ready(None)."
            ));
        }
    }
}

/// Lengths of one to six digits, with zeros in front, too.
const LENGTHS: [&str; 10] = [
    "0", "7", "007", "000000", "255", "256", "04096", "65537", "100000", "999999",
];

#[test]
fn a_length_has_one_to_six_digits_and_each_may_come_late() {
    for digits in LENGTHS {
        let run = run!();
        let length = digits.parse().expect("digits");
        run.recorder()
            .says("wire", format!("{digits}:xxx…, all of it ready at once"));
        expect_length(&run, digits, length, 0);
        let pending = digits.len() + 3;
        run.recorder().says(
            "wire",
            format!("the same, pending once before each of the first {pending} bytes"),
        );
        expect_length(&run, digits, length, pending);
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ARRIVALS)
        .up_to(5)
        .and_random(100, 24, 2_04)
        .leaving_no_memory()
        .compare(&run!(), Reading::by_yours, Reading::by_the_contract);
}
