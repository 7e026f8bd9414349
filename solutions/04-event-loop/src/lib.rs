//! The answers of chapter 04. That of a *build* exercise is the chapter's own file, named by its
//! path.

#[path = "../../../chapters/04-event-loop/src/ready_queue.rs"]
pub mod ready_queue;

/// Whose locks and threads the answers use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(not(test))]
pub use event_loop::sync;
#[cfg(test)]
pub use probe_model::sync;

#[cfg(test)]
#[path = "../../../exercises/04-event-loop/checks"]
mod ready_queue_check {
    use crate::ready_queue as subject;
    mod ready_queue;
}
