//! The tasks that are woken, and appends inside of a wake or of a destructor.

use std::cell::{Cell, RefCell};
use std::io::{self};
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::rc::Rc;

use super::super::subject::{Disk, Journal, write_out};
use super::world::World;
use probe::{panics, run, snapshot};
use probe_futures::poller;

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
    let mut world = World::new(run!());
    let run = world.run.clone();
    let mut writer = world.append(1);
    writer.waits(&run, "Record 1 waits");
    let (journal, panicked) = (ManuallyDrop::new(world.journal.clone()), Rc::default());
    let inside: Rc<RefCell<Option<String>>> = Rc::clone(&panicked);
    writer.by.on_wake_local(move || {
        let appended = panics::expected(|| drop(journal.append(2)));
        inside.replace(appended.err().map(|panic| panic.message));
    });
    world.turn();
    world.disk.ends(Ok(()));
    world.turn();
    if let Some(panic) = panicked.take() {
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

/// Appends a record to a journal, once, and notes a panic. Clones are the same.
#[derive(Clone)]
struct Late {
    journal: Rc<Cell<Option<Journal<Restless>>>>,
    panic: Rc<Cell<Option<String>>>,
}

impl Late {
    fn to(journal: &Journal<Restless>) -> Late {
        Late {
            journal: Rc::new(Cell::new(Some(journal.clone()))),
            panic: Rc::default(),
        }
    }

    fn appends(&self) {
        if let Some(journal) = self.journal.take() {
            let appended = panics::expected(|| drop(journal.append(Restless(None))));
            self.panic.set(appended.err().map(|panic| panic.message));
        }
    }
}

/// A record that may append another one when it is dropped.
struct Restless(Option<Late>);

impl Drop for Restless {
    fn drop(&mut self) {
        if let Some(late) = self.0.take() {
            late.appends();
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
    let late = Late::to(&journal);
    let inside = late.clone();
    by.on_wake_local(move || inside.appends());
    let first = panics::expected(|| journal.append(Restless(None)));
    let failed = first.err().map(|panic| panic.message);
    if let Some(panic) = late.panic.take().or(failed) {
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
        let late = Late::to(&journal);
        let first = stops.then(|| journal.append(Restless(Some(late.clone()))));
        let dropped = panics::expected(|| {
            if !stops {
                journal.close();
                drop(journal.append(Restless(Some(late.clone()))));
            }
            drop(task.take());
        });
        let how = match stops {
            true => "The writing task was dropped with a record that waited",
            false => "A record was appended to a closed journal",
        };
        run.recorder().says("journal", "drops a record");
        let failed = dropped.err().map(|panic| panic.message);
        if let Some(panic) = late.panic.take().or(failed) {
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
