//! What the operating system wants of the process, where there are no signals: Ctrl-C.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use reactor::ReactorHandle;
use wakers::AtomicWaker;

pub use crate::wish::Wish;

/// Ctrl-C, as something that can be awaited.
pub struct Signals {
    shared: Arc<(AtomicUsize, AtomicWaker)>,
}

impl Signals {
    /// From now on Ctrl-C comes here.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn new(_reactor: &ReactorHandle) -> io::Result<Signals> {
        let shared = Arc::new((AtomicUsize::new(0), AtomicWaker::new()));
        let handler = Arc::clone(&shared);
        ctrlc::set_handler(move || {
            // Relaxed: the count is all that is passed on. The waker's own orderings make the poll that
            // this wake causes see it.
            handler.0.fetch_add(1, Ordering::Relaxed);
            handler.1.wake();
        })
        .map_err(io::Error::other)?;
        Ok(Signals { shared })
    }

    /// The next wish.
    ///
    /// # Errors
    ///
    /// None so far.
    pub async fn next(&self) -> io::Result<Wish> {
        std::future::poll_fn(|context| {
            self.shared.1.register(context.waker());
            // Relaxed: see the handler.
            let count = &self.shared.0;
            let taken = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                count.checked_sub(1)
            });
            taken.map_or(Poll::Pending, |_| Poll::Ready(Ok(Wish::Stop)))
        })
        .await
    }
}
