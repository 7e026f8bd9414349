//! What a waker holds, and for how long.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use event_loop::{Observer, TaskId, ThreadDriver, WeakWaker};
use speed::EventLoop;

use super::all_steps;

/// Keeps what the loop reports about wakers.
#[derive(Default, Clone)]
struct Wakers(Arc<Mutex<Vec<WeakWaker>>>);

impl Observer for Wakers {
    fn task_waker(&self, _task: TaskId, waker: WeakWaker) {
        self.0.lock().unwrap().push(waker);
    }
}

#[test]
fn the_count_of_wakers_is_exact_whichever_thread_clones_and_drops_them() {
    for steps in all_steps() {
        let wakers = Wakers::default();
        let event_loop = EventLoop::stepped(ThreadDriver::new(), wakers.clone(), steps);
        let kept: Rc<RefCell<Vec<Waker>>> = Rc::default();
        let task = event_loop.handle().spawn({
            let kept = Rc::clone(&kept);
            poll_fn(move |context| {
                kept.borrow_mut().push(context.waker().clone());
                Poll::<()>::Pending
            })
        });
        event_loop.run_once().unwrap();
        let weak = wakers.0.lock().unwrap()[0].clone();
        assert_eq!(weak.count(), 3, "two of the loop's and one: {steps:?}");
        let waker = kept.borrow_mut().pop().unwrap();
        let copies = std::thread::spawn(move || [waker.clone(), waker.clone()]);
        let copies = copies.join().unwrap();
        assert_eq!(weak.count(), 4, "{steps:?}");
        task.abort();
        assert_eq!(weak.count(), 2, "the loop keeps none: {steps:?}");
        let third = weak.upgrade().unwrap();
        let [one, other] = copies;
        drop(other);
        std::thread::spawn(move || drop(one)).join().unwrap();
        assert_eq!(weak.count(), 1, "{steps:?}");
        drop(third);
        assert_eq!(weak.count(), 0, "{steps:?}");
        assert!(weak.upgrade().is_none(), "{steps:?}");
    }
}

#[test]
fn a_late_wake_of_a_task_that_has_ended_does_not_poll_the_next_task() {
    for steps in all_steps() {
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let handle = event_loop.handle();
        let late = Rc::new(Cell::new(None::<Waker>));
        let first = handle.spawn({
            let late = Rc::clone(&late);
            poll_fn(move |context| {
                late.set(Some(context.waker().clone()));
                Poll::Ready(())
            })
        });
        event_loop.block_on(first).unwrap();
        let polls = Rc::new(Cell::new(0));
        let second = handle.spawn({
            let polls = Rc::clone(&polls);
            poll_fn(move |_| {
                polls.set(polls.get() + 1);
                Poll::<()>::Pending
            })
        });
        event_loop.run_once().unwrap();
        let waker = late.take().unwrap();
        waker.wake_by_ref();
        waker.wake();
        let stop = handle.clone();
        drop(handle.call_soon(move || stop.stop()));
        event_loop.run_forever();
        assert_eq!(polls.get(), 1, "{steps:?}");
        drop(second);
    }
}
