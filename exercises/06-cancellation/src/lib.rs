//! The exercises of chapter 06, one file each. `cargo learn` tells you which comes next.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_reader;
pub mod callbacks;
pub mod cancel_and_await;
pub mod frames;
pub mod inline_callbacks;
pub mod shield;
pub mod states;
pub mod task;
pub mod unretrieved;
pub mod who_runs_after;

#[cfg(test)]
#[path = "../checks"]
mod who_runs_after_check {
    use crate::who_runs_after as subject;
    mod who_runs_after;
}

#[cfg(test)]
#[path = "../checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}

#[cfg(test)]
#[path = "../checks"]
mod callbacks_check {
    use crate::callbacks as subject;
    mod callbacks;
}

#[cfg(test)]
#[path = "../checks"]
mod unretrieved_check {
    use crate::unretrieved as subject;
    mod unretrieved;
}

#[cfg(test)]
#[path = "../checks"]
mod inline_callbacks_check {
    use crate::inline_callbacks as subject;
    mod inline_callbacks;
}

#[cfg(test)]
#[path = "../checks"]
mod cancel_and_await_check {
    use crate::cancel_and_await as subject;
    mod cancel_and_await;
}

#[cfg(test)]
#[path = "../checks"]
mod task_check {
    use crate::task as subject;
    mod task;
}

#[cfg(test)]
#[path = "../checks"]
mod frames_check {
    use crate::frames as subject;
    mod frames;
}

#[cfg(test)]
#[path = "../checks"]
mod shield_check {
    use crate::shield as subject;
    mod shield;
}

#[cfg(test)]
#[path = "../checks"]
mod break_the_reader_check {
    use crate::break_the_reader as subject;
    mod break_the_reader;
}
