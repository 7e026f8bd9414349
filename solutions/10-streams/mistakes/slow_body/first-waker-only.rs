//! Keeps the waker of the first poll that was pending.
//!
//! Debug this program.
//! A crawler downloads pages, a few at a time, and stores them in order. With a fast disk every page
//! arrives. With a slow one the server closes connections, and one installation stands still.

use std::fmt;
use std::rc::Rc;

use event_loop::Spawn;

/// How many pages may be in flight: their download has begun, and storing them has not.
pub const AT_MOST: usize = 3;

/// The server has closed the connection before this page was downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The page, from 0.
    pub page: usize,
}

/// What the crawler works with. It is caller-supplied code, and right as it is.
pub trait Site: 'static {
    /// Downloads a page. The server answers after some time, and closes the connection if the answer
    /// is not read within a second. Some sites then enter the page in an index, which one task at a time
    /// may use, and which [`store`](Site::store) uses as well.
    fn fetch(
        &self,
        page: usize,
    ) -> impl Future<Output = Result<usize, Closed>> + use<Self> + 'static;

    /// Stores a page, which may take long.
    fn store(&self, page: usize) -> impl Future<Output = ()> + use<Self> + 'static;
}

/// Downloads the pages from 0 to `pages - 1`, and stores them.
///
/// - Pages are stored in order, one at a time. A page is stored as soon as it is downloaded and the page
///   before it is stored.
/// - At most [`AT_MOST`] pages are in flight. The first of them are at the call, and each further
///   download begins while the oldest page in flight is stored, or when it has been stored.
/// - A download goes on as soon as it is woken, also while a page is stored.
/// - If a page cannot be downloaded, its error is returned when all pages before it are stored.
/// - Each download and each store is begun once. When this returns or is dropped, the downloads in
///   flight are dropped, or the loop drops them in its next iteration.
pub async fn crawl<S: Site>(spawn: Rc<dyn Spawn>, site: Rc<S>, pages: usize) -> Result<(), Closed> {
    let mut flight: std::collections::VecDeque<Guard<S>> = Default::default();
    let mut begun = 0;
    while begun < pages && flight.len() < AT_MOST {
        flight.push_back(start(&spawn, &site, begun));
        begun += 1;
    }
    while let Some(guard) = flight.pop_front() {
        let page = guard.0.clone().wait().await?;
        if begun < pages {
            flight.push_back(start(&spawn, &site, begun));
            begun += 1;
        }
        site.store(page).await;
        drop(guard);
    }
    Ok(())
}

struct Slot {
    result: std::cell::Cell<Option<Result<usize, Closed>>>,
    waker: std::cell::RefCell<Option<std::task::Waker>>,
    stop: std::cell::RefCell<Option<std::task::Waker>>,
    stopped: std::cell::Cell<bool>,
}

impl Slot {
    async fn wait(self: Rc<Self>) -> Result<usize, Closed> {
        std::future::poll_fn(|context| match self.result.get() {
            Some(result) => std::task::Poll::Ready(result),
            None => {
                self.waker
                    .borrow_mut()
                    .get_or_insert_with(|| context.waker().clone());
                std::task::Poll::Pending
            }
        })
        .await
    }
}

struct Guard<S>(Rc<Slot>, std::marker::PhantomData<S>);

impl<S> Drop for Guard<S> {
    fn drop(&mut self) {
        self.0.stopped.set(true);
        let waker = self.0.stop.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

fn start<S: Site>(spawn: &Rc<dyn Spawn>, site: &Rc<S>, page: usize) -> Guard<S> {
    let slot = Rc::new(Slot {
        result: Default::default(),
        waker: Default::default(),
        stop: Default::default(),
        stopped: Default::default(),
    });
    let (theirs, fetch) = (Rc::clone(&slot), site.fetch(page));
    spawn.spawn_boxed(Box::pin(async move {
        let mut fetch = Box::pin(fetch);
        std::future::poll_fn(|context| {
            if theirs.stopped.get() {
                return std::task::Poll::Ready(());
            }
            *theirs.stop.borrow_mut() = Some(context.waker().clone());
            fetch.as_mut().poll(context).map(|result| {
                theirs.result.set(Some(result));
                if let Some(waker) = theirs.waker.take() {
                    waker.wake();
                }
            })
        })
        .await;
    }));
    Guard(slot, std::marker::PhantomData)
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the server closed the connection of page {}",
            self.page
        )
    }
}

impl std::error::Error for Closed {}
