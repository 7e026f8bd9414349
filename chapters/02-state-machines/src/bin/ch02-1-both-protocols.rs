//! The two protocols are one: a generator driven as a future.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use generators::{Generator, Step};

// ANCHOR: adapter
/// A generator that has nothing to say when it pauses, as a future.
struct AsFuture<G>(G);

impl<G: Generator<(), Yield = ()> + Unpin> Future for AsFuture<G> {
    type Output = G::Return;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<G::Return> {
        match self.0.resume(()) {
            Step::Yielded(()) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Step::Complete(result) => Poll::Ready(result),
        }
    }
}
// ANCHOR_END: adapter

// ANCHOR: caller
/// Pauses as often as it is told to.
struct Pauses(u32);

impl Generator for Pauses {
    type Yield = ();
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<(), &'static str> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Step::Yielded(())
            }
            None => Step::Complete("done"),
        }
    }
}

// ANCHOR: patient
/// An `async fn` may await it like any other future.
async fn patient() -> String {
    let word = AsFuture(Pauses(2)).await;
    format!("it is {word}")
}
// ANCHOR_END: patient

fn main() {
    closed_output::end_quietly();
    let mut generator = Pauses(2);
    for _ in 0..3 {
        println!("resume: {:?}", generator.resume(()));
    }
    let mut future = pin!(patient());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        println!("poll:   {:?}", future.as_mut().poll(&mut context));
    }
}
// ANCHOR_END: caller
