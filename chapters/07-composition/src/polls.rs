//! An instrument: how often the children of a join are polled.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use composition::join_all;

/// Which waker the children of a join are polled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakers {
    /// That of the task, as in the `join_all` of chapter 02: a poll polls all children that are not
    /// ready yet.
    OneForAll,
    /// One of its own for each: a poll polls the children that were woken.
    OneEach,
}

/// When the children are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// One after the other, the last of the list first. After each, the task polls the join.
    OneByOne,
    /// All of them before the task polls the join again.
    AtOnce,
}

/// Waits for this many children, each of which is pending at its first poll, and counts how often
/// children are polled.
#[must_use]
pub fn polls(children: usize, wakers: Wakers, finish: Finish) -> u64 {
    let total = Rc::new(Cell::new(0));
    let waits: Vec<Rc<Wait>> = (0..children).map(|_| Wait::new(&total)).collect();
    let list = waits.iter().map(|wait| Child(Rc::clone(wait)));
    match wakers {
        Wakers::OneForAll => drive(pin!(all_with_one_waker(list.collect())), &waits, finish),
        Wakers::OneEach => drive(pin!(join_all(list)), &waits, finish),
    }
    total.get()
}

/// Polls the join whenever its task was woken.
fn drive<F: Future>(mut join: Pin<&mut F>, waits: &[Rc<Wait>], finish: Finish) {
    let task = Arc::new(Task(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&task));
    let mut poll_if_woken = || {
        if task.0.swap(false, Ordering::Relaxed) {
            let _output = join.as_mut().poll(&mut Context::from_waker(&waker));
        }
    };
    poll_if_woken();
    for wait in waits.iter().rev() {
        wait.finish();
        if finish == Finish::OneByOne {
            poll_if_woken();
        }
    }
    poll_if_woken();
}

/// A task: whether it was woken.
struct Task(AtomicBool);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What one child waits for.
struct Wait {
    ready: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    polls: Rc<Cell<u64>>,
}

impl Wait {
    fn new(polls: &Rc<Cell<u64>>) -> Rc<Wait> {
        Rc::new(Wait {
            ready: Cell::new(false),
            waker: RefCell::new(None),
            polls: Rc::clone(polls),
        })
    }

    fn finish(&self) {
        self.ready.set(true);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Child(Rc<Wait>);

impl Future for Child {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let wait = &self.0;
        wait.polls.set(wait.polls.get() + 1);
        if wait.ready.get() {
            return Poll::Ready(());
        }
        let older = wait.waker.replace(Some(context.waker().clone()));
        drop(older);
        Poll::Pending
    }
}

// ANCHOR: one_waker
/// A join as in chapter 02: each poll polls every child that is not ready yet, with the waker of the
/// task.
async fn all_with_one_waker<F: Future<Output = ()> + Unpin>(mut children: Vec<F>) {
    std::future::poll_fn(move |context| {
        children.retain_mut(|child| Pin::new(child).poll(context).is_pending());
        if children.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
// ANCHOR_END: one_waker
