//! The tests of chapter 14.

mod timers;
