//! The tests of chapter 14.

mod fast;
mod timers;
