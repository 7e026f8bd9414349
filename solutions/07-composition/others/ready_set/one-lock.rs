//! Everything behind one lock, in maps; each wake of a child wakes the task.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::sync::{Arc, Mutex};
use futures::Stream;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::task::{Wake, Waker};
#[must_use = "the children are polled only when the set is"]
pub struct ReadySet<F> {
    children: BTreeMap<u64, Pin<Box<F>>>,
    shared: Arc<Mutex<Shared>>,
    next: u64,
}

impl<F: Future> ReadySet<F> {
    pub fn new() -> ReadySet<F> {
        ReadySet {
            children: BTreeMap::new(),
            shared: Arc::new(Mutex::new(Shared::default())),
            next: 0,
        }
    }
    pub fn push(&mut self, future: F) {
        self.children.insert(self.next, Box::pin(future));
        let id = self.next;
        self.next += 1;
        self.shared.lock().unwrap().alive.insert(id);
        Handle {
            id,
            shared: self.shared.clone(),
        }
        .go();
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.children.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F: Future> Stream for ReadySet<F> {
    type Item = F::Output;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.get_mut();
        if this.children.is_empty() {
            return Poll::Ready(None);
        }
        let new = context.waker().clone();
        let mut shared = this.shared.lock().unwrap();
        let old = shared.task.replace(new);
        let mut budget = shared.queue.len();
        drop(shared);
        drop(old);
        while budget > 0 {
            budget -= 1;
            let id = {
                let mut shared = this.shared.lock().unwrap();
                let Some(id) = shared.queue.pop_front() else {
                    break;
                };
                shared.queued.remove(&id);
                id
            };
            let Some(child) = this.children.remove(&id) else {
                continue;
            };
            let waker = Waker::from(Arc::new(Handle {
                id,
                shared: this.shared.clone(),
            }));
            let mut guard = Guard(&mut this.children, id, &this.shared, Some(child));
            match guard
                .3
                .as_mut()
                .unwrap()
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
            {
                Poll::Ready(output) => {
                    drop(guard);
                    return Poll::Ready(Some(output));
                }
                Poll::Pending => {
                    let child = guard.3.take().unwrap();
                    guard.0.insert(id, child);
                }
            }
        }
        Poll::Pending
    }
}
impl<F> Unpin for ReadySet<F> {}

impl<F: Future> Default for ReadySet<F> {
    fn default() -> ReadySet<F> {
        ReadySet::new()
    }
}

impl<F: Future> FromIterator<F> for ReadySet<F> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> ReadySet<F> {
        let mut set = ReadySet::new();
        futures.into_iter().for_each(|future| set.push(future));
        set
    }
}

impl<F: Future> std::fmt::Debug for ReadySet<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ReadySet")
            .field("len", &self.len())
            .finish()
    }
}

#[derive(Default)]
struct Shared {
    queue: VecDeque<u64>,
    queued: HashSet<u64>,
    alive: HashSet<u64>,
    task: Option<Waker>,
}
struct Handle {
    id: u64,
    shared: Arc<Mutex<Shared>>,
}
impl Handle {
    fn go(&self) {
        let mut shared = self.shared.lock().unwrap();
        if !shared.alive.contains(&self.id) {
            return;
        }
        if shared.queued.insert(self.id) {
            shared.queue.push_back(self.id);
        }
        let task = shared.task.clone();
        drop(shared);
        if let Some(task) = task {
            task.wake();
        }
    }
}
impl Wake for Handle {
    fn wake(self: Arc<Self>) {
        self.go()
    }
}
struct Guard<'a, F>(
    &'a mut BTreeMap<u64, Pin<Box<F>>>,
    u64,
    &'a Mutex<Shared>,
    Option<Pin<Box<F>>>,
);
impl<F> Drop for Guard<'_, F> {
    fn drop(&mut self) {
        if let Some(child) = self.3.take() {
            self.2.lock().unwrap().alive.remove(&self.1);
            drop(child);
        }
    }
}
impl<F> Drop for ReadySet<F> {
    fn drop(&mut self) {
        let task = {
            let mut shared = self.shared.lock().unwrap();
            shared.alive.clear();
            shared.task.take()
        };
        drop(task);
    }
}
