//! The tests of the chapter, as one program: each program costs a link.

mod debug_mode;
mod dumps;
mod planted;
mod programs;
mod schedules;
#[cfg(target_os = "linux")]
mod signals;
