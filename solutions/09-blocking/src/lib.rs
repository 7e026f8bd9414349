//! The answers of chapter 09. That of a *build* exercise is the chapter's own file, named by its
//! path.

/// Whose locks and threads the answers use: a model's in the checks, the standard library's otherwise.
#[cfg(test)]
pub use probe_model::sync;
#[cfg(not(test))]
pub use wakers::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

#[path = "../../../chapters/09-blocking/src/file.rs"]
pub mod file;
pub mod how_many_threads;
#[path = "../../../chapters/09-blocking/src/log_queue.rs"]
pub mod log_queue;
pub mod look_up;
pub mod reports;
#[path = "../../../chapters/09-blocking/src/single_flight.rs"]
pub mod single_flight;
#[path = "../../../chapters/09-blocking/src/thread_pool.rs"]
pub mod thread_pool;
pub mod what_waits;

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod what_waits_check {
    use crate::what_waits as subject;
    mod what_waits;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod thread_pool_check {
    use crate::thread_pool as subject;
    mod thread_pool;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod how_many_threads_check {
    use crate::how_many_threads as subject;
    mod how_many_threads;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod reports_check {
    use crate::reports as subject;
    mod reports;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod single_flight_check {
    use crate::single_flight as subject;
    mod single_flight;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod look_up_check {
    use crate::look_up as subject;
    mod look_up;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod file_check {
    use crate::file as subject;
    mod file;
}

#[cfg(test)]
#[path = "../../../exercises/09-blocking/checks"]
mod log_queue_check {
    use crate::log_queue as subject;
    mod log_queue;
}
