//! The real program, and everything that goes wrong around it: clients that misbehave, a system that runs out of things, orders to
//! stop.
//!
//! Ports are the kernel's choice. No test sleeps: it waits for an event, and a time is only ever a bound after which it fails. Where
//! time itself is the subject, a second server's idle time-outs are the clock.
//!
//! Each test names the fault in the server that it was seen to catch.

mod arguments;
mod client;
mod half_close;
mod idle;
mod large;
mod server;
mod slow;

#[cfg(unix)]
mod broken;
#[cfg(target_os = "linux")]
mod crowds;
#[cfg(unix)]
mod endings;
#[cfg(unix)]
mod finishing;
#[cfg(unix)]
mod panics;
#[cfg(target_os = "linux")]
mod process;
