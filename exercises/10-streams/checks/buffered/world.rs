//! A source of futures that are ready when the test says so, and the polls of a buffer.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run};
use probe_futures::Poller;

/// More polls of futures in one poll of the buffer than any right answer makes.
const FLOOD: usize = 100_000;

/// The output of a future: its number, from 0.
pub(super) struct Output {
    pub(super) number: usize,
    _counted: Token,
}

/// What the source and its futures do. Clones are the same.
#[derive(Clone)]
pub(super) struct World {
    recorder: Option<Recorder>,
    state: Rc<RefCell<State>>,
    futures: DropCounter,
    outputs: DropCounter,
}

#[derive(Default)]
struct State {
    /// How many futures the source still has.
    there: usize,
    ends: bool,
    ended: bool,
    after_none: bool,
    source: Option<Waker>,
    jobs: Vec<Job>,
    /// The numbers of the futures that were polled since it was last asked.
    polled: Vec<usize>,
    /// A future that was polled after it was ready.
    after_ready: Option<usize>,
}

#[derive(Default)]
struct Job {
    ready: bool,
    done: bool,
    waker: Option<Waker>,
}

impl World {
    pub(super) fn new(recorder: Option<&Recorder>) -> (World, Source) {
        let world = World {
            recorder: recorder.cloned(),
            state: Rc::default(),
            futures: DropCounter::new(),
            outputs: DropCounter::new(),
        };
        (world.clone(), Source(world))
    }

    /// The source has this many more futures, and wakes the task that polled it last.
    pub(super) fn has(&self, futures: usize) {
        self.says("source", || match futures {
            1 => "has a future".to_owned(),
            futures => format!("has {futures} futures"),
        });
        self.state.borrow_mut().there += futures;
        self.wake_source();
    }

    /// The source ends behind the futures that it has.
    pub(super) fn ends(&self) {
        self.says("source", || "ends behind its futures".to_owned());
        self.state.borrow_mut().ends = true;
        self.wake_source();
    }

    /// This future has its output, and wakes.
    pub(super) fn finishes(&self, number: usize) {
        self.says_of(number, || "has its output, and wakes".to_owned());
        self.state.borrow_mut().jobs[number].ready = true;
        self.wakes(number);
    }

    /// This future calls the waker of its latest poll.
    pub(super) fn wakes(&self, number: usize) {
        let waker = self.state.borrow_mut().jobs[number].waker.take();
        waker.into_iter().for_each(Waker::wake);
    }

    fn wake_source(&self) {
        let waker = self.state.borrow_mut().source.take();
        waker.into_iter().for_each(Waker::wake);
    }

    /// The source and the futures drop the wakers that they have: these were theirs to keep.
    pub(super) fn forgets_wakers(&self) {
        let mut state = self.state.borrow_mut();
        let source = state.source.take();
        let jobs: Vec<_> = (state.jobs.iter_mut())
            .filter_map(|job| job.waker.take())
            .collect();
        drop(state);
        drop((source, jobs));
    }

    pub(super) fn is_open(&self) -> bool {
        !self.state.borrow().ends
    }

    /// Whether this future was taken and has no output yet.
    pub(super) fn waits(&self, number: usize) -> bool {
        let state = self.state.borrow();
        state.jobs.get(number).is_some_and(|job| !job.ready)
    }

    /// How many futures were taken from the source.
    pub(super) fn taken(&self) -> usize {
        self.state.borrow().jobs.len()
    }

    /// How many futures the source has had so far, those that were taken included.
    pub(super) fn total(&self) -> usize {
        let state = self.state.borrow();
        state.jobs.len() + state.there
    }

    /// Which futures were polled since this was last asked, by number.
    pub(super) fn polled(&self) -> Vec<usize> {
        let mut polled = std::mem::take(&mut self.state.borrow_mut().polled);
        polled.sort_unstable();
        polled
    }

    pub(super) fn was_polled_after_none(&self) -> bool {
        self.state.borrow().after_none
    }

    pub(super) fn futures_alive(&self) -> usize {
        self.futures.alive()
    }

    pub(super) fn outputs_alive(&self) -> usize {
        self.outputs.alive()
    }

    fn says_of(&self, number: usize, text: impl FnOnce() -> String) {
        if self.recorder.is_some() {
            self.says(&name(number), text);
        }
    }

    fn says(&self, track: &str, text: impl FnOnce() -> String) {
        if let Some(recorder) = &self.recorder {
            recorder.says(track, text());
        }
    }
}

/// The name of a future in a run.
pub(super) fn name(number: usize) -> String {
    format!("future {number}")
}

/// The stream of futures.
pub(super) struct Source(World);

impl Stream for Source {
    type Item = Work;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Work>> {
        let mut state = self.0.state.borrow_mut();
        if state.ended {
            state.after_none = true;
            return Poll::Ready(None);
        }
        if state.there > 0 {
            state.there -= 1;
            let number = state.jobs.len();
            state.jobs.push(Job::default());
            drop(state);
            self.0.says_of(number, || "is taken".to_owned());
            return Poll::Ready(Some(Work {
                number,
                world: self.0.clone(),
                _alive: self.0.futures.token(),
                _pinned: PhantomPinned,
            }));
        }
        if state.ends {
            state.ended = true;
            return Poll::Ready(None);
        }
        let older = state.source.replace(context.waker().clone());
        drop(state);
        drop(older);
        Poll::Pending
    }
}

/// A future of the source.
pub(super) struct Work {
    number: usize,
    world: World,
    _alive: Token,
    _pinned: PhantomPinned,
}

impl Future for Work {
    type Output = Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Output> {
        let mut state = self.world.state.borrow_mut();
        state.polled.push(self.number);
        let times = state.polled.len();
        assert!(
            times <= FLOOD,
            "one poll of the buffer polled its futures {FLOOD} times"
        );
        if state.jobs[self.number].done {
            state.after_ready = Some(self.number);
        }
        let job = &mut state.jobs[self.number];
        let older = job.waker.take();
        if job.ready {
            job.done = true;
            drop(state);
            drop(older);
            self.world
                .says_of(self.number, || "polled → ready".to_owned());
            return Poll::Ready(Output {
                number: self.number,
                _counted: self.world.outputs.token(),
            });
        }
        job.waker = Some(context.waker().clone());
        drop(state);
        drop(older);
        self.world
            .says_of(self.number, || "polled → pending".to_owned());
        Poll::Pending
    }
}

pub(super) fn shown(polled: &Poll<Option<Output>>) -> String {
    match polled {
        Poll::Pending => "Pending".to_owned(),
        Poll::Ready(None) => "Ready(None)".to_owned(),
        Poll::Ready(Some(output)) => format!("Ready(Some(output {}))", output.number),
    }
}

/// Polls a buffer once. Recorded without what is inside of it: the order there is the answer's own
/// business.
#[track_caller]
pub(super) fn poll<S: Stream<Item = Output> + Unpin>(
    run: &Run,
    world: &World,
    by: &Poller,
    buffer: &mut S,
) -> Poll<Option<Output>> {
    world.polled();
    let polled = by.lend(|waker| Pin::new(buffer).poll_next(&mut Context::from_waker(waker)));
    run.recorder().says(
        "buffer",
        format!("poll_next by {} → {}", by.name(), shown(&polled)),
    );
    if world.was_polled_after_none() {
        run.diagnose(
            "polled-after-none",
            "The source had returned `Ready(None)`, and was polled again. A stream may panic then, or begin anew.",
        );
    }
    if let Some(number) = world.state.borrow().after_ready {
        run.departs(format!("Future {number} was ready, and was polled again."));
    }
    polled
}
