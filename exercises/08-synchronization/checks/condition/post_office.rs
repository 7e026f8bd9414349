//! A box, and tasks that are polled by hand. It knows how many letters have to be in the box.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::LetterBox;
use probe::{Run, panics};
use probe_futures::{Poller, poller};

/// More polls than any right answer takes until no task is woken.
const POLLS: usize = 1_000;

pub(super) struct PostOffice {
    pub(super) run: Run,
    pub(super) capacity: usize,
    pub(super) letters: Rc<LetterBox<u32>>,
    /// The letters of the `put`s that have returned, without those that were taken.
    pub(super) inside: VecDeque<u32>,
    next: u32,
    pub(super) tasks: BTreeMap<&'static str, Task>,
    /// The names, in the order in which their tasks began to wait.
    order: Vec<&'static str>,
}

pub(super) struct Task {
    pub(super) poller: Poller,
    /// The wakes before its latest poll.
    pub(super) seen: usize,
    /// Whether a poll of its present work was pending.
    pub(super) waited: bool,
    pub(super) work: Option<Work>,
}

pub(super) enum Work {
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

    pub(super) fn waits(&self, name: &str) -> bool {
        self.tasks.get(name).is_some_and(|task| task.work.is_some())
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = (&'static str, &Task)> {
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
    pub(super) fn comes_to_rest(&mut self) -> bool {
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
