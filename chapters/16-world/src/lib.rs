//! Chapter 16: production crates on the loop of this course.
//!
//! It knows the loop and the reactor, and adapts them to what other crates ask of a runtime.
//!
//! | file | idea |
//! |---|---|
//! | [`sans_io`] | a protocol core without I/O, under drivers for threads, green threads, the loop and the simulated network |
//! | `postgres` | a client of PostgreSQL: pipelining, COPY, LISTEN, a pool |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as world;

#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sans_io;
