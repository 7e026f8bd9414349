//! No set of futures: each task owns a note whose destructor puts the task's number into a queue.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::{Ended, Task};
use event_loop::{BoxedTask, Spawn};

pub enum Failed<E> {
    Error(E),
    Panicked(Box<dyn Any + Send>),
}

pub struct Group<E>(Rc<Shared<E>>);

impl<E> Clone for Group<E> {
    fn clone(&self) -> Group<E> {
        Group(Rc::clone(&self.0))
    }
}

struct Shared<E> {
    spawn: Rc<dyn Spawn>,
    inside: RefCell<Inside<E>>,
}

struct Inside<E> {
    takes_children: bool,
    takes_cleanup: bool,
    tasks: BTreeMap<u64, Kind<E>>,
    ended: VecDeque<u64>,
    started: u64,
    waker: Option<Waker>,
}

enum Kind<E> {
    Child(Rc<RefCell<Task<Result<(), E>>>>),
    Cleanup(Option<Task<()>>),
}

impl<E> Drop for Kind<E> {
    fn drop(&mut self) {
        if let Kind::Cleanup(task) = self
            && let Some(task) = task.take()
        {
            task.detach();
        }
    }
}

/// Tells the group that the task with this number has ended.
struct Note<E>(Rc<Shared<E>>, u64);

impl<E> Drop for Note<E> {
    fn drop(&mut self) {
        let waker = {
            let mut inside = self.0.inside.borrow_mut();
            inside.ended.push_back(self.1);
            inside.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<E: 'static> Shared<E> {
    fn number(&self) -> u64 {
        let mut inside = self.inside.borrow_mut();
        inside.started += 1;
        inside.started
    }

    fn keep(&self, number: u64, kind: Kind<E>, is_over: bool) {
        let mut inside = self.inside.borrow_mut();
        inside.tasks.insert(number, kind);
        if is_over {
            inside.ended.push_back(number);
        }
        let waker = inside.waker.take();
        drop(inside);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn ended(&self) -> Option<Kind<E>> {
        let mut inside = self.inside.borrow_mut();
        while let Some(number) = inside.ended.pop_front() {
            if let Some(kind) = inside.tasks.remove(&number) {
                return Some(kind);
            }
        }
        None
    }
}

impl<E: 'static> Group<E> {
    pub fn spawn(&self, child: impl Future<Output = Result<(), E>> + 'static) {
        if !self.0.inside.borrow().takes_children {
            return;
        }
        let number = self.0.number();
        let note = Note(Rc::clone(&self.0), number);
        let task = Task::spawn(&self.0.spawn, async move {
            let _note = note;
            child.await
        });
        let is_over = task.is_over();
        let kind = Kind::Child(Rc::new(RefCell::new(task)));
        self.0.keep(number, kind, is_over);
    }

    pub fn spawner(&self) -> Rc<dyn Spawn> {
        Rc::<Shared<E>>::clone(&self.0)
    }
}

impl<E: 'static> Spawn for Shared<E> {
    fn spawn_boxed(&self, future: BoxedTask) {
        if !self.inside.borrow().takes_cleanup {
            return self.spawn.spawn_boxed(future);
        }
        let number = self.number();
        // The note needs an `Rc` of this, and has only a reference: so cleanups are polled instead.
        let task = Task::spawn(&self.spawn, future);
        let is_over = task.is_over();
        self.keep(number, Kind::Cleanup(Some(task)), is_over);
    }

    fn report(&self, problem: &str) {
        self.spawn.report(problem);
    }
}

pub struct TaskGroup<'a, T, E> {
    body: Option<Pin<Box<dyn Future<Output = Result<T, E>> + 'a>>>,
    value: Option<T>,
    failures: Vec<Failed<E>>,
    failed: bool,
    over: bool,
    shared: Rc<Shared<E>>,
}

impl<T, E> Unpin for TaskGroup<'_, T, E> {}

pub fn task_group<'a, T, E, B>(
    spawn: &Rc<dyn Spawn>,
    body: impl FnOnce(Group<E>) -> B,
) -> TaskGroup<'a, T, E>
where
    B: Future<Output = Result<T, E>> + 'a,
    E: 'static,
{
    let inside = Inside {
        takes_children: true,
        takes_cleanup: true,
        tasks: BTreeMap::new(),
        ended: VecDeque::new(),
        started: 0,
        waker: None,
    };
    let shared = Rc::new(Shared {
        spawn: Rc::clone(spawn),
        inside: RefCell::new(inside),
    });
    TaskGroup {
        body: Some(Box::pin(body(Group(Rc::clone(&shared))))),
        value: None,
        failures: Vec::new(),
        failed: false,
        over: false,
        shared,
    }
}

impl<T, E: 'static> TaskGroup<'_, T, E> {
    fn take_results(&mut self, context: &mut Context<'_>) {
        while let Some(kind) = self.shared.ended() {
            if let Kind::Child(task) = &kind
                && let Poll::Ready(ended) = Pin::new(&mut *task.borrow_mut()).poll(context)
            {
                match ended {
                    Ok(Ok(())) | Err(Ended::Cancelled) => {}
                    Ok(Err(error)) => self.failures.push(Failed::Error(error)),
                    Err(Ended::Panicked(panic)) => self.failures.push(Failed::Panicked(panic)),
                }
            }
        }
        self.poll_cleanups(context);
    }

    /// There are few of them: each is polled.
    fn poll_cleanups(&mut self, context: &mut Context<'_>) {
        let mut inside = self.shared.inside.borrow_mut();
        let mut over = Vec::new();
        for (number, kind) in &mut inside.tasks {
            if let Kind::Cleanup(Some(task)) = kind
                && let Poll::Ready(ended) = Pin::new(task).poll(context)
            {
                over.push(*number);
                if let Err(Ended::Panicked(panic)) = ended {
                    self.failures.push(Failed::Panicked(panic));
                }
            }
        }
        for number in over {
            inside.tasks.remove(&number);
        }
    }

    fn poll_body(&mut self, context: &mut Context<'_>) {
        let Some(mut body) = self.body.take() else {
            return;
        };
        match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(context))) {
            Ok(Poll::Pending) => {
                self.body = Some(body);
                return;
            }
            Ok(Poll::Ready(Ok(value))) => self.value = Some(value),
            Ok(Poll::Ready(Err(error))) => self.failures.push(Failed::Error(error)),
            Err(panic) => self.failures.push(Failed::Panicked(panic)),
        }
        self.caught(body);
    }

    fn caught<D>(&mut self, dropped: D) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(dropped))) {
            self.failures.push(Failed::Panicked(panic));
        }
    }

    fn fail(&mut self) {
        self.failed = true;
        self.shared.inside.borrow_mut().takes_children = false;
        let (body, value) = (self.body.take(), self.value.take());
        self.caught((body, value));
        let child = |kind: &Kind<E>| match kind {
            Kind::Child(task) => Some(Rc::clone(task)),
            Kind::Cleanup(_) => None,
        };
        let children: Vec<_> = (self.shared.inside.borrow().tasks.values())
            .filter_map(child)
            .collect();
        for task in children {
            task.borrow().cancel();
        }
    }
}

impl<T, E: 'static> Future for TaskGroup<'_, T, E> {
    type Output = Result<T, Vec<Failed<E>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.over, "polled after it was ready");
        let waker = context.waker().clone();
        let older = self.shared.inside.borrow_mut().waker.replace(waker);
        drop(older);
        self.take_results(context);
        if self.failures.is_empty() {
            self.poll_body(context);
            self.take_results(context);
        }
        if !self.failures.is_empty() && !self.failed {
            self.fail();
            self.take_results(context);
        }
        if self.body.is_some() || !self.shared.inside.borrow().tasks.is_empty() {
            return Poll::Pending;
        }
        self.over = true;
        let mut inside = self.shared.inside.borrow_mut();
        (inside.takes_children, inside.takes_cleanup) = (false, false);
        let waker = inside.waker.take();
        drop(inside);
        drop(waker);
        let failures = std::mem::take(&mut self.failures);
        match self.value.take() {
            Some(value) if failures.is_empty() => Poll::Ready(Ok(value)),
            _ => Poll::Ready(Err(failures)),
        }
    }
}

impl<T, E> Drop for TaskGroup<'_, T, E> {
    fn drop(&mut self) {
        let mut inside = self.shared.inside.borrow_mut();
        (inside.takes_children, inside.takes_cleanup) = (false, false);
        let (tasks, waker) = (std::mem::take(&mut inside.tasks), inside.waker.take());
        drop(inside);
        drop((tasks, waker));
    }
}

impl<E> fmt::Debug for Group<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Group")
    }
}

impl<T, E> fmt::Debug for TaskGroup<'_, T, E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TaskGroup")
    }
}

impl<E: fmt::Debug> fmt::Debug for Failed<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Error(error) => write!(out, "Error({error:?})"),
            Failed::Panicked(panic) => write!(out, "Panicked({:?})", message(&**panic)),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failed<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Error(error) => error.fmt(out),
            Failed::Panicked(panic) => write!(out, "it panicked: {}", message(&**panic)),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Failed<E> {}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(|text| &**text))
        .unwrap_or("something that is no text")
}
