//! The exercises of chapter 14, one file each. `cargo learn` tells you which comes next.

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use speed::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod batch_wakes;
pub mod five_costs;
pub mod idle_workers;
pub mod lifo_slot;
pub mod owned_read;
pub mod reminders;
pub mod trace_reading;
pub mod wheel;

#[cfg(test)]
#[path = "../checks"]
mod five_costs_check {
    use crate::five_costs as subject;
    mod five_costs;
}

#[cfg(test)]
#[path = "../checks"]
mod trace_reading_check {
    use crate::trace_reading as subject;
    mod trace_reading;
}

#[cfg(test)]
#[path = "../checks"]
mod batch_wakes_check {
    use crate::batch_wakes as subject;
    mod batch_wakes;
}

#[cfg(test)]
#[path = "../checks"]
mod lifo_slot_check {
    use crate::lifo_slot as subject;
    mod lifo_slot;
}

#[cfg(test)]
#[path = "../checks"]
mod reminders_check {
    use crate::reminders as subject;
    mod reminders;
}

#[cfg(test)]
#[path = "../checks"]
mod wheel_check {
    use crate::wheel as subject;
    mod wheel;
}

#[cfg(test)]
#[path = "../checks"]
mod owned_read_check {
    use crate::owned_read as subject;
    mod owned_read;
}

#[cfg(test)]
#[path = "../checks"]
mod idle_workers_check {
    use crate::idle_workers as subject;
    mod idle_workers;
}
