//! 3.7 latch: several who wait for the same thing.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::subject::{Latch, Wait as Waiting};
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::runs::Tasks;
use probe_futures::{Poller, Spy, poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, alone, compare, explore, no_moment_is_missed, once};

/// One who waits for a latch that is to be counted down once.
fn one() -> Wait<Waiting> {
    let latch = Latch::new(1);
    let future = latch.wait();
    Wait::new(future, move || latch.count_down())
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll did not come back: it waits, inside, for something to happen. A poll says what is so now, and returns; the waiting \
               is done by whoever polls, for all that it polls.",
};

#[test]
fn a_latch_of_zero_is_open_from_the_beginning() {
    alone(
        || run!(),
        |run| {
            let mut wait = spy(run, "wait", Latch::new(0).wait());
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut wait))
                .is_pending()
            {
                run.departs("There is nothing to be counted down, so nobody has to wait.");
            }
        },
    );
}

#[test]
fn after_the_last_count_a_wait_is_ready_at_once() {
    alone(
        || run!(),
        |run| waiting::ready_if_it_has_happened(run, one()),
    );
}

#[test]
fn until_it_has_been_counted_down_a_wait_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            let latch = Latch::new(2);
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            for left in [2, 1] {
                run.recorder().says("latch", format!("{left} left"));
                let woken = a.wakes() > 0;
                if a.poll(Pin::new(&mut wait)).is_ready() {
                    run.diagnose(
                        "ready-too-early",
                        "The latch has not been counted down to zero, and a wait is ready.",
                    );
                }
                if woken {
                    run.diagnose(
                        "woken-for-nothing",
                        "The latch was counted down from 2 to 1, and A was woken. It is still closed: A can only look, and wait again, \
                         and so can everybody else who waits, at every count.",
                    );
                }
                latch.count_down();
            }
            run.recorder().says("latch", "0 left");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.departs("It has been counted down twice, and a wait is still pending.");
            }
        },
    );
}

#[test]
fn a_clone_is_the_same_latch() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let call = run
                .recorder()
                .enters("latch", "a clone of it: count_down()");
            latch.clone().count_down();
            call.returns("returns");
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "clones-count-alone",
                    "A clone was counted down, and the latch that it was cloned from is as closed as before: each counts for itself.",
                );
            }
        },
    );
}

#[test]
fn while_it_waits_it_does_not_wake_itself() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, one()),
    );
}

#[test]
fn the_last_count_wakes_who_waits() {
    let run = alone(
        || run!("one_waits"),
        |run| waiting::wakes_when_it_happens(run, one()),
    );
    snapshot!(run);
}

#[test]
fn everybody_who_waits_is_woken() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let tasks = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut waits = ["first", "second", "third"].map(|lane| spy(run, lane, latch.wait()));
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_ready() {
                    run.departs("It was ready although nobody had counted yet.");
                }
            }
            let kept = tasks.each_ref().map(|task| task.counts().alive > 0);
            opens(run, &latch);
            all_are_woken(run, &tasks, kept);
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_pending() {
                    run.departs("The latch is open, and somebody who was woken is still waiting.");
                }
            }
        },
    );
}

/// Three waited; of some a waker was kept until the latch was opened. All should have been woken.
#[track_caller]
fn all_are_woken(run: &Run, tasks: &[Poller; 3], kept: [bool; 3]) {
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
            "Three waited, and before the last count only a waker of C was left, who came last. There is room for one waker, and each \
             who comes throws out the one before.",
        ),
        (_, [only], [true, true, true]) => run.diagnose(
            "woke-only-one",
            format!(
                "Three waited, a waker of each was kept, and only {only} was woken. The latch opens once: nobody will come by to wake \
                 the others.",
            ),
        ),
        (_, _, [true, true, true]) => run.departs(format!(
            "Three waited, a waker of each was kept, and nobody woke {}.",
            missed.join(" and ")
        )),
        _ => run.departs(format!(
            "Three waited, and nobody woke {}. Of {} no waker was left before the last count.",
            missed.join(" and "),
            those(&|at| !kept[at]).join(" and "),
        )),
    }
}

#[test]
fn polling_again_before_it_opens_changes_nothing() {
    alone(|| run!(), |run| waiting::a_poll_proves_nothing(run, one()));
}

#[test]
fn a_wait_that_has_moved_to_another_task_is_still_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_whoever_polled_last(run, one()),
    );
}

#[test]
fn one_who_is_polled_often_takes_no_more_room() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for _ in 0..100 {
                if a.poll(wait.as_mut()).is_ready() {
                    run.departs("It was ready although nobody had counted yet.");
                }
            }
            let kept = a.counts().alive;
            run.recorder().says(
                "A",
                format!("polls a hundred times: {kept} of its wakers are kept"),
            );
            if kept > 3 {
                run.diagnose(
                    "wakers-pile-up",
                    format!(
                        "One task waits, and was polled a hundred times; {kept} wakers of it are kept. Each poll adds one, and only the \
                         newest will ever be of use.",
                    ),
                );
            }
            latch.count_down();
        },
    );
}

#[test]
fn a_wait_that_is_dropped_leaves_no_waker() {
    alone(
        || run!(),
        |run| waiting::keeps_no_waker_when_dropped(run, one()),
    );
}

#[test]
fn one_who_leaves_takes_nobody_along() {
    for leaver in 0..3 {
        alone(|| run!(), move |run| one_leaves(run, leaver));
    }
}

fn one_leaves(run: &Run, leaver: usize) {
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
                format!("The wait of {left} was dropped, and {left} was woken: it does not wait any more, and there is nothing to see."),
            );
        }
        return;
    };
    let missed = missed.name();
    if taken.is_some() {
        run.diagnose(
            "takes-others-along",
            format!(
                "The wait of {left} was dropped, and what its destructor threw out was the waker of {missed}, who still waits and was not \
                 woken.",
            ),
        );
    }
    run.departs(format!(
        "The wait of {left} was dropped, and after that {missed}, who still waits, was not woken."
    ));
}

#[test]
fn of_two_waits_of_one_task_one_may_leave() {
    for leaver in 0..2 {
        alone(
            || run!(),
            move |run| {
                let latch = Latch::new(1);
                let a = poller(run.recorder(), "A");
                let mut waits = ["first", "second"]
                    .map(|lane| Some(spy(run, lane, latch.wait()).noting_its_end()));
                for wait in waits.iter_mut().flatten() {
                    begins_to_wait(run, &a, wait);
                }
                waits[leaver] = None;
                opens(run, &latch);
                if a.wakes() == 0 {
                    run.diagnose(
                        "one-place-a-task",
                        "A waited twice, and one of the two waits was dropped. The other still waits, and A was not woken: the two had one \
                         place between them, as their wakers wake the same task.",
                    );
                }
            },
        );
    }
}

#[test]
fn places_do_not_get_mixed_up_when_one_leaves() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let [a, b, c] = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut first = spy(run, "first", latch.wait()).noting_its_end();
            let mut second = spy(run, "second", latch.wait()).noting_its_end();
            let mut third = spy(run, "third", latch.wait()).noting_its_end();
            begins_to_wait(run, &a, &mut first);
            begins_to_wait(run, &b, &mut second);
            drop(first);
            begins_to_wait(run, &c, &mut third);
            let given_twice = b.counts().alive == 0;
            begins_to_wait(run, &b, &mut second);
            opens(run, &latch);
            let (missed, other) = match (b.wakes(), c.wakes()) {
                (0, _) => ("B", &c),
                (_, 0) => ("C", &b),
                _ => return,
            };
            let times = match other.wakes() {
                0 | 1 => String::new(),
                _ => format!(", and {} was woken twice", other.name()),
            };
            let why = if given_twice {
                "When A's wait was dropped the list became shorter, and C was given the place that B has: the number of those who wait, \
                 taken for a number of one's own."
            } else {
                "The waits find their wakers by a place in a list, and when A's was dropped, the others moved up."
            };
            run.diagnose(
                "position-taken-for-number",
                format!("At the end {missed} was not woken{times}. {why}"),
            );
        },
    );
}

#[track_caller]
fn begins_to_wait(run: &Run, task: &Poller, wait: &mut Spy<Waiting>) {
    if task.poll(Pin::new(wait)).is_ready() {
        run.departs("It was ready although nobody had counted yet.");
    }
}

fn opens(run: &Run, latch: &Latch) {
    let call = run.recorder().enters("latch", "count_down()");
    latch.count_down();
    call.returns("open");
}

#[test]
fn whoever_is_woken_may_poll_at_once() {
    once(
        || run!(),
        Blame {
            mistake: Some("wake-under-lock"),
            sentence: "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called while \
                       the lock is held that the poll needs.",
        },
        Blame::BUSY,
        |run| waiting::wakes_without_its_lock(run, one()),
    );
}

#[test]
fn counting_an_open_latch_does_nothing() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            begins_to_wait(run, &a, &mut wait);
            for _ in 0..3 {
                let call = run.recorder().enters("latch", "count_down()");
                match probe_model::expected(|| latch.count_down()) {
                    Ok(()) => call.returns("returns"),
                    Err(panic) => {
                        drop(call);
                        below_zero(run, &panic.message);
                    }
                }
            }
            if a.wakes() > 1 {
                run.diagnose(
                    "woken-for-nothing",
                    "The latch was open, somebody counted it down once more, and A was woken again. It opens once, and those who waited \
                     are woken once.",
                );
            }
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "counted-below-zero",
                    "The latch was open, was counted down again, and is closed now: the count has gone past zero.",
                );
            }
        },
    );
}

#[track_caller]
fn below_zero(run: &Run, panic: &str) -> ! {
    run.diagnose(
        "counted-below-zero",
        format!("The latch is open and was counted down again, which panicked: {panic}."),
    )
}

#[test]
fn a_wait_may_be_polled_again_after_it_was_ready() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(0);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for poll in ["first", "second"] {
                run.recorder().says("wait", format!("{poll} poll"));
                match probe_model::expected(|| a.poll(wait.as_mut()).is_ready()) {
                    Ok(true) => {}
                    Ok(false) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait was not ready."
                    )),
                    Err(panic) => run.departs(format!(
                        "The latch is open, and the {poll} poll of one wait panicked: {}. By the contract, a wait that is polled again is \
                         ready again.",
                        panic.message
                    )),
                }
            }
        },
    );
}

#[test]
fn an_opening_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), one);
}

#[test]
fn counts_from_several_threads_are_all_counted() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(3);
            let a = poller(run.recorder(), "A");
            let mut wait = spy(run, "wait", latch.wait());
            let threads = ["first", "second", "third"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    latch.count_down();
                    call.returns("returns");
                })
            });
            let first = a.poll(Pin::new(&mut wait));
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if first.is_ready() {
                return;
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "lost-count",
                    "Three threads counted once each, and the latch is still closed: one count was overwritten by another that had \
                     read the same number.",
                );
            }
            if a.wakes() == 0 {
                run.departs("The latch is open, and A, who waits, was not woken.");
            }
        },
    );
}

#[test]
fn two_who_give_the_last_count_at_once_open_it_once() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let latch = Latch::new(1);
            let panicked: Arc<Mutex<Option<String>>> = Arc::default();
            let threads = ["first", "second"].map(|name| {
                let (latch, recorder) = (latch.clone(), run.recorder().clone());
                let panicked = Arc::clone(&panicked);
                thread::spawn(move || {
                    let call = recorder.enters(name, "count_down()");
                    match panic::catch_unwind(AssertUnwindSafe(|| latch.count_down())) {
                        Ok(()) => call.returns("returns"),
                        Err(payload) => *panicked.lock().unwrap() = Some(overflow(payload)),
                    }
                })
            });
            for thread in threads {
                thread.join().expect("counting does not panic");
            }
            if let Some(message) = panicked.lock().unwrap().take() {
                run.diagnose(
                    "counted-below-zero",
                    format!(
                        "One count was left, and two threads counted at the same moment. Both found the latch closed, and the second to \
                         take one away panicked: {message}.",
                    ),
                );
            }
            if spy_is_pending(run, &latch) {
                run.diagnose(
                    "counted-below-zero",
                    "One count was left, and two threads counted at the same moment. Both found the latch closed, both took one away, and \
                     it is closed now: the count has gone past zero.",
                );
            }
        },
    );
}

/// The message of an arithmetic panic. Any other goes on.
fn overflow(payload: Box<dyn Any + Send>) -> String {
    let message = payload.downcast_ref::<&str>().copied();
    match message.filter(|message| message.contains("overflow")) {
        Some(message) => message.to_owned(),
        None => panic::resume_unwind(payload),
    }
}

/// Whether somebody new would have to wait.
fn spy_is_pending(run: &Run, latch: &Latch) -> bool {
    let mut wait = spy(run, "another wait", latch.wait());
    poller(run.recorder(), "B")
        .poll(Pin::new(&mut wait))
        .is_pending()
}

const DROPPED: Blame<'static> = Blame {
    mistake: Some("dropped-under-lock"),
    sentence: "A waker was dropped that was a task's last owner, and with the task another wait of this latch went. Its destructor came to \
               the lock that was still held around the drop, and would wait for it for ever.",
};

#[test]
fn a_waker_is_dropped_with_no_lock_held() {
    // One task's waker is thrown out: by a newer one, and because its wait is dropped.
    for replaced in [true, false] {
        once(
            || run!(),
            DROPPED,
            Blame::BUSY,
            move |run| {
                let latch = Latch::new(1);
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let mut owned = latch.wait();
                let mut wait = spy(run, "wait", latch.wait());
                let _pending = b.poll(Pin::new(&mut owned));
                begins_to_wait(run, &a, &mut wait);
                let recorder = run.recorder().clone();
                a.on_drop(move || {
                    let call =
                        recorder.enters("A", "its last waker is gone, and it drops what it owns");
                    drop(owned);
                    call.returns("done");
                });
                if replaced {
                    begins_to_wait(run, &b, &mut wait);
                }
                run.recorder().says("wait", "is dropped");
                drop(wait);
            },
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::CountDown];
    for wait in 0..3 {
        alphabet.extend([Step::Poll { wait, task: 0 }, Step::Drop { wait }]);
    }
    alphabet.push(Step::Poll { wait: 0, task: 1 });
    let search = Search::of(&alphabet).up_to(4).and_random(300, 12, 3);
    compare(search, || run!(), Yours::new, Reference::new);
}

#[test]
fn seventy_waits_are_all_woken() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(2);
            let tasks: Vec<Poller> = (0..70)
                .map(|number| poller(run!().recorder(), &format!("task {number}")))
                .collect();
            let mut waits: Vec<_> = (0..70).map(|_| Box::pin(latch.clone().wait())).collect();
            for (wait, task) in waits.iter_mut().zip(&tasks) {
                if task.poll(wait.as_mut()).is_ready() {
                    run.departs("A latch of 2 that nobody has counted down was open.");
                }
            }
            run.recorder()
                .says("check", "70 tasks wait, each for a wait of its own clone");
            latch.count_down();
            latch.clone().count_down();
            run.recorder()
                .says("check", "the latch is counted down twice");
            let missed: Vec<&Poller> = tasks.iter().filter(|task| task.wakes() == 0).collect();
            if let Some(first) = missed.first() {
                run.recorder().says(first.name(), "is not woken");
                run.departs(format!(
                    "70 tasks waited, and {} of them were not woken when the latch opened. There may be any number of waits.",
                    missed.len()
                ));
            }
        },
    );
}

/// One step of a short run with a latch of 2 and three waits, of which two are of the same clone.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    CountDown,
    Poll { wait: usize, task: usize },
    Drop { wait: usize },
}

const WAITS: [&str; 3] = ["wait 1", "wait 2", "wait 3"];
const TASKS: [&str; 2] = ["A", "B"];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "latch".into(),
            Step::Poll { wait, .. } | Step::Drop { wait } => WAITS[*wait].into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "count_down()".into(),
            Step::Poll { task, .. } => format!("poll by {}", TASKS[*task]).into(),
            Step::Drop { .. } => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "the latch of 2 was counted down".into(),
            Step::Poll { wait, task } => format!("{} polled {}", TASKS[*task], WAITS[*wait]).into(),
            Step::Drop { wait } => format!("{} was dropped", WAITS[*wait]).into(),
        }
    }
}

/// Carries out the steps on a latch of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            latches: [$($module)::+::Latch; 3],
            waits: [Option<Pin<Box<$($module)::+::Wait>>>; 3],
            tasks: [Tasks; 3],
        }

        impl $name {
            fn new() -> $name {
                let latch = $($module)::+::Latch::new(2);
                let latches = [latch.clone(), latch.clone(), latch];
                let waits = [0, 1, 1].map(|which: usize| Some(Box::pin(latches[which].wait())));
                $name { latches, waits, tasks: [(); 3].map(|()| Tasks::new()) }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = match *step {
                    Step::CountDown => {
                        self.latches[0].count_down();
                        "done"
                    }
                    Step::Poll { wait, task } => match self.tasks[wait].poll(task, self.waits[wait].as_mut()?.as_mut()) {
                        Poll::Pending => "Pending",
                        Poll::Ready(()) => "Ready",
                    },
                    Step::Drop { wait } => {
                        self.tasks[wait].stop_waiting();
                        drop(self.waits[wait].take()?);
                        "done"
                    }
                };
                let mut seen = Seen::of(outcome);
                for (tasks, wait) in self.tasks.iter_mut().zip(WAITS) {
                    seen = tasks.tell_of(wait, seen);
                }
                Some(seen)
            }

            fn end(self) -> Seen {
                let $name { latches, waits, tasks } = self;
                drop((latches, waits));
                let kept: usize = tasks.iter().map(Tasks::wakers_kept).sum();
                Seen::of("everything is dropped").fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::subject);
machine!(Reference, model);

/// A latch for one thread, and plainly right.
mod model {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::pin::Pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};

    #[derive(Default)]
    struct State {
        left: usize,
        waits: usize,
        wakers: BTreeMap<usize, Waker>,
    }

    #[derive(Clone)]
    pub(super) struct Latch(Rc<RefCell<State>>);

    pub(super) struct Wait {
        state: Rc<RefCell<State>>,
        number: usize,
    }

    impl Latch {
        pub(super) fn new(left: usize) -> Latch {
            Latch(Rc::new(RefCell::new(State {
                left,
                ..State::default()
            })))
        }

        pub(super) fn count_down(&self) {
            let mut state = self.0.borrow_mut();
            state.left = state.left.saturating_sub(1);
            if state.left == 0 {
                let wakers = std::mem::take(&mut state.wakers);
                drop(state);
                wakers.into_values().for_each(Waker::wake);
            }
        }

        pub(super) fn wait(&self) -> Wait {
            let mut state = self.0.borrow_mut();
            state.waits += 1;
            Wait {
                state: Rc::clone(&self.0),
                number: state.waits,
            }
        }
    }

    impl Future for Wait {
        type Output = ();

        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            let mut state = self.state.borrow_mut();
            if state.left == 0 {
                return Poll::Ready(());
            }
            state.wakers.insert(self.number, context.waker().clone());
            Poll::Pending
        }
    }

    impl Drop for Wait {
        fn drop(&mut self) {
            self.state.borrow_mut().wakers.remove(&self.number);
        }
    }
}
