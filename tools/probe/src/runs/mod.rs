//! Every short run, on the learner's code and on the reference: the first difference is the shortest run that tells them apart.
//!
//! A check states an **alphabet**, the operations that can happen, and two **machines** that carry them out: one on the learner's
//! code, one on the reference. [`Search`] tries every sequence of operations up to a length, shortest first, then some long random
//! ones from a fixed seed. After each operation both machines say what the contract speaks of, as a [`Step`]. Where two steps differ
//! the search stops, and the verdict shows the learner's run beside the expected one.
//!
//! ```
//! use std::borrow::Cow;
//! use probe::{panics::{Verdict, verdict_of}, run};
//! use probe::runs::{Machine, Operation, Search, Step};
//!
//! #[derive(Clone)]
//! enum Counter { Add, Reset }
//!
//! impl Operation for Counter {
//!     fn actor(&self) -> Cow<'static, str> { "counter".into() }
//!     fn call(&self) -> Cow<'static, str> {
//!         match self { Counter::Add => "add(1)".into(), Counter::Reset => "reset()".into() }
//!     }
//!     fn happened(&self) -> Cow<'static, str> {
//!         match self { Counter::Add => "1 was added".into(), Counter::Reset => "the counter was reset".into() }
//!     }
//! }
//!
//! /// The same driver for both sides: a real check instantiates it with a macro, once for `subject` and once for the reference.
//! struct Driver { total: u32, limit: u32 }
//!
//! impl Machine for Driver {
//!     type Operation = Counter;
//!     fn apply(&mut self, operation: &Counter) -> Option<Step> {
//!         self.total = match operation { Counter::Add => (self.total + 1).min(self.limit), Counter::Reset => 0 };
//!         Some(Step::of(self.total.to_string()))
//!     }
//!     fn end(self) -> Step { Step::of("dropped") }
//! }
//!
//! let verdict = verdict_of(|| {
//!     Search::of(&[Counter::Add, Counter::Reset]).up_to(5).compare(
//!         &run!(),
//!         || Driver { total: 0, limit: 2 },     // the learner's: it forgets the third
//!         || Driver { total: 0, limit: 1_000 }, // the reference
//!     );
//! });
//! let Verdict::Broken(diagnosis) = verdict else { panic!("it differs after three") };
//! assert_eq!(diagnosis.recording.lines().len(), 3);
//! assert!(diagnosis.sentence.contains("`2`. Expected: `3`"), "{}", diagnosis.sentence);
//! ```
//!
//! # What to compare
//!
//! A step holds contract events only: the outcome of the call, whether the latest poller was woken, how many values and wakers are
//! alive. How often others are woken, in which order two fields are dropped, or how much is read at once differs between right
//! answers: such things stay out of a step. Where right answers may make other calls, compare invariants instead: see `probe_io`'s
//! hostile stream.
//!
//! # Where the reference comes from
//!
//! - The answer is a file of the chapter: use the chapter's crate, `wakers::oneshot`. A macro instantiates the driver twice.
//! - The answer is a file below `solutions`: take it in as a module of the check, with `#[path]`.
//! - A model of ten lines that is obviously right is better than either, where there is one.
//!
//! # Two instances
//!
//! [`compare_two`] tries the operations on two instances at the same time. It finds state in a `static` or in a thread-local. Call it
//! behind the search, with three steps or four.
//!
//! # Budget
//!
//! 0.2 s an exercise in a dev build: about 10,000 runs of five steps. [`Search::compare`] runs on this thread; inside of a model of
//! interleavings use `probe_model::compare`, which takes the same arguments.

mod difference;
mod left;
mod search;
mod step;
mod two;

pub use difference::{Difference, Known};
pub use left::{Growth, no_more_is_left};
pub use search::Search;
pub use step::{Machine, Operation, Step};
pub use two::compare_two;
