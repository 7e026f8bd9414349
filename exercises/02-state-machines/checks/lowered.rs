//! 2.2 lowered: two awaits and a branch, without `async`.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::subject::refresh;
use probe::detect::{DropCounter, Token};
use probe::runs::Search;
use probe::{Run, What, run, snapshot};
use probe_futures::children::{Event, Family, NEVER_DROPPED, Nursery};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::laws::dropping;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::site::{self, Refreshed, Site};

#[test]
fn the_site_is_not_asked_before_the_first_poll() {
    let run = run!();
    let site = Scripted::new(&run, 2, 1, 1);
    drop(driving::does_nothing_until_polled(&run, || {
        refresh(&site, 1)
    }));
}

#[test]
fn the_known_version_is_current_and_is_not_downloaded() {
    let run = run!("what_is_known");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 2) {
        Refreshed::Current => snapshot!(run),
        Refreshed::New { .. } => run.diagnose_at(
            first_that_says(&run, "is asked for the text"),
            "wrong-branch",
            "The site has the known version, and the answer is `New`. Expected: `Current`.",
        ),
    }
}

#[test]
fn another_version_is_downloaded() {
    let run = run!("a_newer_one");
    let site = Scripted::new(&run, 2, 1, 1);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn answers_that_are_ready_at_once_need_one_poll() {
    let run = run!("at_once");
    let site = Scripted::new(&run, 2, 0, 0);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn a_version_below_the_known_one_is_downloaded_too() {
    let run = run!("an_older_one");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 3) {
        Refreshed::New { .. } => snapshot!(run),
        Refreshed::Current => run.departs(
            "Version 3 is known, the site has version 2, and the answer is `Current`. Expected: `New`. The function compares the two \
             for equality only.",
        ),
    }
}

#[test]
fn each_step_is_that_of_the_compilers_machine() {
    for known in 1..=3 {
        for (version, download) in [(0, 0), (3, 0), (0, 3), (2, 4)] {
            let (theirs, ours) = (run!(), run!());
            let site = Scripted::new(&theirs, 2, version, download);
            let by_the_compiler = site::refresh(&site, known);
            let a = poller(theirs.recorder(), "A");
            let right = Driven::in_turn(&theirs, "refresh", by_the_compiler).run(&a, 20);
            let site = Scripted::new(&ours, 2, version, download);
            let answer = drive(&ours, &site, known);
            let departure = driving::first_departure(&ours, &theirs);
            match right {
                Some(right) if answer != right => ours.departs_at(
                    departure,
                    format!(
                        "Version {known} is known, and the site has version 2. The answer is `{answer:?}`. Expected: `{right:?}`, as the \
                         compiler's machine has it.",
                    ),
                ),
                _ => {}
            }
            if ours.recorder().recording() != theirs.recorder().recording() {
                ours.departs_at(departure, "The answer is the expected one, but this step is not that of the machine which the compiler makes.");
            }
        }
    }
}

#[test]
fn a_child_that_has_answered_is_dropped() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    let a = poller(run.recorder(), "A");
    let _poll = machine.poll(&a);
    site.open_version();
    let _poll = machine.poll(&a);
    run.recorder()
        .says("caller", "checks that the version's child was dropped");
    if site.version_lives() {
        run.diagnose(
            "finished-child-kept",
            "The version's child was ready, the text's child is pending, and the first of the two was not dropped: what it holds stays \
             in memory for nothing.",
        );
    }
}

#[test]
fn either_child_wakes_the_task_that_polled_last() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    driving::wakes_reach_the_caller(&run, &mut machine, "version", || site.open_version());
    driving::wakes_reach_the_caller(&run, &mut machine, "download", || site.open_download());
    if machine.poll(&poller(run.recorder(), "C")).is_pending() {
        run.departs("Both children were ready, and the future is pending.");
    }
}

#[test]
fn dropped_after_any_poll_it_drops_its_child() {
    let held = DropCounter::new();
    dropping::at_every_pause(
        || run!(),
        |run| {
            let site = Box::leak(Box::new(Scripted::new(run, 2, 2, 2).holding(&held)));
            (refresh(site, 1), ())
        },
        |()| {},
        |run, (), _pauses| {
            if held.alive() > 0 {
                run.diagnose(
                    "never-dropped",
                    "The future was dropped, and a child of it is still alive: it was put where dropping does not reach.",
                );
            }
        },
    );
}

#[test]
fn each_poll_after_the_end_panics() {
    for known in [2, 1] {
        let run = run!();
        let site = Scripted::new(&run, 2, 0, 0);
        let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, known));
        let a = poller(run.recorder(), "A");
        let _refreshed = machine.run(&a, 3);
        machine.panics_after_the_end(&a);
    }
}

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 2] = ["version", "download"];
    for (known, newest) in [(1, 2), (2, 2), (3, 2), (u32::MAX, u32::MIN)] {
        let yours = || {
            let build = |nursery: &Nursery| {
                let site = Nursed(nursery.clone(), newest);
                async move { refresh(&site, known).await }
            };
            Family::new("refresh", &NAMES, build, |refreshed| {
                format!("{refreshed:?}")
            })
            .telling_which_children_are_alive()
        };
        let reference = || {
            let build = |nursery: &Nursery| {
                let site = Nursed(nursery.clone(), newest);
                async move { site::refresh(&site, known).await }
            };
            Family::new("refresh", &NAMES, build, |refreshed| {
                format!("{refreshed:?}")
            })
            .telling_which_children_are_alive()
        };
        Search::of(&Event::alphabet(&NAMES))
            .up_to(5)
            .and_random(20, 30, 2_02)
            .naming(&[NEVER_DROPPED])
            .compare(&run!(), yours, reference);
    }
}

/// A site whose children are those of a nursery, and its newest version.
struct Nursed(Nursery, u32);

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
            format!("text {version}")
        })
    }
}

/// Polls it until it is ready, at most 20 times: each child takes a few polls.
#[track_caller]
fn drive(run: &Run, site: &Scripted, known: u32) -> Refreshed {
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
fn expect_new(run: &Run, refreshed: &Refreshed, known: u32) {
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
        Refreshed::New { .. } => run.departs("Expected: `New` with version 2 and the text \"text 2\"."),
    }
}

/// The first event whose text begins in this way.
fn first_that_says(run: &Run, beginning: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Says(text) if text.starts_with(beginning)))
}

/// A site whose answers are pending a few times, and which records what it is asked.
struct Scripted {
    run: Run,
    newest: u32,
    pauses: (usize, usize),
    held: DropCounter,
}

impl Scripted {
    fn new(run: &Run, newest: u32, version: usize, download: usize) -> Scripted {
        Scripted {
            run: run.clone(),
            newest,
            pauses: (version, download),
            held: DropCounter::new(),
        }
    }

    /// Its answers hold something until they are dropped.
    fn holding(mut self, held: &DropCounter) -> Scripted {
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
    fn is_pending(&self, lane: &str) -> bool {
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
struct Gates {
    run: Run,
    version: RefCell<Option<Key<u32>>>,
    download: RefCell<Option<Key<String>>>,
}

impl Gates {
    fn new(run: &Run) -> Gates {
        Gates {
            run: run.clone(),
            version: RefCell::default(),
            download: RefCell::default(),
        }
    }

    fn open_version(&self) {
        if let Some(key) = &*self.version.borrow() {
            key.open(2);
        }
    }

    fn open_download(&self) {
        if let Some(key) = &*self.download.borrow() {
            key.open("text 2".to_owned());
        }
    }

    fn version_lives(&self) -> bool {
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
