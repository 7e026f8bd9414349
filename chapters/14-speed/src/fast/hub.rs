//! What the loop's handles ask for: chapter 04's `Handle`, `JoinHandle`, `Sleep` and `Door` are used as
//! they are.

use std::mem;
use std::task::Waker;

use event_loop::{
    Accept, BoxedTask, Driver, Hub, Observer, Origin, TaskId, Time, TimerKey, Unretrieved,
};

use super::core::Core;
use crate::sync::Arc;

impl<D: Driver + 'static, O: Observer> Hub for Core<D, O> {
    fn now(&self) -> Time {
        self.driver.now()
    }

    fn add_task(&self, future: BoxedTask, origin: Origin) -> Option<(TaskId, Waker)> {
        if self.shared.is_closed() {
            return None;
        }
        Some(self.add(future, origin))
    }

    fn abort(&self, id: TaskId) -> bool {
        self.abort_task(id)
    }

    fn is_waiting(&self, id: TaskId) -> bool {
        self.tasks.borrow().is_suspended(id)
    }

    fn set_timer(&self, when: Time, waker: Waker) -> Option<TimerKey> {
        if self.shared.is_closed() {
            return None;
        }
        let timer = self.timers.borrow_mut().insert(when, waker);
        self.tell(|observer| observer.timer_set(timer, when));
        Some(timer)
    }

    #[inline]
    fn still_set(&self, timer: TimerKey, waker: &Waker) -> bool {
        match self.timers.borrow_mut().get_mut(timer) {
            None => return false,
            Some(kept) if kept.will_wake(waker) => return true,
            Some(_) => {}
        }
        // Cloned, and the older one dropped, while nothing is borrowed: a waker is caller-supplied code.
        let waker = waker.clone();
        let mut timers = self.timers.borrow_mut();
        let kept = timers.get_mut(timer);
        let is_set = kept.is_some();
        let older = kept.map(|kept| mem::replace(kept, waker));
        drop(timers);
        drop(older);
        is_set
    }

    fn drop_timer(&self, timer: TimerKey) -> bool {
        let waker = self.timers.borrow_mut().remove(timer);
        if waker.is_some() {
            self.tell(|observer| observer.timer_dropped(timer));
        }
        waker.is_some()
    }

    fn door(&self) -> Arc<dyn Accept> {
        Arc::clone(&self.shared) as Arc<dyn Accept>
    }

    fn stop(&self) {
        self.stopped.set(true);
    }

    fn report(&self, unretrieved: &Unretrieved) {
        let report = self.report.borrow().clone();
        report.call(unretrieved);
    }
}
