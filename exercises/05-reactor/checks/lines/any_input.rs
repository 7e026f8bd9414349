//! Every short text, long texts in pieces, and every short script of reads.

use std::pin::pin;

use super::super::subject::{LineError, lines};
use super::contract::{LARGEST, SEED, compare, contract, in_pieces, long_text};
use super::reading::{LIMIT, ends_once, in_words};
use probe::random::{Random, SIZES};
use probe::{Recorder, run};
use probe_futures::poller;
use probe_io::hostile::{Broken, Ended, Script, hostile};
use probe_io::stream::show;

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
fn after_the_end_the_reader_is_not_read_again() {
    let run = run!();
    for text in [&b"one\n"[..], b"one", b""] {
        let (reader, reads_after) = ends_once(text);
        let mut lines = lines(reader, LIMIT);
        let task = poller(&Recorder::default(), "task");
        for _ in 0..4 {
            if task.poll(pin!(lines.next())).is_pending() {
                run.departs("The reader was never pending, and `next` was.");
            }
        }
        let again = reads_after.get();
        if again > 0 {
            (run.recorder()).says("reader", format!("gives {}, then its end", show(text)));
            (run.recorder()).says(
                "reader",
                format!("is read {again} times after its end    expected: not again"),
            );
            run.diagnose(
                "end-read-again",
                format!("The reader had given its end, and `next` read it {again} times more. The end is read once."),
            );
        }
    }
}

#[test]
fn every_short_script_of_reads_gives_the_right_lines() {
    let run = run!();
    let text = b"one\ntwo\r\nthree";
    for script in [Script::of_reads(4), Script::of_kinds()].concat() {
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
            Broken::EarlierWoken => Some("first-waker-only"),
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
