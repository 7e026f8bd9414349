//! A list of nodes of its own in place of the chapter's queue: a node says whether it was served.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[derive(Clone)]
pub struct Semaphore {
    inner: Rc<RefCell<Inner>>,
}
struct Inner {
    free: usize,
    out: usize,
    limit: usize,
    open: bool,
    line: VecDeque<Rc<RefCell<Node>>>,
}
struct Node {
    need: usize,
    waker: Option<Waker>,
    got: Option<bool>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    NoPermits,
    Closed,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Inner {
    fn serve(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        loop {
            let fits = match self.line.front() {
                Some(n) => n.borrow().need <= self.free,
                None => false,
            };
            if !fits {
                return wakers;
            }
            let node = self.line.pop_front().unwrap();
            let mut node = node.borrow_mut();
            self.free -= node.need;
            self.out += node.need;
            node.got = Some(true);
            wakers.extend(node.waker.take());
        }
    }
}
impl Semaphore {
    pub fn new(permits: usize) -> Semaphore {
        Self::make(permits, usize::MAX)
    }
    pub fn bounded(permits: usize) -> Semaphore {
        Self::make(permits, permits)
    }
    fn make(free: usize, limit: usize) -> Semaphore {
        Semaphore {
            inner: Rc::new(RefCell::new(Inner {
                free,
                out: 0,
                limit,
                open: true,
                line: VecDeque::new(),
            })),
        }
    }
    pub fn available(&self) -> usize {
        self.inner.borrow().free
    }
    pub fn waiting(&self) -> usize {
        self.inner.borrow().line.len()
    }
    pub fn try_acquire(&self) -> Result<Permit, Refused> {
        self.try_acquire_many(1)
    }
    pub fn try_acquire_many(&self, count: usize) -> Result<Permit, Refused> {
        let mut inner = self.inner.borrow_mut();
        match inner.open {
            false => Err(Refused::Closed),
            true if inner.line.is_empty() && inner.free >= count => {
                inner.free -= count;
                inner.out += count;
                Ok(Permit {
                    semaphore: self.clone(),
                    count,
                })
            }
            true => Err(Refused::NoPermits),
        }
    }
    pub fn acquire(&self) -> Acquire {
        self.acquire_many(1)
    }
    pub fn acquire_many(&self, count: usize) -> Acquire {
        if count > self.inner.borrow().limit {
            panic!("too many");
        }
        Acquire {
            semaphore: self.clone(),
            count,
            node: None,
            done: false,
        }
    }
    pub fn release(&self, count: usize) -> Result<(), TooMany> {
        let wakers = {
            let mut inner = self.inner.borrow_mut();
            let all = inner.free + inner.out;
            if inner.limit - all < count {
                return Err(TooMany);
            }
            inner.free += count;
            inner.serve()
        };
        for waker in wakers {
            waker.wake()
        }
        Ok(())
    }
    pub fn close(&self) {
        let line = {
            let mut inner = self.inner.borrow_mut();
            inner.open = false;
            std::mem::take(&mut inner.line)
        };
        for node in &line {
            node.borrow_mut().got = Some(false);
        }
        for node in line {
            let waker = node.borrow_mut().waker.take();
            if let Some(waker) = waker {
                waker.wake()
            }
        }
    }
    pub fn is_closed(&self) -> bool {
        !self.inner.borrow().open
    }
    fn back(&self, count: usize) {
        let wakers = {
            let mut inner = self.inner.borrow_mut();
            inner.out -= count;
            inner.free += count;
            inner.serve()
        };
        for waker in wakers {
            waker.wake()
        }
    }
}
pub struct Permit {
    semaphore: Semaphore,
    count: usize,
}
impl Permit {
    pub fn count(&self) -> usize {
        self.count
    }
    pub fn forget(self) {
        let mut permit = self;
        permit.semaphore.inner.borrow_mut().out -= permit.count;
        permit.count = 0;
    }
}
impl Drop for Permit {
    fn drop(&mut self) {
        self.semaphore.back(self.count)
    }
}
pub struct Acquire {
    semaphore: Semaphore,
    count: usize,
    node: Option<Rc<RefCell<Node>>>,
    done: bool,
}
impl Future for Acquire {
    type Output = Result<Permit, Closed>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.done, "done");
        let count = self.count;
        if let Some(node) = &self.node {
            let got = node.borrow().got;
            let Some(got) = got else {
                let new = cx.waker().clone();
                let old = node.borrow_mut().waker.replace(new);
                drop(old);
                return Poll::Pending;
            };
            self.node = None;
            self.done = true;
            return Poll::Ready(if got {
                Ok(Permit {
                    semaphore: self.semaphore.clone(),
                    count,
                })
            } else {
                Err(Closed)
            });
        }
        let answer = match self.semaphore.try_acquire_many(count) {
            Ok(p) => Ok(p),
            Err(Refused::Closed) => Err(Closed),
            Err(Refused::NoPermits) => {
                let node = Rc::new(RefCell::new(Node {
                    need: count,
                    waker: Some(cx.waker().clone()),
                    got: None,
                }));
                self.semaphore
                    .inner
                    .borrow_mut()
                    .line
                    .push_back(node.clone());
                self.node = Some(node);
                return Poll::Pending;
            }
        };
        self.done = true;
        Poll::Ready(answer)
    }
}
impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(node) = self.node.take() else { return };
        let got = node.borrow().got;
        match got {
            Some(true) => self.semaphore.back(self.count),
            Some(false) => {}
            None => {
                self.semaphore
                    .inner
                    .borrow_mut()
                    .line
                    .retain(|other| !Rc::ptr_eq(other, &node));
                self.semaphore.back(0);
            }
        }
    }
}

impl std::fmt::Debug for Semaphore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Semaphore")
    }
}
impl std::fmt::Debug for Permit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Permit")
    }
}
impl std::fmt::Debug for Acquire {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Acquire")
    }
}
impl std::fmt::Display for Closed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("closed")
    }
}
impl std::error::Error for Closed {}
