//! Debug this program.
//! Tasks record measurements, and one task sends them to a server in batches: as soon as [`LIMIT`] of
//! them wait, or else after [`FLUSH_TIMEOUT`]. While [`LIMIT`] wait, `record` waits too. When there is
//! little to record, it works. Under load, the tasks stand still for most of each second.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use event_loop::Timer;
use state_machines::race::race;
use synchronization::Event;

/// How many values a batch has at most, and how many wait at most.
pub const LIMIT: usize = 4;

/// How long the task waits for a full batch. The time counts from the end of the last send, or of the
/// last such wait if there was nothing to send.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Where the batches go. It is caller-supplied code.
pub trait Server {
    /// Sends these values, which takes time. Only one send may be in progress, and dropping it early
    /// loses its values.
    fn send(&self, batch: Vec<u32>) -> impl Future<Output = ()>;
}

/// The values that wait. A clone is the same collector.
#[derive(Clone, Default)]
pub struct Collector {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    values: RefCell<Vec<u32>>,
    /// Set when [`LIMIT`] values wait, so that they are sent.
    full: Event,
    /// Set and cleared at once, for the tasks that wait for room.
    room: Event,
}

impl Collector {
    /// Adds a value. While [`LIMIT`] values wait, it waits until they have been taken.
    ///
    /// If the value makes them [`LIMIT`], they are sent at once, or as soon as the send in progress has
    /// ended.
    pub async fn record(&self, value: u32) {
        while self.shared.values.borrow().len() == LIMIT {
            self.shared.room.wait().await;
        }
        self.shared.values.borrow_mut().push(value);
        if self.shared.values.borrow().len() == LIMIT {
            self.shared.full.set();
        }
    }

    /// Takes all that wait, and lets those pass that wait for room.
    fn take(&self) -> Vec<u32> {
        let values = self.shared.values.take();
        self.shared.room.set();
        self.shared.room.clear();
        values
    }
}

/// The sending task; it never returns. It sends a batch only if there are values, and only if
/// [`LIMIT`] of them wait or [`FLUSH_TIMEOUT`] has passed. Otherwise it sleeps. A spurious poll changes
/// nothing. It sends the values in the order in which they were recorded, each of them once.
// ANCHOR: flush_task
pub async fn flush_task(collector: Collector, timer: impl Timer, server: impl Server) {
    // YOURS
    loop {
        race(collector.shared.full.wait(), timer.sleep(FLUSH_TIMEOUT)).await;
        // From here on, `full` is about the next batch.
        collector.shared.full.clear();
        let batch = collector.take();
        if !batch.is_empty() {
            server.send(batch).await;
        }
    }
    // STUB: loop {
    // STUB:     race(collector.shared.full.wait(), timer.sleep(FLUSH_TIMEOUT)).await;
    // STUB:     let batch = collector.take();
    // STUB:     if !batch.is_empty() {
    // STUB:         server.send(batch).await;
    // STUB:     }
    // STUB:     collector.shared.full.clear();
    // STUB: }
    // YOURS_END
}
// ANCHOR_END: flush_task
