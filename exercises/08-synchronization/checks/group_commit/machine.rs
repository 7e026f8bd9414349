//! Every short run of a journal with three writers, and a model of it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{Disk, Durable, Journal, NotDurable, write_out};
use probe::runs::{Known, Machine, Operation, Search, Step};
use probe::{Recorder, Run};
use probe_futures::{Key, Poller, gate, poller};

const NAMES: [&str; 3] = ["writer A", "writer B", "writer C"];

/// More polls than a writing task needs between two events.
const POLLS: usize = 20;

/// One step of a short run. After each the loop runs until nothing is woken.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// A writer without a record appends the next one.
    Append(usize),
    Cancel(usize),
    Written,
    Fails,
    Close,
    CancelTask,
}

const ALPHABET: [Move; 10] = [
    Move::Append(0),
    Move::Append(1),
    Move::Written,
    Move::Cancel(0),
    Move::Cancel(1),
    Move::Fails,
    Move::Close,
    Move::CancelTask,
    Move::Append(2),
    Move::Cancel(2),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Append(writer) | Move::Cancel(writer) => NAMES[*writer].into(),
            Move::Written | Move::Fails => "disk".into(),
            Move::Close => "journal".into(),
            Move::CancelTask => "writing task".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Append(_) => "appends".into(),
            Move::Cancel(_) | Move::CancelTask => "is cancelled".into(),
            Move::Written => "has written".into(),
            Move::Fails => "fails".into(),
            Move::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        let actor = self.actor();
        match self {
            Move::Append(_) => format!("{actor} appended a record").into(),
            Move::Cancel(_) | Move::CancelTask => format!("{actor} was cancelled").into(),
            Move::Written => "the disk had written".into(),
            Move::Fails => "the disk's write failed".into(),
            Move::Close => "the journal was closed".into(),
        }
    }
}

const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "left-waiting",
    sentence: "The outcome of a record is known, and its writer is not told.",
    shows: |difference| {
        !difference.at_the_end()
            && NAMES.iter().any(|name| {
                difference.your_step().about(name) == Some("waits")
                    && difference
                        .expected_step()
                        .about(name)
                        .is_some_and(|told| told != "waits")
            })
    },
}];

fn shown(outcome: Option<Result<(), NotDurable>>) -> &'static str {
    match outcome {
        None => "waits",
        Some(Ok(())) => "is told Ok",
        Some(Err(NotDurable::Failed(io::ErrorKind::StorageFull))) => "is told Failed(StorageFull)",
        Some(Err(NotDurable::Failed(_))) => "is told Failed(another kind)",
        Some(Err(NotDurable::Closed)) => "is told Closed",
        Some(Err(NotDurable::Stopped)) => "is told Stopped",
    }
}

/// What can be seen after a step.
fn told(writes: &[Vec<u32>], writers: [Option<&'static str>; 3], task: &'static str) -> Step {
    let step = Step::of(format!("writes so far: {writes:?}")).fact("writing task", task);
    writers
        .into_iter()
        .zip(NAMES)
        .fold(step, |step, (outcome, name)| match outcome {
            Some(outcome) => step.fact(name, outcome),
            None => step,
        })
}

/// A disk that notes what it is to write.
#[derive(Clone, Default)]
struct Notes {
    writes: Rc<RefCell<Vec<Vec<u32>>>>,
    key: Rc<RefCell<Option<Key<io::Result<()>>>>>,
}

impl Disk<u32> for Notes {
    async fn write(&self, records: Vec<u32>) -> io::Result<()> {
        self.writes.borrow_mut().push(records);
        let (key, gate) = gate();
        *self.key.borrow_mut() = Some(key);
        gate.await
    }
}

struct Waiting {
    future: Durable,
    by: Poller,
    seen: Option<usize>,
    outcome: Option<Result<(), NotDurable>>,
}

struct Yours {
    journal: Journal<u32>,
    disk: Notes,
    task: Option<Pin<Box<dyn Future<Output = ()>>>>,
    by: Poller,
    seen: Option<usize>,
    ended: &'static str,
    writers: [Option<Waiting>; 3],
    appended: u32,
}

impl Yours {
    fn new() -> Yours {
        let (journal, disk) = (Journal::new(), Notes::default());
        Yours {
            task: Some(Box::pin(write_out(&journal, disk.clone()))),
            journal,
            disk,
            by: poller(&Recorder::default(), "writing task"),
            seen: None,
            ended: "",
            writers: [None, None, None],
            appended: 0,
        }
    }

    fn carry_out(&mut self, step: Move) -> Option<()> {
        match step {
            Move::Append(writer) if self.writers[writer].is_some() => return None,
            Move::Append(writer) => {
                self.appended += 1;
                self.writers[writer] = Some(Waiting {
                    future: self.journal.append(self.appended),
                    by: poller(&Recorder::default(), NAMES[writer]),
                    seen: None,
                    outcome: None,
                });
            }
            Move::Cancel(writer) => drop(self.writers[writer].take()?),
            Move::Written | Move::Fails => {
                let key = self.disk.key.borrow_mut().take()?;
                if key.is_gone() {
                    return None;
                }
                key.open(match step {
                    Move::Written => Ok(()),
                    _ => Err(io::ErrorKind::StorageFull.into()),
                });
            }
            Move::Close => self.journal.close(),
            Move::CancelTask => {
                drop(self.task.take()?);
                self.ended = "was cancelled";
            }
        }
        Some(())
    }

    /// Polls what was woken, until nothing is.
    fn settle(&mut self) {
        for _ in 0..POLLS {
            let Some(task) = &mut self.task else { break };
            if self.seen == Some(self.by.wakes()) {
                break;
            }
            self.seen = Some(self.by.wakes());
            if self.by.poll(task.as_mut()).is_ready() {
                self.task = None;
                self.ended = "has completed";
            }
        }
        for writer in self.writers.iter_mut().flatten() {
            if writer.outcome.is_some() || writer.seen == Some(writer.by.wakes()) {
                continue;
            }
            writer.seen = Some(writer.by.wakes());
            if let Poll::Ready(outcome) = writer.by.poll(Pin::new(&mut writer.future)) {
                writer.outcome = Some(outcome);
            }
        }
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        self.carry_out(*step)?;
        self.settle();
        let writers = [0, 1, 2].map(|writer| {
            self.writers[writer]
                .as_ref()
                .map(|writer| shown(writer.outcome))
        });
        let task = if self.task.is_some() {
            "is there"
        } else {
            self.ended
        };
        Some(told(&self.disk.writes.borrow(), writers, task))
    }

    fn end(self) -> Step {
        let Yours {
            journal,
            disk,
            task,
            by,
            writers,
            ..
        } = self;
        drop((journal, task, disk));
        let by_all = writers.into_iter().flatten().map(|writer| {
            drop(writer.future);
            writer.by.counts().alive
        });
        let kept = by_all.sum::<usize>() + by.counts().alive;
        Step::of("everything is dropped").fact("wakers", format!("{kept} kept"))
    }
}

/// The record of a writer, and its outcome once there is one.
type Appended = (u32, Option<Result<(), NotDurable>>);

/// What the contract says, in a few lines.
#[derive(Default)]
struct Model {
    writes: Vec<Vec<u32>>,
    waiting: Vec<u32>,
    writing: bool,
    closed: bool,
    ended: Option<&'static str>,
    writers: [Option<Appended>; 3],
    appended: u32,
}

impl Model {
    fn tell(&mut self, records: &[u32], outcome: Result<(), NotDurable>) {
        for (record, told) in self.writers.iter_mut().flatten() {
            if records.contains(record) {
                *told = Some(outcome);
            }
        }
    }

    fn stop(&mut self) {
        let written = if self.writing {
            self.writes.last().cloned()
        } else {
            None
        };
        let mut unknown = written.unwrap_or_default();
        unknown.append(&mut self.waiting);
        self.tell(&unknown, Err(NotDurable::Stopped));
        self.writing = false;
        self.closed = true;
        self.ended = Some("was cancelled");
    }

    fn settle(&mut self) {
        if self.ended.is_some() || self.writing {
            return;
        }
        if !self.waiting.is_empty() {
            self.writes.push(std::mem::take(&mut self.waiting));
            self.writing = true;
        } else if self.closed {
            self.ended = Some("has completed");
        }
    }
}

impl Machine for Model {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        match *step {
            Move::Append(writer) if self.writers[writer].is_some() => return None,
            Move::Append(writer) => {
                self.appended += 1;
                let refused = self.closed.then_some(Err(NotDurable::Closed));
                self.writers[writer] = Some((self.appended, refused));
                if !self.closed {
                    self.waiting.push(self.appended);
                }
            }
            Move::Cancel(writer) => self.writers[writer].take().map(drop)?,
            Move::Written | Move::Fails if !self.writing => return None,
            Move::Written | Move::Fails => {
                self.writing = false;
                let records = self.writes.last().cloned().unwrap_or_default();
                let failed = Err(NotDurable::Failed(io::ErrorKind::StorageFull));
                self.tell(
                    &records,
                    if *step == Move::Written {
                        Ok(())
                    } else {
                        failed
                    },
                );
            }
            Move::Close => self.closed = true,
            Move::CancelTask if self.ended.is_some() => return None,
            Move::CancelTask => self.stop(),
        }
        self.settle();
        let writers = self
            .writers
            .map(|writer| writer.map(|(_, outcome)| shown(outcome)));
        Some(told(
            &self.writes,
            writers,
            self.ended.unwrap_or("is there"),
        ))
    }

    fn end(self) -> Step {
        Step::of("everything is dropped").fact("wakers", "0 kept")
    }
}

/// All runs of up to four steps, and long ones.
#[track_caller]
pub(super) fn compare(run: &Run) {
    let search = Search::of(&ALPHABET)
        .up_to(4)
        .and_random(400, 20, 89)
        .naming(&KNOWN);
    search.compare(run, Yours::new, Model::default);
}
