//! What the hand-written tests do more than once, and what they say of it.

use std::any::Any;
use std::panic;
use std::pin::Pin;

use super::super::subject::{Latch, Wait as Waiting};
use probe::Run;
use probe_futures::laws::waiting::Wait;
use probe_futures::{Poller, Spy, poller, spy};
use probe_model::Blame;

/// One wait for a latch of 1, and the count that opens it.
pub(super) fn one() -> Wait<Waiting> {
    let latch = Latch::new(1);
    let future = latch.wait();
    Wait::new(future, move || latch.count_down())
}

pub(super) const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll has not returned: it waits for the latch inside. A poll says what is so now, and returns. The executor waits, for \
               all its tasks at once.",
};

/// Three tasks waited, and the latch opened. `kept` says of which a waker was kept until then.
#[track_caller]
pub(super) fn all_are_woken(run: &Run, tasks: &[Poller; 3], kept: [bool; 3]) {
    let those = |which: &dyn Fn(usize) -> bool| {
        let tasks = tasks.iter().enumerate();
        tasks
            .filter_map(|(at, task)| which(at).then_some(task.name()))
            .collect::<Vec<_>>()
    };
    let missed = those(&|at| tasks[at].wakes() == 0);
    let woken = those(&|at| tasks[at].wakes() > 0);
    match (&missed[..], &woken[..], kept) {
        ([], ..) => {}
        (_, _, [false, false, true]) => run.diagnose(
            "one-slot-for-all",
            "A, B and C waited, and before the last count only a waker of C was kept. C polled last: the latch keeps one waker, and each \
             poll replaces it.",
        ),
        (_, [only], [true, true, true]) => run.diagnose(
            "woke-only-one",
            format!(
                "A, B and C waited, a waker of each was kept, and only {only} was woken. The latch opens once, so no later count wakes \
                 the others.",
            ),
        ),
        (_, _, [true, true, true]) => run.departs(format!(
            "A, B and C waited, a waker of each was kept, and not woken: {}.",
            missed.join(" and ")
        )),
        _ => run.departs(format!(
            "A, B and C waited, and not woken: {}. Before the last count no waker was kept of: {}.",
            missed.join(" and "),
            those(&|at| !kept[at]).join(" and "),
        )),
    }
}

pub(super) fn one_leaves(run: &Run, leaver: usize) {
    let latch = Latch::new(1);
    let tasks = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
    let mut waits = ["first", "second", "third"]
        .map(|lane| Some(spy(run, lane, latch.wait()).noting_its_end()));
    for (task, wait) in tasks.iter().zip(waits.iter_mut().flatten()) {
        begins_to_wait(run, task, wait);
    }
    waits[leaver] = None;
    let stay = || tasks.iter().enumerate().filter(|(at, _)| *at != leaver);
    let taken = stay().find(|(_, task)| task.counts().alive == 0);
    opens(run, &latch);
    let left = tasks[leaver].name();
    let Some((_, missed)) = stay().find(|(_, task)| task.wakes() == 0) else {
        if tasks[leaver].wakes() > 0 {
            run.diagnose(
                "woken-for-nothing",
                format!("The wait of {left} was dropped, and then {left} was woken, although it waits for nothing."),
            );
        }
        return;
    };
    let missed = missed.name();
    if taken.is_some() {
        run.diagnose(
            "takes-others-along",
            format!(
                "The wait of {left} was dropped, and its destructor removed the waker of {missed}. {missed} still waits, and was not \
                 woken.",
            ),
        );
    }
    run.departs(format!(
        "The wait of {left} was dropped, and when the latch opened {missed}, which still waits, was not woken."
    ));
}

#[track_caller]
pub(super) fn begins_to_wait(run: &Run, task: &Poller, wait: &mut Spy<Waiting>) {
    if task.poll(Pin::new(wait)).is_ready() {
        run.departs("The latch of 1 was not counted down yet, and a wait was ready.");
    }
}

pub(super) fn opens(run: &Run, latch: &Latch) {
    let call = run.recorder().enters("latch", "count_down()");
    latch.count_down();
    call.returns("open");
}

#[track_caller]
pub(super) fn below_zero(run: &Run, panic: &str) -> ! {
    run.diagnose(
        "counted-below-zero",
        format!("The latch is open, and `count_down` panicked: {panic}."),
    )
}

/// The message of an arithmetic panic. Any other goes on.
pub(super) fn overflow(payload: Box<dyn Any + Send>) -> String {
    let message = payload.downcast_ref::<&str>().copied();
    match message.filter(|message| message.contains("overflow")) {
        Some(message) => message.to_owned(),
        None => panic::resume_unwind(payload),
    }
}

/// Whether a new wait is pending.
pub(super) fn spy_is_pending(run: &Run, latch: &Latch) -> bool {
    let mut wait = spy(run, "another wait", latch.wait());
    poller(run.recorder(), "B")
        .poll(Pin::new(&mut wait))
        .is_pending()
}

pub(super) const DROPPED: Blame<'static> = Blame {
    mistake: Some("dropped-under-lock"),
    sentence: "The latch dropped a waker that was the last owner of a task, and the task's destructor dropped another wait of this latch. \
               That wait needs the lock that the latch holds around the drop, and never gets it.",
};
