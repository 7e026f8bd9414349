//! The tests of the chapter, as one program: each program costs a link.

mod alone;
mod debug_mode;
mod dumps;
mod planted;
mod programs;
mod schedules;
#[cfg(feature = "screen")]
mod screen;
#[cfg(unix)]
mod served;
mod sets;
mod shrinking;
#[cfg(target_os = "linux")]
mod signals;
