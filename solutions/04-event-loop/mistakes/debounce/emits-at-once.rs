//! Emits a value when it is pushed, and emits nothing for a while after it.
//!
//! Apply the idea.
//! A person types into a search field. Each letter is a new value, and a search pays only after a
//! pause. Build the part between the two: it takes values at any time, and emits the last one when
//! no value has come for a given time.
//!
//! It needs of a loop what the two traits say, and no more.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::{Spawn, Timer};

/// The input for values. Dropping it ends the input: the task then emits a waiting value at once, in
/// the loop's next iterations. The destructor itself emits nothing.
pub struct Debounce<T> {
    input: Rc<RefCell<Input<T>>>,
}

impl<T: 'static> Debounce<T> {
    /// Spawns a task that calls `emit` with the last value when no other value has been pushed for
    /// `quiet` since. The time counts from the `push`, even if the task is polled later. A value that
    /// is followed by another one before that is dropped.
    ///
    /// At most one timer is set, however many values are pushed, and none while no value waits. When
    /// the input has ended, the task completes, and no task, timer or value is left. `emit` may push,
    /// and may drop the input: nothing is borrowed while it runs. The task sleeps in between; a
    /// spurious poll changes nothing.
    pub fn new<M: Timer + 'static>(
        spawner: &impl Spawn,
        timer: M,
        quiet: Duration,
        emit: impl FnMut(T) + 'static,
    ) -> Debounce<T> {
        let input = Rc::new(RefCell::new(Input {
            waiting: None,
            pushes: 0,
            ended: false,
            task: None,
        }));
        let task = run(Rc::clone(&input), timer, quiet, emit);
        spawner.spawn_boxed(Box::pin(task));
        Debounce { input }
    }

    /// Takes a value, in place of the one that waits.
    pub fn push(&self, value: T) {
        let task = {
            let mut input = self.input.borrow_mut();
            input.waiting = Some(value);
            input.pushes += 1;
            input.task.take()
        };
        if let Some(waker) = task {
            waker.wake();
        }
    }
}

struct Input<T> {
    waiting: Option<T>,
    pushes: u64,
    ended: bool,
    task: Option<Waker>,
}

impl<T> Drop for Debounce<T> {
    fn drop(&mut self) {
        let task = {
            let mut input = self.input.borrow_mut();
            input.ended = true;
            input.task.take()
        };
        if let Some(waker) = task {
            waker.wake();
        }
    }
}

async fn run<T, M: Timer>(
    input: Rc<RefCell<Input<T>>>,
    timer: M,
    quiet: Duration,
    mut emit: impl FnMut(T),
) {
    // ANCHOR: mistake
    while something(&input).await {
        let value = input.borrow_mut().waiting.take();
        if let Some(value) = value {
            emit(value);
        }
        timer.sleep(quiet).await;
        input.borrow_mut().waiting = None;
    }
    // ANCHOR_END: mistake
}

/// Waits until a value is there; `false` if none will come.
async fn something<T>(input: &RefCell<Input<T>>) -> bool {
    poll_fn(|context| {
        let mut input = input.borrow_mut();
        if input.waiting.is_some() {
            return Poll::Ready(true);
        }
        if input.ended {
            return Poll::Ready(false);
        }
        input.task = Some(context.waker().clone());
        Poll::Pending
    })
    .await
}

impl<T> fmt::Debug for Debounce<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Debounce")
    }
}
