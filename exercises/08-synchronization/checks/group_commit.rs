//! 8.9 group_commit: one write for the records of many writers.

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::subject::{Disk, Journal, NotDurable, write_out};
use probe::detect::{DropCounter, Token};
use probe::{panics, run, snapshot};
use probe_futures::poller;

#[path = "group_commit/machine.rs"]
mod machine;
#[path = "group_commit/world.rs"]
mod world;

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

#[test]
fn a_closed_journal_writes_what_it_has_and_completes() {
    let mut world = World::new(run!("closed"));
    let run = world.run.clone();
    let mut first = world.append(1);
    world.turn();
    let mut second = world.append(2);
    second.waits(&run, "Record 2 waits");
    run.recorder().says("journal", "close()");
    world.journal.close();
    let mut late = world.append(3);
    late.is_told(&run, Err(NotDurable::Closed));
    world.disk.ends(Ok(()));
    world.turn();
    first.is_told(&run, Ok(()));
    if world.disk.writes().len() < 2 {
        run.diagnose(
            "lost-at-the-close",
            "Record 2 had been appended before the journal was closed, and it is not written.",
        );
    }
    world.expect_writes(&[&[1], &[2]]);
    world.disk.ends(Ok(()));
    world.turn();
    second.is_told(&run, Ok(()));
    if !world.has_completed() {
        run.departs("The journal is closed, all its records are written, and the writing task has not completed.");
    }
    snapshot!(run);
}

#[test]
fn closing_wakes_a_writing_task_that_waits() {
    let mut world = World::new(run!("closed_while_idle"));
    world.turn();
    world.run.recorder().says("journal", "close()");
    world.journal.close();
    world.turn();
    if !world.has_completed() {
        world.run.diagnose("closed-without-a-wake", "The journal was closed while the writing task waited for records, and the task was not woken.");
    }
    snapshot!(world.run);
}

#[test]
fn a_writing_task_that_is_cancelled_leaves_no_writer_waiting() {
    // During a write, and before its first poll.
    for polls in [true, false] {
        let mut world = World::new(if polls {
            run!("task_cancelled")
        } else {
            run!()
        });
        let run = world.run.clone();
        let mut first = world.append(1);
        if polls {
            world.turn();
        }
        let mut second = world.append(2);
        first.waits(&run, "Its write has not ended");
        second.waits(&run, "Its write has not begun");
        world.cancel();
        if !second.is_woken() {
            run.recorder().lacks("writer 2", "is not woken");
            run.diagnose("left-waiting", "The writing task was cancelled. Record 2 will not be written, and its writer waits.");
        }
        first.is_told(&run, Err(NotDurable::Stopped));
        second.is_told(&run, Err(NotDurable::Stopped));
        let mut late = world.append(3);
        late.is_told(&run, Err(NotDurable::Closed));
        if polls {
            snapshot!(run);
        }
    }
}

/// A disk that panics.
struct Broken;

impl Disk<u32> for Broken {
    async fn write(&self, _records: Vec<u32>) -> io::Result<()> {
        panic!("the disk is broken")
    }
}

#[test]
fn a_disk_that_panics_leaves_no_writer_waiting() {
    let run = run!();
    let journal = Journal::new();
    let mut task = Box::pin(write_out(&journal, Broken));
    let mut record = journal.append(1);
    let a = poller(run.recorder(), "writer 1");
    let _pending = a.poll(Pin::new(&mut record));
    let panicked = panics::expected(|| a.poll(task.as_mut())).is_err();
    drop(task);
    if !panicked {
        run.departs(
            "The disk panicked, and the writing task caught the panic: it has to pass through.",
        );
    }
    if a.poll(Pin::new(&mut record)) != Poll::Ready(Err(NotDurable::Stopped)) {
        run.diagnose(
            "left-waiting",
            "The disk panicked, the writing task is gone, and the writer is not told `Stopped`.",
        );
    }
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let mut world = World::new(run!("polled_by_another"));
    let run = world.run.clone();
    let mut writer = world.append(1);
    writer.waits(&run, "Record 1 waits");
    let b = poller(run.recorder(), "B");
    let _pending = b.poll(Pin::new(&mut writer.future));
    world.turn();
    world.disk.ends(Ok(()));
    world.turn();
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "first-waker-only",
            "B polled the outcome of record 1 last, and was not woken.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_woken_writer_may_append_inside_wake() {
    thread_local! {
        static JOURNAL: RefCell<Option<Journal<u32>>> = const { RefCell::new(None) };
        static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    let mut world = World::new(run!());
    let run = world.run.clone();
    let mut writer = world.append(1);
    writer.waits(&run, "Record 1 waits");
    JOURNAL.set(Some(world.journal.clone()));
    writer.by.on_wake(|| {
        let journal = JOURNAL.take().expect("it is set");
        let appended = panics::expected(|| drop(journal.append(2)));
        PANIC.set(appended.err().map(|panic| panic.message));
        std::mem::forget(journal);
    });
    world.turn();
    world.disk.ends(Ok(()));
    world.turn();
    if let Some(panic) = PANIC.take() {
        run.diagnose("borrowed-across-wake", format!("Writer 1 was woken, its task appended a record inside `wake`, and `append` panicked: {panic}."));
    }
    world.expect_writes(&[&[1], &[2]]);
}

#[test]
fn the_task_that_polled_the_writing_task_last_is_woken() {
    let run = run!();
    let journal = Journal::new();
    let mut task = Box::pin(write_out(&journal, Blank));
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let _pending = (a.poll(task.as_mut()), b.poll(task.as_mut()));
    let _durable = journal.append(1);
    run.recorder().says("writer", "append(1)");
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "first-waker-only",
            "A polled the writing task, and then B did. A record was appended, and B was not woken.",
        );
    }
}

/// Appends to the journal of this thread, once, and notes a panic.
fn appends_once() {
    if let Some(journal) = LATE.take() {
        let appended = panics::expected(|| drop(journal.append(Restless { appends: false })));
        APPENDED.set(Some(appended.map_err(|panic| panic.message)));
    }
}

thread_local! {
    static LATE: RefCell<Option<Journal<Restless>>> = const { RefCell::new(None) };
    static APPENDED: RefCell<Option<Result<(), String>>> = const { RefCell::new(None) };
}

/// A record that may append another one when it is dropped.
struct Restless {
    appends: bool,
}

impl Drop for Restless {
    fn drop(&mut self) {
        if self.appends {
            appends_once();
        }
    }
}

#[test]
fn a_woken_writing_task_may_append_inside_wake() {
    let run = run!();
    let journal = Journal::new();
    let mut task = Box::pin(write_out(&journal, Blank));
    let by = poller(run.recorder(), "writing task");
    let _pending = by.poll(task.as_mut());
    by.on_wake(appends_once);
    LATE.set(Some(journal.clone()));
    let first = panics::expected(|| journal.append(Restless { appends: false }));
    if let (Some(Err(panic)), _) | (_, Err(panic)) = (
        APPENDED.take(),
        first.map(drop).map_err(|panic| panic.message),
    ) {
        run.diagnose(
            "borrowed-across-wake",
            format!("A record was appended. That woke the writing task, and code inside `wake` appended another record. A panic came: {panic}."),
        );
    }
}

#[test]
fn a_dropped_record_may_append() {
    for stops in [true, false] {
        let run = run!();
        let journal = Journal::new();
        let mut task = Some(write_out(&journal, Blank));
        let first = stops.then(|| journal.append(Restless { appends: true }));
        LATE.set(Some(journal.clone()));
        let dropped = panics::expected(|| {
            if !stops {
                journal.close();
                drop(journal.append(Restless { appends: true }));
            }
            drop(task.take());
        });
        let how = match stops {
            true => "The writing task was dropped with a record that waited",
            false => "A record was appended to a closed journal",
        };
        run.recorder().says("journal", "drops a record");
        if let (Some(Err(panic)), _) | (_, Err(panic)) =
            (APPENDED.take(), dropped.map_err(|panic| panic.message))
        {
            run.diagnose(
                "borrowed-when-dropped",
                format!("{how}. The record's destructor appended another record, and a panic came: {panic}."),
            );
        }
        drop(first);
    }
}

/// A disk that has written at once.
struct Blank;

impl<R> Disk<R> for Blank {
    async fn write(&self, _records: Vec<R>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_hundred_thousand_records_are_two_batches() {
    let mut world = World::new(run!());
    let run = world.run.clone();
    let first = world.journal.append(0);
    world.turn();
    let mut futures: Vec<_> = (1..100_000)
        .map(|record| world.journal.append(record))
        .collect();
    futures.push(first);
    world.disk.ends(Ok(()));
    world.turn();
    let writes = world.disk.writes();
    let right = writes.len() == 2 && writes[1].iter().copied().eq(1..100_000);
    run.recorder().clear();
    if !right {
        run.departs(format!(
            "One record was being written, 99,999 were appended, and there were {} writes.",
            writes.len()
        ));
    }
    world.disk.ends(Ok(()));
    world.turn();
    let mut context = Context::from_waker(Waker::noop());
    let mut told = 0;
    for future in &mut futures {
        let poll = Pin::new(future).poll(&mut context);
        told += u32::from(poll == Poll::Ready(Ok(())));
    }
    if told != 100_000 {
        run.departs(format!(
            "100,000 records were written, and {told} writers were told `Ok`."
        ));
    }
}

/// Records that are counted, and a disk that keeps none.
struct Counts;

impl Disk<Token> for Counts {
    async fn write(&self, records: Vec<Token>) -> io::Result<()> {
        drop(records);
        Ok(())
    }
}

#[test]
fn no_record_is_kept() {
    let run = run!();
    let values = DropCounter::new();
    let journal = Journal::new();
    let mut task = Box::pin(write_out(&journal, Counts));
    let mut context = Context::from_waker(Waker::noop());
    let writers = [(); 3].map(|()| journal.append(values.token()));
    let _pending = task.as_mut().poll(&mut context);
    if values.alive() > 0 {
        run.diagnose(
            "value-kept",
            "Three records were written, and the journal still has one.",
        );
    }
    let more = journal.append(values.token());
    drop(task);
    drop(journal.append(values.token()));
    if values.alive() > 0 {
        run.diagnose("value-kept", "The writing task was dropped, and a record that will not be written is still in memory.");
    }
    drop((writers, more));
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
