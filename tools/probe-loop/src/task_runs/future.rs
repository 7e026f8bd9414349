//! The future that does what the machine says.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use probe::detect::Token;

/// What a panic of the future, or of its destructors, says.
pub(super) const FAILS: &str = "the future fails";

/// The future that the machine spawns. It does what the machine says.
pub struct Scripted {
    pub(super) poll: Box<PollIt>,
    pub(super) dropped: Option<Box<dyn FnOnce()>>,
}

type PollIt = dyn FnMut(&mut Context<'_>) -> Poll<Value>;

/// The output of a [`Scripted`] future.
pub struct Value(#[allow(dead_code)] pub(super) Token);

impl Future for Scripted {
    type Output = Value;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Value> {
        (self.poll)(context)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if let Some(dropped) = self.dropped.take() {
            dropped();
        }
    }
}
