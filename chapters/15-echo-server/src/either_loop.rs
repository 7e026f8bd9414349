//! The loop that serves: chapter 04's, or chapter 14's.

use std::future::Future;

use event_loop::{EventLoop, Handle};
use reactor::Reactor;

/// Which loop serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum WhichLoop {
    /// The loop of chapter 04.
    #[default]
    Reference,
    /// The loop of chapter 14.
    Fast,
}

/// One of the two loops, on the reactor.
#[derive(Debug)]
pub enum EitherLoop {
    /// The loop of chapter 04.
    Reference(EventLoop<Reactor>),
    /// The loop of chapter 14.
    Fast(speed::EventLoop<Reactor>),
}

impl EitherLoop {
    /// A loop of this kind on this reactor.
    #[must_use]
    pub fn new(which: WhichLoop, reactor: Reactor) -> EitherLoop {
        match which {
            WhichLoop::Reference => EitherLoop::Reference(EventLoop::with_driver(reactor)),
            WhichLoop::Fast => EitherLoop::Fast(speed::EventLoop::with_driver(reactor)),
        }
    }

    /// The loop's handle. Both loops have handles of the same type.
    #[must_use]
    pub fn handle(&self) -> Handle {
        match self {
            EitherLoop::Reference(event_loop) => event_loop.handle(),
            EitherLoop::Fast(event_loop) => event_loop.handle(),
        }
    }

    /// The reactor.
    #[must_use]
    pub fn driver(&self) -> &Reactor {
        match self {
            EitherLoop::Reference(event_loop) => event_loop.driver(),
            EitherLoop::Fast(event_loop) => event_loop.driver(),
        }
    }

    /// Runs the loop until this future is ready.
    ///
    /// # Panics
    ///
    /// As [`EventLoop::block_on`] does.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            EitherLoop::Reference(event_loop) => event_loop.block_on(future),
            EitherLoop::Fast(event_loop) => event_loop.block_on(future),
        }
    }
}
