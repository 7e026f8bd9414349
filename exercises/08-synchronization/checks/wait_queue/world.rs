//! A queue of numbered turns, and tasks that wait in it by name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Wait, WaitQueue};
use probe::Run;
use probe_futures::{Poller, poller};

pub(super) type Queue = WaitQueue<u32, u32>;

/// One queue, and the tasks that wait in it.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) queue: Queue,
    waits: BTreeMap<&'static str, Wait<u32, u32>>,
    pollers: BTreeMap<&'static str, Poller>,
    /// Whose waker was stored after a pending poll.
    stored: BTreeSet<&'static str>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        World {
            run,
            queue: WaitQueue::new(),
            waits: BTreeMap::new(),
            pollers: BTreeMap::new(),
            stored: BTreeSet::new(),
        }
    }

    /// `name` calls `wait`.
    pub(super) fn wait(&mut self, name: &'static str) {
        self.wait_for(name, 1);
    }

    pub(super) fn wait_for(&mut self, name: &'static str, request: u32) {
        let call = self.run.recorder().enters(name, format!("wait({request})"));
        let wait = self.queue.wait(request);
        call.returns("a wait");
        self.waits.insert(name, wait);
    }

    pub(super) fn poller(&mut self, name: &'static str) -> Poller {
        let recorder = self.run.recorder();
        let new = || poller(recorder, name);
        self.pollers.entry(name).or_insert_with(new).clone()
    }

    /// `name` polls its own wait.
    pub(super) fn poll(&mut self, name: &'static str) -> Poll<u32> {
        self.poll_by(name, name)
    }

    /// `task` polls the wait of `name`.
    pub(super) fn poll_by(&mut self, name: &'static str, task: &'static str) -> Poll<u32> {
        let poller = self.poller(task);
        let wait = self.waits.get_mut(name).expect("it has called wait");
        let text = match name == task {
            true => "polls its wait".to_owned(),
            false => format!("polls the wait of {name}"),
        };
        let call = self.run.recorder().enters(task, text);
        let polled = poller.poll(Pin::new(wait));
        call.returns(match polled {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready(turn) => format!("ready({turn})"),
        });
        let recorder = self.run.recorder();
        match polled {
            Poll::Pending => recorder.waits_for(name, "a turn"),
            Poll::Ready(turn) => recorder.holds(name, format!("turn {turn}")),
        }
        polled
    }

    pub(super) fn wakes(&mut self, name: &'static str) -> usize {
        self.poller(name).wakes()
    }

    pub(super) fn drops(&mut self, name: &'static str) {
        self.run.recorder().drops(name);
        self.run.recorder().stops_waiting(name);
        self.waits.remove(name);
    }

    pub(super) fn hand_over(&mut self, turn: u32) -> Result<(), u32> {
        let call = self
            .run
            .recorder()
            .enters("queue", format!("hand_over({turn})"));
        let handed = self.queue.hand_over(turn);
        call.returns(match handed {
            Ok(()) => "Ok".to_owned(),
            Err(turn) => format!("Err({turn})"),
        });
        handed
    }

    #[track_caller]
    pub(super) fn hands_over(&mut self, turn: u32) {
        if self.hand_over(turn).is_err() {
            self.run.departs(format!(
                "A task waits, and `hand_over({turn})` gave the turn back."
            ));
        }
    }

    #[track_caller]
    pub(super) fn pending(&mut self, name: &'static str, why: &str) {
        if let Poll::Ready(turn) = self.poll(name) {
            self.run
                .departs(format!("{why}, and the wait of {name} returned {turn}."));
        }
        if self.poller(name).counts().alive > 0 {
            self.stored.insert(name);
        }
    }

    #[track_caller]
    pub(super) fn woken(&mut self, name: &'static str) {
        let poller = self.poller(name);
        if poller.wakes() > 0 {
            return;
        }
        self.run.recorder().lacks(name, "is not woken");
        let (code, why) = match self.stored.contains(name) {
            false => ("never-registered", "no waker of it was stored"),
            true => ("forgot-to-wake", "its waker was stored, and not called"),
        };
        self.run.diagnose(
            code,
            format!("The turn was handed to {name}, and {name} was not woken: {why}."),
        );
    }

    #[track_caller]
    pub(super) fn ready(&mut self, name: &'static str, turn: u32) {
        match self.poll(name) {
            Poll::Ready(other) if other == turn => {}
            Poll::Ready(other) => self.run.departs(format!(
                "{name} received turn {other}. Expected: turn {turn}."
            )),
            Poll::Pending => {
                let recorder = self.run.recorder();
                recorder.lacks(name, format!("is not ready with turn {turn}"));
                self.run.departs(format!(
                    "Turn {turn} is due to {name}, and the wait of {name} is pending."
                ))
            }
        }
    }
}

/// A task that waits while another one is woken, or while turns are made. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Newcomer(Rc<RefCell<Option<Joined>>>);

struct Joined {
    wait: Wait<u32, u32>,
    /// How many waited before it.
    before: usize,
}

impl Newcomer {
    pub(super) fn joins(&self, queue: &Queue) {
        let (before, wait) = (queue.len(), queue.wait(9));
        self.0.replace(Some(Joined { wait, before }));
    }

    /// How many tasks waited when it joined, and whether it was handed a turn. `None` if it did not join.
    pub(super) fn came_to(&self) -> Option<(usize, bool)> {
        let mut joined = self.0.take()?;
        let mut context = Context::from_waker(Waker::noop());
        let served = Pin::new(&mut joined.wait).poll(&mut context).is_ready();
        Some((joined.before, served))
    }
}
