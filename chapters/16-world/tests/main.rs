//! The tests of chapter 16.

mod sans_io;
