//! A hundred thousand records, records that are counted, and every short run.

use std::future::Future;
use std::io::{self};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Disk, Journal, write_out};
use super::machine;
use super::world::World;
use probe::detect::{DropCounter, Token};
use probe::run;

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
