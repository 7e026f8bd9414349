//! The tests of chapter 16.
