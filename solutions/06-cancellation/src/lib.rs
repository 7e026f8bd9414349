//! The answers of chapter 06. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_reader;
#[path = "../../../chapters/06-cancellation/src/callbacks.rs"]
pub mod callbacks;
pub mod cancel_and_await;
#[path = "../../../chapters/06-cancellation/src/frames.rs"]
pub mod frames;
pub mod inline_callbacks;
#[path = "../../../chapters/06-cancellation/src/shield.rs"]
pub mod shield;
#[path = "../../../chapters/06-cancellation/src/states.rs"]
pub mod states;
#[path = "../../../chapters/06-cancellation/src/task.rs"]
pub mod task;
#[path = "../../../chapters/06-cancellation/src/unretrieved.rs"]
pub mod unretrieved;
pub mod who_runs_after;

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod who_runs_after_check {
    use crate::who_runs_after as subject;
    mod who_runs_after;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod states_check {
    use crate::states as subject;
    mod states;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod callbacks_check {
    use crate::callbacks as subject;
    mod callbacks;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod unretrieved_check {
    use crate::unretrieved as subject;
    mod unretrieved;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod inline_callbacks_check {
    use crate::inline_callbacks as subject;
    mod inline_callbacks;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod cancel_and_await_check {
    use crate::cancel_and_await as subject;
    mod cancel_and_await;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod task_check {
    use crate::task as subject;
    mod task;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod frames_check {
    use crate::frames as subject;
    mod frames;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod shield_check {
    use crate::shield as subject;
    mod shield;
}

#[cfg(test)]
#[path = "../../../exercises/06-cancellation/checks"]
mod break_the_reader_check {
    use crate::break_the_reader as subject;
    mod break_the_reader;
}
