//! Chapter 16: production crates on the loop of this course.
//!
//! It knows the loop and the reactor, and adapts them to what other crates ask of a runtime.
//!
//! | file | idea |
//! |---|---|
//! | [`duplex`](mod@duplex) | two ends of a connection in memory |
//! | [`websocket`] | a client that listens to a WebSocket, and pings beside that |
//! | [`tls`] | TLS between a stream and a protocol |
//! | [`sans_io`] | a protocol core without I/O, under drivers for threads, green threads, the loop and the simulated network |
//! | `postgres` | a client of PostgreSQL: pipelining, COPY, LISTEN, a pool |
//! | [`far_server`] | a server in memory, for the programs |
//! | [`redis`] | a client of Redis: pipelining, and messages as a stream |
//! | [`hyper_rt`] | hyper's traits for streams, timers and tasks, on the loop |
//! | [`file_body`] | the body of a response, read from a file while it is sent |
//! | [`routes`] | which handler answers a request, and which path leads to a handler |
//! | [`reply`], [`static_files`] | what the server answers: texts, JSON, files below a folder |
//! | [`preface`] | HTTP/1 and HTTP/2 on one port |
//! | [`write_limit`] | a limit for peers that do not read |
//! | [`http_connection`], [`https`] | one connection: its requests, and its end; the same over TLS |
//! | [`current`] | an answer that can be replaced while the server runs |
//! | [`http_worker`], [`http_server`] | one thread of a server; the threads together |
//! | [`site`] | the site of the program `ch16-web` |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as world;

#[cfg(feature = "http")]
pub mod current;
pub mod duplex;
pub mod far_server;
#[cfg(feature = "hyper")]
pub mod file_body;
#[cfg(feature = "http")]
pub mod http_connection;
#[cfg(feature = "http")]
pub mod http_server;
#[cfg(feature = "http")]
pub mod http_worker;
#[cfg(feature = "http")]
pub mod https;
#[cfg(feature = "hyper")]
pub mod hyper_rt;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "http")]
pub mod preface;
pub mod redis;
#[cfg(feature = "http")]
pub mod reply;
#[cfg(feature = "http")]
pub mod routes;
pub mod sans_io;
#[cfg(feature = "http")]
pub mod site;
#[cfg(feature = "http")]
pub mod static_files;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "websocket")]
pub mod websocket;
#[cfg(feature = "http")]
pub mod write_limit;
