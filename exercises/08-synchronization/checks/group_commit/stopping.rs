//! A journal that is closed, and a writing task that is cancelled or panics.

use std::io::{self};
use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Disk, Journal, NotDurable, write_out};
use super::world::World;
use probe::{panics, run, snapshot};
use probe_futures::poller;

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
