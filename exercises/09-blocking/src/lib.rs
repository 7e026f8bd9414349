//! The exercises of chapter 09, one file each. `cargo learn` tells you which comes next.

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use wakers::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod file;
pub mod how_many_threads;
pub mod log_queue;
pub mod look_up;
pub mod reports;
pub mod single_flight;
pub mod thread_pool;
pub mod what_waits;

#[cfg(test)]
#[path = "../checks"]
mod what_waits_check {
    use crate::what_waits as subject;
    mod what_waits;
}

#[cfg(test)]
#[path = "../checks"]
mod thread_pool_check {
    use crate::thread_pool as subject;
    mod thread_pool;
}

#[cfg(test)]
#[path = "../checks"]
mod how_many_threads_check {
    use crate::how_many_threads as subject;
    mod how_many_threads;
}

#[cfg(test)]
#[path = "../checks"]
mod reports_check {
    use crate::reports as subject;
    mod reports;
}

#[cfg(test)]
#[path = "../checks"]
mod single_flight_check {
    use crate::single_flight as subject;
    mod single_flight;
}

#[cfg(test)]
#[path = "../checks"]
mod look_up_check {
    use crate::look_up as subject;
    mod look_up;
}

#[cfg(test)]
#[path = "../checks"]
mod file_check {
    use crate::file as subject;
    mod file;
}

#[cfg(test)]
#[path = "../checks"]
mod log_queue_check {
    use crate::log_queue as subject;
    mod log_queue;
}
