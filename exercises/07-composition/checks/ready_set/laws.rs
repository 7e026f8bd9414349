//! Sets of children, and what their polls have to come to.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
use probe::Run;
use probe_futures::{Gate, Poller, poller};
use probe_model::Blame;

use super::ReadySet;
use super::runs::Set;
use super::world::{Child, World, poll, shown};

pub(super) type Tested = ReadySet<Child>;

#[track_caller]
pub(super) fn refuse_asleep(run: &Run, task: &Poller) {
    if task.wakes() == 0 {
        run.recorder().lacks(task.name(), "is not woken");
        run.diagnose(
            "forgot-to-wake",
            "The waker of a child was called, and the task that waits for the set was not woken: it never polls the set again.",
        );
    }
}

/// Expects the next output. A set that is pending instead has forgotten the woken children behind the one that was ready.
#[track_caller]
pub(super) fn expect_next(
    run: &Run,
    world: &World,
    a: &Poller,
    set: &mut Tested,
    due: &[&'static str],
    right: &'static str,
) {
    let before = run.recorder().recording().events.len();
    let outcome = poll(run, a, set);
    let polled = world.polled();
    if outcome.is_pending() && polled.is_empty() {
        run.diagnose(
            "rest-forgotten",
            format!("{right} was woken and is ready, an earlier poll returned the output of another child, and this poll polled no child."),
        );
    }
    let by_name = ["a", "b", "c", "d"]
        .into_iter()
        .find(|name| polled.first() == Some(name));
    if polled != due && by_name.is_some_and(|name| name < due[0]) {
        run.diagnose_at(
            Some(before),
            "first-child-favoured",
            format!(
                "This poll polled {} first, and {} had been woken before it. A child that stands nearer to the front of the list is \
                 served first, however long another one has waited.",
                polled[0], due[0]
            ),
        );
    }
    if polled != due || outcome != Poll::Ready(Some(right)) {
        run.departs(format!(
            "This poll polled {}, and returned {}. Expected: it polls {} and returns the output of {right}.",
            polled.join(", then "),
            shown(&outcome),
            due.join(", then "),
        ));
    }
}

#[track_caller]
pub(super) fn lost_own_wake(run: &Run, seen: &str) -> ! {
    run.diagnose(
        "lost-own-wake",
        format!("Child a woke itself in its own poll, before it returned Pending; {seen}. The set lost a wake that came during the poll."),
    )
}

#[track_caller]
pub(super) fn stale(run: &Run, seen: &str) -> ! {
    run.diagnose(
        "stale-child-waker",
        format!("Child a was ready and has left the set; {seen}. An old key of a child reaches the child that took its slot."),
    )
}

/// What stands still if a lock is held while caller-supplied code runs.
pub(super) fn under_lock(mistake: &'static str, sentence: &'static str) -> Blame<'static> {
    Blame {
        mistake: Some(mistake),
        sentence,
    }
}

/// The next output of a set of one child, as a future.
pub(super) struct Next(pub(super) ReadySet<Gate<u32>>);

impl Future for Next {
    type Output = Option<u32>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        Pin::new(&mut self.0).poll_next(context)
    }
}

macro_rules! set {
    ($set:ty) => {
        impl Set for $set {
            fn empty() -> Self {
                <$set>::new()
            }

            fn add(&mut self, child: Child) {
                self.push(child);
            }

            fn count(&self) -> usize {
                self.len()
            }
        }
    };
}

set!(ReadySet<Child>);
set!(composition::ReadySet<Child>);

/// A set of children with these names, none of them polled.
pub(super) fn set_of(run: &Run, names: &[&'static str]) -> (World, Tested) {
    let world = World::new(run.recorder());
    let mut set = ReadySet::new();
    for name in names {
        push(run, &world, &mut set, name);
    }
    (world, set)
}

pub(super) fn push(run: &Run, world: &World, set: &mut Tested, name: &'static str) {
    let call = run.recorder().enters("set", format!("push({name})"));
    set.push(world.child(name));
    call.returns("done");
}

/// The same, and the task A has polled each child once.
pub(super) fn waiting(run: &Run, names: &[&'static str]) -> (World, Tested, Poller) {
    let (world, mut set) = set_of(run, names);
    let a = poller(run.recorder(), "A");
    expect(run, &world, &a, &mut set, names, Poll::Pending);
    (world, set, a)
}

/// Polls a set, which has to poll these children in this order and to come to that.
#[track_caller]
pub(super) fn expect<S: Stream<Item = &'static str> + Unpin>(
    run: &Run,
    world: &World,
    by: &Poller,
    set: &mut S,
    due: &[&'static str],
    right: Poll<Option<&'static str>>,
) {
    world.polled();
    let outcome = poll(run, by, set);
    let polled = world.polled();
    judge_polls(run, &polled, due);
    if outcome == right {
        return;
    }
    run.departs(format!(
        "Expected: `poll_next` returns {}. It returned {}.",
        shown(&right),
        shown(&outcome)
    ))
}

/// Which children one poll of the set has polled.
#[track_caller]
fn judge_polls(run: &Run, polled: &[&'static str], due: &[&'static str]) {
    if polled == due {
        return;
    }
    let list = |names: &[&str]| match names {
        [] => "no child".to_owned(),
        names => names.join(", then "),
    };
    if let Some(extra) = polled.iter().find(|name| !due.contains(name)) {
        run.diagnose(
            "polls-everyone",
            format!(
                "This poll of the set polled {extra}, which was not woken since its latest poll. It polled {}; {} was due.",
                list(polled),
                list(due)
            ),
        );
    }
    if let Some(twice) = due
        .iter()
        .find(|name| polled.iter().filter(|other| other == name).count() > 1)
    {
        run.diagnose(
            "queued-twice",
            format!(
                "This poll of the set polled {twice} more than once. However often a child was woken, one poll answers all of its wakes."
            ),
        );
    }
    if due.len() > 1 && polled.iter().rev().eq(due) {
        run.diagnose(
            "lifo-starvation",
            format!(
                "This poll of the set polled {}; {} was due. The child that was woken last went first: under a stream of wakes the first \
                 one is never polled.",
                list(polled),
                list(due)
            ),
        );
    }
    let mut sorted = polled.to_vec();
    sorted.sort_unstable();
    let in_order_of_names = sorted == polled && polled.len() > 1;
    if in_order_of_names {
        run.diagnose(
            "first-child-favoured",
            format!(
                "This poll of the set polled {}: the order in which they were pushed. They were woken in the order {}. A child that is \
                 looked at first every time starves those behind it.",
                list(polled),
                list(due)
            ),
        );
    }
    run.departs(format!(
        "This poll of the set polled {}; {} was due.",
        list(polled),
        list(due)
    ))
}
