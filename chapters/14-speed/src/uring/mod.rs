//! io_uring: a driver on which the kernel reports that a source is ready, or reads by itself.
//!
//! | file | idea |
//! |---|---|
//! | [`driver`] | [`Uring`]: the driver; one system call submits, waits and collects |
//! | [`requests`] | what is in flight, and which memory and descriptors it needs |
//! | [`source`] | [`Source`]: a descriptor to read from, in both ways |
//! | [`or_epoll`] | [`RingOrEpoll`]: the same reads where there is no ring |
//! | [`refused`] | why a kernel or a sandbox has no ring to give |
//!
//! Linux only, with the feature `uring`.

pub mod driver;
pub mod or_epoll;
pub mod refused;
pub mod requests;
pub mod source;

pub use driver::Uring;
pub use or_epoll::{AnyRead, AnySource, RingOrEpoll};
pub use refused::Refused;
pub use source::{Ready, Source, SourceRead};
