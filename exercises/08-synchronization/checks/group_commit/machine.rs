//! Every short run of a journal with three writers, and a model of it.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{Disk, Durable, Journal, NotDurable, write_out};
use super::model::Model;
use super::moves::{ALPHABET, KNOWN, Move, NAMES};
use probe::Run;
use probe::runs::{Machine, Search, Step};
use probe_futures::runs::Waiter;
use probe_futures::{Key, gate};

/// More polls than a writing task needs between two events.
const POLLS: usize = 20;

pub(super) fn shown(outcome: Option<Result<(), NotDurable>>) -> &'static str {
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
pub(super) fn told(
    writes: &[Vec<u32>],
    writers: [Option<&'static str>; 3],
    task: &'static str,
) -> Step {
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
    task: Waiter,
    outcome: Option<Result<(), NotDurable>>,
}

struct Yours {
    journal: Journal<u32>,
    disk: Notes,
    task: Option<Pin<Box<dyn Future<Output = ()>>>>,
    by: Waiter,
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
            by: Waiter::new("writing task"),
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
                    task: Waiter::new(NAMES[writer]),
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
            if !self.by.is_due() {
                break;
            }
            if self.by.poll(task.as_mut()).is_ready() {
                self.task = None;
                self.ended = "has completed";
            }
        }
        for writer in self.writers.iter_mut().flatten() {
            if writer.outcome.is_some() || !writer.task.is_due() {
                continue;
            }
            if let Poll::Ready(outcome) = writer.task.poll(Pin::new(&mut writer.future)) {
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
            writer.task.wakers_kept()
        });
        let kept = by_all.sum::<usize>() + by.wakers_kept();
        Step::of("everything is dropped").fact("wakers", format!("{kept} kept"))
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
