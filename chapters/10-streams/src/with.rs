//! A resource for the length of a body, and its exit in every case.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;

use cancellation::Cleanup;
use event_loop::Spawn;
use futures::FutureExt;
use wakers::oneshot::{self, Receiver};

use crate::inner_exits::InnerExits;

/// Lends `resource` to `body`, and gives it to `exit` when the body has ended. This is Python's
/// `async with`.
///
/// - The body returns `Ok`: this waits for the exit, and returns the body's value, or the exit's error.
/// - The body returns an error: this waits for the exit, and returns the body's error.
/// - The body panics: this waits for the exit, and the panic goes on.
/// - This future is dropped, at any time, also before its first poll: the loop runs the exit, or what
///   is left of it, as a task. No caller waits for that.
///
/// The body is dropped before the exit begins. An error of the exit that no caller receives is
/// [reported](Spawn::report). A panic of the exit is not caught.
///
/// ```
/// use std::rc::Rc;
/// use event_loop::{EventLoop, Spawn};
/// use streams::with;
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// let length = event_loop.block_on(with(
///     &spawn,
///     vec![1, 2],
///     async |list: &mut Vec<i32>| {
///         list.push(3);
///         Ok::<_, String>(list.len())
///     },
///     |list| async move { Ok(assert_eq!(list, [1, 2, 3])) },
/// ));
/// assert_eq!(length, Ok(3));
/// ```
///
/// # Cancel safety
///
/// The exit runs. But it has not finished when the drop returns. Where one `with` stands in the body of
/// another, the outer exit begins when the inner one has finished, also on the loop: the outer resource
/// is there until then. What an [`ExitStack`](crate::ExitStack) in the body leaves to the loop is not waited for.
pub fn with<R, T, E, B, X, F>(
    spawn: &Rc<dyn Spawn>,
    resource: R,
    body: B,
    exit: X,
) -> impl Future<Output = Result<T, E>> + use<R, T, E, B, X, F>
where
    B: AsyncFnOnce(&mut R) -> Result<T, E>,
    R: 'static,
    E: fmt::Display + 'static,
    X: FnOnce(R) -> F + 'static,
    F: Future<Output = Result<(), E>> + 'static,
{
    // ANCHOR: with
    // Made here and not in the future: it must also be there if the future is never polled.
    let mut open = Open {
        spawn: Rc::clone(spawn),
        inner: InnerExits::default(),
        resource: Some((resource, exit)),
    };
    async move {
        let inner = open.inner.clone();
        let body = inner.within(AssertUnwindSafe(body(open.resource())).catch_unwind());
        let body = body.await;
        let (cleanup, closed) = open.close();
        cleanup.await;
        let closed = closed.await.expect("the exit has finished");
        let failed = !matches!(body, Ok(Ok(_)));
        if let (true, Err(error)) = (failed, &closed) {
            open.spawn.report(&unreceived(error));
        }
        let value = body.unwrap_or_else(|panic| resume_unwind(panic))?;
        closed.map(|()| value)
    }
    // ANCHOR_END: with
}

/// A resource whose exit has not begun. If it is dropped, the loop runs the exit.
struct Open<R, X, E, F>
where
    R: 'static,
    E: fmt::Display + 'static,
    X: FnOnce(R) -> F + 'static,
    F: Future<Output = Result<(), E>> + 'static,
{
    spawn: Rc<dyn Spawn>,
    /// The exits in the body that the loop runs.
    inner: InnerExits,
    resource: Option<(R, X)>,
}

impl<R, X, E, F> Open<R, X, E, F>
where
    R: 'static,
    E: fmt::Display + 'static,
    X: FnOnce(R) -> F + 'static,
    F: Future<Output = Result<(), E>> + 'static,
{
    fn resource(&mut self) -> &mut R {
        let open = self.resource.as_mut();
        &mut open.expect("it is taken when the body has ended").0
    }

    /// The exit, and what receives its outcome. The exit begins when it is awaited or dropped.
    // ANCHOR: close
    fn close(&mut self) -> (Cleanup, Receiver<Result<(), E>>) {
        let (resource, exit) = self.resource.take().expect("it is closed once");
        let (sender, receiver) = oneshot::channel();
        let reporter = Rc::clone(&self.spawn);
        let (inner, running) = (self.inner.clone(), InnerExits::begin());
        let cleanup = Cleanup::new(&self.spawn, async move {
            let _running = running; // The exit around this one waits for it.
            inner.ended().await;
            let ended = exit(resource).await;
            if let Err(Err(error)) = sender.send(ended) {
                reporter.report(&unreceived(&error));
            }
        });
        (cleanup, receiver)
    }
    // ANCHOR_END: close
}

impl<R, X, E, F> Drop for Open<R, X, E, F>
where
    R: 'static,
    E: fmt::Display + 'static,
    X: FnOnce(R) -> F + 'static,
    F: Future<Output = Result<(), E>> + 'static,
{
    fn drop(&mut self) {
        if self.resource.is_some() {
            let (cleanup, receiver) = self.close();
            drop(receiver); // No caller is left.
            drop(cleanup); // The loop runs it.
        }
    }
}

fn unreceived(error: &impl fmt::Display) -> String {
    format!("an exit failed: {error}")
}
