//! Begins the quiet when the task is polled, and not when the value comes.
//!
//! Apply the idea.
//! Somebody types into a search field, and each letter is a new value; but only when they
//! have paused for a moment is it worth while to search. Build what is between the two: it takes
//! values whenever they come, and emits the last one once it has been quiet for long enough.
//!
//! It needs no more of a loop than the two traits say.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::{Spawn, Timer};

/// Where the values go in. Dropping it ends the input: a value that still waits is emitted at once,
/// that is by the task in the loop's next turns, and not by the destructor.
pub struct Debounce<T> {
    input: Rc<RefCell<Input<T>>>,
}

impl<T: 'static> Debounce<T> {
    /// Spawns a task that calls `emit` with the last value whenever it has been `quiet` for so long
    /// since that value came. Values that were followed by another one in time are dropped.
    ///
    /// There is one timer at the most, however many values come, and none while no value waits. When
    /// the input has ended, the task ends, too, and leaves nothing behind. `emit` may push: nothing is
    /// borrowed while it runs.
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

    /// Takes a value in, in place of the one that waits.
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
        let mut newest = 0;
        let mut sleep = timer.sleep(quiet);
        poll_fn(|context| {
            let mut input = input.borrow_mut();
            if input.pushes != newest {
                newest = input.pushes;
                sleep = timer.sleep(quiet);
            }
            if input.ended {
                return Poll::Ready(());
            }
            input.task = Some(context.waker().clone());
            Pin::new(&mut sleep).poll(context)
        })
        .await;
        let value = input.borrow_mut().waiting.take();
        if let Some(value) = value {
            emit(value);
        }
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
