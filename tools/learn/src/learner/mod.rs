//! What belongs to the learner: the progress, the files, the copies kept aside, the git history.

pub mod git;
pub mod keep;
pub mod next_step;
pub mod passed;
pub mod progress;
