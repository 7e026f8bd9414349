//! The queue holds the children's tickets, and a poll takes all of them at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::sync::atomic::{AtomicU8, Ordering::SeqCst};
use crate::sync::{Arc, Mutex};
use futures::Stream;
use std::task::{Wake, Waker};
#[must_use = "the children are polled only when the set is"]
pub struct ReadySet<F> {
    children: Vec<Option<(Pin<Box<F>>, Arc<Bell>)>>,
    tower: Arc<Tower>,
    batch: Vec<Arc<Bell>>,
    count: usize,
}

impl<F: Future> ReadySet<F> {
    pub fn new() -> ReadySet<F> {
        ReadySet {
            children: Vec::new(),
            tower: Arc::new(Tower {
                rung: Mutex::new(Vec::new()),
                task: Mutex::new(None),
            }),
            batch: Vec::new(),
            count: 0,
        }
    }
    pub fn push(&mut self, future: F) {
        let place = match self.children.iter().position(Option::is_none) {
            Some(place) if self.children.len() > 8 => place,
            _ => {
                self.children.push(None);
                self.children.len() - 1
            }
        };
        let bell = Arc::new(Bell {
            place,
            state: AtomicU8::new(IDLE),
            tower: Arc::clone(&self.tower),
        });
        self.children[place] = Some((Box::pin(future), Arc::clone(&bell)));
        self.count += 1;
        bell.ring();
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
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
        if this.count == 0 {
            return Poll::Ready(None);
        }
        let waker = context.waker().clone();
        let old = std::mem::replace(&mut *this.tower.task.lock().unwrap(), Some(waker));
        drop(old);
        let news = std::mem::take(&mut *this.tower.rung.lock().unwrap());
        this.batch.extend(news);
        let mut batch = std::mem::take(&mut this.batch).into_iter();
        loop {
            let Some(bell) = batch.next() else {
                return Poll::Pending;
            };
            let same = this.children[bell.place]
                .as_ref()
                .is_some_and(|(_, other)| Arc::ptr_eq(other, &bell));
            if !same {
                continue;
            }
            bell.state.store(IDLE, SeqCst);
            let waker = Waker::from(Arc::clone(&bell));
            let slot = &mut this.children[bell.place];
            let mut out = Out {
                slot,
                count: &mut this.count,
                armed: true,
            };
            let rest = &mut batch;
            let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                out.slot
                    .as_mut()
                    .unwrap()
                    .0
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
            }));
            match polled {
                Ok(Poll::Pending) => out.armed = false,
                Ok(Poll::Ready(output)) => {
                    drop(out);
                    this.batch = rest.collect();
                    return Poll::Ready(Some(output));
                }
                Err(panic) => {
                    drop(out);
                    this.batch = rest.collect();
                    std::panic::resume_unwind(panic)
                }
            }
        }
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

const IDLE: u8 = 0;
const RUNG: u8 = 1;
const GONE: u8 = 2;
struct Tower {
    rung: Mutex<Vec<Arc<Bell>>>,
    task: Mutex<Option<Waker>>,
}
struct Bell {
    place: usize,
    state: AtomicU8,
    tower: Arc<Tower>,
}
impl Bell {
    fn ring(self: &Arc<Self>) {
        match self.state.compare_exchange(IDLE, RUNG, SeqCst, SeqCst) {
            Ok(_) => self.tower.rung.lock().unwrap().push(Arc::clone(self)),
            Err(RUNG) => {}
            Err(_) => return,
        }
        let task = self.tower.task.lock().unwrap().clone();
        if let Some(task) = task {
            task.wake_by_ref();
        }
    }
}
impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring()
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.ring()
    }
}
struct Out<'a, F> {
    slot: &'a mut Option<(Pin<Box<F>>, Arc<Bell>)>,
    count: &'a mut usize,
    armed: bool,
}
impl<F> Drop for Out<'_, F> {
    fn drop(&mut self) {
        if self.armed {
            *self.count -= 1;
            if let Some((child, bell)) = self.slot.take() {
                bell.state.store(GONE, SeqCst);
                drop(child);
            }
        }
    }
}
impl<F> Drop for ReadySet<F> {
    fn drop(&mut self) {
        for child in self.children.iter().flatten() {
            child.1.state.store(GONE, SeqCst);
        }
        self.tower.rung.lock().unwrap().clear();
        let task = self.tower.task.lock().unwrap().take();
        drop(task);
    }
}
