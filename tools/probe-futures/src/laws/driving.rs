//! The laws of a future that drives others: its children.
//!
//! A check hands it children that are watched by spies of the same run, and drives it as a [`Driven`]. A child that is polled
//! after it was ready is seen by its own spy, and one that is moved by [`anchored`](crate::anchored).

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use probe::{Event, Run, What, panics};

use crate::spy::outcome;
use crate::waker::{Poller, poller};

/// A future does nothing until it is polled: building it polls no child, and asks for nothing.
///
/// `build` makes one out of parts that are watched by spies of the same run. Names `eager-start` if anything was recorded.
#[track_caller]
pub fn does_nothing_until_polled<T>(run: &Run, build: impl FnOnce() -> T) -> T {
    let before = run.recorder().recording().events.len();
    let built = build();
    if run.recorder().recording().events.len() > before {
        run.diagnose_at(
            Some(before),
            "eager-start",
            "This happened while the future was being built, before its first poll.",
        );
    }
    built
}

/// How a future comes by its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Children {
    InTurn,
    SideBySide,
}

/// A future that drives children, on trial: every poll of it is recorded and held against the laws.
#[derive(Debug)]
pub struct Driven<F> {
    run: Run,
    track: String,
    future: Pin<Box<F>>,
    children: Children,
    polls: usize,
    /// The first event, in a poll that was pending, at which it woke its own task.
    own_wake: Option<usize>,
}

impl<F: Future<Output: Debug>> Driven<F> {
    /// One that has its children one after the other, recorded in `track`.
    pub fn in_turn(run: &Run, track: &str, future: F) -> Driven<F> {
        Driven {
            run: run.clone(),
            track: track.to_owned(),
            future: Box::pin(future),
            children: Children::InTurn,
            polls: 0,
            own_wake: None,
        }
    }

    /// One that has all its children at the same time, recorded in `track`.
    pub fn side_by_side(run: &Run, track: &str, future: F) -> Driven<F> {
        Driven {
            children: Children::SideBySide,
            ..Driven::in_turn(run, track, future)
        }
    }

    /// How often it was polled.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls
    }

    /// Polls it once.
    ///
    /// It must not panic: names `state-left-taken` if it does so before it has polled a child. It may be pending only if one of its
    /// children is: names `forgot-to-loop` where children come in turn, and `pending-without-a-wake` where they stand side by side; if it woke its own
    /// task instead of going on, `self-wake-between-steps`.
    /// A child that is pending is not polled again in the same poll: names `polled-in-a-loop`. Where children come in turn, one that
    /// is pending ends the poll, and with `Pending`: names `pending-taken-for-the-end` if it ends with a result. When it is pending,
    /// no clone of the task's waker is left, and a child was polled with another waker, that is `waker-replaced`. It may not wake
    /// its own task while a child is pending: names `busy-poll`.
    #[track_caller]
    pub fn poll(&mut self, by: &Poller) -> Poll<F::Output> {
        let poll = self.poll_and_note_own_wakes(by);
        self.refuse_own_wakes();
        poll
    }

    /// The same, but a wake of its own is not judged before [`refuse_own_wakes`](Driven::refuse_own_wakes): what else may be wrong in
    /// this poll is the more specific fault.
    #[track_caller]
    pub fn poll_and_note_own_wakes(&mut self, by: &Poller) -> Poll<F::Output> {
        let (begin, wakes) = (self.events().len(), by.wakes());
        let call = self.enters(by, "");
        let poll = match panics::expected(|| by.poll(self.future.as_mut())) {
            Ok(poll) => poll,
            Err(panic) => {
                drop(call);
                self.explain_panic(begin, &panic.message)
            }
        };
        call.returns(outcome(&poll));
        self.polls += 1;
        self.refuse_spinning(begin);
        if poll.is_ready() {
            self.refuse_early_end(begin);
        }
        let own_wakes = self.own_wakes(begin, by);
        if poll.is_pending() && by.wakes() == wakes + own_wakes.len() && by.counts().alive == 0 {
            self.refuse_other_wakers(begin);
        }
        if poll.is_pending() && !self.events_say_that_a_child_is_pending() {
            self.explain_pause(begin, own_wakes.first().copied());
        }
        if poll.is_pending() {
            self.own_wake = self.own_wake.or(own_wakes.first().copied());
        }
        poll
    }

    /// Polls it once, and expects that the poll reaches these children, once each and in this order.
    ///
    /// Marks the first departure, and hands it to `explain`, which may name it. If it returns, the departure is named for what it is:
    /// `polled-out-of-order` or `pending-child-not-polled`, or not at all.
    #[track_caller]
    pub fn poll_reaches(
        &mut self,
        by: &Poller,
        due: &[&str],
        explain: impl FnOnce(&Run, &Departure),
    ) -> Poll<F::Output> {
        let begin = self.events().len();
        let poll = self.poll_and_note_own_wakes(by);
        let Some(departure) = self.departure(begin, due) else {
            self.refuse_own_wakes();
            return poll;
        };
        explain(&self.run, &departure);
        departure.name(&self.run);
        self.run.departs_at(departure.event, departure.sentence())
    }

    /// Polls it until it is ready, at most `at_most` times.
    #[track_caller]
    pub fn run(&mut self, by: &Poller, at_most: usize) -> Option<F::Output> {
        for _ in 0..at_most {
            if let Poll::Ready(output) = self.poll(by) {
                return Some(output);
            }
        }
        None
    }

    /// Once it was ready, each further poll panics, as that of an `async fn` does. Names `resumed-after-complete` if it gives something
    /// instead.
    #[track_caller]
    pub fn panics_after_the_end(&mut self, by: &Poller) {
        for _ in 0..3 {
            let call = self.enters(by, " after the end");
            match panics::expected(|| by.poll(self.future.as_mut())) {
                Err(_panic) => call.returns("panics"),
                Ok(poll) => {
                    call.returns(outcome(&poll));
                    self.run.diagnose(
                        "resumed-after-complete",
                        "The future had been ready. This poll came after that and returned. The contract of this `poll` says that \
                         each poll after the end panics.",
                    );
                }
            }
        }
    }

    fn enters(&self, by: &Poller, when: &str) -> probe::Call {
        let text = format!("polled by {}{when}", by.name());
        self.run.recorder().enters(&self.track, text)
    }

    fn events(&self) -> Vec<Event> {
        self.run.recorder().recording().events
    }

    /// Whether some child was pending when it was polled last, and is not known to be gone.
    fn events_say_that_a_child_is_pending(&self) -> bool {
        let mut pending = BTreeMap::new();
        for event in self.events() {
            if event.track == self.track {
                continue;
            }
            match event.what {
                What::Leaves(outcome) => pending.insert(event.track, outcome == "pending"),
                What::Drops => pending.insert(event.track, false),
                _ => None,
            };
        }
        pending.values().any(|pending| *pending)
    }

    /// Where the children that were polled since `begin` are not those that were due.
    fn departure(&self, begin: usize, due: &[&str]) -> Option<Departure> {
        let events = self.events();
        let polls: Vec<usize> = (begin..events.len())
            .filter(|index| {
                let event = &events[*index];
                event.track != self.track && matches!(event.what, What::Enters(_))
            })
            .collect();
        let tracks = |index: &usize| events[*index].track.clone();
        let polled: Vec<String> = polls.iter().map(tracks).collect();
        let wrong = (0..polled.len().max(due.len()))
            .find(|at| polled.get(*at).map(String::as_str) != due.get(*at).copied())?;
        let missing = due
            .iter()
            .filter(|track| !polled.iter().any(|polled| polled == *track));
        let ready = |event: &&Event| {
            event.track != self.track
                && matches!(&event.what, What::Leaves(outcome) if outcome != "pending")
        };
        Some(Departure {
            event: polls.get(wrong).copied().or(events.len().checked_sub(1)),
            poll: self.polls,
            missing: missing.map(|track| (*track).to_owned()).collect(),
            due: due.iter().map(|track| (*track).to_owned()).collect(),
            ready: events[begin..]
                .iter()
                .filter(ready)
                .map(|event| event.track.clone())
                .collect(),
            polled,
        })
    }

    /// Where children come in turn, the child that was polled last may not have been pending in a poll that is ready.
    #[track_caller]
    fn refuse_early_end(&self, begin: usize) {
        let events = self.events();
        let child = events[begin..]
            .iter()
            .rev()
            .find(|event| event.track != self.track && matches!(event.what, What::Leaves(_)));
        let Some(child) = child.filter(|_| self.children == Children::InTurn) else {
            return;
        };
        if child.what == What::Leaves("pending".to_owned()) {
            self.run.diagnose(
                "pending-taken-for-the-end",
                format!(
                    "{} was pending, and the poll ended with a result. `Pending` says that there is no answer yet; here it was taken for \
                     an answer.",
                    child.track,
                ),
            );
        }
    }

    /// A future that waits for a child leaves the waking to it.
    ///
    /// # Panics
    ///
    /// With `busy-poll`, if a poll that was pending woke its own task.
    #[track_caller]
    pub fn refuse_own_wakes(&self) {
        if self.own_wake.is_some() {
            self.run.diagnose_at(
                self.own_wake,
                "busy-poll",
                "A child is pending, and here the future itself woke the task that polls it. The task polls again at once, and spins \
                 until the child is ready. Waking is the child's business: it wakes the task when it has something.",
            );
        }
    }

    /// Where, since `begin`, it woke the task that polls it while none of its children was being polled.
    fn own_wakes(&self, begin: usize, by: &Poller) -> Vec<usize> {
        let (mut inside, mut wakes) = (Vec::new(), Vec::new());
        for (index, event) in self.events().iter().enumerate().skip(begin) {
            match &event.what {
                What::Enters(_) => inside.push(event.track.clone()),
                What::Leaves(_) => drop(inside.pop()),
                What::Woken if event.track == by.name() && inside.last() == Some(&self.track) => {
                    wakes.push(index);
                }
                _ => {}
            }
        }
        wakes
    }

    /// A child that was pending in the call that began at `begin` may not have been polled again in it.
    #[track_caller]
    fn refuse_spinning(&self, begin: usize) {
        let events = self.events();
        let mut pending = Vec::new();
        for (index, event) in events.iter().enumerate().skip(begin) {
            match &event.what {
                What::Enters(_) if pending.contains(&&event.track) => self.run.diagnose_at(
                    Some(index),
                    "polled-in-a-loop",
                    format!(
                        "{} was pending, and was polled again in the same poll. A loop that polls until a child is ready keeps the thread \
                         from all other tasks. Return `Pending` instead.",
                        event.track,
                    ),
                ),
                What::Leaves(outcome) if event.track != self.track => {
                    if self.children == Children::InTurn {
                        pending.clear();
                    }
                    if outcome == "pending" {
                        pending.push(&event.track);
                    }
                }
                _ => {}
            }
        }
    }

    /// The poll that began at `begin` was pending, and no waker of its task was called by a child or is kept.
    #[track_caller]
    fn refuse_other_wakers(&self, begin: usize) {
        let events = self.events();
        for (index, event) in events.iter().enumerate().skip(begin) {
            if event.track != self.track && event.what == What::Enters("polled".to_owned()) {
                self.run.diagnose_at(
                    Some(index),
                    "waker-replaced",
                    format!(
                        "{} was polled with another waker than that of the `Context` of this poll. After the poll no clone of the task's waker \
                         is left, so the child cannot wake the task.",
                        event.track,
                    ),
                );
            }
        }
    }

    #[track_caller]
    fn explain_panic(&self, begin: usize, message: &str) -> ! {
        let no_child = self.events()[begin..]
            .iter()
            .all(|event| event.track == self.track);
        if self.polls > 0 && no_child {
            self.run.diagnose(
                "state-left-taken",
                format!(
                    "`poll` panicked ({message}) before it polled a child, and the poll before was pending: what that poll took out of \
                     `self`, it did not put back.",
                ),
            );
        }
        self.run.departs(format!("`poll` panicked: {message}."))
    }

    #[track_caller]
    fn explain_pause(&self, begin: usize, own_wake: Option<usize>) -> ! {
        let events = self.events();
        let last = events[begin..]
            .iter()
            .rev()
            .find(|event| event.track != self.track && matches!(event.what, What::Leaves(_)));
        let seen = match last {
            Some(child) => format!(
                "{} was ready, and the poll ended with `Pending`.",
                child.track
            ),
            None => "The poll ended with `Pending`, and it had polled no child.".to_owned(),
        };
        if own_wake.is_some() {
            self.run.diagnose_at(
                own_wake,
                "self-wake-between-steps",
                format!("{seen} It woke its own task to be polled again, instead of going on in the same call."),
            );
        }
        let (mistake, due) = match self.children {
            Children::InTurn => (
                "forgot-to-loop",
                "No child is pending, so no wake will come and the task does not poll again. A poll has to go on \
                                  until a child is pending, or to the end.",
            ),
            Children::SideBySide => (
                "pending-without-a-wake",
                "None of its children is pending, so no wake will come and the task does not poll again.",
            ),
        };
        self.run.diagnose(mistake, format!("{seen} {due}"))
    }
}

/// A poll that did not reach the children that it should have.
#[derive(Debug, Clone)]
pub struct Departure {
    /// The first wrong event: a poll of the wrong child, or the end of a poll that reached too few.
    pub event: Option<usize>,
    /// Which poll it was, from 1.
    pub poll: usize,
    /// Whom it reached, in order.
    pub polled: Vec<String>,
    /// Whom it should have reached, in order.
    pub due: Vec<String>,
    /// Who was due and was not reached.
    pub missing: Vec<String>,
    /// Who was ready in it.
    pub ready: Vec<String>,
}

impl Departure {
    /// What was seen, and no more.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let [missing @ .., last] = &self.missing[..] {
            return match missing {
                [] => format!("This poll did not reach {last}, which is not done."),
                missing => format!(
                    "This poll did not reach {} and {last}, which are not done.",
                    missing.join(", ")
                ),
            };
        }
        if self.polled.len() > self.due.len() {
            return format!(
                "This poll went to {}; one poll for {} was due.",
                self.polled.join(", "),
                self.due.join(", ")
            );
        }
        format!(
            "This poll went to {}, in this order; it should have been {}.",
            self.polled.join(", "),
            self.due.join(", ")
        )
    }

    /// Names `polled-out-of-order` if the children that were due were polled in another order, and `pending-child-not-polled` if some
    /// were left out in a poll in which they were due.
    #[track_caller]
    fn name(&self, run: &Run) {
        let (mut polled, mut due) = (self.polled.clone(), self.due.clone());
        polled.sort_unstable();
        due.sort_unstable();
        if polled == due {
            run.diagnose_at(self.event, "polled-out-of-order", self.sentence());
        }
        if !self.missing.is_empty() && self.polled.iter().all(|polled| self.due.contains(polled)) {
            run.diagnose_at(self.event, "pending-child-not-polled", self.sentence());
        }
    }

    /// Whether the first poll of all polled the first child alone: the others have not started.
    #[must_use]
    pub fn only_the_first_began(&self) -> bool {
        self.poll == 1
            && self.ready.is_empty()
            && self.due.len() > 1
            && self.polled.iter().eq(self.due.first())
    }
}

/// The first event of one run that is not that of the other, if there is one.
#[must_use]
pub fn first_departure(ours: &Run, theirs: &Run) -> Option<usize> {
    let events = |run: &Run| run.recorder().recording().events;
    let (ours, theirs) = (events(ours), events(theirs));
    (0..ours.len()).find(|at| ours.get(*at) != theirs.get(*at))
}

/// A child wakes the task that polled last.
///
/// Polls it twice, with a waker of its own each time; both polls have to be pending for `child`, the track of a spy. Then `event`
/// wakes the task that polled that child last. Names `waker-replaced` if the child was polled with a waker that the check does not know, and
/// `first-waker-only` if that of the first poll was kept.
///
/// A future that polls its children with wakers of its own keeps the law, if waking these wakes the task that polled it last.
#[track_caller]
pub fn wakes_reach_the_caller<F: Future<Output: Debug>>(
    run: &Run,
    driven: &mut Driven<F>,
    child: &str,
    event: impl FnOnce(),
) {
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    for by in [&a, &b] {
        if driven.poll(by).is_ready() {
            run.departs(format!("It was ready while {child} was still pending."));
        }
    }
    let call = run
        .recorder()
        .enters("event", format!("{child} wakes its task"));
    event();
    call.returns("done");
    if b.wakes() > 0 {
        return;
    }
    run.recorder().lacks(b.name(), "is not woken");
    match polled_by(run, child).as_deref() {
        None => run.departs(format!("{child} was never polled.")),
        Some("") => run.diagnose(
            "waker-replaced",
            format!(
                "{child} was polled with another waker than that of the `Context`, and called it. B polled last, and its waker was not \
                 called.",
            ),
        ),
        Some("A") if a.wakes() > 0 => run.diagnose(
            "first-waker-only",
            format!("B polled last, and the wake went to A. Either {child} was polled with a waker of an earlier poll, or B's poll did not poll it."),
        ),
        Some(_) => run.departs("The child called the waker of its last poll. That was not the waker of B, which polled the future last."),
    }
}

/// With whose waker a child was polled last: empty for a waker without a name.
fn polled_by(run: &Run, child: &str) -> Option<String> {
    let events = run.recorder().recording().events;
    let polls = events.iter().rev().filter(|event| event.track == child);
    let calls = polls.filter_map(|event| match &event.what {
        What::Enters(call) => Some(call),
        _ => None,
    });
    let by = |call: &String| {
        call.strip_prefix("polled by ")
            .unwrap_or_default()
            .to_owned()
    };
    calls.map(by).next()
}
