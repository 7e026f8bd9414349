//! The calls of the cell, one by one and at the same time, and what is said of them.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::super::subject::AtomicWaker;
use probe::report::{self, Entry};
use probe::{Run, What};
use probe_futures::laws::waiting::Wait;
use probe_futures::{Poller, poller};
use probe_model::Blame;
use probe_model::sync::atomic::{AtomicBool, Ordering};
use probe_model::sync::inside_the_next_cell;

pub(super) const SPINS: Blame<'static> = Blame {
    mistake: Some("spins-for-the-cell"),
    sentence: "One thread was in the middle of its call, and another thread looped until that call had returned. The first thread may not be \
               running for a long time; until then the second one only uses up processor time.",
};

pub(super) const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-at-the-cell"),
    sentence: "One thread was stopped in the middle of its call, and the call of another thread did not return until the first one went on. No \
               call may wait for another here: the second call leaves a mark, or wakes, and returns.",
};

/// What it means if the process dies while several threads use the cell.
const FREED: &str = "The process died while two threads used the cell: one used memory that the other had freed, or both freed it.";

/// The code under test has unsafe parts, so a breadcrumb is written before each step.
pub(super) fn careful(run: &Run, mistake: Option<&str>, step: impl FnOnce()) {
    run.risk(mistake, FREED, step);
}

/// A recorded call, with a breadcrumb that shows the run up to it.
pub(super) fn call(run: &Run, mistake: Option<&str>, lane: &str, what: &str, step: impl FnOnce()) {
    let call = run.recorder().enters(lane, what);
    report::write(&Entry::Crumb {
        mistake: mistake.map(str::to_owned),
        sentence: FREED.to_owned(),
        recording: run.recorder().recording(),
    });
    step();
    call.returns("returns");
}

/// After two calls have met at the cell, it must work like a new one.
#[track_caller]
pub(super) fn works_as_before(run: &Run, cell: &AtomicWaker) {
    let c = poller(run.recorder(), "C");
    run.recorder()
        .says("cell", "C registers, and no other call is in progress");
    cell.register(&c.waker());
    if c.wakes() > 0 {
        run.diagnose(
            "cell-not-reset",
            "All other calls had returned, nothing had happened, and registering woke C at once: the calls before have left a mark in the \
             state. From now on every task that registers is polled again and again.",
        );
    }
    run.recorder().says("cell", "wake");
    cell.wake();
    if c.wakes() == 0 {
        run.diagnose(
            "cell-not-reset",
            "All other calls had returned, C registered, and `wake` did not wake C: the calls before have left the state as if a call \
             were still inside.",
        );
    }
}

pub(super) fn woken_while_registering(run: &Run, registered_before: bool, polls_at_once: bool) {
    let cell = Arc::new(AtomicWaker::new());
    let [a, again] = ["A", "A again"].map(|name| poller(run.recorder(), name));
    let waker = a.waker();
    if registered_before {
        call(run, None, "A", "registers a first time", || {
            cell.register(&waker)
        });
    }
    let (theirs, recorder) = (Arc::clone(&cell), run.recorder().clone());
    inside_the_next_cell(move || {
        let call = recorder.enters("other", "calls wake, while A is in the cell");
        theirs.wake();
        call.returns("returns");
    });
    if polls_at_once {
        let (theirs, waker, recorder) = (Arc::clone(&cell), again.waker(), run.recorder().clone());
        a.on_wake(move || {
            let call = recorder.enters("A", "is polled inside wake, and registers again");
            theirs.register(&waker);
            call.returns("has registered");
        });
    }
    call(run, None, "A", "registers", || cell.register(&waker));
    if moment_came(run).is_none() {
        return; // The code entered no `UnsafeCell`, so there was no such moment.
    }
    if a.wakes() == 0 {
        run.diagnose(
            "wake-lost-at-the-cell",
            "Another thread called `wake` while A was in the cell. That call could not enter, and returned. A left the cell, and was not \
             woken.",
        );
    }
    run.recorder().says("other", "calls wake again");
    careful(run, None, || cell.wake());
    if a.wakes() > 1 {
        run.diagnose(
            "waker-kept",
            "A was woken as it left the cell, and its waker stayed in the cell: the next `wake` woke A again.",
        );
    }
    if polls_at_once && again.wakes() == 0 {
        run.diagnose(
            "woke-too-soon",
            "A was woken and registered again at once, inside `wake`, while the state still said that a call is inside. So A is not \
             registered, and the next `wake` did not wake it.",
        );
    }
    works_as_before(run, &cell);
}

/// When the step inside the cell was taken, if it was.
pub(super) fn moment_came(run: &Run) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Enters(call) if call.contains("while")))
}

/// A call that registers at `cell`.
pub(super) fn registers(
    run: &Run,
    cell: &Arc<AtomicWaker>,
    task: &Poller,
) -> Box<dyn FnOnce() + Send> {
    let (run, cell, task) = (run.clone(), Arc::clone(cell), task.clone());
    Box::new(move || {
        call(&run, None, task.name(), "registers", || {
            cell.register(&task.waker());
        });
    })
}

/// A call that wakes the task at `cell`.
pub(super) fn wakes(
    run: &Run,
    cell: &Arc<AtomicWaker>,
    name: &'static str,
    mistake: Option<&'static str>,
) -> Box<dyn FnOnce() + Send> {
    let (run, cell) = (run.clone(), Arc::clone(cell));
    Box::new(move || call(&run, mistake, name, "wakes", || cell.wake()))
}

pub(super) const MET: &str = "The task registered and checked, and at the same time the event happened and called `wake`. The check did not see the \
                   event, and `wake` did not wake the task: the event has happened, and the task waits.";

#[track_caller]
pub(super) fn lost(run: &Run, sentence: &str) -> ! {
    run.diagnose("wake-lost-at-the-cell", sentence)
}

/// A future that waits for a flag with a cell, and the event that sets the flag.
pub(super) fn flag() -> Wait<impl Future<Output = ()> + 'static> {
    let shared = Arc::new((AtomicBool::new(false), AtomicWaker::new()));
    let theirs = Arc::clone(&shared);
    let future = poll_fn(move |context| {
        let (happened, cell) = &*shared;
        cell.register(context.waker());
        if happened.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    Wait::new(future, move || {
        let (happened, cell) = &*theirs;
        happened.store(true, Ordering::Release);
        cell.wake();
    })
}
