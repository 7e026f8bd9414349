//! Drives the stream under test, and judges what it yields.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject;
use super::expected::Expected;
use super::reference;
use super::sources::{Does, Source, Wire};
use futures::StreamExt;
use futures::future::poll_fn;
use futures::stream::LocalBoxStream;
use probe::{Recorder, Run};
use probe_futures::{Poller, poller};

/// A stream whose events are words, whichever of the two it is.
type Events = LocalBoxStream<'static, (String, String)>;

/// The events of `$which::tail`, in words.
macro_rules! events {
    ($which:ident, $sources:expr) => {
        $which::tail($sources)
            .map(|(label, event)| {
                let event = match event {
                    $which::Event::Line(line) => format!("{line:?}"),
                    $which::Event::Ended(Ok(())) => "ended".to_owned(),
                    $which::Event::Ended(Err(error)) => format!("ended: {:?}", error.kind()),
                };
                (label, event)
            })
            .boxed_local()
    };
}

/// What was done so far.
#[derive(Debug, Clone, Copy)]
enum Did {
    Source(usize, Does),
    Poll,
    Polls,
}

/// The sources, the stream under test, and what it has to yield.
pub(super) struct Tail {
    pub(super) run: Run,
    recorder: Option<Recorder>,
    pub(super) wires: Vec<Rc<RefCell<Wire>>>,
    pub(super) expected: Vec<Expected>,
    stream: Events,
    pub(super) tasks: [Poller; 2],
    pub(super) polls: usize,
    /// The task of the latest poll waits.
    waits: bool,
    /// How often each task was woken before it did.
    pub(super) wakes: [usize; 2],
    did: Vec<Did>,
    /// And not the reference.
    is_under_test: bool,
}

/// What a poll came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Polled {
    Event,
    Pending,
    End,
}

/// More polls in a row that wake their own task than any right answer makes.
const IN_VAIN: usize = 100;

impl Tail {
    /// The stream under test, on silent sources with these labels.
    pub(super) fn of(run: &Run, labels: &[&str]) -> Tail {
        let recorder = run.recorder().clone();
        recorder.clear();
        Tail::new(run, labels, recorder, |sources| events!(subject, sources))
    }

    fn new(
        run: &Run,
        labels: &[&str],
        recorder: Recorder,
        stream: impl FnOnce(Vec<(String, Source)>) -> Events,
    ) -> Tail {
        let wires: Vec<_> = labels
            .iter()
            .map(|_| Rc::<RefCell<Wire>>::default())
            .collect();
        let source = |wire: &Rc<RefCell<Wire>>| Source(Rc::clone(wire), run.clone());
        let sources = labels
            .iter()
            .zip(&wires)
            .map(|(label, wire)| (label.to_string(), source(wire)));
        let quiet = Recorder::default();
        Tail {
            run: run.clone(),
            recorder: Some(recorder),
            stream: stream(sources.collect()),
            expected: labels.iter().map(|label| Expected::of(label)).collect(),
            wires,
            tasks: ["A", "B"].map(|name| poller(&quiet, name)),
            polls: 0,
            waits: false,
            wakes: [0; 2],
            did: Vec::new(),
            is_under_test: true,
        }
    }

    /// Ends the run, beside the reference on which the same was done.
    #[track_caller]
    pub(super) fn fails(&self, mistake: Option<&str>, sentence: impl Into<String>) -> ! {
        let labels: Vec<_> = self
            .expected
            .iter()
            .map(|expected| &*expected.label)
            .collect();
        let sentence = sentence.into();
        assert!(self.is_under_test, "the reference: {sentence}");
        let recorder = Recorder::default();
        let mut right = Tail::new(&self.run, &labels, recorder.clone(), |sources| {
            events!(reference, sources)
        });
        right.is_under_test = false;
        for did in &self.did {
            match *did {
                Did::Source(source, does) => right.does(source, does),
                Did::Poll => drop(right.poll()),
                Did::Polls => drop(right.polls()),
            }
        }
        let last = self.run.recorder().last_event();
        self.run
            .differs(mistake, sentence, last, recorder.recording(), None);
    }

    /// Records nothing from now on.
    pub(super) fn quiet(mut self) -> Tail {
        self.recorder = None;
        self
    }

    pub(super) fn says(&self, track: &str, text: impl FnOnce() -> String) {
        if let Some(recorder) = &self.recorder {
            recorder.says(track, text());
        }
    }

    /// How many bytes of a source were read.
    pub(super) fn taken(&self, source: usize) -> usize {
        self.wires[source].borrow().taken
    }

    /// Whether a source can still do something.
    pub(super) fn is_open(&self, source: usize) -> bool {
        !self.expected[source].ended
    }

    /// A source does something; then the latest task has to be woken, if there is an event for it.
    #[track_caller]
    pub(super) fn does(&mut self, source: usize, does: Does) {
        self.says(&self.expected[source].label, || match does {
            Does::Sends(bytes) => format!("sends \"{}\"", bytes.escape_ascii()),
            Does::Ends => "ends".to_owned(),
            Does::Breaks => "breaks".to_owned(),
        });
        self.did.push(Did::Source(source, does));
        let waker = self.wires[source].borrow_mut().does(does);
        if let Some(waker) = waker {
            waker.wake();
        }
        self.expected[source].takes(does);
        if self.waits && !self.expected[source].events.is_empty() {
            self.is_woken(source);
        }
    }

    /// Polls once, and judges. A poll that only wakes its own task is made again.
    #[track_caller]
    pub(super) fn poll(&mut self) -> Polled {
        self.did.push(Did::Poll);
        self.poll_once()
    }

    #[track_caller]
    fn poll_once(&mut self) -> Polled {
        for _ in 0..IN_VAIN {
            let task = &self.tasks[self.polls % 2];
            let wakes = task.wakes();
            self.polls += 1;
            self.waits = false;
            let polled = task.poll(Pin::new(&mut poll_fn(|context| {
                self.stream.as_mut().poll_next(context)
            })));
            match polled {
                Poll::Ready(Some((label, event))) => {
                    self.hears(&label, &event);
                    return Polled::Event;
                }
                Poll::Ready(None) => {
                    self.says("tail", || "is at its end".to_owned());
                    self.is_complete();
                    return Polled::End;
                }
                Poll::Pending if self.tasks[(self.polls + 1) % 2].wakes() > wakes => {}
                Poll::Pending => {
                    self.waits = true;
                    self.wakes = self.tasks.each_ref().map(Poller::wakes);
                    self.misses_none();
                    return Polled::Pending;
                }
            }
        }
        self.fails(Some("busy-poll"),
            format!("{IN_VAIN} polls in a row returned `Pending` and woke their own task. No source did anything meanwhile."),
        );
    }

    /// Polls until no event is left.
    #[track_caller]
    pub(super) fn polls(&mut self) -> Polled {
        self.did.push(Did::Polls);
        loop {
            match self.poll_once() {
                Polled::Event => {}
                last => return last,
            }
        }
    }
}
