//! The course on disk: chapters, exercises and their ids, stubs, hints, known mistakes, snapshots, checksums and pages.
//!
//! This crate knows where each file of the course lies and what its form means. It does not know how a check is built or run, who
//! the learner is, or how a result is drawn.

#[cfg(test)]
mod architecture;
mod chapter_file;

pub mod about;
pub mod course;
pub mod directives;
pub mod edit;
pub mod figures;
pub mod files;
pub mod id;
pub mod mistakes;
pub mod modules;
pub mod names;
pub mod repair;
pub mod routes;
pub mod snapshot;
pub mod stub;
pub mod sums;
pub mod tables;
pub mod taught;
