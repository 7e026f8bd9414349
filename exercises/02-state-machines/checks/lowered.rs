//! 2.2 lowered: two awaits and a branch, without `async`.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::subject::refresh;
use probe::detect::{DropCounter, Token};
use probe::{Run, What, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::laws::dropping;
use probe_futures::{Gate, Key, Spy, gate, pending_times, poller, spy};
use state_machines::site::{self, Refreshed, Site};

#[test]
fn nothing_is_asked_before_the_first_poll() {
    let run = run!();
    let site = Scripted::new(&run, 2, 1, 1);
    drop(driving::does_nothing_until_polled(&run, || {
        refresh(&site, 1)
    }));
}

#[test]
fn a_version_that_is_known_is_current() {
    let run = run!("what_is_known");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 2) {
        Refreshed::Current => snapshot!(run),
        Refreshed::New { .. } => run.diagnose_at(
            first_that_says(&run, "is asked for the text"),
            "wrong-branch",
            "The newest version is the one that is known, and the answer is `New`.",
        ),
    }
}

#[test]
fn a_newer_version_is_downloaded() {
    let run = run!("a_newer_one");
    let site = Scripted::new(&run, 2, 1, 1);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn answers_that_are_there_at_once_need_one_poll() {
    let run = run!("at_once");
    let site = Scripted::new(&run, 2, 0, 0);
    expect_new(&run, &drive(&run, &site, 1), 1);
    snapshot!(run);
}

#[test]
fn a_version_that_is_older_than_the_known_one_is_downloaded_too() {
    let run = run!("an_older_one");
    let site = Scripted::new(&run, 2, 1, 1);
    match drive(&run, &site, 3) {
        Refreshed::New { .. } => snapshot!(run),
        Refreshed::Current => run.departs(
            "Version 3 is known, the site has version 2, and the answer is `Current`. The function asks whether the two are the same, \
             and nothing else.",
        ),
    }
}

#[test]
fn it_does_what_the_machine_of_the_compiler_does() {
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
                        "Version {known} is known and the site has version 2: the compiler's machine is ready with `{right:?}`, and \
                         this one with `{answer:?}`.",
                    ),
                ),
                _ => {}
            }
            if ours.recorder().recording() != theirs.recorder().recording() {
                ours.departs_at(departure, "The result is right, and the machine that the compiler makes gets there by other steps.");
            }
        }
    }
}

#[test]
fn a_child_that_has_answered_is_gone() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    let a = poller(run.recorder(), "A");
    let _poll = machine.poll(&a);
    site.open_version();
    let _poll = machine.poll(&a);
    run.recorder().says("caller", "looks what there still is");
    if site.version_lives() {
        run.diagnose(
            "finished-child-kept",
            "The version has been answered, the text is awaited, and the child that asked for the version is still there: whatever \
             it holds is held for nothing.",
        );
    }
}

#[test]
fn whoever_polled_last_is_woken_by_either_child() {
    let run = run!();
    let site = Gates::new(&run);
    let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, 1));
    driving::wakes_reach_the_caller(&run, &mut machine, "version", || site.open_version());
    driving::wakes_reach_the_caller(&run, &mut machine, "download", || site.open_download());
    if machine.poll(&poller(run.recorder(), "C")).is_pending() {
        run.departs("Both have answered, and it is still pending.");
    }
}

#[test]
fn dropped_at_any_pause_it_leaves_nothing_behind() {
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
                    "The future is gone, and a child of it is not: it was put where dropping does not reach.",
                );
            }
        },
    );
}

#[test]
fn once_it_was_ready_a_poll_more_panics() {
    for known in [2, 1] {
        let run = run!();
        let site = Scripted::new(&run, 2, 0, 0);
        let mut machine = Driven::in_turn(&run, "refresh", refresh(&site, known));
        let a = poller(run.recorder(), "A");
        let _refreshed = machine.run(&a, 3);
        machine.panics_after_the_end(&a);
    }
}

/// Polls it until it is ready. Each child takes a few polls, so twenty are plenty.
#[track_caller]
fn drive(run: &Run, site: &Scripted, known: u32) -> Refreshed {
    let a = poller(run.recorder(), "A");
    let mut machine = Driven::in_turn(run, "refresh", refresh(site, known));
    match machine.run(&a, 20) {
        Some(refreshed) => refreshed,
        None => run.departs("It was polled twenty times, and is not ready."),
    }
}

/// Version 2 has to come out, with its text.
#[track_caller]
fn expect_new(run: &Run, refreshed: &Refreshed, known: u32) {
    match refreshed {
        Refreshed::New { version: 2, text } if text == "text 2" => {}
        Refreshed::Current => run.diagnose(
            "wrong-branch",
            "The newest version is not the one that is known, and the answer is `Current`.",
        ),
        Refreshed::New { version, .. } if *version == known => run.diagnose(
            "wrong-local-kept",
            format!(
                "The answer is `New`, with the number {version}: that is the version that was known. Of the two numbers, the other \
                 one is needed after the second pause.",
            ),
        ),
        Refreshed::New { .. } => run.departs("Version 2 is the newest, and its text is \"text 2\"."),
    }
}

/// The first event whose text begins in this way.
fn first_that_says(run: &Run, beginning: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    events
        .iter()
        .position(|event| matches!(&event.what, What::Says(text) if text.starts_with(beginning)))
}

/// A site that takes its time, and notes what it is asked.
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
                    "The {lane} was asked for once more, although the child that asked first was still pending: the poll before did \
                     not keep that child, and a new one begins at the beginning.",
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
                "The text was asked for while nobody knew yet whether it was needed: the version had not been answered.",
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
