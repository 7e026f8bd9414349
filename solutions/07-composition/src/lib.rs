//! The answers of chapter 07. That of a *build* exercise is the chapter's own file, named by its
//! path.

/// Whose locks and threads the exercises use: a model's in their checks, the standard library's
/// otherwise.
#[cfg(not(test))]
pub use composition::sync;
#[cfg(test)]
pub use probe_model::sync;

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.

pub mod join_polls;

#[cfg(test)]
#[path = "../../../exercises/07-composition/checks"]
mod join_polls_check {
    use crate::join_polls as subject;
    mod join_polls;
}
