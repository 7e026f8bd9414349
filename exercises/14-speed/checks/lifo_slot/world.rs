//! A queue of names, whose calls are recorded.

use super::super::subject::RunQueue;
use probe::Run;

pub(super) struct World {
    pub(super) run: Run,
    pub(super) queue: RunQueue<String>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        World {
            run,
            queue: RunQueue::new(),
        }
    }

    pub(super) fn push(&mut self, name: &str) {
        let call = self.run.recorder().enters("queue", format!("push({name})"));
        self.queue.push(name.to_owned());
        call.returns("done");
    }

    pub(super) fn push_next(&mut self, name: &str) {
        let call = (self.run.recorder()).enters("queue", format!("push_next({name})"));
        self.queue.push_next(name.to_owned());
        call.returns("done");
    }

    pub(super) fn take_next(&mut self) -> Option<String> {
        let call = self.run.recorder().enters("loop", "take_next()");
        let next = self.queue.take_next();
        call.returns(shown(next.as_deref()));
        next
    }

    pub(super) fn take_batch(&mut self) -> Vec<String> {
        let call = self.run.recorder().enters("loop", "take_batch()");
        let mut batch = Vec::new();
        self.queue.take_batch(&mut batch);
        call.returns(format!("[{}]", batch.join(", ")));
        batch
    }

    #[track_caller]
    pub(super) fn expects_next(&mut self, name: &str) {
        let next = self.take_next();
        if next.as_deref() != Some(name) {
            self.departs_next(next.as_deref(), Some(name));
        }
    }

    #[track_caller]
    pub(super) fn expects_no_next(&mut self, why: &str) {
        if let Some(next) = self.take_next() {
            self.run.departs(format!(
                "{why}, and `take_next` returned \"{next}\". Expected: None."
            ));
        }
    }

    #[track_caller]
    pub(super) fn departs_next(&self, next: Option<&str>, expected: Option<&str>) -> ! {
        self.run.departs(format!(
            "`take_next` returned {}. Expected: {}.",
            shown(next),
            shown(expected)
        ))
    }

    #[track_caller]
    pub(super) fn expects_batch(&self, batch: &[String], expected: &[&str]) {
        if batch != expected {
            self.run.departs(format!(
                "The batch is [{}]. Expected: [{}].",
                batch.join(", "),
                expected.join(", ")
            ));
        }
    }
}

fn shown(next: Option<&str>) -> String {
    next.map_or("None".to_owned(), |name| format!("Some({name})"))
}
