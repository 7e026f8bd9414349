//! The tests of chapter 14.
