//! The sites that are visited, scripted and recorded.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::super::subject::refresh;
use probe::detect::{DropCounter, Token};
use probe::{Run, What};
use probe_futures::children::Nursery;
use probe_futures::laws::driving::Driven;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::site::{Refreshed, Site};

/// A site whose children are those of a nursery, and its newest version.
pub(super) struct Nursed(pub(super) Nursery, pub(super) u32);

impl Site for Nursed {
    type Version = Boxed<u32>;
    type Download = Boxed<String>;

    fn version(&self) -> Boxed<u32> {
        let (child, newest) = (self.0.child("version"), self.1);
        Box::pin(async move {
            child.await;
            newest
        })
    }

    fn download(&self, version: u32) -> Boxed<String> {
        let child = self.0.child("download");
        Box::pin(async move {
            child.await;
            // A text may be empty.
            match version {
                0 => String::new(),
                version => format!("text {version}"),
            }
        })
    }
}

/// Polls it until it is ready, at most 20 times: each child takes a few polls.
#[track_caller]
pub(super) fn drive(run: &Run, site: &Scripted, known: u32) -> Refreshed {
    let a = poller(run.recorder(), "A");
    let mut machine = Driven::in_turn(run, "refresh", refresh(site, known));
    match machine.run(&a, 20) {
        Some(refreshed) => refreshed,
        None => run.departs(
            "Both children were ready after at most 6 polls, and after 20 the future is pending.",
        ),
    }
}

/// The answer has to be version 2 with its text.
#[track_caller]
pub(super) fn expect_new(run: &Run, refreshed: &Refreshed, known: u32) {
    match refreshed {
        Refreshed::New { version: 2, text } if text == "text 2" => {}
        Refreshed::Current => run.diagnose(
            "wrong-branch",
            "The site has another version than the known one, and the answer is `Current`. Expected: `New`.",
        ),
        Refreshed::New { version, .. } if *version == known => run.diagnose(
            "wrong-local-kept",
            format!(
                "The answer is `New` with the number {version}: the known version. Expected: 2, the site's. That number has to be kept \
                 across the second suspension point.",
            ),
        ),
        Refreshed::New { version: 2, text } if *text == format!("text {known}") => run.diagnose_at(
            first_that_says(run, "is asked for the text"),
            "wrong-local-kept",
            format!(
                "The site was asked for the text of version {known}, the known one. Expected: the text of version 2, which it has just \
                 answered.",
            ),
        ),
        Refreshed::New { .. } => run.departs("Expected: `New` with version 2 and the text \"text 2\"."),
    }
}

/// The first event whose text begins in this way.
pub(super) fn first_that_says(run: &Run, beginning: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Says(text) if text.starts_with(beginning)))
}

/// A site whose answers are pending a few times, and which records what it is asked.
pub(super) struct Scripted {
    pub(super) run: Run,
    newest: u32,
    pauses: (usize, usize),
    held: DropCounter,
}

impl Scripted {
    pub(super) fn new(run: &Run, newest: u32, version: usize, download: usize) -> Scripted {
        Scripted {
            run: run.clone(),
            newest,
            pauses: (version, download),
            held: DropCounter::new(),
        }
    }

    /// Its answers hold something until they are dropped.
    pub(super) fn holding(mut self, held: &DropCounter) -> Scripted {
        self.held = held.clone();
        self
    }

    fn answer<T: std::fmt::Debug + Unpin>(
        &self,
        lane: &str,
        pauses: usize,
        answer: T,
    ) -> Held<Spy<impl Future<Output = T> + use<T>>> {
        Held(
            spy(&self.run, lane, pending_times(pauses, answer)),
            self.held.token(),
        )
    }

    /// Whether a child of this lane was asked for before, and is pending.
    pub(super) fn is_pending(&self, lane: &str) -> bool {
        let events = self.run.recorder().recording().events;
        let outcomes = events.iter().rev().filter(|event| event.track == lane);
        let mut outcomes = outcomes.filter_map(|event| match &event.what {
            What::Leaves(outcome) => Some(outcome == "pending"),
            _ => None,
        });
        outcomes.next() == Some(true)
    }

    #[track_caller]
    fn asked(&self, lane: &str, question: String) {
        let again = self.is_pending(lane);
        self.run.recorder().says("site", question);
        if again {
            self.run.diagnose(
                "delegate-restarted",
                format!(
                    "The site was asked for the {lane} a second time while the first child was pending: the poll before did not keep \
                     that child, and the new one starts from the beginning.",
                ),
            );
        }
    }
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

impl Site for Scripted {
    type Version = Boxed<u32>;
    type Download = Boxed<String>;

    fn version(&self) -> Boxed<u32> {
        self.asked("version", "is asked for its version".to_owned());
        Box::pin(self.answer("version", self.pauses.0, self.newest))
    }

    fn download(&self, version: u32) -> Boxed<String> {
        let early = self.is_pending("version");
        self.asked(
            "download",
            format!("is asked for the text of version {version}"),
        );
        if early {
            self.run.diagnose(
                "eager-start",
                "The site was asked for the text while the version's child was pending: it is not known yet whether the text is needed.",
            );
        }
        let text = format!("text {version}");
        Box::pin(self.answer("download", self.pauses.1, text))
    }
}

/// A future that owns something until it is dropped.
struct Held<F>(
    F,
    #[expect(dead_code, reason = "it is there to be dropped")] Token,
);

impl<F: Future + Unpin> Future for Held<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

/// A site whose answers come when the check says so.
pub(super) struct Gates {
    pub(super) run: Run,
    version: RefCell<Option<Key<u32>>>,
    download: RefCell<Option<Key<String>>>,
}

impl Gates {
    pub(super) fn new(run: &Run) -> Gates {
        Gates {
            run: run.clone(),
            version: RefCell::default(),
            download: RefCell::default(),
        }
    }

    pub(super) fn open_version(&self) {
        if let Some(key) = &*self.version.borrow() {
            key.open(2);
        }
    }

    pub(super) fn open_download(&self) {
        if let Some(key) = &*self.download.borrow() {
            key.open("text 2".to_owned());
        }
    }

    pub(super) fn download_lives(&self) -> bool {
        let key = self.download.borrow();
        key.as_ref().is_some_and(|key| !key.is_gone())
    }

    pub(super) fn version_lives(&self) -> bool {
        let key = self.version.borrow();
        key.as_ref().is_some_and(|key| !key.is_gone())
    }
}

impl Site for Gates {
    type Version = Spy<Gate<u32>>;
    type Download = Spy<Gate<String>>;

    fn version(&self) -> Spy<Gate<u32>> {
        let (key, gate) = gate();
        self.version.replace(Some(key));
        spy(&self.run, "version", gate)
    }

    fn download(&self, _version: u32) -> Spy<Gate<String>> {
        let (key, gate) = gate();
        self.download.replace(Some(key));
        spy(&self.run, "download", gate)
    }
}
