//! Records of many writers in one write.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use probe::Recorder;
use probe_futures::{Gate, Key, Poller, gate, poller};
use synchronization::group_commit::{Disk, Journal, NotDurable, write_out};

fn task(name: &str) -> Poller {
    poller(&Recorder::default(), name)
}

/// A disk whose writes wait for their keys.
#[derive(Clone, Default)]
struct Slow {
    writes: Rc<RefCell<Vec<Vec<u32>>>>,
    gates: Rc<RefCell<VecDeque<Gate<io::Result<()>>>>>,
}

impl Slow {
    fn will_wait(&self) -> Key<io::Result<()>> {
        let (key, gate) = gate();
        self.gates.borrow_mut().push_back(gate);
        key
    }
}

impl Disk<u32> for Slow {
    async fn write(&self, records: Vec<u32>) -> io::Result<()> {
        self.writes.borrow_mut().push(records);
        let gate = self.gates.borrow_mut().pop_front();
        match gate {
            Some(gate) => gate.await,
            None => Ok(()),
        }
    }
}

/// The writing task, polled by hand.
struct Writing {
    task: Pin<Box<dyn Future<Output = ()>>>,
    by: Poller,
}

impl Writing {
    fn new(journal: &Journal<u32>, disk: Slow) -> Writing {
        Writing {
            task: Box::pin(write_out(journal, disk)),
            by: task("writing task"),
        }
    }

    fn poll(&mut self) -> bool {
        self.by.poll(self.task.as_mut()).is_ready()
    }
}

#[test]
fn what_is_appended_during_a_write_is_one_batch() {
    let (journal, disk) = (Journal::new(), Slow::default());
    let mut writing = Writing::new(&journal, disk.clone());
    let key = disk.will_wait();
    let mut first = journal.append(1);
    assert!(!writing.poll());
    let mut others = [2, 3, 4].map(|record| journal.append(record));
    let a = task("A");
    assert!(a.poll(Pin::new(&mut first)).is_pending());
    for other in &mut others {
        assert!(a.poll(Pin::new(other)).is_pending());
    }
    assert!(!writing.poll() && a.wakes() == 0);
    let second_key = disk.will_wait();
    key.open(Ok(()));
    assert!(!writing.poll());
    assert_eq!(*disk.writes.borrow(), [vec![1], vec![2, 3, 4]]);
    assert_eq!(a.poll(Pin::new(&mut first)), Poll::Ready(Ok(())));
    for other in &mut others {
        assert!(
            a.poll(Pin::new(other)).is_pending(),
            "its write has only begun"
        );
    }
    second_key.open(Ok(()));
    assert!(!writing.poll());
    for other in &mut others {
        assert_eq!(a.poll(Pin::new(other)), Poll::Ready(Ok(())));
    }
}

#[test]
fn a_write_that_fails_is_told_to_its_own_writers_only() {
    let (journal, disk) = (Journal::new(), Slow::default());
    let mut writing = Writing::new(&journal, disk.clone());
    let key = disk.will_wait();
    let first = journal.append(1);
    assert!(!writing.poll());
    let second = journal.append(2);
    key.open(Err(io::ErrorKind::StorageFull.into()));
    assert!(!writing.poll());
    let failed = Err(NotDurable::Failed(io::ErrorKind::StorageFull));
    let a = task("A");
    assert_eq!(a.poll(Pin::new(&mut { first })), Poll::Ready(failed));
    assert_eq!(a.poll(Pin::new(&mut { second })), Poll::Ready(Ok(())));
}

#[test]
fn a_writer_that_is_cancelled_withdraws_nothing_and_disturbs_no_other() {
    let (journal, disk) = (Journal::new(), Slow::default());
    let mut writing = Writing::new(&journal, disk.clone());
    drop(journal.append(1));
    let second = journal.append(2);
    assert!(!writing.poll());
    assert_eq!(*disk.writes.borrow(), [vec![1, 2]]);
    assert_eq!(
        task("A").poll(Pin::new(&mut { second })),
        Poll::Ready(Ok(()))
    );
}

#[test]
fn a_closed_journal_is_written_to_its_end() {
    let (journal, disk) = (Journal::new(), Slow::default());
    let mut writing = Writing::new(&journal, disk.clone());
    assert!(!writing.poll());
    let first = journal.append(1);
    journal.close();
    let late = journal.append(2);
    assert_eq!(writing.by.wakes(), 1);
    assert!(writing.poll(), "it completes");
    let a = task("A");
    assert_eq!(a.poll(Pin::new(&mut { first })), Poll::Ready(Ok(())));
    let closed = Poll::Ready(Err(NotDurable::Closed));
    assert_eq!(a.poll(Pin::new(&mut { late })), closed);
    assert_eq!(*disk.writes.borrow(), [vec![1]]);
}

#[test]
fn a_writing_task_that_is_dropped_leaves_no_writer_waiting() {
    for polls in 0..2 {
        let (journal, disk) = (Journal::new(), Slow::default());
        let mut writing = Writing::new(&journal, disk.clone());
        let _key = disk.will_wait();
        let mut first = journal.append(1);
        for _ in 0..polls {
            assert!(!writing.poll());
        }
        let mut second = journal.append(2);
        let a = task("A");
        assert!(a.poll(Pin::new(&mut first)).is_pending());
        assert!(a.poll(Pin::new(&mut second)).is_pending());
        drop(writing);
        assert_eq!(a.wakes(), 2);
        let stopped = Poll::Ready(Err(NotDurable::Stopped));
        assert_eq!(a.poll(Pin::new(&mut first)), stopped);
        assert_eq!(a.poll(Pin::new(&mut second)), stopped);
        let closed = Poll::Ready(Err(NotDurable::Closed));
        assert_eq!(a.poll(Pin::new(&mut journal.append(3))), closed);
    }
}
