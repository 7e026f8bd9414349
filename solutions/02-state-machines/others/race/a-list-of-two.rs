//! Keeps the two as a list of boxes, and polls the elements of the list in order.

use std::pin::Pin;
use std::task::{Context, Poll};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner<A, B> {
    First(A),
    Second(B),
}

pub fn race<A: Future, B: Future>(first: A, second: B) -> Race<A, B> {
    let children = vec![
        Child::First(Box::pin(first)),
        Child::Second(Box::pin(second)),
    ];
    Race { children }
}

enum Child<A, B> {
    First(Pin<Box<A>>),
    Second(Pin<Box<B>>),
}

impl<A: Future, B: Future> Child<A, B> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        match self {
            Child::First(future) => future.as_mut().poll(context).map(Winner::First),
            Child::Second(future) => future.as_mut().poll(context).map(Winner::Second),
        }
    }
}

#[must_use = "a future does nothing until it is polled"]
pub struct Race<A, B> {
    children: Vec<Child<A, B>>,
}

impl<A, B> Unpin for Race<A, B> {}

impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polls = self.children.iter_mut().map(|child| child.poll(context));
        let winner = polls.into_iter().find(Poll::is_ready);
        if winner.is_some() {
            self.children.clear();
        }
        winner.unwrap_or(Poll::Pending)
    }
}
