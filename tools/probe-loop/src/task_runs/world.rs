//! What a machine, its future and its joiners share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::future::{FAILS, Scripted, Value};
use super::known::SAW_OVER;
use super::steps::{Act, Destructors, Then};
use super::{AnyTask, End};
use probe::detect::DropCounter;

pub(super) struct World<T> {
    pub(super) handle: RefCell<Option<T>>,
    pub(super) next: Cell<Act>,
    pub(super) destructors: Destructors,
    /// What the future's poll saw in this step.
    pub(super) polled: RefCell<Vec<String>>,
    /// What the destructors saw in this step.
    pub(super) dropped: RefCell<Option<String>>,
    pub(super) waker: RefCell<Option<Waker>>,
    /// Until the destructors have run.
    pub(super) alive: Arc<AtomicBool>,
    pub(super) joiners: [Arc<Joiner>; 2],
    pub(super) joined_inside: Cell<bool>,
    pub(super) values: DropCounter,
}

/// Counts its wakes, and notices one that comes while the future is still there.
pub(super) struct Joiner {
    pub(super) wakes: AtomicUsize,
    pub(super) early: AtomicBool,
    pub(super) alive: Arc<AtomicBool>,
}

impl Wake for Joiner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::Relaxed);
        if self.alive.load(Ordering::Relaxed) {
            self.early.store(true, Ordering::Relaxed);
        }
    }
}

impl<T: AnyTask> World<T> {
    pub(super) fn future(self: &Rc<Self>) -> Scripted {
        let (polled, dropped) = (Rc::clone(self), Rc::clone(self));
        Scripted {
            poll: Box::new(move |context| polled.poll(context)),
            dropped: Some(Box::new(move || dropped.destructors())),
        }
    }

    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Value> {
        self.waker.replace(Some(context.waker().clone()));
        let act = self.next.replace(Act::Waits);
        let mut seen = Vec::new();
        match act {
            Act::CancelsAnd(_) => {
                for _ in 0..2 {
                    let handle = self.handle.borrow();
                    let task = handle.as_ref().expect("the machine has looked");
                    let (cancelled, over) = (task.cancel(), task.is_over());
                    seen.push(format!("cancel() → {cancelled}"));
                    if over {
                        seen.push(format!("inside the poll {SAW_OVER}"));
                    }
                }
                let mut handle = self.handle.borrow_mut();
                let task = handle.as_mut().expect("the machine has looked");
                let inside = self.join(task, 1);
                self.joined_inside.set(inside.is_pending());
                seen.push(format!("B joins → {}", joined(inside)));
            }
            Act::DropsItsHandleAnd(_) => {
                let handle = self.handle.take();
                drop(handle);
            }
            Act::Waits | Act::Finishes | Act::Panics => {}
        }
        seen.push(match act.last() {
            Then::Waits => "Pending".to_owned(),
            Then::Finishes => "Ready".to_owned(),
            Then::Panics => "panics".to_owned(),
        });
        self.polled.borrow_mut().push(seen.join(", "));
        match act.last() {
            Then::Waits => Poll::Pending,
            Then::Finishes => Poll::Ready(Value(self.values.token())),
            Then::Panics => panic!("{FAILS}"),
        }
    }

    fn destructors(&self) {
        let mut seen = Vec::new();
        if let Ok(handle) = self.handle.try_borrow()
            && let Some(task) = &*handle
        {
            let over = task.is_over();
            seen.push(
                if over {
                    SAW_OVER
                } else {
                    "the task had not finished"
                }
                .to_owned(),
            );
            if self.destructors == Destructors::Cancel {
                seen.push(format!("cancel() → {}", task.cancel()));
            }
        }
        if self.destructors == Destructors::Join
            && let Ok(mut handle) = self.handle.try_borrow_mut()
            && let Some(task) = &mut *handle
        {
            let inside = self.join(task, 1);
            self.joined_inside.set(inside.is_pending());
            seen.push(format!("B joins → {}", joined(inside)));
        }
        if self.destructors == Destructors::DropTheHandle
            && let Ok(mut handle) = self.handle.try_borrow_mut()
        {
            let handle = handle.take();
            drop(handle);
        }
        seen.insert(0, "ran".to_owned());
        self.dropped.replace(Some(seen.join(", ")));
        self.alive.store(false, Ordering::Relaxed);
        if self.destructors == Destructors::Panic {
            panic!("{FAILS}");
        }
    }

    pub(super) fn join(&self, task: &mut T, joiner: usize) -> Poll<End> {
        let waker = Waker::from(Arc::clone(&self.joiners[joiner]));
        task.join(&mut Context::from_waker(&waker))
    }
}

pub(super) fn joined(polled: Poll<End>) -> &'static str {
    match polled {
        Poll::Pending => "Pending",
        Poll::Ready(End::Output) => "Ready(Ok(output))",
        Poll::Ready(End::Cancelled) => "Ready(Err(Cancelled))",
        Poll::Ready(End::Panicked) => "Ready(Err(Panicked))",
    }
}
