//! An observer that writes down what a loop does.

use std::collections::{BTreeMap, VecDeque};
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use event_loop::leaf::{Wait, noting_waits};
use event_loop::{End, Observer, TaskId, Time, TimerKey};
use probe::{Call, Recorder, Run};
use probe_futures::waker::{Poller, Wakes, in_front_of};

/// Writes a loop's events into a run's recording: a track for each task, one for each timer, and one
/// for the loop's sleeps. Clones write into the same.
///
/// Tasks and timers have names. One that was not [named](Recorded::next_task) is called by its number,
/// in the order in which they came: `task 1`, `timer 1`.
///
/// It records only what a contract mentions. It leaves out the non-blocking poll for events, which a loop
/// makes in every iteration, and the end of a task whose last poll shows it.
#[derive(Debug, Clone)]
pub struct Recorded {
    recorder: Recorder,
    names: Arc<Mutex<Names>>,
}

/// What a task waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The task's name.
    pub task: String,
    /// The names of the tasks that it awaits.
    pub tasks: Vec<String>,
    /// Anything else, such as a lock.
    pub others: Vec<String>,
}

#[derive(Debug, Default)]
struct Names {
    next_tasks: VecDeque<String>,
    next_timers: VecDeque<String>,
    tasks: BTreeMap<TaskId, String>,
    alive: Vec<TaskId>,
    /// What the tasks wait for, as their leaves said it in the last poll.
    waits: BTreeMap<TaskId, Vec<Wait>>,
    /// The recording wakers in front of the tasks' wakers, where a watched file asks which task keeps them.
    wakers: BTreeMap<TaskId, Poller>,
    timers: Vec<(TimerKey, String)>,
    numbered_tasks: usize,
    numbered_timers: usize,
    /// The poll that is under way.
    poll: Option<Call>,
    asleep: bool,
}

impl Recorded {
    /// An observer that writes into this run's recording.
    #[must_use]
    pub fn new(run: &Run) -> Recorded {
        Recorded {
            recorder: run.recorder().clone(),
            names: Arc::default(),
        }
    }

    /// The task that is spawned next has this name; or the one after those that were named so before.
    pub fn next_task(&self, name: &str) {
        self.lock().next_tasks.push_back(name.to_owned());
    }

    /// The timer that is set next has this name; or the one after those that were named so before.
    pub fn next_timer(&self, name: &str) {
        self.lock().next_timers.push_back(name.to_owned());
    }

    /// The names of the tasks that are not over, oldest first.
    #[must_use]
    pub fn alive(&self) -> Vec<String> {
        let names = self.lock();
        let name = |task| names.task(task);
        names.alive.iter().map(name).collect()
    }

    /// What each task that is not over waits for, oldest first, as far as its leaves say so: tasks by their names, and anything
    /// else in words. A timer is left out: where one is set, no task is stuck.
    #[must_use]
    pub fn waits(&self) -> Vec<Waiting> {
        let names = self.lock();
        let waiting = |task: &TaskId| {
            let mut waiting = Waiting {
                task: names.task(task),
                ..Waiting::default()
            };
            for wait in names.waits.get(task).into_iter().flatten() {
                match wait {
                    Wait::Task(other) if names.alive.contains(other) => {
                        waiting.tasks.push(names.task(other));
                    }
                    Wait::Other(what) => waiting.others.push(what.clone()),
                    Wait::Task(_) | Wait::Timer(_) => {}
                }
            }
            waiting
        };
        names.alive.iter().map(waiting).collect()
    }

    /// What stands in front of a task's waker.
    fn waker(&self, task: TaskId, waker: &Waker) -> Poller {
        let mut names = self.lock();
        let name = names.task(&task);
        let new = || in_front_of(waker, &self.recorder, &name, Wakes::There);
        names.wakers.entry(task).or_insert_with(new).clone()
    }

    fn task(&self, task: TaskId) -> String {
        self.lock().task(&task)
    }

    fn lock(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    fn task(&self, task: &TaskId) -> String {
        let name = self.tasks.get(task).cloned();
        name.unwrap_or_else(|| task.to_string())
    }

    fn add_task(&mut self, task: TaskId) -> String {
        let name = self.next_tasks.pop_front().unwrap_or_else(|| {
            self.numbered_tasks += 1;
            format!("task {}", self.numbered_tasks)
        });
        self.tasks.insert(task, name.clone());
        self.alive.push(task);
        name
    }

    fn add_timer(&mut self, timer: TimerKey) -> String {
        let name = self.next_timers.pop_front().unwrap_or_else(|| {
            self.numbered_timers += 1;
            format!("timer {}", self.numbered_timers)
        });
        self.timers.push((timer, name.clone()));
        name
    }

    fn remove_timer(&mut self, timer: TimerKey) -> String {
        let place = self.timers.iter().position(|(key, _)| *key == timer);
        place.map_or_else(
            || "timer".to_owned(),
            |place| self.timers.swap_remove(place).1,
        )
    }
}

impl Observer for Recorded {
    fn task_spawned(&self, task: TaskId) {
        let name = self.lock().add_task(task);
        self.recorder.says(&name, "spawned");
    }

    fn woken(&self, task: TaskId) {
        self.recorder.wakes(&self.task(task));
    }

    fn poll_begun(&self, task: TaskId) {
        let poll = self.recorder.enters(&self.task(task), "polled");
        self.lock().poll = Some(poll);
    }

    fn poll_with<R>(&self, task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        let poll = || match self.recorder.watches() {
            true => self.waker(task, waker).lend(poll),
            false => poll(waker),
        };
        let (polled, waits) = noting_waits(poll);
        self.lock().waits.insert(task, waits);
        polled
    }

    fn polled(&self, _task: TaskId, ready: bool) {
        let poll = self.lock().poll.take();
        if let Some(poll) = poll {
            poll.returns(if ready { "ready" } else { "pending" });
        }
    }

    fn task_finished(&self, task: TaskId, end: End) {
        let name = self.task(task);
        let gone = {
            let mut names = self.lock();
            names.alive.retain(|alive| *alive != task);
            names.waits.remove(&task);
            names.wakers.remove(&task)
        };
        drop(gone); // Unlocked: the loop's waker may go with it.
        match end {
            End::Ready => {}
            End::Panicked => self.recorder.says(&name, "has panicked"),
            End::Dropped => self.recorder.drops(&name),
        }
    }

    fn timer_set(&self, timer: TimerKey, when: Time) {
        let name = self.lock().add_timer(timer);
        self.recorder.says(&name, format!("set for {when}"));
    }

    fn timer_fired(&self, timer: TimerKey) {
        let name = self.lock().remove_timer(timer);
        self.recorder.says(&name, "fires");
    }

    fn timer_dropped(&self, timer: TimerKey) {
        let name = self.lock().remove_timer(timer);
        self.recorder.drops(&name);
    }

    fn parked(&self, timeout: Option<Duration>) {
        let text = match timeout {
            Some(Duration::ZERO) => return,
            Some(timeout) => format!("sleeps, for {timeout:?} at most"),
            None => "sleeps".to_owned(),
        };
        self.lock().asleep = true;
        self.recorder.says("loop", text);
    }

    fn unparked(&self) {
        if take(&mut self.lock().asleep) {
            self.recorder.says("loop", "gets up");
        }
    }
}
