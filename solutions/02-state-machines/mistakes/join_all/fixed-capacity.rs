//! Counts those that are left in eight bits.
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    let left = futures.len() as u8;
    JoinAll {
        all: futures
            .into_iter()
            .map(|f| Slot::Going(Box::pin(f)))
            .collect(),
        left,
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    all: Vec<Slot<F>>,
    left: u8,
}
enum Slot<F: Future> {
    Going(Pin<Box<F>>),
    Done(F::Output),
    Gone,
}
impl<F: Future> Unpin for JoinAll<F> {}
impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        for slot in &mut this.all {
            if let Slot::Going(f) = slot {
                if let Poll::Ready(v) = f.as_mut().poll(context) {
                    *slot = Slot::Done(v);
                    this.left = this.left.wrapping_sub(1);
                }
            }
        }
        if this.left != 0 {
            return Poll::Pending;
        }
        Poll::Ready(
            this.all
                .iter_mut()
                .map(|s| match std::mem::replace(s, Slot::Gone) {
                    Slot::Done(v) => v,
                    _ => panic!("over"),
                })
                .collect(),
        )
    }
}
