//! A stack with code on it that can stop: control goes there and back, and one value with it.
//!
//! Everything unsafe of this chapter is in this folder. What is above is safe code.
//!
//! | file | idea |
//! |---|---|
//! | `by_hand` | the two ends: one resumes, one suspends |
//! | `by_hand/stack` | memory that serves as a stack, with a guard page |
//! | `by_hand/switch` | from one stack to another, as a function and inlined |
//! | `by_hand/word` | a value on its way from one stack to the other |
//! | `by_hand/about` | the number, the name and the place of a stack |
//! | `by_hand/overflow` | a sentence when a stack is too small |
//! | `by_hand/valgrind` | which memory is a stack |
//! | `elsewhere` | the same two ends, by the crate corosensei, where `switch` is not written for the processor |

use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(all(
    unix,
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(feature = "elsewhere")
))]
mod by_hand;
#[cfg(not(all(
    unix,
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(feature = "elsewhere")
)))]
mod elsewhere;

#[cfg(all(
    unix,
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(feature = "elsewhere")
))]
pub(crate) use by_hand::{Fiber, Suspender};
#[cfg(not(all(
    unix,
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(feature = "elsewhere")
)))]
pub(crate) use elsewhere::{Fiber, Suspender};

/// The number of the next green thread. The first one of the process has the number 1.
fn next_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

/// What both say when they refuse.
mod refusals {
    pub(super) const ENDED: &str = "a green thread that has ended was resumed";
    pub(super) const NOT_ITS_STACK: &str =
        "a green thread was suspended by code that does not run on its stack";
    pub(super) const UNWINDS: &str =
        "a green thread was suspended by a destructor while it unwinds";
}
