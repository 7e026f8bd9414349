//! A signal, and the tasks that wait for it.

use std::sync::Arc;

use super::super::subject::Signal;
use probe::{Recorder, Run};
use probe_futures::{Poller, poller};

/// A signal, and the tasks that wait for it.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) signal: Arc<Signal>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        World {
            run,
            signal: Arc::new(Signal::new()),
        }
    }

    /// Tasks with these names wait, in this order.
    pub(super) fn tasks<const N: usize>(&self, names: [&'static str; N]) -> [Poller; N] {
        names.map(|name| {
            let task = poller(self.run.recorder(), name);
            self.waits(&task);
            task
        })
    }

    pub(super) fn waits(&self, task: &Poller) {
        waits(self.run.recorder(), &self.signal, task);
    }

    pub(super) fn wake_all(&self) -> usize {
        let call = self.run.recorder().enters("caller", "wake_all()");
        let count = self.signal.wake_all();
        call.returns(count.to_string());
        count
    }

    #[track_caller]
    pub(super) fn expects(&self, count: usize, right: usize) {
        if count != right {
            self.run.departs(format!(
                "{right} tasks waited, and `wake_all` returned {count}."
            ));
        }
    }
}

pub(super) fn waits(recorder: &Recorder, signal: &Signal, task: &Poller) {
    let call = recorder.enters(task.name(), "waits");
    signal.wait(task.waker());
    call.returns("done");
}
