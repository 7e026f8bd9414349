//! Apply the idea.
//! A person types into a search field. Each letter is a new value, and a search pays only after a
//! pause. Build the part between the two: it takes values at any time, and emits the last one when
//! no value has come for a given time.
//!
//! It needs of a loop what the two traits say, and no more.

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

/// The input for values. Dropping it ends the input: the task then emits a waiting value at once, in
/// the loop's next iterations. The destructor itself emits nothing.
pub struct Debounce<T> {
    // YOURS
    input: Rc<RefCell<Input<T>>>,
    // STUB: latest: Option<T>, // Yours to replace.
    // YOURS_END
}

// YOURS
struct Input<T> {
    /// The last value, and when it is emitted if no other is pushed before.
    waiting: Option<(T, Time)>,
    /// The input was dropped.
    ended: bool,
    task: Option<Waker>,
    clock: Box<dyn Fn() -> Time>,
}

// YOURS_END
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
        // STUB: todo!("a task that waits for a value, and then until no other has come for `quiet`")
        // YOURS_END
    }

    /// Takes a value, in place of the one that waits.
    pub fn push(&self, value: T) {
        // YOURS
        let (older, task) = {
            let mut input = self.input.borrow_mut();
            let due = (input.clock)();
            (input.waiting.replace((value, due)), input.task.take())
        };
        // A task that waits for its timer need not be woken: when the timer fires, it sees the later time.
        match (older, task) {
            (None, Some(waker)) => waker.wake(),
            (_, task) => self.input.borrow_mut().task = task,
        }
        // STUB: todo!("store the value, and when it is due")
        // YOURS_END
    }
}

// YOURS
/// Emits each value that is due, until the input has ended.
async fn run<T, M: Timer>(input: Rc<RefCell<Input<T>>>, timer: Rc<M>, mut emit: impl FnMut(T)) {
    let mut sleep = None;
    while let Some(value) =
        poll_fn(|context| input.borrow_mut().poll(&*timer, &mut sleep, context)).await
    {
        emit(value);
    }
}

impl<T> Input<T> {
    /// The next value to emit, or `None` at the end of the input.
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
            *sleep = None; // The timer of an older value.
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
