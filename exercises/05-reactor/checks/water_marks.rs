//! 5.8 water-marks: when to stop writing.

#[path = "water_marks/machine.rs"]
mod machine;
#[path = "water_marks/watched.rs"]
mod watched;

use super::subject::{Flow, Marks, WriteBuffer};
use machine::{Contract, KNOWN, MOVES, SEED, Yours};
use probe::random::SIZES;
use probe::runs::Search;
use probe::{Run, run, snapshot};
use probe_io::heap;
use watched::{Pipe, Watched};

#[test]
fn bytes_are_sent_in_the_order_of_the_pushes() {
    let run = run!();
    let mut pipe = Pipe::new(&run);
    for step in 1..200_usize {
        pipe.push(step % 7);
        pipe.send(step % 5);
    }
    while !pipe.buffer.is_empty() {
        pipe.send(usize::MAX);
    }
    if pipe.put != pipe.sent {
        run.departs("The bytes that were sent are not those that were pushed, in their order.");
    }
}

#[test]
fn sent_bytes_take_no_memory() {
    let run = run!();
    let mut buffer = WriteBuffer::new(Marks { high: 100, low: 10 });
    let before = heap::in_use();
    // A few bytes always wait, so it is never empty.
    let _flow = buffer.push(&[b'.'; 50]);
    for _ in 0..10_000 {
        let _flow = buffer.push(&[b'.'; 50]);
        let mut left = 50;
        while left > 0 {
            let count = buffer.front().len().min(left);
            let _flow = buffer.written(count);
            left -= count;
            if count == 0 {
                run.departs("Bytes wait, and `front` returned none.");
            }
        }
    }
    let held = heap::in_use() - before;
    // A right answer may remove the sent bytes only now and then, and keep some of them for a while.
    if held > 250_000 {
        (run.recorder()).says(
            "buffer",
            format!("500000 bytes were sent, and {} wait", buffer.len()),
        );
        (run.recorder()).says("memory", format!("{held} bytes are in use"));
        run.diagnose(
            "never-freed",
            format!(
                "500,000 bytes were pushed and sent, {} wait, and {held} bytes of memory are in use: the sent bytes are still in memory. \
                 A connection may live for months.",
                buffer.len(),
            ),
        );
    }
}

#[test]
fn more_bytes_than_the_high_mark_pause_the_writer() {
    let run = run!("pause");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(6);
    watched.push(4);
    watched.push(1);
    snapshot!(run);
}

#[test]
fn a_paused_writer_is_not_paused_again() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(20);
    watched.push(20);
    watched.push(0);
    watched.written(5);
}

#[test]
fn the_low_mark_resumes_the_writer() {
    let run = run!("resume");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(12);
    watched.written(3);
    watched.written(6);
    watched.written(1);
    watched.written(2);
    snapshot!(run);
}

#[test]
fn a_writer_that_is_not_paused_is_not_resumed() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(10);
    watched.written(9);
    watched.written(1);
}

#[test]
fn pause_and_resume_alternate() {
    let run = run!("again");
    let mut watched = Watched::new(&run, 2, 10);
    for _ in 0..2 {
        watched.push(11);
        watched.written(11);
    }
    snapshot!(run);
}

#[test]
fn a_low_mark_of_zero_resumes_when_every_byte_is_sent() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 4);
    watched.push(5);
    watched.written(4);
    watched.written(1);
}

#[test]
fn with_both_marks_at_zero_one_waiting_byte_pauses() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 0);
    watched.push(0);
    watched.push(1);
    watched.written(1);
}

#[test]
fn a_piece_that_is_larger_than_the_mark_is_taken_whole() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(1_000);
    if watched.buffer.len() != 1_000 {
        run.departs(format!(
            "1,000 bytes were pushed, and {} wait. The buffer refuses no bytes: the marks are for the writer.",
            watched.buffer.len()
        ));
    }
    watched.written(998);
}

#[test]
fn new_marks_hold_at_once() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(8);
    watched.marks(1, 5);
    watched.marks(20, 30);
    watched.marks(0, 7);
}

#[test]
fn in_any_order_of_calls_the_marks_hold() {
    let run = run!();
    let mut watched = Watched::new(&Run::unnamed(), 5, 40);
    watched.run = run;
    let mut random = 12_345_u64;
    for _ in 0..400 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let dice = (random >> 40) as usize;
        if dice.is_multiple_of(2) {
            watched.push(dice / 2 % 20);
        } else {
            let waits = watched.buffer.front().len();
            watched.written(waits.min(dice / 2 % 25));
        }
    }
}

#[test]
fn every_short_run_of_calls_keeps_the_marks_and_the_bytes() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 30, SEED)
        .naming(KNOWN)
        .compare(&run!(), Yours::new, Contract::new);
}

#[test]
fn the_marks_hold_for_large_numbers_of_bytes() {
    for size in SIZES.into_iter().filter(|size| *size > 1) {
        let run = run!();
        let mut watched = Watched::new(&run, 1, size - 1);
        watched.push(size - 1);
        watched.push(1);
        watched.written(size - 2);
        watched.written(1);
    }
}

#[test]
fn the_marks_hold_for_millions_of_bytes() {
    const MIB: usize = 1 << 20;
    let run = run!();
    let mut buffer = WriteBuffer::new(Marks {
        high: 3 * MIB,
        low: MIB,
    });
    let piece = vec![7; MIB];
    let mut seen = Vec::new();
    for pushed in 1..=4 {
        seen.push((buffer.push(&piece), buffer.len(), buffer.front().is_empty()));
        (run.recorder()).says("buffer", format!("push(1 MiB): {pushed} MiB wait"));
    }
    for left in (0..4).rev() {
        seen.push((buffer.written(MIB), buffer.len(), buffer.front().is_empty()));
        (run.recorder()).says("buffer", format!("written(1 MiB): {left} MiB wait"));
    }
    let right = [
        (None, MIB, false),
        (None, 2 * MIB, false),
        (None, 3 * MIB, false),
        (Some(Flow::Pause), 4 * MIB, false),
        (None, 3 * MIB, false),
        (None, 2 * MIB, false),
        (Some(Flow::Resume), MIB, false),
        (None, 0, true),
    ];
    let wrong = seen
        .iter()
        .zip(&right)
        .position(|(seen, right)| seen != right);
    if let Some(step) = wrong {
        let in_words = |(flow, len, is_empty): &(Option<Flow>, usize, bool)| {
            let front = if *is_empty {
                "is empty"
            } else {
                "is not empty"
            };
            format!("returned {flow:?}, `len` was {len}, and `front` {front}")
        };
        run.departs(format!(
            "The marks are 3 MiB and 1 MiB. Call {} {}. Expected: it {}.",
            step + 1,
            in_words(&seen[step]),
            in_words(&right[step])
        ));
    }
}
