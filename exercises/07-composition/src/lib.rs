//! The exercises of chapter 07, one file each. `cargo learn` tells you which comes next.

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(not(test))]
pub use composition::sync;
#[cfg(test)]
pub use probe_model::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod after_wait;
pub mod break_the_set;
pub mod futurelock;
pub mod happy_eyeballs;
pub mod join_polls;
pub mod ready_set;
pub mod task_group;
pub mod ticker;
pub mod timeout;
pub mod wait_for;

#[cfg(test)]
#[path = "../checks"]
mod after_wait_check {
    use crate::after_wait as subject;
    mod after_wait;
}

#[cfg(test)]
#[path = "../checks"]
mod join_polls_check {
    use crate::join_polls as subject;
    mod join_polls;
}

#[cfg(test)]
#[path = "../checks"]
mod ready_set_check {
    use crate::ready_set as subject;
    mod ready_set;
}

#[cfg(test)]
#[path = "../checks"]
mod ticker_check {
    use crate::ticker as subject;
    mod ticker;
}

#[cfg(test)]
#[path = "../checks"]
mod timeout_check {
    use crate::timeout as subject;
    mod timeout;
}

#[cfg(test)]
#[path = "../checks"]
mod wait_for_check {
    use crate::wait_for as subject;
    mod wait_for;
}

#[cfg(test)]
#[path = "../checks"]
mod task_group_check {
    use crate::task_group as subject;
    mod task_group;
}

#[cfg(test)]
#[path = "../checks"]
mod happy_eyeballs_check {
    use crate::happy_eyeballs as subject;
    mod happy_eyeballs;
}

#[cfg(test)]
#[path = "../checks"]
mod futurelock_check {
    use crate::futurelock as subject;
    mod futurelock;
}

#[cfg(test)]
#[path = "../checks"]
mod break_the_set_check {
    use crate::break_the_set as subject;
    mod break_the_set;
}
