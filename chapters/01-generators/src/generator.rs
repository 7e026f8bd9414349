//! The protocol that this chapter is about: resume a machine with a value, get a step back.

// ANCHOR: step
/// What a generator did when it was resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<Yield, Return> {
    /// It paused and handed out a value. It can be resumed.
    Yielded(Yield),
    /// It has ended, with a result. It must not be resumed.
    Complete(Return),
}
// ANCHOR_END: step

/// A computation that pauses: the machine behind `yield`.
///
/// ```text
///   created ──resume──▶ paused ──resume──▶ … ──resume──▶ complete
///                       Yielded(…)                       Complete(…)
/// ```
///
/// Nothing happens when a generator is created: it runs only inside [`resume`](Generator::resume).
/// Dropping one that is paused closes it: the destructors of what it holds run, and nothing else of
/// it ever does.
///
/// The shape is that of the unstable `std::ops::Coroutine`, without its `Pin`, which chapter 02
/// explains.
// ANCHOR: trait
pub trait Generator<Sent = ()> {
    /// What it hands out each time it pauses.
    type Yield;

    /// What it ends with.
    type Return;
    // ANCHOR_END: trait

    // ANCHOR: contract
    /// Runs until the next yield or the end.
    ///
    /// `sent` is the answer to the yield at which the generator is paused. The first `sent` answers
    /// nothing, because nothing was yielded yet: each generator says what it does with it.
    ///
    /// # Panics
    ///
    /// If the generator is complete.
    // ANCHOR: resume
    fn resume(&mut self, sent: Sent) -> Step<Self::Yield, Self::Return>;
    // ANCHOR_END: contract
}
// ANCHOR_END: resume

impl<Sent, G: Generator<Sent> + ?Sized> Generator<Sent> for Box<G> {
    type Yield = G::Yield;
    type Return = G::Return;

    fn resume(&mut self, sent: Sent) -> Step<G::Yield, G::Return> {
        (**self).resume(sent)
    }
}
