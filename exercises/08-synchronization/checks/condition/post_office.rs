//! A box, and tasks that are polled by hand. It knows how many letters have to be in the box.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::LetterBox;
use futures::FutureExt;
use probe::{Run, panics};
use probe_futures::{Poller, poller};

/// More polls than any right answer takes until no task is woken.
const POLLS: usize = 1_000;

pub(super) struct PostOffice {
    pub(super) run: Run,
    capacity: usize,
    letters: Rc<LetterBox<u32>>,
    /// The letters of the `put`s that have returned, without those that were taken.
    inside: VecDeque<u32>,
    next: u32,
    tasks: BTreeMap<&'static str, Task>,
    /// The names, in the order in which their tasks began to wait.
    order: Vec<&'static str>,
}

struct Task {
    poller: Poller,
    /// The wakes before its latest poll.
    seen: usize,
    /// Whether a poll of its present work was pending.
    waited: bool,
    work: Option<Work>,
}

enum Work {
    Puts(u32, Pin<Box<dyn Future<Output = ()>>>),
    Takes(Pin<Box<dyn Future<Output = u32>>>),
}

impl Work {
    fn call(&self) -> String {
        match self {
            Work::Puts(letter, _) => format!("put({letter})"),
            Work::Takes(_) => "take()".to_owned(),
        }
    }
}

impl PostOffice {
    pub(super) fn new(run: Run, capacity: usize) -> PostOffice {
        PostOffice {
            run,
            capacity,
            letters: Rc::new(LetterBox::new(capacity)),
            inside: VecDeque::new(),
            next: 1,
            tasks: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    /// The task puts the next letter in. Does nothing if it waits already.
    #[track_caller]
    pub(super) fn puts(&mut self, name: &'static str) {
        if self.waits(name) {
            return;
        }
        let (letter, letters) = (self.next, Rc::clone(&self.letters));
        self.next += 1;
        let put = Box::pin(async move { letters.put(letter).await });
        self.begins(name, Work::Puts(letter, put));
    }

    /// The task takes a letter. Does nothing if it waits already.
    #[track_caller]
    pub(super) fn takes(&mut self, name: &'static str) {
        if self.waits(name) {
            return;
        }
        let letters = Rc::clone(&self.letters);
        self.begins(
            name,
            Work::Takes(Box::pin(async move { letters.take().await })),
        );
    }

    #[track_caller]
    fn begins(&mut self, name: &'static str, work: Work) {
        let recorder = self.run.recorder();
        let task = self.tasks.entry(name).or_insert_with(|| Task {
            poller: poller(recorder, name),
            seen: 0,
            waited: false,
            work: None,
        });
        task.waited = false;
        task.work = Some(work);
        self.order.retain(|other| *other != name);
        self.order.push(name);
        self.polls(name);
    }

    /// Polls the task, if it waits.
    #[track_caller]
    pub(super) fn polls(&mut self, name: &'static str) {
        let Some(task) = self.tasks.get_mut(name) else {
            return;
        };
        let Some(mut work) = task.work.take() else {
            return;
        };
        task.seen = task.poller.wakes();
        let call = self.run.recorder().enters(name, work.call());
        let polled = panics::expected(|| match &mut work {
            Work::Puts(letter, put) => task.poller.poll(put.as_mut()).map(|()| *letter),
            Work::Takes(take) => task.poller.poll(take.as_mut()),
        });
        match polled {
            Err(panic) => {
                drop(call);
                std::mem::forget(work);
                self.explains_panic(name, &panic.message)
            }
            Ok(Poll::Pending) => {
                call.returns("Pending");
                task.waited = true;
                task.work = Some(work);
            }
            Ok(Poll::Ready(letter)) => {
                call.returns(match work {
                    Work::Puts(..) => "Ready".to_owned(),
                    Work::Takes(_) => format!("Ready({letter})"),
                });
                let puts = matches!(work, Work::Puts(..));
                drop(work);
                self.has(name, puts, letter);
            }
        }
    }

    #[track_caller]
    fn explains_panic(&self, name: &str, message: &str) -> ! {
        if self.inside.is_empty() && self.tasks[name].waited {
            self.run.diagnose(
                "if-not-while",
                format!(
                    "{name} waited for a letter. When it was polled again, the box was empty, and {name}'s poll panicked: {message}. A \
                     notification says that the box may have a letter, and not that it has one."
                ),
            );
        }
        self.run
            .departs(format!("{name}'s poll panicked: {message}."));
    }

    /// Notes what the task has done.
    #[track_caller]
    fn has(&mut self, name: &str, put: bool, letter: u32) {
        if put {
            self.inside.push_back(letter);
            if self.inside.len() > self.capacity {
                self.has_too_many(name);
            }
            return;
        }
        let expected = self.inside.pop_front();
        if expected != Some(letter) {
            self.run.departs(format!(
                "{name} took letter {letter}. The one that is in the box longest is {expected:?}."
            ));
        }
    }

    #[track_caller]
    fn has_too_many(&mut self, name: &str) -> ! {
        let (capacity, inside) = (self.capacity, self.inside.len());
        // Without the tasks that wait, which may have been handed the lock, a letter that is in can be taken at once.
        self.tasks.values_mut().for_each(|task| task.work = None);
        let there = (0..inside)
            .take_while(|_| self.letters.take().now_or_never().is_some())
            .count();
        if there < inside {
            self.run.departs(format!(
                "The box was full, and the `put` of {name} returned. Now {there} letters can be taken out, and {inside} were put in: one is lost."
            ));
        }
        if self.tasks[name].waited {
            self.run.diagnose(
                "if-not-while",
                format!(
                    "{name} waited for room. When it was polled again, the box was full, and `put` returned: now it has {inside} letters and \
                     room for {capacity}. A notification says that the box may have room, and not that it has."
                ),
            );
        }
        self.run.departs(format!(
            "The box was full, and `put` returned at its first poll. The box has room for {capacity}, and {inside} letters are in."
        ));
    }

    pub(super) fn is_dropped(&mut self, name: &'static str) {
        let work = self.tasks.get_mut(name).and_then(|task| task.work.take());
        if let Some(work) = work {
            let call = self.run.recorder().enters(name, "is dropped");
            drop(work);
            call.returns("done");
        }
    }

    pub(super) fn is_ready(&self, name: &str) -> bool {
        !self.waits(name)
    }

    fn waits(&self, name: &str) -> bool {
        self.tasks.get(name).is_some_and(|task| task.work.is_some())
    }

    fn waiting(&self) -> impl Iterator<Item = (&'static str, &Task)> {
        let tasks = self.order.iter().map(|name| (*name, &self.tasks[name]));
        tasks.filter(|(_, task)| task.work.is_some())
    }

    /// The waiting task that was woken and has waited longest.
    fn woken(&self) -> Option<&'static str> {
        let mut waiting = self.waiting();
        let woken = waiting.find(|(_, task)| task.poller.wakes() > task.seen);
        woken.map(|(name, _)| name)
    }

    /// Polls woken tasks until none is left. Whether that came to an end.
    #[track_caller]
    fn comes_to_rest(&mut self) -> bool {
        for _ in 0..POLLS {
            let Some(name) = self.woken() else {
                return true;
            };
            self.polls(name);
        }
        false
    }

    #[track_caller]
    pub(super) fn settles(&mut self) {
        if !self.comes_to_rest() {
            self.refuses_spinning();
        }
    }

    #[track_caller]
    fn refuses_spinning(&self) -> ! {
        self.run.recorder().clear();
        let waiting: Vec<_> = self.waiting().map(|(name, _)| name).collect();
        self.run
            .recorder()
            .says("tasks", format!("wake themselves: {}", waiting.join(", ")));
        self.run.diagnose(
            "busy-poll",
            "A task that waits was woken a thousand times, and no other task had changed the box. It wakes itself.",
        );
    }

    #[track_caller]
    pub(super) fn is_not_woken(&self, name: &str) {
        if self.waits(name) && self.tasks[name].poller.wakes() > 0 {
            self.run.diagnose(
                "busy-poll",
                format!("{name} waits for a letter, and was woken although no letter was put in. It wakes itself."),
            );
        }
    }

    #[track_caller]
    pub(super) fn is_not_woken_with(&self, name: &str, first: &str) {
        let woken = |name: &str| self.tasks[name].poller.wakes() > self.tasks[name].seen;
        if self.waits(name) && woken(name) && woken(first) {
            self.run.diagnose(
                "thundering-herd",
                format!("One letter was put in, and {first} and {name} were woken. One of them is polled for nothing."),
            );
        }
    }

    /// As `settles`; `holder` waits, and one other task uses the box.
    #[track_caller]
    pub(super) fn settles_without_a_lock_held_by(&mut self, holder: &'static str) {
        let (before, rested) = (self.waiting().count(), self.comes_to_rest());
        let stuck = self.waiting().count() == before && before > 1;
        if stuck {
            self.run.recorder().clear();
            self.run
                .recorder()
                .says(holder, "take() → Pending: the box is empty");
            self.run
                .recorder()
                .says("P", "put(1) → Pending: it does not get the lock");
            self.run.diagnose(
                "guard-across-await",
                format!(
                    "The box is empty, and {holder} waits for a letter. P wants to put one in, and is pending, however often it is polled: \
                     {holder} has the lock while it waits, so the letter cannot come."
                ),
            );
        }
        if !rested {
            self.refuses_spinning();
        }
    }

    /// No task is woken. So no task may wait for what is there.
    #[track_caller]
    pub(super) fn is_served(&self) {
        for (name, task) in self.waiting() {
            let (left, waits_for) = match &task.work {
                Some(Work::Takes(_)) => (self.inside.len(), "a letter"),
                _ => (self.capacity - self.inside.len().min(self.capacity), "room"),
            };
            if left > 0 {
                let inside = self.inside.len();
                self.run.diagnose(
                    "waiter-not-notified",
                    format!(
                        "Every woken task was polled. {name} waits for {waits_for} and is not woken. Letters in the box: {inside}, and it has \
                         room for {}. Each letter and each place needs a notification of its own.",
                        self.capacity
                    ),
                );
            }
        }
    }

    #[track_caller]
    pub(super) fn nothing_waits(&self) {
        self.is_served();
        if let Some((name, _)) = self.waiting().next() {
            self.run.departs(format!(
                "{name} still waits. Expected: every task is ready."
            ));
        }
    }

    /// Takes out every letter that has to be in the box, after the waiting tasks were dropped.
    #[track_caller]
    pub(super) fn is_emptied(&mut self) {
        let waiting: Vec<_> = self.waiting().map(|(name, _)| name).collect();
        for name in waiting {
            self.is_dropped(name);
        }
        while !self.inside.is_empty() {
            self.takes("the end");
            self.settles();
            self.nothing_waits();
        }
    }
}
