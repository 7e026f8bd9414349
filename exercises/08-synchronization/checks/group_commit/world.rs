//! A disk that writes when it is told to, and writers that wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{Disk, Durable, Journal, NotDurable, write_out};
use probe::{Recorder, Run};
use probe_futures::{Gate, Key, Poller, gate, poller};

/// More polls than a writing task needs between two events.
const POLLS: usize = 100;

/// The task of the journal, and what it has and writers wait for: names in the rows with which a stuck run ends.
const WRITING: &str = "writing task";
const DISK: &str = "the disk";

/// What is on the disk's mind. A clone is the same disk.
#[derive(Clone)]
pub(super) struct Paper {
    run: Run,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    /// The writes that have begun, and what each wrote.
    writes: Vec<Vec<u32>>,
    /// Of those that have not ended.
    keys: VecDeque<Key<io::Result<()>>>,
}

impl Paper {
    pub(super) fn new(run: &Run) -> Paper {
        Paper {
            run: run.clone(),
            state: Rc::default(),
        }
    }

    /// The write in progress ends.
    pub(super) fn ends(&self, outcome: io::Result<()>) {
        let key = self.state.borrow_mut().keys.pop_front();
        let Some(key) = key else {
            self.run
                .departs("A write was expected to be in progress, and none is.");
        };
        let said = match &outcome {
            Ok(()) => "has written".to_owned(),
            Err(error) => format!("fails: {}", error.kind()),
        };
        self.run.recorder().says("disk", said);
        key.open(outcome);
    }

    pub(super) fn writes(&self) -> Vec<Vec<u32>> {
        self.state.borrow().writes.clone()
    }

    fn begin(&self, records: Vec<u32>) -> Gate<io::Result<()>> {
        self.run
            .recorder()
            .says("disk", format!("begins to write {records:?}"));
        if records.is_empty() {
            self.run.departs("`write` was called without records.");
        }
        let (key, gate) = gate();
        let mut state = self.state.borrow_mut();
        state.writes.push(records);
        state.keys.retain(|key| !key.is_gone());
        state.keys.push_back(key);
        let busy = state.keys.len() > 1;
        drop(state);
        if busy {
            self.run
                .departs("A write began while another one was in progress.");
        }
        gate
    }
}

impl Disk<u32> for Paper {
    async fn write(&self, records: Vec<u32>) -> io::Result<()> {
        self.begin(records).await
    }
}

/// A journal, its writing task and its disk.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) journal: Journal<u32>,
    pub(super) disk: Paper,
    task: Option<Pin<Box<dyn Future<Output = ()>>>>,
    by: Poller,
    /// The wakes of the writing task that were answered with a poll.
    seen: Option<usize>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        let journal = Journal::new();
        let disk = Paper::new(&run);
        run.recorder().holds(WRITING, DISK);
        World {
            task: Some(Box::pin(write_out(&journal, disk.clone()))),
            by: poller(&Recorder::default(), WRITING),
            run,
            journal,
            disk,
            seen: None,
        }
    }

    /// Appends a record.
    pub(super) fn append(&self, record: u32) -> Writer {
        let name = format!("writer {record}");
        self.run.recorder().says(&name, format!("append({record})"));
        Writer {
            // Its wakes are counted and not recorded: how often a writer is woken for nothing is the answer's own business.
            by: poller(&Recorder::default(), &name),
            future: self.journal.append(record),
            polled: None,
        }
    }

    /// The loop polls the writing task while it is woken.
    #[track_caller]
    pub(super) fn turn(&mut self) {
        for _ in 0..POLLS {
            let Some(task) = &mut self.task else { return };
            if self.seen == Some(self.by.wakes()) {
                return;
            }
            self.seen = Some(self.by.wakes());
            if self.by.poll(task.as_mut()).is_ready() {
                self.run.recorder().says(WRITING, "completes");
                self.run.recorder().returns(WRITING, DISK);
                self.task = None;
            }
        }
        self.run.diagnose(
            "busy-poll",
            format!(
                "Nothing happened, and the writing task was polled {POLLS} times: it wakes itself."
            ),
        );
    }

    pub(super) fn has_completed(&self) -> bool {
        self.task.is_none()
    }

    /// The writing task is cancelled.
    pub(super) fn cancel(&mut self) {
        self.run.recorder().says(WRITING, "is cancelled");
        self.run.recorder().returns(WRITING, DISK);
        self.task = None;
    }

    /// The batches that were written, up to now.
    #[track_caller]
    pub(super) fn expect_writes(&self, expected: &[&[u32]]) {
        let writes = self.disk.writes();
        if writes == expected {
            return;
        }
        let cut = writes
            .iter()
            .zip(expected)
            .find(|(yours, theirs)| yours.len() < theirs.len() && theirs.starts_with(yours));
        if let Some((yours, theirs)) = cut {
            self.run.diagnose(
                "a-write-for-each",
                format!(
                    "When this write began, the records {theirs:?} waited. It has only {yours:?}."
                ),
            );
        }
        if writes.len() < expected.len() && expected.starts_with(&as_slices(&writes)) {
            self.run.recorder().lacks("disk", "does not begin to write");
            self.run.diagnose(
                "slept-with-work",
                "A record waits, no write is in progress, and the writing task sleeps.",
            );
        }
        self.run.departs(format!(
            "Expected: the writes {expected:?}. They are {writes:?}."
        ));
    }
}

/// A writer that waits for its record.
pub(super) struct Writer {
    pub(super) by: Poller,
    pub(super) future: Durable,
    /// Its number of wakes at its latest poll.
    polled: Option<usize>,
}

impl Writer {
    pub(super) fn is_woken(&self) -> bool {
        self.polled.is_none_or(|before| self.by.wakes() > before)
    }

    pub(super) fn poll(&mut self, run: &Run) -> Poll<Result<(), NotDurable>> {
        let name = self.by.name().to_owned();
        self.polled = Some(self.by.wakes());
        let call = run.recorder().enters(&name, "polls");
        let poll = self.by.poll(Pin::new(&mut self.future));
        match poll {
            Poll::Pending => run.recorder().waits_for(&name, DISK),
            Poll::Ready(_) => run.recorder().stops_waiting(&name),
        }
        call.returns(match &poll {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready(outcome) => format!("ready({outcome:?})"),
        });
        poll
    }

    #[track_caller]
    pub(super) fn waits(&mut self, run: &Run, seen: &str) {
        match self.poll(run) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => run.diagnose(
                "told-before-it-was-durable",
                format!("{seen}, and its writer was told `Ok`."),
            ),
            Poll::Ready(Err(error)) => {
                run.departs(format!("{seen}, and its writer was told: {error:?}."))
            }
        }
    }

    /// Has to be woken by now, and ready with this.
    #[track_caller]
    pub(super) fn is_told(&mut self, run: &Run, expected: Result<(), NotDurable>) {
        if !self.is_woken() {
            run.recorder().lacks(self.by.name(), "is not woken");
            run.diagnose(
                "forgot-to-wake",
                format!(
                    "The outcome of this record is known ({expected:?}), and {} was not woken.",
                    self.by.name()
                ),
            );
        }
        match self.poll(run) {
            Poll::Ready(outcome) if outcome == expected => {}
            Poll::Ready(Ok(())) => run.diagnose(
                "error-swallowed",
                format!(
                    "Expected: {expected:?}. {} was told `Ok`, and its record is not on the disk.",
                    self.by.name()
                ),
            ),
            Poll::Ready(outcome) => run.departs(format!(
                "Expected: {} is told {expected:?}. It was told {outcome:?}.",
                self.by.name()
            )),
            Poll::Pending => run.diagnose(
                "left-waiting",
                format!(
                    "{} is still pending. Its outcome is known: {expected:?}.",
                    self.by.name()
                ),
            ),
        }
    }
}

fn as_slices(writes: &[Vec<u32>]) -> Vec<&[u32]> {
    writes.iter().map(Vec::as_slice).collect()
}
