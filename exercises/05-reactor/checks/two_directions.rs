//! 5.3 two-directions: one socket, two waiting tasks.

#[path = "two_directions/machine.rs"]
mod machine;
#[path = "two_directions/moves.rs"]
mod moves;
#[path = "two_directions/two.rs"]
mod two;

use super::subject::{Happened, Source};
use machine::{Machinery, SEED};
use moves::{KNOWN, moves};
use probe::runs::Search;
use probe::{run, snapshot};
use two::{NOTHING, READ, READABLE, Two, WRITABLE, WRITE, first_woken};

#[test]
fn each_of_two_tasks_waits_for_its_own_direction() {
    let run = run!();
    let two = Two::waiting(&run);
    if two.reader.counts().alive == 0 || two.writer.counts().alive == 0 {
        run.diagnose(
            "one-waker-for-both",
            "The reader and the writer both wait, and only one of their wakers is kept: the second replaced the first. The task \
             without a waker will never be woken.",
        );
    }
}

#[test]
fn a_new_connection_has_room_to_write_and_nothing_to_read() {
    let run = run!();
    let two = Two::of(&run, Source::with_room());
    let reads = two.tries(READ).is_ready();
    let writes = two.tries(WRITE).is_ready();
    match (reads, writes) {
        (false, true) => {}
        (true, true) => run.diagnose(
            "one-readiness-for-both",
            "The source has room to write, and the reader's attempt was made too. The readiness of one direction says nothing about the \
             other.",
        ),
        (_, false) => run.departs("A new connection has room to write, and the writer's attempt was pending."),
    }
}

#[test]
fn readable_wakes_the_reader() {
    let run = run!("readable");
    let two = Two::waiting(&run);
    two.tell(READABLE);
    two.woken(true, false);
    if two.tries(READ).is_pending() {
        run.departs("The event said “readable”, and the reader's attempt was pending.");
    }
    if two.tries(WRITE).is_ready() {
        run.diagnose(
            "one-readiness-for-both",
            "The event said “readable”, and the writer's attempt was made. The readiness of one direction says nothing about the \
             other.",
        );
    }
    snapshot!(run);
}

#[test]
fn writable_wakes_the_writer() {
    let run = run!("writable");
    let two = Two::waiting(&run);
    two.tell(WRITABLE);
    two.woken(false, true);
    if two.tries(WRITE).is_pending() {
        run.departs("The event said “writable”, and the writer's attempt was pending.");
    }
    snapshot!(run);
}

#[test]
fn one_event_may_concern_both() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    let woken = (two.reader.wakes() > 0, two.writer.wakes() > 0);
    if woken.0 != woken.1 {
        run.diagnose(
            "one-thing-an-event",
            format!(
                "The event said “readable” and “writable”, and only the {} was woken. The kernel does not report the other direction \
                 again.",
                if woken.0 { READ } else { WRITE },
            ),
        );
    }
    two.woken(true, true);
}

#[test]
fn read_closed_wakes_the_reader_and_not_the_writer() {
    let run = run!("read_closed");
    let two = Two::waiting(&run);
    two.tell(Happened {
        read_closed: true,
        ..NOTHING
    });
    match (two.reader.wakes(), two.writer.wakes()) {
        (0, _) => run.diagnose(
            "end-without-a-wake",
            "The event said “read closed”, and the reader was not woken. It waits for bytes that cannot come.",
        ),
        (_, 0) => {}
        _ => run.diagnose(
            "half-closed-taken-for-closed",
            "The event said “read closed”, and the writer was woken. A peer that sends no more can still receive.",
        ),
    }
    snapshot!(run);
}

#[test]
fn an_end_that_comes_with_bytes_reaches_the_reading_direction() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        read_closed: true,
        ..READABLE
    });
    // The end follows, so the direction stays worth an attempt.
    two.short_attempt(READ);
    if two.tries(READ).is_pending() {
        run.diagnose(
            "eof-behind-short-read",
            "One event reported the last bytes and the end. The bytes were read, and the reader waits for an event that will not come. \
             `event` has to receive `closed` for the reading direction.",
        );
    }
}

#[test]
fn a_direction_without_an_end_is_not_closed() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    for name in [READ, WRITE] {
        two.short_attempt(name);
        if two.tries(name).is_ready() {
            run.departs(format!(
                "No event said “closed”, and after a short attempt the {name} makes another one: `event` received `closed` for its \
                 direction."
            ));
        }
    }
}

#[test]
fn write_closed_wakes_the_writer() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        write_closed: true,
        ..NOTHING
    });
    if two.writer.wakes() == 0 {
        run.diagnose(
            "end-without-a-wake",
            "The event said “write closed”, and the writer was not woken. It waits for room that the kernel will not report.",
        );
    }
    two.woken(false, true);
}

#[test]
fn an_error_wakes_both_tasks() {
    let run = run!("error");
    let two = Two::waiting(&run);
    let first = first_woken(&two);
    two.tell(Happened {
        error: true,
        ..NOTHING
    });
    match (two.reader.wakes() > 0, two.writer.wakes() > 0) {
        (true, true) => {}
        (false, false) => run.diagnose(
            "error-without-a-wake",
            "The event said “error”, and neither task was woken. The kernel does not report it again.",
        ),
        (reader, _) => run.diagnose(
            "error-without-a-wake",
            format!(
                "The event said “error”, and the {} was not woken. The next attempt in either direction returns the error, and a task that is \
                 not woken makes none.",
                if reader { WRITE } else { READ },
            ),
        ),
    }
    // The contract leaves the order of the two wakes open. The snapshot shows one of the two.
    if *first.lock().expect("no wake panics") == Some(READ) {
        snapshot!(run);
    }
}

#[test]
fn an_error_that_comes_with_other_words_reaches_both_directions() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        readable: true,
        writable: true,
        error: true,
        ..NOTHING
    });
    for name in [READ, WRITE] {
        two.short_attempt(name);
        if two.tries(name).is_pending() {
            run.diagnose(
                "eof-behind-short-read",
                format!(
                    "The event said “error”. The {name} had a short success, and now waits for an event that will not come. An error follows the \
                     bytes that are left, as an end does: `event` has to receive `closed`."
                ),
            );
        }
    }
}

#[test]
fn a_drained_direction_does_not_drain_the_other() {
    let run = run!();
    let two = Two::waiting(&run);
    two.tell(Happened {
        writable: true,
        ..READABLE
    });
    let _pending = two.finds_nothing(READ);
    if two.tries(WRITE).is_pending() {
        run.diagnose(
            "one-readiness-for-both",
            "The reader's attempt returned `WouldBlock`, and then the writer's attempt was pending. The readiness of one direction says \
             nothing about the other.",
        );
    }
}

#[test]
fn forget_drops_both_wakers() {
    let run = run!();
    let two = Two::waiting(&run);
    two.source.forget();
    run.recorder().says("source", "forget()");
    if two.reader.counts().alive + two.writer.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and a waker is still kept. It keeps a whole task in memory.",
        );
    }
}

#[test]
fn every_short_run_of_events_reaches_the_right_direction() {
    for room in [false, true] {
        let (yours, reference) = match room {
            false => (
                Source::new as fn() -> Source,
                reactor::Source::new as fn() -> reactor::Source,
            ),
            true => (
                Source::with_room as fn() -> Source,
                reactor::Source::with_room as fn() -> reactor::Source,
            ),
        };
        Search::of(&moves())
            .up_to(2)
            .and_random(60, 10, SEED)
            .naming(KNOWN)
            .compare(
                &run!(),
                || Machinery::new(yours()),
                || Machinery::new(reference()),
            );
    }
}
