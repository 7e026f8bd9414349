//! Two counters in place of a flag: wakes so far, and wakes that the thread has seen. The thread parks while they are equal.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Arc;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::thread::{self, Thread};

struct Wakes {
    so_far: AtomicUsize,
    sleeper: Thread,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.so_far.fetch_add(1, Ordering::Release);
        self.sleeper.unpark();
    }
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    let wakes = Arc::new(Wakes {
        so_far: AtomicUsize::new(0),
        sleeper: thread::current(),
    });
    let waker = Waker::from(Arc::clone(&wakes));
    let mut future = pin!(future);
    let mut seen = 0;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        while wakes.so_far.load(Ordering::Acquire) == seen {
            thread::park();
        }
        seen = wakes.so_far.load(Ordering::Acquire);
    }
}
