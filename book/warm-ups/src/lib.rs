//! The code of the book's page *The Rust you need*: six warm-ups, solved, and the questions of the self-check.
//!
//! The page shows each warm-up twice: first as the marks make it, with a `todo!` to replace, then with its solution.

pub mod arc_mutex;
pub mod associated_types;
pub mod boxed_trait;
pub mod mem_replace;
pub mod option_take;
pub mod rc_refcell;

#[cfg(test)]
mod self_check;
