//! Operations, the machines that carry them out, and what can be seen after each.

use std::borrow::Cow;

/// One letter of the alphabet: something that a caller, or the world, does.
pub trait Operation: Clone {
    /// The track in which it is shown: `receiver`.
    fn actor(&self) -> Cow<'static, str>;
    /// How the run shows it: `poll, with the waker of A`.
    fn call(&self) -> Cow<'static, str>;
    /// The same as a clause in the past tense, for the verdict's sentence: `A polled the receiver`.
    fn happened(&self) -> Cow<'static, str>;
}

/// Carries out operations, on the learner's code or on the reference.
pub trait Machine {
    /// The alphabet.
    type Operation: Operation;

    /// Carries out one operation and says what can be seen afterwards; `None` if it is impossible now, as sending twice is where
    /// `send` takes the sender. A sequence with an impossible operation is passed over: a shorter one is the same.
    ///
    /// A panic is an outcome like any other, and ends the run.
    fn apply(&mut self, operation: &Self::Operation) -> Option<Step>;

    /// Drops what is left and says what can be seen then: how many values and wakers are still alive.
    fn end(self) -> Step;
}

/// What can be seen after an operation: how the call ended, and what is so now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    outcome: Cow<'static, str>,
    facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) lane: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
    /// Shown only where the two runs differ in it.
    pub(crate) quiet: bool,
}

impl Step {
    /// A step whose call ended so: `pending`.
    #[must_use]
    pub fn of(outcome: impl Into<Cow<'static, str>>) -> Step {
        Step {
            outcome: outcome.into(),
            facts: Vec::new(),
        }
    }

    /// A step whose call panicked.
    #[must_use]
    pub fn panicked() -> Step {
        Step::of("panics")
    }

    /// Something that is so after the call: the lane is what it is about. It is shown where it has changed, and where the two runs
    /// differ in it.
    #[must_use]
    pub fn fact(
        self,
        lane: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Step {
        self.with(lane.into(), text.into(), false)
    }

    /// Something that did **not** happen in the call, such as `is not woken`: shown only where the two runs differ in it.
    #[must_use]
    pub fn absence(
        self,
        lane: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Step {
        self.with(lane.into(), text.into(), true)
    }

    fn with(mut self, lane: Cow<'static, str>, text: Cow<'static, str>, quiet: bool) -> Step {
        self.facts.push(Fact { lane, text, quiet });
        self
    }

    /// How the call ended.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// What is so after it, about this lane.
    #[must_use]
    pub fn about(&self, lane: &str) -> Option<&str> {
        self.facts()
            .iter()
            .find(|fact| fact.lane == lane)
            .map(|fact| &*fact.text)
    }

    /// The same, with other names for what its facts are about.
    pub(super) fn on_tracks(
        mut self,
        name: impl Fn(Cow<'static, str>) -> Cow<'static, str>,
    ) -> Step {
        for fact in &mut self.facts {
            fact.lane = name(std::mem::take(&mut fact.lane));
        }
        self
    }

    /// Both: the outcomes one behind the other, and all facts.
    pub(super) fn and(mut self, other: Step) -> Step {
        if self.outcome != other.outcome {
            self.outcome = format!("{}; {}", self.outcome, other.outcome).into();
        }
        self.facts.extend(other.facts);
        self
    }

    pub(crate) fn facts(&self) -> &[Fact] {
        &self.facts
    }
}
