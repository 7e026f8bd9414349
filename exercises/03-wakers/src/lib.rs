//! The exercises of chapter 03, one file each. `cargo learn` tells you which comes next.

/// The locks and threads that the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use wakers::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod alarm;
pub mod atomic_waker;
pub mod block_on;
pub mod break_the_latch;
pub mod cost_of_a_wake;
pub mod latch;
pub mod oneshot;
pub mod raw_waker;
pub mod two_wakes;
pub mod wake_now;

#[cfg(test)]
#[path = "../checks"]
mod alarm_check {
    use crate::alarm as subject;
    mod alarm;
}

#[cfg(test)]
#[path = "../checks"]
mod wake_now_check {
    use crate::wake_now as subject;
    mod wake_now;
}

#[cfg(test)]
#[path = "../checks"]
mod two_wakes_check {
    use crate::two_wakes as subject;
    mod two_wakes;
}

#[cfg(test)]
#[path = "../checks"]
mod block_on_check {
    use crate::block_on as subject;
    mod block_on;
}

#[cfg(test)]
#[path = "../checks"]
mod cost_of_a_wake_check {
    use crate::cost_of_a_wake as subject;
    mod cost_of_a_wake;
}

#[cfg(test)]
#[path = "../checks"]
mod oneshot_check {
    use crate::oneshot as subject;
    mod oneshot;
}

#[cfg(test)]
#[path = "../checks"]
mod latch_check {
    use crate::latch as subject;
    mod latch;
}

#[cfg(test)]
#[path = "../checks"]
mod raw_waker_check {
    use crate::raw_waker as subject;
    mod raw_waker;
}

#[cfg(test)]
#[path = "../checks"]
mod atomic_waker_check {
    use crate::atomic_waker as subject;
    mod atomic_waker;
}

#[cfg(test)]
#[path = "../checks"]
mod break_the_latch_check {
    use crate::break_the_latch as subject;
    mod break_the_latch;
}
