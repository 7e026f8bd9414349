//! The loop of a world: chapter 04's, or chapter 14's.

use std::future::Future;

use echo_server::either_loop::WhichLoop;
use event_loop::{EventLoop, Handle};
use simnet::SimNet;

/// One of the two loops, on the simulated network.
#[derive(Debug)]
pub(crate) enum EitherLoop {
    Reference(EventLoop<SimNet>),
    Fast(speed::EventLoop<SimNet>),
}

impl EitherLoop {
    pub(crate) fn new(which: WhichLoop, net: SimNet) -> EitherLoop {
        match which {
            WhichLoop::Reference => EitherLoop::Reference(EventLoop::with_driver(net)),
            WhichLoop::Fast => EitherLoop::Fast(speed::EventLoop::with_driver(net)),
        }
    }

    pub(crate) fn handle(&self) -> Handle {
        match self {
            EitherLoop::Reference(event_loop) => event_loop.handle(),
            EitherLoop::Fast(event_loop) => event_loop.handle(),
        }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            EitherLoop::Reference(event_loop) => event_loop.block_on(future),
            EitherLoop::Fast(event_loop) => event_loop.block_on(future),
        }
    }
}
