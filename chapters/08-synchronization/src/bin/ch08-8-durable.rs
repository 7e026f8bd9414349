//! A hundred writers and one disk: a write for each record, and a write for all that wait.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Mutex;
use synchronization::group_commit::{Disk, Journal, write_out};

const TO_WRITE: Duration = Duration::from_millis(5);

// ANCHOR: disk
/// A write takes five milliseconds, for one record or for many.
#[derive(Clone)]
struct SlowDisk {
    timer: Handle,
    writes: Rc<Cell<u32>>,
}

impl Disk<u32> for SlowDisk {
    async fn write(&self, _records: Vec<u32>) -> io::Result<()> {
        self.timer.sleep(TO_WRITE).await;
        self.writes.set(self.writes.get() + 1);
        Ok(())
    }
}
// ANCHOR_END: disk

// ANCHOR: writers
/// Each writer waits for its turn, and writes its record.
async fn one_by_one(disk: Rc<Mutex<SlowDisk>>, number: u32) {
    let disk = disk.lock().await;
    disk.write(vec![number]).await.expect("the disk works");
}

/// Each writer appends its record, and waits until it is durable.
async fn together(journal: Journal<u32>, number: u32) {
    journal.append(number).await.expect("the disk works");
}
// ANCHOR_END: writers

/// One writer each millisecond. When the last one has finished.
async fn hundred<F: Future<Output = ()> + 'static>(
    timer: &Handle,
    writer: impl Fn(u32) -> F,
) -> Duration {
    let started = timer.now();
    let mut writers = Vec::new();
    for number in 0..100 {
        writers.push(timer.spawn(writer(number)));
        timer.sleep(Duration::from_millis(1)).await;
    }
    for writer in writers {
        writer.await.expect("no writer fails");
    }
    timer.now() - started
}

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = event_loop.handle();
    let disk = || SlowDisk {
        timer: timer.clone(),
        writes: Rc::default(),
    };
    event_loop.block_on(async {
        let alone = disk();
        let lock = Rc::new(Mutex::new(alone.clone()));
        let time = hundred(&timer, |number| one_by_one(Rc::clone(&lock), number)).await;
        println!(
            "one by one: {:>3} writes, all durable after {time:?}",
            alone.writes.get()
        );

        let shared = disk();
        let journal = Journal::new();
        let task = timer.spawn(write_out(&journal, shared.clone()));
        let time = hundred(&timer, |number| together(journal.clone(), number)).await;
        println!(
            "together:   {:>3} writes, all durable after {time:?}",
            shared.writes.get()
        );
        journal.close();
        task.await.expect("the disk works");
    });
}
