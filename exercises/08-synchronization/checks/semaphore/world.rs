//! A semaphore, and the tasks that use it.

use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Acquire, Permit, Refused, Semaphore, TooMany};
use probe::Run;
use probe_futures::{Poller, poller};

pub(super) struct World {
    pub(super) run: Run,
    pub(super) semaphore: Semaphore,
}

/// What became of a task's request for permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Waits,
    Has(usize),
    Refused,
    Gone,
}

/// A task that asks for permits.
pub(super) struct Task {
    run: Run,
    semaphore: Semaphore,
    name: &'static str,
    pub(super) poller: Poller,
    count: usize,
    state: State,
}

enum State {
    Waits(Pin<Box<Acquire>>),
    Has(Permit),
    Refused,
    Gone,
}

impl World {
    pub(super) fn new(run: Run, permits: usize) -> World {
        let semaphore = Semaphore::new(permits);
        World { run, semaphore }
    }

    pub(super) fn bounded(run: Run, permits: usize) -> World {
        let semaphore = Semaphore::bounded(permits);
        World { run, semaphore }
    }

    /// The task makes a future of `count` permits, and polls it once.
    #[track_caller]
    pub(super) fn asks(&self, name: &'static str, count: usize) -> Task {
        let mut task = Task {
            run: self.run.clone(),
            semaphore: self.semaphore.clone(),
            name,
            poller: poller(self.run.recorder(), name),
            count,
            state: State::Waits(Box::pin(self.semaphore.acquire_many(count))),
        };
        task.polls();
        task
    }

    pub(super) fn tries(&self, name: &str, count: usize) -> Result<(), Refused> {
        let call = self
            .run
            .recorder()
            .enters(name, format!("try_acquire_many({})", said(count)));
        let tried = self.semaphore.try_acquire_many(count);
        call.returns(match &tried {
            Ok(_) => "Ok".to_owned(),
            Err(refused) => format!("Err({refused:?})"),
        });
        tried.map(drop)
    }

    pub(super) fn tries_to_release(&self, count: usize) -> Result<(), TooMany> {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("release({})", said(count)));
        let released = self.semaphore.release(count);
        call.returns(format!("{released:?}"));
        released
    }

    #[track_caller]
    pub(super) fn releases(&self, count: usize) {
        if self.tries_to_release(count).is_err() {
            self.run.departs(format!(
                "`release({count})` was refused, and there is room for as many permits."
            ));
        }
    }

    pub(super) fn closes(&self) {
        let call = self.run.recorder().enters("caller", "close()");
        self.semaphore.close();
        call.returns("done");
    }

    #[track_caller]
    pub(super) fn is_closed(&self, expected: bool) {
        if self.semaphore.is_closed() != expected {
            self.run.departs(format!(
                "`is_closed` returned {}. Expected: {expected}.",
                !expected
            ));
        }
    }

    #[track_caller]
    pub(super) fn has_free(&self, expected: usize) {
        let free = self.semaphore.available();
        if free != expected {
            self.run.departs(format!(
                "`available` returned {free}. Expected: {expected}."
            ));
        }
    }
}

impl Task {
    /// Polls the future, if it waits. A new waker comes with each poll.
    #[track_caller]
    pub(super) fn polls(&mut self) {
        let State::Waits(acquire) = &mut self.state else {
            return;
        };
        let text = format!("polls acquire_many({})", said(self.count));
        let call = self.run.recorder().enters(self.name, text);
        let state = match self.poller.poll(acquire.as_mut()) {
            Poll::Pending => {
                call.returns("Pending");
                self.run
                    .recorder()
                    .waits_for(self.name, permits(self.count));
                return;
            }
            Poll::Ready(Ok(permit)) => {
                call.returns("Ready(Ok(permit))");
                self.run.recorder().holds(self.name, permits(self.count));
                State::Has(permit)
            }
            Poll::Ready(Err(_)) => {
                call.returns("Ready(Err(Closed))");
                self.run.recorder().stops_waiting(self.name);
                State::Refused
            }
        };
        let before = self.semaphore.available();
        self.state = state;
        self.refuse_other_counts();
        let free = self.semaphore.available();
        if free > before {
            self.run.diagnose(
                "released-twice",
                format!(
                    "{}'s future was ready, and was dropped: {before} permits were free before that, and {free} after it. What the future \
                     returned belongs to the task, which returns it by dropping the permit.",
                    self.name
                ),
            );
        }
    }

    #[track_caller]
    fn refuse_other_counts(&self) {
        if let State::Has(permit) = &self.state
            && permit.count() != self.count
        {
            self.run.departs(format!(
                "{} asked for {} permits and got {}.",
                self.name,
                said(self.count),
                said(permit.count())
            ));
        }
    }

    /// Drops the future, or the permits.
    pub(super) fn is_dropped(&mut self) {
        let text = match &self.state {
            State::Waits(_) => "is dropped",
            State::Has(_) => "drops its permit",
            State::Refused | State::Gone => return,
        };
        let call = self.run.recorder().enters(self.name, text);
        self.has_nothing();
        self.state = State::Gone;
        call.returns("done");
    }

    pub(super) fn forgets(&mut self) {
        if let State::Has(permit) = std::mem::replace(&mut self.state, State::Gone) {
            let call = self.run.recorder().enters(self.name, "forget()");
            self.has_nothing();
            permit.forget();
            call.returns("done");
        }
    }

    /// For the rows that a stuck run ends with.
    fn has_nothing(&self) {
        let recorder = self.run.recorder();
        recorder.stops_waiting(self.name);
        recorder.returns(self.name, &permits(self.count));
    }

    /// It has to be woken, and was not: the line that a verdict marks.
    pub(super) fn lacks_its_wake(&self) {
        self.run.recorder().lacks(self.name, "is not woken");
    }

    pub(super) fn wakes(&self) -> usize {
        self.poller.wakes()
    }

    pub(super) fn asked(&self) -> Asked {
        match &self.state {
            State::Waits(_) => Asked::Waits,
            State::Has(_) => Asked::Has(self.count),
            State::Refused => Asked::Refused,
            State::Gone => Asked::Gone,
        }
    }

    #[track_caller]
    pub(super) fn expect(&self, expected: Asked) {
        if self.asked() != expected {
            self.run.departs(format!(
                "{} asked for {} permits. Expected: {}. Your semaphore: {}.",
                self.name,
                said(self.count),
                in_words(expected),
                in_words(self.asked()),
            ));
        }
    }
}

fn in_words(asked: Asked) -> &'static str {
    match asked {
        Asked::Waits => "its poll returns Pending",
        Asked::Has(_) => "its poll returns Ready with the permits",
        Asked::Refused => "its poll returns Ready(Err(Closed))",
        Asked::Gone => "it is gone",
    }
}

fn permits(count: usize) -> String {
    match count {
        1 => "1 permit".to_owned(),
        count => format!("{} permits", said(count)),
    }
}

fn said(count: usize) -> String {
    match count {
        usize::MAX => "usize::MAX".to_owned(),
        count => count.to_string(),
    }
}
