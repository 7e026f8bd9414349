//! The instruments of the course: they watch what code does, and say what it did wrong.
//!
//! A check is an ordinary test file. Each `#[test]` function in it is a test: its name is the sentence that the learner
//! reads, and the tests stand in the order from the easiest to the hardest. A test is tried in four steps:
//!
//! ```
//! # mod subject { pub fn double(number: u32) -> u32 { number * 2 } }
//! use probe::run;
//! use subject::double; // A real check says `use super::subject::…`.
//!
//! # fn main() {
//! // 1. Begin a run. Its name is that of the snapshot; `run!()` has none.
//! let run = run!("twice_four");
//!
//! // 2. Call the learner's code, and record what crosses its border. Spies do this for you: see `probe-generators`.
//! let call = run.recorder().enters("double", "double(4)");
//! let answer = double(4);
//! call.returns(answer.to_string());
//!
//! // 3. Laws decide. The first that fails says which mistake it saw, in terms of the learner's code.
//! if answer == 16 {
//!     run.diagnose("squared-not-doubled", "4 became 16: your code multiplies the number by itself.");
//! }
//! if answer != 8 {
//!     run.departs("Twice 4 is 8."); // No law is sure why, so nothing is named.
//! }
//!
//! // 4. The snapshot shows. A real check ends with `snapshot!(run)`.
//! assert_eq!(run.recorder().recording().to_string(), " 1  double  double(4) → 8\n");
//! # }
//! ```
//!
//! # Writing a test that tells the truth
//!
//! - **Test behaviour.** A difference between two right answers must neither be recorded nor judged. Ask yourself what a learner
//!   would write without having seen your answer.
//! - **Most basic first.** The first test that fails decides the verdict, so a simple mistake should fail an early
//!   test, where its trace is short.
//! - **Name a mistake only when nothing else explains what was seen.** A wrong name is worse than none: use
//!   [`Run::departs`] where a law is not sure.
//! - **Say what was seen, then what does that**; never the answer. "The same number came twice: nothing that is remembered
//!   changes."
//! - **Bound every loop** that drives a learner's code. Where a step can only hang or abort if it goes wrong, wrap it in
//!   [`Run::risk`], so that the mistake can be named when the process is gone.
//! - **A panic that a contract asks for** is caught with [`panics::expected`], which lets a `todo!` and a verdict through.
//!
//! # Where things are
//!
//! | module | holds |
//! |---|---|
//! | [`run`](mod@run) | one test on trial: [`run!`], [`snapshot!`], the ways to fail |
//! | [`recorder`], [`event`], [`recording`] | writing down what happens, and how it reads |
//! | [`places`] | the line and the keeper of a waker behind each event, for the run player |
//! | [`detect`] | values that notice being dropped or moved |
//! | [`leaks`] | nothing is left behind, whenever a run is dropped and wherever it panics |
//! | [`heap`] | how much memory is in use |
//! | [`tolerance`] | numbers that are exact, or as close as a stub says |
//! | [`program`] | a chapter's program, recorded line by line |
//! | [`predict`] | predictions, and the misconceptions behind wrong ones |
//! | [`runs`] | every short run, compared with the reference |
//! | [`breaking`] | schedules in which exactly the faulty version must fail |
//! | [`random`] | inputs from a seed, with the edges always in |
//! | [`panics`] | panics that are expected, and verdicts caught for the instruments' own tests |
//! | [`diagnosis`], [`report`] | what a failure carries, and its way to the command line |
//! | [`mark`] | how the judge knows that a test has run to its last line |
//! | [`watchdog`] | what ends a run that hangs |
//! | [`stuck`] | what the tasks of a stuck run hold and wait for |
//! | [`crowded`] | how much longer a run may take on a crowded machine |
//!
//! What it deliberately does not know: generators, futures and loops. `probe-generators` watches the first; a crate of its own
//! beside it stands for each of the others, so that a check builds only what it uses.

pub mod breaking;
pub mod crowded;
pub mod detect;
pub mod diagnosis;
pub mod event;
pub mod heap;
pub mod leaks;
pub mod mark;
pub mod panics;
pub mod places;
pub mod predict;
pub mod program;
pub mod random;
pub mod recorder;
pub mod recording;
pub mod report;
pub mod run;
pub mod runs;
pub mod stuck;
pub mod tolerance;
pub mod watchdog;

#[doc(hidden)]
pub use insta;

pub use diagnosis::Diagnosis;
pub use event::{Event, What};
pub use probe_test::test;
pub use recorder::{Call, Recorder};
pub use recording::Recording;
pub use run::Run;
