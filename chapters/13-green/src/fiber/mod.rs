//! A stack with code on it that can stop: control goes there and back, and no value goes with it.
//!
//! Everything unsafe of this chapter is in this folder. What is above passes values and is safe code.
//!
//! | file | idea |
//! |---|---|
//! | `stack` | memory that serves as a stack, with a guard page |
//! | `switch` | from one stack to another, in fifteen instructions |
//! | `overflow` | a sentence when a stack is too small |
//! | `by_hand` | the two ends: one resumes, one suspends |
//! | `elsewhere` | the same two ends, by the crate corosensei, where `switch` is not written for the processor |

#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod by_hand;
#[cfg(any(
    feature = "elsewhere",
    not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))
))]
mod elsewhere;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod overflow;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod stack;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod switch;

#[cfg(not(any(
    feature = "elsewhere",
    not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))
)))]
pub(crate) use by_hand::{Fiber, Suspender};
#[cfg(any(
    feature = "elsewhere",
    not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))
))]
pub(crate) use elsewhere::{Fiber, Suspender};

/// What both say when they refuse.
mod refusals {
    pub(super) const ITSELF: &str = "a green thread cannot resume itself";
    pub(super) const ENDED: &str = "a green thread that has ended was resumed";
    pub(super) const NOT_ITS_STACK: &str =
        "a green thread was suspended by code that does not run on its stack";
    pub(super) const UNWINDS: &str =
        "a green thread was suspended by a destructor while it unwinds";
}
