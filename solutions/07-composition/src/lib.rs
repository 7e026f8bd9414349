//! The answers of chapter 07. That of a *build* exercise is the chapter's own file, named by its
//! path.

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
#[path = "../../../chapters/07-composition/src/happy_eyeballs.rs"]
pub mod happy_eyeballs;
pub mod join_polls;
#[path = "../../../chapters/07-composition/src/ready_set.rs"]
pub mod ready_set;
#[path = "../../../chapters/07-composition/src/task_group.rs"]
pub mod task_group;
pub mod ticker;
#[path = "../../../chapters/07-composition/src/timeout.rs"]
pub mod timeout;
#[path = "../../../chapters/07-composition/src/wait_for.rs"]
pub mod wait_for;

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod after_wait_check {
    use crate::after_wait as subject;
    mod after_wait;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod join_polls_check {
    use crate::join_polls as subject;
    mod join_polls;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod ready_set_check {
    use crate::ready_set as subject;
    mod ready_set;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod ticker_check {
    use crate::ticker as subject;
    mod ticker;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod timeout_check {
    use crate::timeout as subject;
    mod timeout;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod wait_for_check {
    use crate::wait_for as subject;
    mod wait_for;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod task_group_check {
    use crate::task_group as subject;
    mod task_group;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod happy_eyeballs_check {
    use crate::happy_eyeballs as subject;
    mod happy_eyeballs;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod futurelock_check {
    use crate::futurelock as subject;
    mod futurelock;
}

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod break_the_set_check {
    use crate::break_the_set as subject;
    mod break_the_set;
}
