//! Each waiter has a oneshot channel of the futures crate.
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
pub struct WaitQueue<T, R = ()> {
    inner: Rc<Inner<T, R>>,
}
struct Inner<T, R> {
    senders: RefCell<BTreeMap<u64, (R, oneshot::Sender<T>)>>,
    next: Cell<u64>,
}
impl<T, R: Copy> WaitQueue<T, R> {
    pub fn new() -> Self {
        WaitQueue {
            inner: Rc::new(Inner {
                senders: RefCell::default(),
                next: Cell::new(0),
            }),
        }
    }
    pub fn wait(&self, request: R) -> Wait<T, R> {
        let (sender, receiver) = oneshot::channel();
        let id = self.inner.next.get();
        self.inner.next.set(id + 1);
        self.inner
            .senders
            .borrow_mut()
            .insert(id, (request, sender));
        Wait {
            queue: self.clone(),
            id,
            receiver: Some(receiver),
        }
    }
    pub fn len(&self) -> usize {
        self.inner.senders.borrow().len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn first(&self) -> Option<R> {
        self.inner.senders.borrow().values().next().map(|w| w.0)
    }
    pub fn hand_over(&self, turn: T) -> Result<(), T> {
        let first = self.inner.senders.borrow_mut().pop_first();
        match first {
            None => Err(turn),
            Some((_, (_, sender))) => sender.send(turn),
        }
    }
    pub fn hand_to_all(&self, mut turn: impl FnMut() -> T) -> usize {
        let (count, end) = (self.len(), self.inner.next.get());
        let turns: Vec<T> = (0..count).map(|_| turn()).collect();
        let mut senders = Vec::new();
        {
            let mut all = self.inner.senders.borrow_mut();
            let later = all.split_off(&end);
            let first = std::mem::replace(&mut *all, later);
            senders.extend(first.into_values().map(|w| w.1));
        }
        let count = senders.len();
        let mut panic = None;
        for (sender, turn) in senders.into_iter().zip(turns) {
            let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
                drop(sender.send(turn))
            }));
            panic = panic.or(sent.err());
        }
        if let Some(panic) = panic {
            std::panic::resume_unwind(panic);
        }
        count
    }
}
impl<T, R> Clone for WaitQueue<T, R> {
    fn clone(&self) -> Self {
        WaitQueue {
            inner: Rc::clone(&self.inner),
        }
    }
}
impl<T, R: Copy> Default for WaitQueue<T, R> {
    fn default() -> Self {
        Self::new()
    }
}
pub struct Wait<T, R = ()> {
    queue: WaitQueue<T, R>,
    id: u64,
    receiver: Option<oneshot::Receiver<T>>,
}
impl<T, R> Future for Wait<T, R> {
    type Output = T;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let receiver = self.receiver.as_mut().expect("polled after ready");
        let turn = std::task::ready!(Pin::new(receiver).poll(context)).expect("the queue lives");
        self.receiver = None;
        Poll::Ready(turn)
    }
}
impl<T, R> Drop for Wait<T, R> {
    fn drop(&mut self) {
        self.receiver = None;
        let sender = self.queue.inner.senders.borrow_mut().remove(&self.id);
        drop(sender);
    }
}
impl<T, R> Unpin for Wait<T, R> {}
impl<T, R: Copy> fmt::Debug for WaitQueue<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WaitQueue")
    }
}
impl<T, R> fmt::Debug for Wait<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
