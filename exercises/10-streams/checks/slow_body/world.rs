//! A server, a disk and an index that take as long as a script says, on a clock that jumps.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{AT_MOST, Closed, Site};
use composition::Connection;
use event_loop::Handle;
use probe::{Recorder, Run};

/// How long the server waits for an answer to be read.
const PATIENCE: u64 = 1_000;

/// All times are milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// How long the server takes for each page.
    pub(super) takes: Vec<u64>,
    /// How long a page is stored.
    pub(super) store: u64,
    /// How long a download uses the index. 0: the site has none.
    pub(super) index: u64,
    /// The page that the server does not have.
    pub(super) fails: Option<usize>,
    /// When the call is dropped.
    pub(super) dropped: Option<u64>,
}

/// What happened to one page, and when.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Page {
    pub(super) begun: Option<u64>,
    /// The answer was there.
    pub(super) answered: Option<u64>,
    /// The answer was read.
    pub(super) read: Option<u64>,
    pub(super) fetched: Option<u64>,
    pub(super) stores: Option<u64>,
    pub(super) stored: Option<u64>,
}

pub(super) struct World {
    pub(super) script: Script,
    pub(super) handle: Handle,
    index: Connection,
    recorder: Recorder,
    pub(super) pages: RefCell<Vec<Page>>,
    storing: Cell<Option<usize>>,
    pub(super) alive: Cell<usize>,
    pub(super) broken: RefCell<Option<(Option<&'static str>, String)>>,
}

/// The site of a world.
pub(super) struct Scripted(pub(super) Rc<World>);

impl World {
    pub(super) fn new(run: &Run, handle: Handle, script: &Script) -> World {
        World {
            script: script.clone(),
            handle,
            index: Connection::new(),
            recorder: run.recorder().clone(),
            pages: RefCell::new(vec![Page::default(); script.takes.len()]),
            storing: Cell::new(None),
            alive: Cell::new(0),
            broken: RefCell::default(),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.handle.now().since_start().as_millis() as u64
    }

    fn says(&self, track: &str, text: impl Into<String>) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says(track, text);
    }

    fn note(&self, page: usize, note: impl FnOnce(&mut Page, u64)) {
        note(&mut self.pages.borrow_mut()[page], self.now());
    }

    /// The first rule that is broken decides.
    fn breaks(&self, mistake: Option<&'static str>, sentence: String) {
        self.broken.borrow_mut().get_or_insert((mistake, sentence));
    }

    /// A download begins: how many are in flight then?
    fn begins(&self, page: usize) {
        let before = self.pages.borrow()[page].begun;
        if before.is_some() {
            self.breaks(
                Some("begun-twice"),
                format!("The download of page {page} was begun a second time. Each download is begun once, also if it fails."),
            );
        }
        self.note(page, |page, now| page.begun = Some(now));
        self.says(&track(page), "is asked for");
        let pages = self.pages.borrow();
        let in_flight = |page: &&Page| page.begun.is_some() && page.stores.is_none();
        let count = pages.iter().filter(in_flight).count();
        if count > AT_MOST {
            self.breaks(
                Some("too-many-in-flight"),
                format!("{count} pages were in flight: their downloads had begun, and storing them had not. At most {AT_MOST} may be."),
            );
        }
    }

    fn stores(&self, page: usize) {
        if let Some(other) = self.storing.replace(Some(page)) {
            self.breaks(
                Some("stored-side-by-side"),
                format!("Storing page {page} was begun while page {other} was being stored."),
            );
        }
        let pages = self.pages.borrow();
        let next = pages.iter().position(|page| page.stores.is_none());
        if next != Some(page) {
            let next = next.map_or("no page".to_owned(), |next| format!("page {next}"));
            self.breaks(
                Some("stored-out-of-order"),
                format!("Page {page} was stored, and {next} was the next one."),
            );
        }
        drop(pages);
        self.note(page, |page, now| page.stores = Some(now));
        self.says("disk", format!("stores page {page}"));
    }
}

pub(super) fn track(page: usize) -> String {
    format!("page {page}")
}

/// Counts downloads that are not dropped.
struct Alive(Rc<World>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.set(self.0.alive.get() - 1);
    }
}

impl Site for Scripted {
    fn fetch(&self, page: usize) -> impl Future<Output = Result<usize, Closed>> + use<> + 'static {
        let world = Rc::clone(&self.0);
        world.alive.set(world.alive.get() + 1);
        let alive = Alive(Rc::clone(&world));
        async move {
            let _alive = alive;
            world.begins(page);
            let answer = world.now() + world.script.takes[page];
            let sleep = Duration::from_millis(world.script.takes[page]);
            if !sleep.is_zero() {
                world.handle.sleep(sleep).await;
            }
            world.note(page, |page, now| {
                page.answered = Some(answer);
                page.read = Some(now);
            });
            let late = world.now() - answer;
            if late > PATIENCE || world.script.fails == Some(page) {
                world.says(
                    &track(page),
                    format!("is closed by the server, {late} ms after its answer"),
                );
                world.note(page, |page, now| page.fetched = Some(now));
                return Err(Closed { page });
            }
            if world.script.index > 0 {
                let _turn = world.index.turn().await;
                world.says(&track(page), "uses the index");
                world
                    .handle
                    .sleep(Duration::from_millis(world.script.index))
                    .await;
            }
            world.says(&track(page), "is downloaded");
            world.note(page, |page, now| page.fetched = Some(now));
            Ok(page)
        }
    }

    fn store(&self, page: usize) -> impl Future<Output = ()> + use<> + 'static {
        let world = Rc::clone(&self.0);
        async move {
            world.stores(page);
            if world.script.index > 0 {
                let _turn = world.index.turn().await;
                world.says("disk", format!("uses the index for page {page}"));
            }
            if world.script.store > 0 {
                world
                    .handle
                    .sleep(Duration::from_millis(world.script.store))
                    .await;
            }
            world.note(page, |page, now| page.stored = Some(now));
            world.says("disk", format!("has stored page {page}"));
            world.storing.set(None);
        }
    }
}
