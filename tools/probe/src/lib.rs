//! The instruments: they watch what code did, and say what it did wrong.
pub mod detect;
pub mod diagnosis;
pub mod event;
pub mod panics;
pub mod predict;
pub mod recorder;
pub mod recording;
pub mod report;
pub mod run;
pub mod watchdog;

#[doc(hidden)]
pub use insta;

pub use diagnosis::Diagnosis;
pub use event::{Event, What};
pub use recorder::{Call, Recorder};
pub use recording::Recording;
pub use run::Run;
