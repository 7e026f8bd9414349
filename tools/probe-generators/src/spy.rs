//! Wrappers that write down every resume and what came of it.

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

use generators::{Generator, Step};
use probe::Run;

/// Watches a generator: each resume is recorded in `track`, with what was sent and what came back.
pub fn spy<G>(run: &Run, track: &str, generator: G) -> Spy<G> {
    Spy {
        run: run.clone(),
        track: track.to_owned(),
        generator,
        resumes: 0,
        complete: false,
    }
}

/// A generator under observation. See [`spy`].
///
/// As a part of another machine it also enforces the protocol: a machine that resumes it after it completed is diagnosed with
/// `resumed-after-complete`.
#[derive(Debug)]
pub struct Spy<G> {
    run: Run,
    track: String,
    generator: G,
    resumes: usize,
    complete: bool,
}

impl<G> Spy<G> {
    /// How often it was resumed.
    #[must_use]
    pub fn resumes(&self) -> usize {
        self.resumes
    }

    /// The track that it records in.
    pub(crate) fn track(&self) -> &str {
        &self.track
    }

    /// Resumes what is inside even though it is complete: only for the law that asks what happens then.
    pub(crate) fn past_the_end(&mut self) -> &mut G {
        &mut self.generator
    }
}

impl<Sent, G> Generator<Sent> for Spy<G>
where
    Sent: Debug,
    G: Generator<Sent, Yield: Debug, Return: Debug>,
{
    type Yield = G::Yield;
    type Return = G::Return;

    fn resume(&mut self, sent: Sent) -> Step<G::Yield, G::Return> {
        let call = self.run.recorder().enters(&self.track, resume(&sent));
        if self.complete {
            self.run.diagnose(
                "resumed-after-complete",
                format!(
                    "{} had completed, and was resumed once more. After a `Step::Complete` its caller must not resume that generator again.",
                    self.track
                ),
            );
        }
        self.resumes += 1;
        let step = self.generator.resume(sent);
        self.complete = matches!(step, Step::Complete(_));
        call.returns(outcome(&step));
        step
    }
}

/// `resume(3)`, or `resume()` where nothing is sent.
pub(crate) fn resume(sent: &impl Debug) -> String {
    match format!("{sent:?}").as_str() {
        "()" => "resume()".to_owned(),
        sent => format!("resume({sent})"),
    }
}

/// `yields 4`, `completes with 7`; the value is left out where it says nothing.
pub(crate) fn outcome<Y: Debug, R: Debug>(step: &Step<Y, R>) -> String {
    let (verb, value) = match step {
        Step::Yielded(value) => ("yields", format!("{value:?}")),
        Step::Complete(value) => ("completes with", format!("{value:?}")),
    };
    match (verb, value.as_str()) {
        ("completes with", "()") => "completes".to_owned(),
        (verb, "()") => verb.to_owned(),
        (verb, value) => format!("{verb} {value}"),
    }
}

/// A generator that yields what it was told to, completes with what it was told to, and remembers what it was sent.
///
/// It is what a check gives to code that drives other generators. Wrap it in a [`spy`] to see it in the recording.
pub fn script<Sent, Y, R>(yields: impl IntoIterator<Item = Y>, returns: R) -> Script<Sent, Y, R> {
    let yields: Vec<Y> = yields.into_iter().collect();
    Script {
        yields: yields.into_iter(),
        returns: Some(returns),
        heard: Heard::default(),
    }
}

/// A generator that reads its lines from a list. See [`script`].
#[derive(Debug)]
pub struct Script<Sent, Y, R> {
    yields: std::vec::IntoIter<Y>,
    returns: Option<R>,
    heard: Heard<Sent>,
}

/// Everything that a [`Script`] was sent, in order. Clones look at the same list.
pub type Heard<Sent> = Rc<RefCell<Vec<Sent>>>;

impl<Sent, Y, R> Script<Sent, Y, R> {
    /// A handle to the values it was sent. It stays with the test when the script itself is moved away.
    #[must_use]
    pub fn heard(&self) -> Heard<Sent> {
        Rc::clone(&self.heard)
    }
}

impl<Sent, Y, R> Generator<Sent> for Script<Sent, Y, R> {
    type Yield = Y;
    type Return = R;

    fn resume(&mut self, sent: Sent) -> Step<Y, R> {
        self.heard.borrow_mut().push(sent);
        match self.yields.next() {
            Some(value) => Step::Yielded(value),
            None => Step::Complete(
                self.returns
                    .take()
                    .expect("a script is resumed past its end only by mistake"),
            ),
        }
    }
}

/// Watches an iterator: each `next` is recorded in `track`.
pub fn spy_iterator<I>(run: &Run, track: &str, iterator: I) -> IteratorSpy<I> {
    IteratorSpy {
        run: run.clone(),
        track: track.to_owned(),
        iterator,
    }
}

/// An iterator under observation. See [`spy_iterator`].
#[derive(Debug)]
pub struct IteratorSpy<I> {
    run: Run,
    track: String,
    iterator: I,
}

impl<I: Iterator<Item: Debug>> Iterator for IteratorSpy<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let call = self.run.recorder().enters(&self.track, "next()");
        let item = self.iterator.next();
        call.returns(format!("{item:?}"));
        item
    }
}
