//! A second task joins the work and stores the result in a slot, from which the shield takes it.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use cancellation::{Ended, Task};
use event_loop::Spawn;

struct Slot<T> {
    result: Option<Result<T, Ended>>,
    waiter: Option<Waker>,
    spawn: Rc<dyn Spawn>,
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        if let Some(result) = self.result.take() {
            report(&*self.spawn, &result);
        }
    }
}

fn report<T>(spawn: &dyn Spawn, result: &Result<T, Ended>) {
    if let Err(ended @ Ended::Panicked(_)) = result {
        spawn.report(&ended.to_string());
    }
}

pub fn shield<F>(spawn: &Rc<dyn Spawn>, future: F) -> Shield<F::Output>
where
    F: Future + 'static,
{
    let slot = Rc::new(RefCell::new(Slot {
        result: None,
        waiter: None,
        spawn: Rc::clone(spawn),
    }));
    let (work, place) = (Task::spawn(spawn, future), Rc::downgrade(&slot));
    Task::spawn(spawn, join(work, place, Rc::clone(spawn))).detach();
    Shield { slot }
}

async fn join<T: 'static>(work: Task<T>, place: Weak<RefCell<Slot<T>>>, spawn: Rc<dyn Spawn>) {
    let result = work.await;
    let Some(slot) = place.upgrade() else {
        return report(&*spawn, &result);
    };
    let waiter = {
        let mut slot = slot.borrow_mut();
        slot.result = Some(result);
        slot.waiter.take()
    };
    if let Some(waiter) = waiter {
        waiter.wake();
    }
}

#[must_use = "the task goes on, but its output is lost"]
pub struct Shield<T: 'static> {
    slot: Rc<RefCell<Slot<T>>>,
}

impl<T> Future for Shield<T> {
    type Output = Result<T, Ended>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        let mut slot = self.slot.borrow_mut();
        if let Some(result) = slot.result.take() {
            return Poll::Ready(result);
        }
        let older = slot.waiter.replace(waker);
        drop(slot);
        drop(older);
        Poll::Pending
    }
}

impl<T> fmt::Debug for Shield<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Shield")
    }
}
