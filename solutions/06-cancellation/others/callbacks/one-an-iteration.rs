//! One task calls all of them, one in each iteration of the loop; another task takes over after a
//! panic.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use event_loop::{BoxedTask, Spawn, yield_now};

pub struct Callbacks<T> {
    spawn: Rc<dyn Spawn>,
    waiting: RefCell<VecDeque<(u64, Callback<T>)>>,
    count: Cell<u64>,
    called: Rc<Called>,
}

type Callback<T> = Box<dyn FnOnce(T)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackKey {
    number: u64,
}

/// What is to be called, and whether a task is at work on it.
struct Called {
    spawn: Rc<dyn Spawn>,
    queue: RefCell<VecDeque<Box<dyn FnOnce()>>>,
    has_a_task: Cell<bool>,
}

impl<T: Clone + 'static> Callbacks<T> {
    #[must_use]
    pub fn new(spawn: Rc<dyn Spawn>) -> Callbacks<T> {
        let called = Called {
            spawn: Rc::clone(&spawn),
            queue: RefCell::default(),
            has_a_task: Cell::new(false),
        };
        Callbacks {
            spawn,
            waiting: RefCell::default(),
            count: Cell::new(0),
            called: Rc::new(called),
        }
    }

    pub fn add(&self, callback: impl FnOnce(T) + 'static) -> CallbackKey {
        let number = self.count.get();
        self.count.set(number + 1);
        let callback: Callback<T> = Box::new(callback);
        self.waiting.borrow_mut().push_back((number, callback));
        CallbackKey { number }
    }

    pub fn remove(&self, key: CallbackKey) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let index = waiting.iter().position(|(number, _)| *number == key.number);
        let removed = index.and_then(|index| waiting.remove(index));
        drop(waiting);
        removed.is_some()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    pub fn call(&self, outcome: &T) {
        for (_, callback) in self.waiting.take() {
            let outcome = outcome.clone();
            let call = Box::new(move || callback(outcome));
            self.called.queue.borrow_mut().push_back(call);
        }
        start(&self.called);
    }
}

fn start(called: &Rc<Called>) {
    if !called.queue.borrow().is_empty() && !called.has_a_task.replace(true) {
        let task: BoxedTask = Box::pin(run(Running(Rc::clone(called))));
        called.spawn.spawn_boxed(task);
    }
}

/// A task at work. When it is dropped, by a panic for instance, the next one begins.
struct Running(Rc<Called>);

async fn run(running: Running) {
    loop {
        let next = running.0.queue.borrow_mut().pop_front();
        let Some(call) = next else { break };
        call();
        yield_now().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.has_a_task.set(false);
        if std::thread::panicking() {
            start(&self.0);
        } else {
            // The loop is gone, or there is nothing left to call.
            let dropped = self.0.queue.take();
            drop(dropped);
        }
    }
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Callbacks")
            .field("spawn", &Rc::strong_count(&self.spawn))
            .finish()
    }
}
