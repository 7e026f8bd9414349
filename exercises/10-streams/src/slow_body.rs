//! Debug this program.
//! A crawler downloads pages, a few at a time, and stores them in order. With a fast disk every page
//! arrives. With a slow one the server closes connections, and one installation stands still.

use std::fmt;
use std::rc::Rc;

use event_loop::Spawn;
use futures::stream;
use streams::{buffered, map, next};

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
    let downloads = map(stream::iter(0..pages), |page| site.fetch(page));
    let mut downloaded = buffered(downloads, AT_MOST);
    while let Some(page) = next(&mut downloaded).await {
        let page = page?;
        site.store(page).await;
    }
    Ok(())
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
