//! What the loop's handles ask for: chapter 04's `Handle`, `JoinHandle`, `Sleep` and `Door` are used as
//! they are.

use std::task::Waker;

use event_loop::hub::still_set;
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
        still_set(&self.timers, timer, waker)
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
