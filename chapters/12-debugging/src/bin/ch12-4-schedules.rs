//! A cache that is right in the loop's own order, and stale in another.

use std::cell::Cell;
use std::rc::Rc;

use debugging::schedules::{self, Schedules, Trial, replay};
use event_loop::yield_now;

// ANCHOR: cache
/// A value of a database, and a copy of it.
#[derive(Default)]
struct Cache {
    database: Cell<u32>,
    copy: Cell<Option<u32>>,
    /// How often the copy was thrown away.
    version: Cell<u32>,
}

impl Cache {
    async fn get(&self, mended: bool) -> u32 {
        if let Some(value) = self.copy.get() {
            return value;
        }
        let version = self.version.get();
        let value = self.database.get();
        yield_now().await; // The answer is on its way.
        if !mended || version == self.version.get() {
            self.copy.set(Some(value));
        }
        value
    }

    fn set(&self, value: u32) {
        self.database.set(value);
        self.version.set(self.version.get() + 1);
        self.copy.set(None);
    }
}
// ANCHOR_END: cache

// ANCHOR: test
/// A reader and a writer. When both are done, the cache gives what the database has.
async fn test(trial: Trial, mended: bool) {
    let cache = Rc::new(Cache::default());
    let read = Rc::clone(&cache);
    let reader = trial.handle().spawn(async move { read.get(mended).await });
    let write = Rc::clone(&cache);
    let writer = trial.handle().spawn(async move {
        yield_now().await;
        yield_now().await;
        write.set(1);
    });
    reader.await.unwrap();
    writer.await.unwrap();
    assert_eq!(cache.get(mended).await, 1, "the cache is stale");
}
// ANCHOR_END: test

fn main() {
    closed_output::end_quietly();
    // ANCHOR: runs
    let faulty = |trial| test(trial, false);
    println!("in the loop's own order: {:?}", replay(&[], faulty));

    let report = Schedules::new().check(faulty);
    println!(
        "\n{}",
        report.expect_err("the cache is stale in some order")
    );

    schedules::explore(|trial| test(trial, true));
    println!("mended: passes in 1,000 schedules");
    // ANCHOR_END: runs
}
