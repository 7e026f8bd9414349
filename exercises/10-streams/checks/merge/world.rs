//! Streams that yield what the test says, and the polls of a merge.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use probe::{Recorder, Run};
use probe_futures::Poller;

/// More polls of one stream in one poll of the merge than any right answer makes.
const FLOOD: usize = 1_000;

/// An item: which stream it is from, and its number there.
pub(super) type Item = (usize, usize);

pub(super) const NAMES: [&str; 2] = ["first", "second"];

/// What two streams do. Clones are the same.
#[derive(Clone)]
pub(super) struct World {
    /// None for the thousands of short runs.
    recorder: Option<Recorder>,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    sources: [Script; 2],
    /// Which streams were polled since it was last asked, in order.
    polled: Vec<usize>,
    /// A stream that was polled after it had ended.
    after_none: Option<usize>,
    /// The line of the run in which it was.
    after_none_at: Option<usize>,
    /// How many items were yielded since it was last asked.
    taken: usize,
}

#[derive(Default)]
struct Script {
    /// How many items are there that were not yielded.
    there: usize,
    yielded: usize,
    ends: bool,
    ended: bool,
    dropped: bool,
    waker: Option<Waker>,
}

/// One of the two streams.
pub(super) struct Source {
    number: usize,
    world: World,
}

impl World {
    /// Two streams without items.
    pub(super) fn new(recorder: Option<&Recorder>) -> (World, Source, Source) {
        let world = World {
            recorder: recorder.cloned(),
            state: Rc::default(),
        };
        let source = |number| Source {
            number,
            world: world.clone(),
        };
        (world.clone(), source(0), source(1))
    }

    /// The stream has this many more items, and wakes the task that polled it last.
    pub(super) fn has(&self, number: usize, items: usize) {
        match items {
            1 => self.says(number, "has an item"),
            _ => self.says(number, &format!("has {items} items")),
        }
        self.state.borrow_mut().sources[number].there += items;
        self.wake(number);
    }

    /// The stream ends behind the items that it has, and wakes the task that polled it last.
    pub(super) fn ends(&self, number: usize) {
        self.says(number, "ends behind its items");
        self.state.borrow_mut().sources[number].ends = true;
        self.wake(number);
    }

    /// Whether the stream may still get an item.
    pub(super) fn is_open(&self, number: usize) -> bool {
        !self.state.borrow().sources[number].ends
    }

    pub(super) fn is_dropped(&self, number: usize) -> bool {
        self.state.borrow().sources[number].dropped
    }

    /// Which streams were polled since this was last asked.
    pub(super) fn polled(&self) -> Vec<usize> {
        std::mem::take(&mut self.state.borrow_mut().polled)
    }

    pub(super) fn after_none(&self) -> Option<usize> {
        self.state.borrow().after_none
    }

    /// How many items were yielded since this was last asked.
    fn taken(&self) -> usize {
        std::mem::take(&mut self.state.borrow_mut().taken)
    }

    fn says(&self, number: usize, text: &str) {
        if let Some(recorder) = &self.recorder {
            recorder.says(NAMES[number], text);
        }
    }

    fn wake(&self, number: usize) {
        let waker = self.state.borrow_mut().sources[number].waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, number: usize, context: &Context<'_>) -> Poll<Option<Item>> {
        let mut state = self.state.borrow_mut();
        state.polled.push(number);
        let times = state.polled.len();
        assert!(
            times <= FLOOD,
            "one poll of the merge polled its streams {FLOOD} times"
        );
        if state.sources[number].there > 0 {
            state.taken += 1;
        }
        if state.sources[number].ended {
            state.after_none = Some(number);
            state.after_none_at = self.recorder.as_ref().and_then(Recorder::last_event);
            return Poll::Ready(None);
        }
        let source = &mut state.sources[number];
        if source.there > 0 {
            source.there -= 1;
            source.yielded += 1;
            return Poll::Ready(Some((number, source.yielded)));
        }
        if source.ends {
            source.ended = true;
            return Poll::Ready(None);
        }
        let older = source.waker.replace(context.waker().clone());
        drop(state);
        drop(older);
        Poll::Pending
    }
}

impl Stream for Source {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        let recorder = self.world.recorder.as_ref();
        let call = recorder.map(|recorder| recorder.enters(NAMES[self.number], "polled"));
        let polled = self.world.poll(self.number, context);
        if let Some(call) = call {
            call.returns(shown(&polled));
        }
        polled
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.world.says(self.number, "is dropped");
        let waker = {
            let mut state = self.world.state.borrow_mut();
            let source = &mut state.sources[self.number];
            source.dropped = true;
            source.waker.take()
        };
        drop(waker);
    }
}

pub(super) fn shown(polled: &Poll<Option<Item>>) -> String {
    match polled {
        Poll::Pending => "Pending".to_owned(),
        Poll::Ready(None) => "Ready(None)".to_owned(),
        Poll::Ready(Some((number, item))) => format!("Ready(Some({} {item}))", NAMES[*number]),
    }
}

/// Polls a merge once. Recorded, and held to what is never allowed.
#[track_caller]
pub(super) fn poll<S: Stream<Item = Item> + Unpin>(
    run: &Run,
    world: &World,
    by: &Poller,
    merge: &mut S,
) -> Poll<Option<Item>> {
    world.taken();
    world.polled();
    let call = run
        .recorder()
        .enters("merge", format!("poll_next by {}", by.name()));
    let polled = by.lend(|waker| Pin::new(merge).poll_next(&mut Context::from_waker(waker)));
    call.returns(shown(&polled));
    if let Some(number) = world.after_none() {
        run.diagnose_at(
            world.state.borrow().after_none_at,
            "polled-after-none",
            format!(
                "The {} stream had returned `Ready(None)`, and was polled again. A stream may panic then, or begin anew.",
                NAMES[number]
            ),
        );
    }
    let taken = world.taken();
    if taken > 1 {
        run.diagnose(
            "took-two-items",
            "In one poll the merge took an item of each stream, and a poll yields one. A merge keeps no item: one that is dropped now loses it.",
        );
    }
    polled
}

/// Polls a merge, which has to come to this.
#[track_caller]
pub(super) fn expect<S: Stream<Item = Item> + Unpin>(
    run: &Run,
    world: &World,
    by: &Poller,
    merge: &mut S,
    right: Poll<Option<Item>>,
) {
    let outcome = poll(run, world, by, merge);
    if outcome == right {
        return;
    }
    run.departs(format!(
        "Expected: `poll_next` returns {}. It returned {}.",
        shown(&right),
        shown(&outcome)
    ))
}
