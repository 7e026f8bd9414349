//! What debug mode knows of the tasks.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use debugging::Warning;
use debugging::dump::{Dump, Row, State};
use debugging::frames;
use debugging::noting_waker::{Note, Noted};
use debugging::warning::{Leaf, Who};
use event_loop::{End, Origin, TaskId, WeakWaker};

thread_local! {
    /// The task that this thread wakes for a dump.
    static WAKING: Cell<Option<TaskId>> = const { Cell::new(None) };
}

/// The tasks of a loop. It is locked for a moment at a time, and never while other code is called.
#[derive(Default)]
pub(crate) struct Known {
    tasks: Mutex<Tasks>,
    complete: Condvar,
}

#[derive(Default)]
struct Tasks {
    alive: HashMap<u64, Task, BuildHasherDefault<Spread>>,
    /// How many of them a dump still asks.
    asked: usize,
    /// Of how many a slow step is to be reported.
    slow: usize,
    /// The task that finished last: a slow step is reported after its end.
    finished: Option<Who>,
    /// Tasks that are gone, and whose wakers may not be.
    gone: Vec<(Who, WeakWaker)>,
    /// The length of `gone` at which it is tidied up next.
    tidy_at: usize,
    /// The last poll that was noted, and its iteration.
    noted: Option<(TaskId, u64)>,
    is_closing: bool,
    /// The rows of the dump that is being made.
    asking: Option<BTreeMap<TaskId, Answer>>,
    dump: Option<Vec<Answer>>,
}

struct Task {
    who: Who,
    waker: Option<WeakWaker>,
    spawned_in: u64,
    /// Whether a dump asks for its next poll.
    is_asked: bool,
    /// The slow step that is reported after its next poll.
    slow: Option<Duration>,
    /// The name that it has given itself in a noted poll.
    name: Option<String>,
    /// No event had woken it when the dump did.
    was_idle: bool,
    poll: Option<Poll>,
    woken_in_poll: bool,
}

/// What a noted poll saw.
struct Poll {
    notes: Vec<Note>,
    name: Option<String>,
    kept: usize,
}

/// A row of a dump. The backtraces of its leaves are read when the dump is taken, by the thread that takes
/// it: that takes longer than any poll should.
struct Answer {
    row: Row,
    notes: Vec<Note>,
}

/// See [`Known::settle`].
pub(crate) struct Settled {
    /// The slow step that is to be reported now, and what the poll after it saw.
    pub(crate) slow: Option<(Who, Duration, Option<Vec<Note>>)>,
    /// Whether another poll is to be noted.
    pub(crate) more: bool,
}

/// See [`Known::remove`].
pub(crate) struct Dropped {
    pub(crate) warning: Option<Warning>,
    pub(crate) more: bool,
}

/// The leaves that made these notes.
pub(crate) fn leaves(notes: &[Note]) -> Vec<Leaf> {
    let mut leaves: Vec<Leaf> = Vec::new();
    for note in notes {
        let leaf = Leaf {
            path: frames::path(&note.backtrace.to_string(), &note.children),
            waits_for: note.waits_for.clone(),
        };
        if !leaves.contains(&leaf) {
            leaves.push(leaf);
        }
    }
    leaves
}

impl Answer {
    fn read(self) -> Row {
        let Answer { mut row, notes } = self;
        if let State::Suspended(none) = &mut row.state {
            *none = leaves(&notes);
        }
        row
    }
}

impl Known {
    pub(crate) fn add(&self, task: TaskId, origin: Origin, turn: u64) {
        let added = Task {
            who: Who { task, origin },
            waker: None,
            spawned_in: turn,
            is_asked: false,
            slow: None,
            name: None,
            was_idle: false,
            poll: None,
            woken_in_poll: false,
        };
        self.lock().alive.insert(task.number(), added);
    }

    pub(crate) fn set_waker(&self, task: TaskId, waker: WeakWaker) {
        if let Some(task) = self.lock().alive.get_mut(&task.number()) {
            task.waker = Some(waker);
        }
    }

    /// The task has finished, or was dropped.
    pub(crate) fn remove(&self, id: TaskId, end: End, turn: u64) -> Dropped {
        let mut tasks = self.lock();
        let Some(mut task) = tasks.alive.remove(&id.number()) else {
            let more = tasks.has_more();
            return Dropped {
                warning: None,
                more,
            };
        };
        let who = task.who;
        tasks.finished = Some(who);
        tasks.slow -= usize::from(task.slow.take().is_some());
        if mem::take(&mut task.is_asked) {
            self.answer(&mut tasks, task.answer(State::Completed, Vec::new()));
        }
        let is_left = tasks.is_closing && end == End::Dropped;
        let warning = is_left.then_some(Warning::LeftAtClose {
            who,
            // Every task that is woken at its spawn is polled in the next iteration.
            never_polled: task.spawned_in == turn && !who.origin.is_callback,
        });
        // The loop's own two are dropped. What is left is kept by others, rightly or not.
        let kept = task.waker.filter(|waker| waker.count() > 0);
        if let Some(waker) = kept {
            tasks.keep(who, waker);
        }
        let more = tasks.has_more();
        Dropped { warning, more }
    }

    pub(crate) fn begin_close(&self) {
        self.lock().is_closing = true;
    }

    /// A report for each task that is gone, and whose wakers are not.
    pub(crate) fn kept_wakers(&self) -> Vec<Warning> {
        let gone = mem::take(&mut self.lock().gone);
        let kept = gone.into_iter().filter(|(_, waker)| waker.count() > 0);
        kept.map(|(who, waker)| Warning::WakerKept {
            who,
            wakers: waker.count(),
        })
        .collect()
    }

    /// A step of the task was slow. Returns the report, or the waker for the poll after which it is due.
    pub(crate) fn slow_step(
        &self,
        id: TaskId,
        took: Duration,
        limit: Duration,
        turn: u64,
    ) -> (Option<Warning>, Option<Waker>) {
        let mut tasks = self.lock();
        let report = |who, suspended| Warning::SlowStep {
            who,
            took,
            limit,
            suspended,
        };
        if let Some(who) = tasks.finished.filter(|who| who.task == id) {
            return (Some(report(who, None)), None);
        }
        // A noted poll takes longer because of the notes.
        let is_noted = tasks.noted == Some((id, turn));
        let Some(task) = tasks.alive.get_mut(&id.number()).filter(|_| !is_noted) else {
            return (None, None);
        };
        let waker = task.waker.as_ref().and_then(WeakWaker::upgrade);
        if waker.is_none() {
            return (Some(report(task.who, Some(Vec::new()))), None);
        }
        let is_first = task.slow.replace(took).is_none();
        tasks.slow += usize::from(is_first);
        (None, waker)
    }

    /// Begins a dump: returns the wakers of the tasks to ask.
    pub(crate) fn begin_dump(&self) -> Vec<(TaskId, Waker)> {
        let mut tasks = self.lock();
        let mut rows = BTreeMap::new();
        let mut wakers = Vec::new();
        let mut asked = 0;
        for task in tasks.alive.values_mut() {
            let id = task.who.task;
            let waker = task.waker.as_ref().and_then(WeakWaker::upgrade);
            let state = match waker {
                _ if task.who.origin.is_callback => State::Callback,
                None => State::NotAsked,
                Some(waker) => {
                    task.is_asked = true;
                    task.was_idle = false;
                    asked += 1;
                    wakers.push((id, waker));
                    continue;
                }
            };
            rows.insert(id, task.answer(state, Vec::new()));
        }
        wakers.sort_by_key(|(id, _)| *id); // Oldest first.
        tasks.asked = asked;
        tasks.asking = Some(rows);
        tasks.dump = None;
        self.finish_dump(&mut tasks);
        wakers
    }

    /// Wakes a task for a dump, and learns whether an event had woken it before.
    pub(crate) fn wake_for_dump(task: TaskId, waker: Waker) {
        WAKING.set(Some(task));
        waker.wake();
        WAKING.set(None);
    }

    /// A task was put into the ready queue.
    pub(crate) fn woken(&self, id: TaskId) {
        if let Some(task) = self.lock().alive.get_mut(&id.number()) {
            if WAKING.get() == Some(id) {
                task.was_idle = true;
            } else {
                task.woken_in_poll = true;
            }
        }
    }

    /// Whether the poll of this task, which begins now, is to be noted.
    pub(crate) fn wants_notes(&self, id: TaskId) -> bool {
        match self.lock().alive.get_mut(&id.number()) {
            Some(task) => {
                task.woken_in_poll = false;
                task.wants_notes()
            }
            None => false,
        }
    }

    pub(crate) fn note<R>(&self, id: TaskId, noted: Noted<R>) -> R {
        if let Some(task) = self.lock().alive.get_mut(&id.number()) {
            task.poll = Some(Poll {
                notes: noted.notes,
                name: noted.name,
                kept: noted.kept,
            });
        }
        noted.output
    }

    /// A poll has returned while polls are noted.
    pub(crate) fn settle(&self, id: TaskId, ready: bool, turn: u64) -> Settled {
        let mut tasks = self.lock();
        let mut slow = None;
        if let Some(task) = tasks.alive.get_mut(&id.number())
            && task.wants_notes()
            // A poll that had begun before it was asked for was not noted: the next one is.
            && (ready || task.poll.is_some())
        {
            let (who, took, asked) = (task.who, task.slow.take(), mem::take(&mut task.is_asked));
            let (state, mut notes) = task.state(ready);
            if asked {
                let copy = took.map(|_| notes.clone());
                let answer = task.answer(state, mem::take(&mut notes));
                notes = copy.unwrap_or_default();
                self.answer(&mut tasks, answer);
            }
            tasks.slow -= usize::from(took.is_some());
            slow = took.map(|took| (who, took, (!ready).then_some(notes)));
            tasks.noted = Some((id, turn));
        }
        let more = tasks.has_more();
        Settled { slow, more }
    }

    /// The dump, as far as it is known after at most this long. `running` is the task that is being polled.
    pub(crate) fn wait_for_dump(&self, at_most: Duration, running: impl Fn() -> u64) -> Dump {
        let tasks = self.lock();
        let waiting = |tasks: &mut Tasks| tasks.asking.is_some();
        let waited = self.complete.wait_timeout_while(tasks, at_most, waiting);
        let (mut tasks, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(dump) = tasks.dump.take() {
            drop(tasks);
            return read(dump);
        }
        let mut rows = tasks.asking.take().unwrap_or_default();
        tasks.asked = 0;
        for task in tasks.alive.values_mut() {
            let id = task.who.task;
            task.is_asked = false;
            let state = match id.number() == running() {
                true => State::Running,
                false => State::NotAsked,
            };
            rows.entry(id)
                .or_insert_with(|| task.answer(state, Vec::new()));
        }
        drop(tasks);
        read(rows.into_values().collect())
    }

    pub(crate) fn take_dump(&self) -> Option<Dump> {
        let dump = self.lock().dump.take();
        dump.map(read)
    }

    /// A task that was asked has answered.
    fn answer(&self, tasks: &mut Tasks, answer: Answer) {
        tasks.asked -= 1;
        if let Some(rows) = &mut tasks.asking {
            rows.insert(answer.row.who.task, answer);
        }
        self.finish_dump(tasks);
    }

    /// Completes the dump if every task has answered.
    fn finish_dump(&self, tasks: &mut Tasks) {
        if tasks.asked > 0 {
            return;
        }
        if let Some(rows) = tasks.asking.take() {
            tasks.dump = Some(rows.into_values().collect());
            self.complete.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks {
    /// Whether a poll of some task is to be noted.
    fn has_more(&self) -> bool {
        self.asked + self.slow > 0
    }

    /// Remembers a waker of a task that is gone. Those that are gone as well by now are forgotten, each time
    /// that there are twice as many.
    fn keep(&mut self, who: Who, waker: WeakWaker) {
        if self.gone.len() >= self.tidy_at {
            self.gone.retain(|(_, waker)| waker.count() > 0);
            self.tidy_at = 2 * self.gone.len() + 64;
        }
        self.gone.push((who, waker));
    }
}

impl Task {
    fn answer(&self, state: State, notes: Vec<Note>) -> Answer {
        let row = Row {
            who: self.who,
            name: self.name.clone(),
            state,
        };
        Answer { row, notes }
    }

    fn wants_notes(&self) -> bool {
        self.is_asked || self.slow.is_some()
    }

    /// What a poll says of the task that was asked.
    fn state(&mut self, ready: bool) -> (State, Vec<Note>) {
        let (notes, name, kept) = match self.poll.take() {
            Some(poll) => (poll.notes, poll.name, poll.kept),
            None => Default::default(),
        };
        self.name = name.or(self.name.take());
        let state = match (ready, kept) {
            (true, _) if self.was_idle => State::LostWake,
            (true, _) => State::Completed,
            (false, 1..) => State::Suspended(Vec::new()),
            (false, 0) if self.woken_in_poll => State::Yields,
            (false, 0) => State::Forgotten,
        };
        (state, notes)
    }
}

fn read(answers: Vec<Answer>) -> Dump {
    Dump {
        tasks: answers.into_iter().map(Answer::read).collect(),
    }
}

/// Spreads the numbers of tasks over a table. They come from the loop, so no attacker chooses them.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("a task's number is a u64");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
