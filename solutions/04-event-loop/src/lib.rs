//! The answers of chapter 04. That of a *build* exercise is the chapter's own file, named by its
//! path.

/// Whose locks and threads the answers use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(not(test))]
pub use event_loop::sync;
#[cfg(test)]
pub use probe_model::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod break_the_sleep;
pub mod debounce;
#[path = "../../../chapters/04-event-loop/src/remote.rs"]
pub mod door;
pub mod flush;
pub mod late_ticks;
#[path = "../../../chapters/04-event-loop/src/ready_queue.rs"]
pub mod ready_queue;
#[path = "../../../chapters/04-event-loop/src/task_waker.rs"]
pub mod task_waker;
pub mod three_waits;
#[path = "../../../chapters/04-event-loop/src/timers.rs"]
pub mod timers;
#[path = "../../../chapters/04-event-loop/src/turn.rs"]
pub mod turn;
pub mod who_goes_first;

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod who_goes_first_check {
    use crate::who_goes_first as subject;
    mod who_goes_first;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod ready_queue_check {
    use crate::ready_queue as subject;
    mod ready_queue;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod task_waker_check {
    use crate::task_waker as subject;
    mod task_waker;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod three_waits_check {
    use crate::three_waits as subject;
    mod three_waits;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod timers_check {
    use crate::timers as subject;
    mod timers;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod turn_check {
    use crate::turn as subject;
    mod turn;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod late_ticks_check {
    use crate::late_ticks as subject;
    mod late_ticks;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod flush_check {
    use crate::flush as subject;
    mod flush;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod debounce_check {
    use crate::debounce as subject;
    mod debounce;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod door_check {
    use crate::door as subject;
    mod door;
}

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod break_the_sleep_check {
    use crate::break_the_sleep as subject;
    mod break_the_sleep;
}
