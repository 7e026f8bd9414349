//! Keeps all numbers in a list, and prints each of them.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::source::Source;

pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total {
        source: Some(source),
        child: None,
        numbers: Vec::new(),
    }
}

#[must_use = "a future does nothing until it is polled"]
pub struct Total<'s, S: Source> {
    source: Option<&'s mut S>,
    child: Option<S::Next>,
    numbers: Vec<u32>,
}

impl<S: Source> Future for Total<'_, S> {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();
        while let Some(source) = &mut this.source {
            let child = this.child.get_or_insert_with(|| source.next());
            let Poll::Ready(number) = Pin::new(child).poll(context) else {
                return Poll::Pending;
            };
            println!(
                "a number has arrived: {number:?}, behind {:?}",
                this.numbers.last()
            );
            this.child = None;
            this.numbers.extend(number);
            if number.is_none() {
                this.source = None;
                return Poll::Ready(this.numbers.iter().map(|number| u64::from(*number)).sum());
            }
        }
        panic!("polled after it was ready")
    }
}
