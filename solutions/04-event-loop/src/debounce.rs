//! Apply the idea.
//! Somebody types into a search field, and each letter is a new value; but only when they
//! have paused for a moment is it worth while to search. Build what is between the two: it takes
//! values whenever they come, and emits the last one once it has been quiet for long enough.
//!
//! It needs no more of a loop than the two traits say.

// YOURS
use std::cell::RefCell;
// YOURS_END
use std::fmt;
// YOURS
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
// YOURS_END
use std::time::Duration;

use event_loop::{Spawn, Timer};
// YOURS
use event_loop::Time;
// YOURS_END

/// Where the values go in. Dropping it ends the input: a value that still waits is emitted at once,
/// that is by the task in the loop's next turns, and not by the destructor.
pub struct Debounce<T> {
    // YOURS
    input: Rc<RefCell<Input<T>>>,
    // STUB: latest: Option<T>, // Yours to replace.
    // YOURS_END
}

// YOURS
struct Input<T> {
    /// The last value, and when it is to be emitted if none comes after it.
    waiting: Option<(T, Time)>,
    /// Nothing more will come.
    ended: bool,
    task: Option<Waker>,
    clock: Box<dyn Fn() -> Time>,
}

// YOURS_END
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
        // YOURS
        let timer = Rc::new(timer);
        let clock = Rc::clone(&timer);
        let input = Rc::new(RefCell::new(Input {
            waiting: None,
            ended: false,
            task: None,
            clock: Box::new(move || clock.now() + quiet),
        }));
        let task = run(Rc::clone(&input), timer, emit);
        spawner.spawn_boxed(Box::pin(task));
        Debounce { input }
        // STUB: todo!("a task that waits for a value, and then for the quiet")
        // YOURS_END
    }

    /// Takes a value in, in place of the one that waits.
    pub fn push(&self, value: T) {
        // YOURS
        let (older, task) = {
            let mut input = self.input.borrow_mut();
            let due = (input.clock)();
            (input.waiting.replace((value, due)), input.task.take())
        };
        // Whoever waits for the quiet learns when the timer fires that it has been put off.
        match (older, task) {
            (None, Some(waker)) => waker.wake(),
            (_, task) => self.input.borrow_mut().task = task,
        }
        // STUB: todo!("remember it, and from when on it has to be quiet")
        // YOURS_END
    }
}

// YOURS
/// Emits what is due, until the input has ended.
async fn run<T, M: Timer>(input: Rc<RefCell<Input<T>>>, timer: Rc<M>, mut emit: impl FnMut(T)) {
    let mut sleep = None;
    while let Some(value) =
        poll_fn(|context| input.borrow_mut().poll(&*timer, &mut sleep, context)).await
    {
        emit(value);
    }
}

impl<T> Input<T> {
    /// The next value that is to be emitted, or the end.
    fn poll<M: Timer>(
        &mut self,
        timer: &M,
        sleep: &mut Option<M::Sleep>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        while let Some((_, due)) = self.waiting {
            if self.ended || timer.now() >= due {
                *sleep = None;
                return Poll::Ready(self.waiting.take().map(|(value, _)| value));
            }
            let timer = sleep.get_or_insert_with(|| timer.sleep_until(due));
            if Pin::new(timer).poll(context).is_pending() {
                break;
            }
            *sleep = None; // It was the time of an older value.
        }
        if self.ended {
            return Poll::Ready(None);
        }
        self.task = Some(context.waker().clone());
        Poll::Pending
    }
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

// YOURS_END
impl<T> fmt::Debug for Debounce<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Debounce")
    }
}
