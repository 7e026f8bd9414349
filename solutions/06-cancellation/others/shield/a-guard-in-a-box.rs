//! The shield itself has no destructor: a guard around the task gives it up, and a box hides both.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use cancellation::{Ended, Task};
use event_loop::Spawn;

struct Guard<T: 'static>(Option<Task<T>>);

impl<T> Unpin for Guard<T> {}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

impl<T> Future for Guard<T> {
    type Output = Result<T, Ended>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.0.as_mut().expect("it is there until the end");
        let polled = Pin::new(task).poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

pub fn shield<F>(spawn: &Rc<dyn Spawn>, future: F) -> Shield<F::Output>
where
    F: Future + 'static,
{
    Shield {
        waits: Box::pin(Guard(Some(Task::spawn(spawn, future)))),
    }
}

#[must_use = "the task goes on, but its output is lost"]
pub struct Shield<T: 'static> {
    waits: Pin<Box<dyn Future<Output = Result<T, Ended>>>>,
}

impl<T> Future for Shield<T> {
    type Output = Result<T, Ended>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.waits.as_mut().poll(context)
    }
}

impl<T> std::fmt::Debug for Shield<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shield")
    }
}
