//! 8.9 group_commit: one write for the records of many writers.

use std::io::ErrorKind;

use super::subject::NotDurable;
use probe::{panics, run, snapshot};

#[path = "group_commit/machine.rs"]
mod machine;
#[path = "group_commit/model.rs"]
mod model;
#[path = "group_commit/moves.rs"]
mod moves;
#[path = "group_commit/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "group_commit/stopping.rs"]
mod stopping;

#[path = "group_commit/wakes.rs"]
mod wakes;

#[path = "group_commit/many_records.rs"]
mod many_records;

use world::World;

#[test]
fn a_record_is_written_and_then_its_writer_is_told() {
    let mut world = World::new(run!("one_record"));
    world.turn();
    let mut writer = world.append(1);
    let run = world.run.clone();
    writer.waits(&run, "Record 1 was appended, and no write has begun");
    world.turn();
    world.expect_writes(&[&[1]]);
    writer.waits(&run, "The write of record 1 has begun, and has not ended");
    world.disk.ends(Ok(()));
    world.turn();
    writer.is_told(&run, Ok(()));
    snapshot!(run);
}

#[test]
fn records_that_are_appended_during_a_write_are_one_batch() {
    let mut world = World::new(run!("one_batch"));
    let run = world.run.clone();
    let mut first = world.append(1);
    world.turn();
    world.expect_writes(&[&[1]]);
    first.waits(&run, "The write of record 1 has not ended");
    let mut others = [2, 3, 4].map(|record| world.append(record));
    for writer in &mut others {
        writer.waits(&run, "Another write is in progress, and this record waits");
    }
    world.turn();
    world.expect_writes(&[&[1]]);
    world.disk.ends(Ok(()));
    world.turn();
    world.expect_writes(&[&[1], &[2, 3, 4]]);
    first.is_told(&run, Ok(()));
    for writer in &mut others {
        writer.waits(
            &run,
            "The write before has ended, and the one that has this record has only begun",
        );
    }
    world.disk.ends(Ok(()));
    world.turn();
    for writer in &mut others {
        writer.is_told(&run, Ok(()));
    }
    snapshot!(run);
}

#[test]
fn a_record_counts_from_its_append_and_not_from_a_poll() {
    let mut world = World::new(run!("unpolled"));
    let _unpolled = [1, 2].map(|record| world.append(record));
    world.turn();
    world.expect_writes(&[&[1, 2]]);
    snapshot!(world.run);
}

#[test]
fn a_write_that_fails_is_told_to_the_writers_of_its_batch_only() {
    let mut world = World::new(run!("one_fails"));
    let run = world.run.clone();
    let mut first = world.append(1);
    world.turn();
    let mut second = world.append(2);
    first.waits(&run, "The write of record 1 has not ended");
    second.waits(&run, "Record 2 waits");
    world.disk.ends(Err(ErrorKind::StorageFull.into()));
    world.turn();
    first.is_told(&run, Err(NotDurable::Failed(ErrorKind::StorageFull)));
    if world.has_completed() {
        run.diagnose(
            "one-error-ends-the-journal",
            "One write failed, and the writing task has completed: record 2 is not written.",
        );
    }
    second.waits(&run, "The failed write did not have record 2");
    world.expect_writes(&[&[1], &[2]]);
    world.disk.ends(Ok(()));
    world.turn();
    second.is_told(&run, Ok(()));
    snapshot!(run);
}

#[test]
fn a_writer_that_is_cancelled_disturbs_no_other() {
    // Before the write begins, and while it is in progress.
    for during in [false, true] {
        let mut world = World::new(run!());
        let run = world.run.clone();
        let [mut first, second, mut third] = [1, 2, 3].map(|record| world.append(record));
        first.waits(&run, "No write has begun");
        third.waits(&run, "No write has begun");
        if during {
            world.turn();
        }
        run.recorder().says("writer 2", "is cancelled");
        drop(second);
        world.turn();
        if world.disk.writes() == [[1, 3]] {
            run.diagnose(
                "withdrawn-with-the-writer",
                "Writer 2 was cancelled, and its record was not written: to append is to submit.",
            );
        }
        world.expect_writes(&[&[1, 2, 3]]);
        world.disk.ends(Ok(()));
        if panics::expected(|| world.turn()).is_err() {
            run.diagnose(
                "cancelled-writer-panics",
                "Writer 2 was cancelled, and the writing task panicked when the write had ended.",
            );
        }
        first.is_told(&run, Ok(()));
        third.is_told(&run, Ok(()));
        if world.has_completed() {
            run.departs("A writer was cancelled, and the writing task has completed.");
        }
    }
}
