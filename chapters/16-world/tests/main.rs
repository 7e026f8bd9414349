//! The tests of chapter 16.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod plays;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod programs;
mod redis;
mod rough;
mod sans_io;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "websocket")]
mod websocket;
