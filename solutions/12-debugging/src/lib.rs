//! The answers of chapter 12. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_once;
pub mod half_open;
#[path = "../../../chapters/12-debugging/src/leaks.rs"]
pub mod leak_detector;
pub mod observer_price;
#[path = "../../../chapters/12-debugging/src/shrink.rs"]
pub mod shrink;
#[path = "../../../chapters/12-debugging/src/alone.rs"]
pub mod sim_sleep;
#[path = "../../../chapters/12-debugging/src/slow_callback.rs"]
pub mod slow_callback;
pub mod which_task;

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod which_task_check {
    use crate::which_task as subject;
    mod which_task;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod slow_callback_check {
    use crate::slow_callback as subject;
    mod slow_callback;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod leak_detector_check {
    use crate::leak_detector as subject;
    mod leak_detector;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod sim_sleep_check {
    use crate::sim_sleep as subject;
    mod sim_sleep;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod observer_price_check {
    use crate::observer_price as subject;
    mod observer_price;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod break_the_once_check {
    use crate::break_the_once as subject;
    mod break_the_once;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod shrink_check {
    use crate::shrink as subject;
    mod shrink;
}

#[cfg(test)]
#[path = "../../../exercises/12-debugging/checks"]
mod half_open_check {
    use crate::half_open as subject;
    mod half_open;
}
