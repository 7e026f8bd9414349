//! The runtime with the learner's parts in it.
//!
//! ```text
//! parts      which files are the learner's, and pass their checks as they are
//!    ▼
//! assembly   the chapters in a folder of their own, each of these files in the reference's place
//!    ▼
//! build      cargo; what does not compile in its new place is named, and set aside
//!    ▼
//! tests      the chapters' programs and tests; each has a deadline
//!    ▼
//! suspects   which parts a failed test is likely to be about
//!    ▼
//! blame      the fewest of them with which it fails, and the reference elsewhere
//!    ▼
//! serve      the echo server on the learner's parts, once there is one
//! ```

pub mod assembly;
pub mod blame;
pub mod build;
pub mod client;
pub mod failure;
mod heard;
pub mod parts;
pub mod serve;
mod suspects;
pub mod tests;
pub mod trial;
