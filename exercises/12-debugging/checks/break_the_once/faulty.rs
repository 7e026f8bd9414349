//! A value that is loaded once. The first task that asks for it loads it, and the others wait for that task.
//!
//! This version has a fault. No task may wait while no task loads and none of the waiting tasks has been woken.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Clones are the same value.
#[derive(Clone, Default)]
pub(super) struct Once {
    inside: Rc<RefCell<Inside>>,
}

#[derive(Default)]
struct Inside {
    state: State,
    /// The tasks that wait for the loading one, oldest first.
    waiting: VecDeque<(u64, Waker)>,
    numbers: u64,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    #[default]
    Empty,
    Loading,
    Loaded(u32),
}

impl Once {
    /// Waits for the value. If it is neither there nor being loaded, polls `load` itself.
    pub(super) fn get<F: Future<Output = u32> + Unpin>(&self, load: F) -> Get<F> {
        let mut inside = self.inside.borrow_mut();
        inside.numbers += 1;
        Get {
            inside: Rc::clone(&self.inside),
            number: inside.numbers,
            load,
            loads: false,
        }
    }
}

// ANCHOR: get
pub(super) struct Get<F> {
    inside: Rc<RefCell<Inside>>,
    /// Names this future in the list of those that wait.
    number: u64,
    load: F,
    loads: bool,
}

impl<F: Future<Output = u32> + Unpin> Future for Get<F> {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let state = self.inside.borrow().state;
        match state {
            State::Loaded(value) => return Poll::Ready(value),
            State::Loading if !self.loads => {
                self.waits(context.waker());
                return Poll::Pending;
            }
            State::Empty | State::Loading => {}
        }
        self.loads = true;
        self.inside.borrow_mut().state = State::Loading;
        let value = std::task::ready!(Pin::new(&mut self.load).poll(context));
        self.loads = false;
        let mut inside = self.inside.borrow_mut();
        inside.state = State::Loaded(value);
        let waiting = std::mem::take(&mut inside.waiting);
        drop(inside);
        for (_, waker) in waiting {
            waker.wake();
        }
        Poll::Ready(value)
    }
}
// ANCHOR_END: get

// ANCHOR: drop
impl<F> Drop for Get<F> {
    fn drop(&mut self) {
        if self.loads {
            // The load is cancelled with this task: the next one in the list takes over.
            self.inside.borrow_mut().state = State::Empty;
            self.wake_the_next();
        } else {
            let mut inside = self.inside.borrow_mut();
            inside.waiting.retain(|(number, _)| *number != self.number);
        }
    }
}

impl<F> Get<F> {
    fn wake_the_next(&self) {
        let next = self.inside.borrow_mut().waiting.pop_front();
        if let Some((_, waker)) = next {
            waker.wake();
        }
    }
    // ANCHOR_END: drop

    /// Keeps the waker of the latest poll.
    fn waits(&self, waker: &Waker) {
        let mut inside = self.inside.borrow_mut();
        let mut waiting = inside.waiting.iter_mut();
        match waiting.find(|(number, _)| *number == self.number) {
            Some((_, kept)) => kept.clone_from(waker),
            None => inside.waiting.push_back((self.number, waker.clone())),
        }
    }
}
