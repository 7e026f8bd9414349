//! flush: a task that writes in batches, and flush requests.

#[path = "flush/disk.rs"]
mod disk;
#[path = "flush/rules.rs"]
mod rules;

use std::time::Duration;

use super::subject::INTERVAL;
use Step::{Flush, Push, PushAndFlush, SpuriousPoll};
use disk::{Step, play, write_of};
use probe::random::Random;
use probe::{run, snapshot};
use rules::{asked_during_a_write, not_after, not_before, try_script};

#[test]
fn a_line_without_a_flush_is_written_after_the_interval() {
    let run = run!();
    if INTERVAL != Duration::from_secs(1) {
        run.departs(format!(
            "`INTERVAL` is {INTERVAL:?}, and it was 1s. A line without a flush may wait that long; the fault is about lines with a \
             flush."
        ));
    }
    let writes = play(&run, &[(100, Push("a"))]);
    let write = write_of(&run, &writes, "a");
    not_before(&run, write, 1_000, "No flush was requested.");
    not_after(
        &run,
        write,
        1_000,
        "It was pushed at 100 ms, and the task's interval ends at 1,000 ms.",
    );
}

#[test]
fn a_flush_writes_all_waiting_lines_at_once() {
    let run = run!("a_flush");
    let writes = play(&run, &[(100, Push("a")), (200, PushAndFlush("b"))]);
    let write = write_of(&run, &writes, "b");
    not_after(&run, write, 200, "A flush was requested at 200 ms.");
    if write.lines != ["a", "b"] {
        run.departs_at(
            write.event,
            "a and b had been pushed when the flush was requested, and this write has only one of them.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_flush_without_lines_writes_nothing() {
    let run = run!();
    let writes = play(
        &run,
        &[(100, Flush), (300, Flush), (5_000, PushAndFlush("a"))],
    );
    let write = write_of(&run, &writes, "a");
    not_after(&run, write, 5_000, "A flush was requested at 5,000 ms.");
}

#[test]
fn a_spurious_poll_writes_nothing() {
    let run = run!();
    let script = [(100, Push("a")), (200, SpuriousPoll), (300, SpuriousPoll)];
    let writes = play(&run, &script);
    let write = write_of(&run, &writes, "a");
    not_before(
        &run,
        write,
        1_000,
        "No flush was requested; the task was only polled.",
    );
}

#[test]
fn a_flush_during_a_write_is_written_as_soon_as_that_write_has_ended() {
    let run = run!("a_flush_during_a_write");
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, PushAndFlush("b"))]);
    let first = write_of(&run, &writes, "a");
    not_after(&run, first, 100, "A flush was requested at 100 ms.");
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 130);
    snapshot!(run);
}

#[test]
fn a_line_pushed_after_a_write_is_not_written_before_the_interval() {
    let run = run!();
    let writes = play(&run, &[(200, PushAndFlush("a")), (500, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "No flush of b was requested.");
    not_after(&run, write, 1_230, "The last write had ended at 230 ms.");
}

#[test]
fn a_line_pushed_during_a_write_is_not_written_before_a_flush_or_the_interval() {
    let run = run!();
    let writes = play(&run, &[(100, PushAndFlush("a")), (110, Push("b"))]);
    let write = write_of(&run, &writes, "b");
    not_before(&run, write, 1_000, "No flush of b was requested.");
    not_after(&run, write, 1_130, "The last write had ended at 130 ms.");
}

#[test]
fn a_flush_during_each_of_several_writes_is_not_late() {
    let run = run!();
    let script = [
        (100, PushAndFlush("a")),
        (110, PushAndFlush("b")),
        (140, PushAndFlush("c")),
        (170, PushAndFlush("d")),
        (175, PushAndFlush("e")),
    ];
    let writes = play(&run, &script);
    for (line, began) in [("b", 130), ("c", 160), ("d", 190), ("e", 190)] {
        asked_during_a_write(&run, write_of(&run, &writes, line), began);
    }
}

#[test]
fn a_flush_during_a_write_of_the_interval_is_not_late() {
    let run = run!();
    let writes = play(&run, &[(500, Push("a")), (1_010, PushAndFlush("b"))]);
    asked_during_a_write(&run, write_of(&run, &writes, "b"), 1_030);
}

/// Every script of up to three steps with these gaps between them, and some longer ones: no line is late, lost or written unasked.
#[test]
fn in_every_short_script_each_line_is_written_in_its_time() {
    // Milliseconds whose sums are neither the end of a write nor that of an interval.
    const GAPS: [u64; 4] = [7, 47, 700, 1_100];
    let letters: Vec<(u64, Step)> = GAPS
        .into_iter()
        .flat_map(|gap| [(gap, Push("")), (gap, Flush), (gap, SpuriousPoll)])
        .collect();
    let mut scripts: Vec<Vec<(u64, Step)>> = vec![Vec::new()];
    let mut tried = 0;
    for _ in 0..2 {
        scripts = scripts
            .iter()
            .flat_map(|script| {
                letters
                    .iter()
                    .map(|letter| [&script[..], &[*letter]].concat())
            })
            .collect();
        for script in &scripts {
            tried += 1;
            try_script(script, tried);
        }
    }
    let mut random = Random::seeded(48);
    for _ in 0..250 {
        let script: Vec<(u64, Step)> = (0..6).map(|_| *random.pick(&letters)).collect();
        tried += 1;
        try_script(&script, tried);
    }
}
