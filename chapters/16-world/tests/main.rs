//! The tests of chapter 16.

#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod sans_io;
