//! Well-known crates, each on the loop of chapter 04 with the reactor of chapter 05.

mod io;
mod tasks;

use std::cell::Cell;
use std::fmt;
use std::fs;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use event_loop::{EventLoop, Handle, panic_message};
use reactor::{Reactor, ReactorHandle};

/// What a try may use.
#[derive(Debug, Clone)]
pub struct World {
    /// The loop.
    pub handle: Handle,
    /// Its reactor.
    pub reactor: ReactorHandle,
}

type Trying = Pin<Box<dyn Future<Output = ()>>>;

/// A crate, and what is tried with it. The future has to wait for something.
#[derive(Debug)]
pub struct Try {
    /// The crate, or a module of it.
    pub name: &'static str,
    /// The traits by which it reaches the loop.
    pub through: &'static str,
    make: fn(World) -> Trying,
}

/// All of them, those that ask for nothing first.
pub const TRIES: &[Try] = &[
    Try::new("futures", "Waker", tasks::futures),
    Try::new("async-channel", "Waker", tasks::async_channel),
    Try::new("async-lock", "Waker", tasks::async_lock),
    Try::new("event-listener", "Waker", tasks::event_listener),
    Try::new("flume", "Waker", tasks::flume),
    Try::new("moka", "Waker", tasks::moka),
    Try::new("tokio::sync", "Waker", tasks::tokio_sync),
    Try::new("tower", "Waker", tasks::tower),
    Try::new("async-compression", "futures::io", io::async_compression),
    Try::new("async-tungstenite", "futures::io", io::async_tungstenite),
    Try::new("futures-rustls", "futures::io", io::futures_rustls),
    Try::new("tokio-util", "tokio::io, compat", io::tokio_util),
    Try::new("h2", "tokio::io, compat", io::h2),
    Try::new("hyper", "hyper::rt", io::hyper),
    Try::new("axum", "hyper::rt, tower", io::axum),
    Try::new("futures-timer", "nothing", tasks::futures_timer),
    Try::new("governor", "nothing", tasks::governor),
    Try::new("async-io", "nothing", tasks::async_io),
    Try::new("async-net", "nothing", io::async_net),
    Try::new("async-fs", "nothing", io::async_fs),
    Try::new("tokio::time", "tokio's runtime", tasks::tokio_time),
    Try::new("tokio::net", "tokio's runtime", io::tokio_net),
    Try::new("tokio::fs", "tokio's runtime", io::tokio_fs),
    Try::new("tower::timeout", "tokio's runtime", tasks::tower_timeout),
    Try::new("reqwest", "tokio's runtime", io::reqwest),
    Try::new("ureq", "nothing", io::ureq),
];

impl Try {
    const fn new(name: &'static str, through: &'static str, make: fn(World) -> Trying) -> Try {
        Try {
            name,
            through,
            make,
        }
    }
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It completed, and the process has this many threads more.
    Works {
        /// The crate's own threads.
        threads: usize,
    },
    /// It completed in its first poll, although it had to wait: other tasks could not run.
    Blocks,
    /// With this message.
    Panics(String),
}

/// Tries it on a loop of its own.
#[must_use]
pub fn outcome(tried: &Try) -> Outcome {
    let event_loop = EventLoop::with_driver(Reactor::new().expect("the system has an event queue"));
    let world = World {
        handle: event_loop.handle(),
        reactor: event_loop.driver().handle(),
    };
    let before = Cell::new(0);
    let mut polls = 0;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut future = (tried.make)(world);
        before.set(threads());
        event_loop.block_on(std::future::poll_fn(|context| {
            polls += 1;
            let polled = future.as_mut().poll(context);
            match polled {
                Poll::Ready(()) => Poll::Ready(threads()),
                Poll::Pending => Poll::Pending,
            }
        }))
    }));
    match ran {
        Err(panic) => {
            let message = panic_message(&*panic).to_owned();
            Outcome::Panics(message.lines().next().unwrap_or_default().to_owned())
        }
        Ok(_) if polls == 1 => Outcome::Blocks,
        Ok(after) => Outcome::Works {
            threads: after.saturating_sub(before.get()),
        },
    }
}

/// How many threads the process has. Elsewhere than on Linux: 0.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Works { threads: 0 } => out.write_str("works"),
            Outcome::Works { .. } => out.write_str("works, on threads of its own"),
            Outcome::Blocks => out.write_str("blocks the loop"),
            Outcome::Panics(message) => write!(out, "panics: {message}"),
        }
    }
}
