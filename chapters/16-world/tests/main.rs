//! The tests of chapter 16.

#[cfg(feature = "http")]
mod http;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod programs;
mod redis;
mod sans_io;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "websocket")]
mod websocket;
