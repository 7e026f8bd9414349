//! What people read in the terminal.

#[cfg(feature = "screen")]
pub mod ansi;
pub mod columns;
#[cfg(feature = "screen")]
pub mod comparison;
pub mod markdown;
pub mod mine;
pub mod overview;
pub mod page;
pub mod paint;
pub mod picture;
pub mod verdict;
