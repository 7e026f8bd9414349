//! The answers of chapter 14. That of a *build* exercise is the chapter's own file, named by its
//! path.

/// Whose locks and threads the answers use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use speed::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod batch_wakes;
pub mod five_costs;
#[path = "../../../chapters/14-speed/src/stealing/run_queues.rs"]
pub mod idle_workers;
#[path = "../../../chapters/14-speed/src/lifo_slot.rs"]
pub mod lifo_slot;
#[path = "../../../chapters/14-speed/src/owned_read.rs"]
pub mod owned_read;
pub mod reminders;
pub mod trace_reading;
#[path = "../../../chapters/14-speed/src/wheel.rs"]
pub mod wheel;

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod five_costs_check {
    use crate::five_costs as subject;
    mod five_costs;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod trace_reading_check {
    use crate::trace_reading as subject;
    mod trace_reading;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod batch_wakes_check {
    use crate::batch_wakes as subject;
    mod batch_wakes;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod lifo_slot_check {
    use crate::lifo_slot as subject;
    mod lifo_slot;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod reminders_check {
    use crate::reminders as subject;
    mod reminders;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod wheel_check {
    use crate::wheel as subject;
    mod wheel;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod owned_read_check {
    use crate::owned_read as subject;
    mod owned_read;
}

#[cfg(test)]
#[path = "../../../exercises/14-speed/checks"]
mod idle_workers_check {
    use crate::idle_workers as subject;
    mod idle_workers;
}
