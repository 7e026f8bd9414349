//! The real program and the connection's logic. (`plays.rs` is a program of its own: what it records depends on the lines of the
//! frames of its whole binary.)

mod faults;
mod lingering;
mod schedules;
