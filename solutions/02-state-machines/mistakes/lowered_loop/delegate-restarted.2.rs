//! Takes the child out of the struct, and does not put it back when it is pending.

use state_machines::source::Source;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total {
        source,
        child: None,
        total: 0,
        done: false,
    }
}
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    child: Option<S::Next>,
    total: u64,
    done: bool,
}
impl<S: Source> Future for Total<'_, S> {
    type Output = u64;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();

        assert!(!this.done);
        // ANCHOR: mistake
        loop {
            let mut child = this.child.take().unwrap_or_else(|| this.source.next());
            match ready!(Pin::new(&mut child).poll(context)) {
                Some(n) => {
                    this.total += u64::from(n);
                }
                None => {
                    this.done = true;
                    return Poll::Ready(this.total);
                }
            }
        }
        // ANCHOR_END: mistake
    }
}
