//! What the contract of a journal says, in a few lines.

use std::io;

use super::super::subject::NotDurable;
use super::machine::{shown, told};
use super::moves::Move;
use probe::runs::{Machine, Step};

/// The record of a writer, and its outcome once there is one.
type Appended = (u32, Option<Result<(), NotDurable>>);

/// What the contract says, in a few lines.
#[derive(Default)]
pub(super) struct Model {
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
