//! Ten planted faults: each passes in the loop's own order, is found within 1,000 seeds, and is shrunk to at most 12
//! decisions that fail in the same way. The mended program passes all of them.

mod composition;
mod sharing;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use debugging::schedules::{Schedules, Trial, replay};
use event_loop::yield_now;

/// Whether the program has its fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Version {
    Faulty,
    Mended,
}

use Version::{Faulty, Mended};

const SEEDS: u64 = 1_000;

#[track_caller]
fn is_found<F: Future<Output = ()> + 'static>(program: impl Fn(Trial, Version) -> F) {
    let faulty = |trial| program(trial, Faulty);
    assert_eq!(
        replay(&[], faulty),
        None,
        "it fails in the loop's own order"
    );
    let found = Schedules::of_seeds(0..SEEDS).find(faulty);
    let found = found.expect("no seed makes it fail");
    let decisions = found
        .schedule
        .iter()
        .filter(|&&decision| decision > 0)
        .count();
    assert!((1..=12).contains(&decisions), "{found:?}");
    assert_eq!(replay(&found.schedule, faulty), Some(found.failure));
    Schedules::of_seeds(0..SEEDS).explore(|trial| program(trial, Mended));
}

async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// Something that happens once, for one waiting task.
#[derive(Default)]
struct Event {
    happened: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Event {
    fn happens(&self) {
        self.happened.set(true);
        let waker = self.waker.take();
        waker.into_iter().for_each(Waker::wake);
    }

    async fn wait(&self) {
        poll_fn(|context| {
            *self.waker.borrow_mut() = Some(context.waker().clone());
            match self.happened.get() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

/// A lock whose waiting tasks are served in order. It is handed over in `unlock`.
#[derive(Default)]
struct Lock {
    locked: Cell<bool>,
    waiting: RefCell<VecDeque<Rc<Event>>>,
}

impl Lock {
    async fn lock(&self) {
        if !self.locked.replace(true) {
            return;
        }
        let turn = Rc::new(Event::default());
        self.waiting.borrow_mut().push_back(Rc::clone(&turn));
        turn.wait().await;
    }

    fn unlock(&self) {
        let next = self.waiting.borrow_mut().pop_front();
        match next {
            Some(turn) => turn.happens(),
            None => self.locked.set(false),
        }
    }
}
